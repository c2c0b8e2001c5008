//! A value and its place in the text.

use std::ops::Range;
use std::sync::Arc;

use fresh_images_json::{PathBuf, Step};

use super::members::Members;
use super::number;

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
    /// A number, in the form of JSON.
    Number(Arc<str>),
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
    /// Whether it is nothing.
    pub fn is_null(&self) -> bool {
        matches!(self.value, Value::Null)
    }

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
    /// use fresh_images_json::PathBuf;
    /// use fresh_images_manifests::document::{self, Source};
    ///
    /// let source = Source::new("x", "spec: {containers: [{image: nginx}]}");
    /// let node = document::read(&source).remove(0)?;
    /// let container = PathBuf::default().key("spec").key("containers").index(0);
    /// assert_eq!(node.nearest(&container.clone().key("image")).as_str(), Some("nginx"));
    /// assert_eq!(node.nearest(&container.key("name")).get("image").unwrap().as_str(), Some("nginx"));
    /// # Ok::<(), document::DocumentError>(())
    /// ```
    pub fn nearest(&self, path: &PathBuf) -> &Node {
        let mut node = self;
        for step in path.steps() {
            let next = match step {
                Step::Index(index) => node.items().get(*index),
                Step::Key(key) => node.get(key),
            };
            let Some(next) = next else { break };
            node = next;
        }
        node
    }

    /// With its article, for messages.
    pub fn noun(&self) -> &'static str {
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
            Value::Number(number) => serde_json::from_str(number).unwrap_or_default(),
            Value::Object(members) => {
                members.iter().map(|member| (member.key.to_string(), member.node.to_json())).collect()
            }
            Value::Text(text) => (**text).into(),
        }
    }

    /// The value as JSON text, with every alias written out, and with sorted keys as Kubewarden's policy-server sends it.
    ///
    /// ```
    /// use fresh_images_manifests::document::{self, Source};
    ///
    /// let node = document::read(&Source::new("x", "{b: [1.50, yes], a: \"\\x07\"}")).remove(0)?;
    /// assert_eq!(node.json_text(), r#"{"a":"\u0007","b":[1.5,true]}"#);
    /// # Ok::<(), document::DocumentError>(())
    /// ```
    pub fn json_text(&self) -> String {
        let mut text = String::new();
        self.write_json(&mut text);
        text
    }

    fn write_json(&self, text: &mut String) {
        // Strings always serialize.
        let quoted = |text: &str| serde_json::to_string(text).unwrap_or_default();
        match &self.value {
            Value::Boolean(value) => text.push_str(if *value { "true" } else { "false" }),
            Value::List(items) => {
                text.push('[');
                for (index, item) in items.iter().enumerate() {
                    text.push_str(if index == 0 { "" } else { "," });
                    item.write_json(text);
                }
                text.push(']');
            }
            Value::Null => text.push_str("null"),
            Value::Number(number) => text.push_str(number),
            Value::Object(members) => {
                text.push('{');
                for (index, member) in Members::new(members).sorted().enumerate() {
                    text.push_str(if index == 0 { "" } else { "," });
                    text.push_str(&quoted(&member.key));
                    text.push(':');
                    member.node.write_json(text);
                }
                text.push('}');
            }
            Value::Text(value) => text.push_str(&quoted(value)),
        }
    }

    /// Whether both mean the same, wherever they stand and in whatever order their members are.
    pub fn is_same(&self, other: &Self) -> bool {
        match (&self.value, &other.value) {
            (Value::List(a), Value::List(b)) => {
                a.len() == b.len() && a.iter().zip(b.iter()).all(|(a, b)| a.is_same(b))
            }
            (Value::Object(a), Value::Object(b)) => {
                let others = Members::new(b);
                a.len() == b.len()
                    && a.iter().all(|a| others.get(&a.key).is_some_and(|b| a.node.is_same(&b.node)))
            }
            (Value::Number(a), Value::Number(b)) => number::is_same(a, b),
            (Value::Text(a), Value::Text(b)) => a == b,
            (Value::Boolean(a), Value::Boolean(b)) => a == b,
            (Value::Null, Value::Null) => true,
            _ => false,
        }
    }
}
