//! What a policy changed in an object.

use crate::document::{DocumentError, Member, Members, Node, Value};

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
    fn of(node: &Node) -> Option<Self> {
        match &node.value {
            Value::Text(text) => Some(Self::Text(text.to_string())),
            Value::Object(members) => {
                let members =
                    members.iter().map(|member| Some((member.key.to_string(), Self::of(&member.node)?)));
                members.collect::<Option<_>>().map(Self::Object)
            }
            _ => None,
        }
    }
}

/// Collects what has to change in the node for it to be the mutated one.
pub(super) fn changes<'n>(
    node: &'n Node,
    mutated: &'n Node,
    changes: &mut Vec<Change<'n>>,
) -> Result<(), DocumentError> {
    match (&node.value, &mutated.value) {
        (Value::Object(members), Value::Object(mutated)) => {
            let others = Members::new(mutated);
            for member in members.iter() {
                let Some(mutated) = others.get(&member.key) else {
                    let message = format!("cannot be fixed here: the policy removed {:?}", member.key);
                    return Err(DocumentError::new(member.key_span.start, message));
                };
                of_member(member, &mutated.node, changes)?;
            }
            // Every member of the node is there, so what is more is new.
            let known = Members::new(members);
            for Member { key, node: value, .. } in mutated.iter() {
                if known.get(key).is_none() {
                    let value = Tree::of(value).ok_or_else(|| {
                        let message =
                            format!("cannot be fixed here: the policy added {key:?}, which is not a string");
                        DocumentError::new(node.span.start, message)
                    })?;
                    changes.push(Change::Add { object: node, key, value });
                }
            }
            Ok(())
        }
        (Value::List(items), Value::List(mutated)) if items.len() == mutated.len() => items
            .iter()
            .zip(mutated.iter())
            .try_for_each(|(item, mutated)| self::changes(item, mutated, changes)),
        _ if node.is_same(mutated) => Ok(()),
        _ => Err(unsupported(node)),
    }
}

fn of_member<'n>(
    member: &'n Member,
    mutated: &'n Node,
    list: &mut Vec<Change<'n>>,
) -> Result<(), DocumentError> {
    match (&member.node.value, &mutated.value) {
        (Value::Text(old), Value::Text(new)) if old == new => Ok(()),
        (Value::Text(_) | Value::Null, Value::Text(_)) | (Value::Null, Value::Object(_)) => {
            let value = Tree::of(mutated).ok_or_else(|| unsupported(&member.node))?;
            list.push(Change::Replace { member, value });
            Ok(())
        }
        _ => changes(&member.node, mutated, list),
    }
}

fn unsupported(node: &Node) -> DocumentError {
    DocumentError::new(node.span.start, "cannot be fixed here: the policy changed more than strings")
}
