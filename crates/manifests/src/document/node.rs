//! A value and its place in the text.

use std::ops::Range;
use std::sync::Arc;

use serde_json::Number;

use super::path::{self, Step};

/// A value and its place in the text.
///
/// Aliases and merge keys let one value stand in several places, so the parts of a value are shared, and a
/// clone is cheap.
#[derive(Clone, Debug, PartialEq)]
pub struct Node {
    /// The value.
    pub value: Value,
    /// Where its text is, in bytes; of a scalar exactly its text with its quotes, so that it can be replaced. An
    /// alias has the place where it stands, and what is inside of it the place where it was written. A value that
    /// is left out (`key:`) has an empty place at the end of its key.
    pub span: Range<usize>,
}

/// What JSON can say.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// `true` or `false`.
    Boolean(bool),
    /// Values one after the other.
    List(Arc<[Node]>),
    /// Nothing.
    Null,
    /// A number.
    Number(Number),
    /// Values by name, in the order of the text. No name stands twice.
    Object(Arc<[Member]>),
    /// A string.
    Text(Arc<str>),
}

/// A value in an object.
#[derive(Clone, Debug, PartialEq)]
pub struct Member {
    /// Its name.
    pub key: Arc<str>,
    /// Where the text of its name is.
    pub key_span: Range<usize>,
    /// The value.
    pub node: Node,
}

impl Node {
    /// The members, if it is an object.
    pub fn members(&self) -> &[Member] {
        if let Value::Object(members) = &self.value { members } else { &[] }
    }

    /// The items, if it is a list.
    pub fn items(&self) -> &[Node] {
        if let Value::List(items) = &self.value { items } else { &[] }
    }

    /// The member of this name, if it is an object with one.
    pub fn get(&self, key: &str) -> Option<&Node> {
        self.members().iter().find(|member| &*member.key == key).map(|member| &member.node)
    }

    /// The text, if it is a string.
    pub fn as_str(&self) -> Option<&str> {
        if let Value::Text(text) = &self.value { Some(text) } else { None }
    }

    /// Follows a path as far as it exists, and gives the last value on it: for `spec.containers[0].image` the
    /// image, or else the container, or else the list, and so on.
    ///
    /// ```
    /// use fresh_images_manifests::document::{self, Source};
    ///
    /// let source = Source::new("x", "spec: {containers: [{image: nginx}]}");
    /// let node = document::read(&source).remove(0)?;
    /// assert_eq!(node.nearest("spec.containers[0].image").as_str(), Some("nginx"));
    /// assert_eq!(node.nearest("spec.containers[0].name").get("image").unwrap().as_str(), Some("nginx"));
    /// assert_eq!(node.nearest("status"), &node);
    /// # Ok::<(), document::DocumentError>(())
    /// ```
    pub fn nearest(&self, path: &str) -> &Node {
        let mut node = self;
        for step in path::steps(path) {
            let next = match step {
                Step::Index(index) => node.items().get(index),
                Step::Key(key) => node.get(&key),
            };
            let Some(next) = next else { break };
            node = next;
        }
        node
    }

    /// With its article, for messages.
    pub(crate) fn noun(&self) -> &'static str {
        match self.value {
            Value::Boolean(_) => "a boolean",
            Value::List(_) => "a list",
            Value::Null => "null",
            Value::Number(_) => "a number",
            Value::Object(_) => "a mapping",
            Value::Text(_) => "a string",
        }
    }

    /// The value alone, with every alias written out.
    pub fn to_json(&self) -> serde_json::Value {
        match &self.value {
            Value::Boolean(value) => (*value).into(),
            Value::List(items) => items.iter().map(Self::to_json).collect(),
            Value::Null => serde_json::Value::Null,
            Value::Number(number) => number.clone().into(),
            Value::Object(members) => {
                members.iter().map(|member| (member.key.to_string(), member.node.to_json())).collect()
            }
            Value::Text(text) => (**text).into(),
        }
    }
}
