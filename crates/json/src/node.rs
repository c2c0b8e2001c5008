//! A whole JSON value in memory, for the settings, which are small.

use std::borrow::Cow;

use super::{Invalid, List, Object, Path, Type, Visit};

/// A JSON value that keeps duplicate keys and their order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Node<'de> {
    /// The entries.
    List(Vec<Node<'de>>),
    /// The members.
    Object(Vec<(Cow<'de, str>, Node<'de>)>),
    /// Null, a number or a boolean.
    Other(Type),
    /// A string.
    Text(Cow<'de, str>),
}

impl Node<'_> {
    /// What is there before anything is read.
    pub const NULL: Self = Self::Other(Type::Null);

    /// The type of the value.
    pub fn kind(&self) -> Type {
        match self {
            Self::List(_) => Type::List,
            Self::Object(_) => Type::Object,
            Self::Other(other) => *other,
            Self::Text(_) => Type::Text,
        }
    }
}

impl<'de> Visit<'de> for Node<'de> {
    fn other(&mut self, _: &Path<'_>, found: Type) {
        *self = Self::Other(found);
    }

    fn text(&mut self, _: &Path<'_>, text: Cow<'de, str>) {
        *self = Self::Text(text);
    }

    fn list(&mut self, path: &Path<'_>, list: &mut List<'_, 'de>) -> Result<(), Invalid> {
        let mut nodes = Vec::new();
        let mut node = Self::NULL;
        while list.entry(&path.index(nodes.len()), &mut node)? {
            nodes.push(std::mem::replace(&mut node, Self::NULL));
        }
        *self = Self::List(nodes);
        Ok(())
    }

    fn object(&mut self, path: &Path<'_>, object: &mut Object<'_, 'de>) -> Result<(), Invalid> {
        let mut members = Vec::new();
        while let Some(key) = object.key(path)? {
            let mut node = Self::NULL;
            object.value(&path.key(&key), &mut node)?;
            members.push((key, node));
        }
        *self = Self::Object(members);
        Ok(())
    }
}
