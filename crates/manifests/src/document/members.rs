//! The members of an object, of which each key has one.

use std::collections::BinaryHeap;

use super::{DocumentError, Member, Value};

/// An object of what stands in it or is merged into it, and whether it stands in it, in the order of the text. Every key
/// stands where it stood first, with what it was given last.
pub(super) fn unite(members: Vec<(Member, bool)>) -> Result<Value, DocumentError> {
    let keys = members.iter().enumerate().map(|(index, (member, _))| (&*member.key, index));
    // A heap is less code than a map, which a browser would have to load.
    let sorted = keys.collect::<BinaryHeap<_>>().into_sorted_vec();
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
        return Err(DocumentError::new(key_span.start, format!("the key {key:?} stands twice")));
    }
    let members = last.into_iter().flatten().filter_map(|index| members.get(index));
    Ok(Value::Object(members.map(|(member, _)| member.clone()).collect::<Vec<_>>().into()))
}
