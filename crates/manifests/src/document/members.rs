//! The members of an object: of which each key has one, and by which they are found.

use std::collections::BinaryHeap;

use super::{DocumentError, Member, Value};

/// An object of what stands in it or is merged into it, and whether it stands in it, in the order of the text. Every key
/// stands where it stood first, with what it was given last.
pub(super) fn unite(members: Vec<(Member, bool)>) -> Result<Value, DocumentError> {
    let sorted = sorted(members.iter().map(|(member, _)| member));
    let mut last = vec![None; members.len()];
    let mut duplicate: Option<&Member> = None;
    for same in sorted.chunk_by(|(a, _), (b, _)| a == b) {
        let mut owns = false;
        for (_, index) in same {
            if let Some((member, true)) = members.get(*index) {
                let is_first = duplicate.is_none_or(|found| member.key_span.start < found.key_span.start);
                if owns && is_first {
                    duplicate = Some(member);
                }
                owns = true;
            }
            if let Some(place) = same.first().and_then(|(_, first)| last.get_mut(*first)) {
                *place = Some(*index);
            }
        }
    }
    if let Some(Member { key, key_span, .. }) = duplicate {
        return Err(DocumentError::new(key_span.start, format!("duplicate key {key:?}")));
    }
    let members = last.into_iter().flatten().filter_map(|index| members.get(index));
    Ok(Value::Object(members.map(|(member, _)| member.clone()).collect::<Vec<_>>().into()))
}

/// Members by their keys.
pub(crate) struct Members<'n> {
    members: &'n [Member],
    keys: Vec<(&'n str, usize)>,
}

impl<'n> Members<'n> {
    pub(crate) fn new(members: &'n [Member]) -> Self {
        Self { members, keys: sorted(members.iter()) }
    }

    pub(crate) fn get(&self, key: &str) -> Option<&'n Member> {
        let place = self.keys.binary_search_by(|(known, _)| (*known).cmp(key)).ok()?;
        self.members.get(self.keys.get(place)?.1)
    }

    /// In the order of their keys.
    pub(super) fn sorted(&self) -> impl Iterator<Item = &'n Member> {
        self.keys.iter().filter_map(|(_, index)| self.members.get(*index))
    }
}

/// The keys in their order, each with where it stands. A heap is less code than a map, which a browser would have to
/// load.
fn sorted<'n>(members: impl Iterator<Item = &'n Member>) -> Vec<(&'n str, usize)> {
    let keys = members.enumerate().map(|(index, member)| (&*member.key, index));
    keys.collect::<BinaryHeap<_>>().into_sorted_vec()
}
