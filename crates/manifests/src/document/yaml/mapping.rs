//! A mapping that is being read.

use std::ops::Range;
use std::sync::Arc;

use super::super::{DocumentError, Member, Node, Value, members};

/// A mapping that is being read.
#[derive(Default)]
pub(super) struct Mapping {
    /// What stands in it or is merged into it, and whether it stands in it, in the order of the text.
    members: Vec<(Member, bool)>,
    /// The key whose value comes next.
    pub(super) pending: Option<Key>,
}

/// A key of a mapping.
pub(super) enum Key {
    Merge,
    Text(Arc<str>, Range<usize>),
}

impl Mapping {
    /// Takes a key.
    pub(super) fn key(&mut self, key: String, span: Range<usize>) {
        self.pending = Some(Key::Text(key.into(), span));
    }

    /// Takes the value of the pending key.
    pub(super) fn value(&mut self, node: Node) -> Result<(), DocumentError> {
        match self.pending.take() {
            Some(Key::Text(key, key_span)) => self.members.push((Member { key, key_span, node }, true)),
            Some(Key::Merge) => return self.merge(&node),
            None => return Err(DocumentError::new(node.span.start, "a value without a key")),
        }
        Ok(())
    }

    /// Merging goes in the order of the text: a merge replaces what stands before it, and is replaced by what
    /// stands behind it. In a list of mappings the first wins.
    fn merge(&mut self, node: &Node) -> Result<(), DocumentError> {
        let mappings = match &node.value {
            Value::Object(_) => std::slice::from_ref(node),
            Value::List(items) if items.iter().all(|item| matches!(item.value, Value::Object(_))) => items,
            _ => {
                let message = "a merge key (<<) needs a mapping, or a list of mappings";
                return Err(DocumentError::new(node.span.start, message));
            }
        };
        for mapping in mappings.iter().rev() {
            for member in mapping.members() {
                self.members.push((member.clone(), false));
            }
        }
        Ok(())
    }

    pub(super) fn into_value(self) -> Result<Value, DocumentError> {
        members::unite(self.members)
    }
}
