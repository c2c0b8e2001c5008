//! Proves that a new text is what it should be, and nothing else.

use super::Mutated;
use crate::document::{self, DocumentError, Member, Node, Source, Value};
use crate::order::order;

const REPEATED: &str = "cannot be fixed here: an anchor, an alias or a merge key shares this value with a place that needs another \
                        one; give that place a copy of its own";

/// The documents as they should be.
pub(super) fn expected(documents: &[Node], mutated: &[Mutated]) -> Vec<Node> {
    let sorted = order(mutated.iter().map(|mutated| place(&mutated.node)));
    let mutated: Vec<&Mutated> = sorted.into_iter().filter_map(|index| mutated.get(index)).collect();
    documents.iter().map(|document| with(document, &mutated)).collect()
}

fn place(node: &Node) -> (usize, usize) {
    (node.span.start, node.span.end)
}

/// `mutated` is in the order of the text.
fn with(node: &Node, mutated: &[&Mutated]) -> Node {
    let found = || mutated.binary_search_by_key(&place(node), |mutated| place(&mutated.node)).ok();
    let value = match &node.value {
        // A list may start and end where its only item does.
        Value::Object(members) => {
            if let Some(mutated) = found().and_then(|index| mutated.get(index)) {
                return mutated.object.clone();
            }
            let member = |it: &Member| Member { node: with(&it.node, mutated), ..it.clone() };
            Value::Object(members.iter().map(member).collect::<Vec<_>>().into())
        }
        Value::List(items) => {
            Value::List(items.iter().map(|item| with(item, mutated)).collect::<Vec<_>>().into())
        }
        value => value.clone(),
    };
    Node { value, span: node.span.clone() }
}

/// Whether the text has these documents. If not, the place in the old text that is wrong in the new one.
pub(super) fn check(
    source: &Source,
    documents: &[Node],
    text: &str,
    expected: &[Node],
) -> Result<(), DocumentError> {
    let new = document::read(&Source::new(source.name(), text));
    for (index, document) in documents.iter().enumerate() {
        let found = match new.get(index) {
            Some(Ok(node)) => node,
            Some(Err(error)) => return Err(broken(document, &error.message)),
            None => return Err(broken(document, "the document would be lost")),
        };
        if let Some(expected) = expected.get(index)
            && !found.is_same(expected)
        {
            let place = different(document, found, expected).span.start;
            return Err(DocumentError::new(place, REPEATED));
        }
    }
    match documents.last() {
        Some(last) if new.len() != documents.len() => {
            Err(broken(last, "the result would have more documents"))
        }
        _ => Ok(()),
    }
}

fn broken(document: &Node, reason: &str) -> DocumentError {
    DocumentError::new(document.span.start, format!("cannot be fixed automatically: {reason}"))
}

/// The innermost node at which two values differ.
fn different<'n>(node: &'n Node, a: &Node, b: &Node) -> &'n Node {
    let parts = |node: &'n Node, a: Option<&Node>, b: Option<&Node>| {
        let (a, b) = (a?, b?);
        (!a.is_same(b)).then(|| different(node, a, b))
    };
    let mut items = node.items().iter().enumerate();
    let item = items.find_map(|(index, item)| parts(item, a.items().get(index), b.items().get(index)));
    let member = || {
        let mut members = node.members().iter();
        members.find_map(|member| parts(&member.node, a.get(&member.key), b.get(&member.key)))
    };
    item.or_else(member).unwrap_or(node)
}
