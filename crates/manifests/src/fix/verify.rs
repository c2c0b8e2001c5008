//! Proves that a new text is what it should be, and nothing else.

use std::collections::HashMap;

use serde_json::Value as Json;

use super::Mended;
use crate::document::{self, DocumentError, Node, Source, Value};

const REPEATED: &str = "cannot be mended here: an anchor, an alias or a merge key repeats it where something else \
                        is needed; write it out";

/// The documents as they should be.
pub(super) fn expected(documents: &[Node], mended: &[Mended]) -> Vec<Json> {
    let mended = mended.iter().map(|Mended { node, object }| (place(node), object)).collect();
    documents.iter().map(|document| with(document, &mended)).collect()
}

/// Objects by where they stand.
type Objects<'m> = HashMap<(usize, usize), &'m Json>;

fn place(node: &Node) -> (usize, usize) {
    (node.span.start, node.span.end)
}

fn with(node: &Node, mended: &Objects<'_>) -> Json {
    // A list may start and end where its only item does.
    if let Value::Object(_) = node.value
        && let Some(mended) = mended.get(&place(node))
    {
        return (*mended).clone();
    }
    match &node.value {
        Value::List(items) => items.iter().map(|item| with(item, mended)).collect(),
        Value::Object(members) => {
            members.iter().map(|member| (member.key.to_string(), with(&member.node, mended))).collect()
        }
        _ => node.to_json(),
    }
}

/// Whether the text has these documents. If not, the place in the old text that is wrong in the new one.
pub(super) fn check(
    source: &Source,
    documents: &[Node],
    text: &str,
    expected: &[Json],
) -> Result<(), DocumentError> {
    let new = document::read(&Source::new(source.name(), text));
    for (index, document) in documents.iter().enumerate() {
        let found = match new.get(index) {
            Some(Ok(node)) => node.to_json(),
            Some(Err(error)) => return Err(broken(document, &error.message)),
            None => return Err(broken(document, "it would be lost")),
        };
        if let Some(expected) = expected.get(index)
            && found != *expected
        {
            let place = different(document, &found, expected).span.start;
            return Err(DocumentError::new(place, REPEATED));
        }
    }
    match documents.last() {
        Some(last) if new.len() != documents.len() => Err(broken(last, "it would be more documents")),
        _ => Ok(()),
    }
}

fn broken(document: &Node, reason: &str) -> DocumentError {
    DocumentError::new(document.span.start, format!("cannot be mended here, mend it by hand: {reason}"))
}

/// The innermost node at which two values differ.
fn different<'n>(node: &'n Node, a: &Json, b: &Json) -> &'n Node {
    let mut items = node.items().iter().enumerate();
    let item = items.find_map(|(index, item)| {
        let (a, b) = (a.get(index)?, b.get(index)?);
        (a != b).then(|| different(item, a, b))
    });
    let member = || {
        node.members().iter().find_map(|member| {
            let (a, b) = (a.get(&*member.key)?, b.get(&*member.key)?);
            (a != b).then(|| different(&member.node, a, b))
        })
    };
    item.or_else(member).unwrap_or(node)
}
