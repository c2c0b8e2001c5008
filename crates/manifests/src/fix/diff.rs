//! What a policy changed in an object.

use serde_json::Value as Json;

use crate::document::{DocumentError, Member, Node, Value};

/// One change.
#[derive(Debug)]
pub(super) enum Change<'n> {
    /// One member more.
    Add { object: &'n Node, key: &'n str, value: Tree },
    /// Another string; for nothing, a value.
    Replace { member: &'n Member, value: Tree },
}

/// What can be added.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Tree {
    Object(Vec<(String, Tree)>),
    Text(String),
}

impl Tree {
    fn of(json: &Json) -> Option<Self> {
        match json {
            Json::String(text) => Some(Self::Text(text.clone())),
            Json::Object(members) => {
                let members = members.iter().map(|(key, value)| Some((key.clone(), Self::of(value)?)));
                members.collect::<Option<_>>().map(Self::Object)
            }
            _ => None,
        }
    }
}

/// Collects what has to change in the node for it to be the value.
pub(super) fn changes<'n>(
    node: &'n Node,
    mended: &'n Json,
    changes: &mut Vec<Change<'n>>,
) -> Result<(), DocumentError> {
    match (&node.value, mended) {
        (Value::Object(members), Json::Object(mended)) => {
            for member in members.iter() {
                let Some(mended) = mended.get(&*member.key) else {
                    let message = format!("cannot be mended here: the policy removed {:?}", member.key);
                    return Err(DocumentError::new(member.key_span.start, message));
                };
                of_member(member, mended, changes)?;
            }
            for (key, value) in mended {
                if node.get(key).is_none() {
                    let value = Tree::of(value).ok_or_else(|| {
                        let message =
                            format!("cannot be mended here: the policy added {key:?}, which is no text");
                        DocumentError::new(node.span.start, message)
                    })?;
                    changes.push(Change::Add { object: node, key, value });
                }
            }
            Ok(())
        }
        (Value::List(items), Json::Array(mended)) if items.len() == mended.len() => {
            items.iter().zip(mended).try_for_each(|(item, mended)| self::changes(item, mended, changes))
        }
        _ if node.to_json() == *mended => Ok(()),
        _ => Err(unsupported(node)),
    }
}

fn of_member<'n>(
    member: &'n Member,
    mended: &'n Json,
    list: &mut Vec<Change<'n>>,
) -> Result<(), DocumentError> {
    match (&member.node.value, mended) {
        (Value::Text(old), Json::String(new)) if **old == **new => Ok(()),
        (Value::Text(_) | Value::Null, Json::String(_)) | (Value::Null, Json::Object(_)) => {
            let value = Tree::of(mended).ok_or_else(|| unsupported(&member.node))?;
            list.push(Change::Replace { member, value });
            Ok(())
        }
        _ => changes(&member.node, mended, list),
    }
}

fn unsupported(node: &Node) -> DocumentError {
    DocumentError::new(node.span.start, "cannot be mended here: the policy changed more than strings")
}
