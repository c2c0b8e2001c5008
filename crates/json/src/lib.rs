//! Reads JSON of any shape in one pass, with the path of whatever is wrong.
//!
//! ```
//! use fresh_images_json::{Field, Object, Path, Shape, Stop, Type, field, read};
//!
//! /// The `image` of a container, or what stands in its place.
//! #[derive(Default)]
//! struct Image<'de> {
//!     image: Option<String>,
//!     wrong: Option<String>,
//!     rest: std::marker::PhantomData<&'de ()>,
//! }
//!
//! impl<'de> Shape<'de> for Image<'de> {
//!     fn other(&mut self, path: &Path<'_>, found: Type) {
//!         self.wrong = Some(format!("{path}: {}", found.noun()));
//!     }
//!
//!     fn object(&mut self, path: &Path<'_>, object: &mut Object<'_, 'de>) -> Result<(), Stop> {
//!         while let Some(key) = object.key(path)? {
//!             let path = path.key(&key);
//!             match &*key {
//!                 "image" => match field(object, &path)? {
//!                     Field::Text(text) => self.image = Some(text.into_owned()),
//!                     Field::Null => {}
//!                     Field::Other(found) => self.other(&path, found),
//!                 },
//!                 _ => object.skip(&path)?,
//!             }
//!         }
//!         Ok(())
//!     }
//! }
//!
//! let mut container = Image::default();
//! read(br#"{"name": "web", "image": "nginx"}"#, "container", &mut container)?;
//! assert_eq!(container.image.as_deref(), Some("nginx"));
//!
//! let mut container = Image::default();
//! read(br#"{"image": 1}"#, "container", &mut container)?;
//! assert_eq!(container.wrong.as_deref(), Some("container.image: a number"));
//!
//! let error = read(br#"{"ports": [1, "#, "container", &mut Image::default()).unwrap_err();
//! assert_eq!((error.path(), error.to_string().as_str()), ("container.ports", "it ends at byte 14, too early"));
//! # Ok::<(), fresh_images_json::Error>(())
//! ```
//!
//! A [`Shape`] says what each place of a text means. A value of an unexpected type is an answer, not an error, so
//! that it can be reported with its path; only text that is no JSON is an error. Strings borrow from the text,
//! one pass is all, and nesting beyond [`MAX_DEPTH`] is refused even in what nobody reads.
//!
//! # Why not serde_json
//!
//! It was there first. A fresh instance reads every request, so reading is nearly all that the policy does, and
//! the module is loaded by every PolicyServer: with serde_json behind the same interface the guest took 2.7
//! times as long as an empty policy for a 100 KB Pod, and had 15 KB more. It also skips without a limit of nesting,
//! and keeps neither paths nor duplicate keys. The tests hold both against each other.

mod error;
mod keys;
mod node;
mod path;
mod quoted;
mod reader;
mod string;

use std::borrow::Cow;

pub use error::Error;
pub use keys::Keys;
pub use node::Node;
pub use path::Path;
pub use quoted::Quoted;
pub use reader::{List, Object, Stop, read};

/// The deepest nesting that is read: how many lists and objects may be open at once. serde_json's recursion limit,
/// which policy-server's own reading of the request has too.
pub const MAX_DEPTH: usize = 127;

/// The type of a JSON value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Type {
    /// `true` or `false`.
    Boolean(bool),
    /// `[…]`.
    List,
    /// `null`.
    Null,
    /// Any number.
    Number,
    /// `{…}`.
    Object,
    /// `"…"`.
    Text,
}

impl Type {
    /// With its article, for messages.
    pub fn noun(self) -> &'static str {
        match self {
            Self::Boolean(_) => "a boolean",
            Self::List => "a list",
            Self::Null => "null",
            Self::Number => "a number",
            Self::Object => "an object",
            Self::Text => "a string",
        }
    }
}

/// What a place of a JSON text means, and where to put what is read. The methods that a shape does not define
/// end in `other`.
pub trait Shape<'de> {
    /// A value that the shape has no other method for.
    fn other(&mut self, path: &Path<'_>, found: Type);

    /// A string, borrowed if it has no escapes.
    fn text(&mut self, path: &Path<'_>, _text: Cow<'de, str>) {
        self.other(path, Type::Text);
    }

    /// A list, whose entries are to be read to its end.
    ///
    /// # Errors
    ///
    /// Those of `list`, and no others.
    fn list(&mut self, path: &Path<'_>, list: &mut List<'_, 'de>) -> Result<(), Stop> {
        while list.skip(path)? {}
        self.other(path, Type::List);
        Ok(())
    }

    /// An object, whose members are to be read to its end.
    ///
    /// # Errors
    ///
    /// Those of `object`, and no others.
    fn object(&mut self, path: &Path<'_>, object: &mut Object<'_, 'de>) -> Result<(), Stop> {
        while object.key(path)?.is_some() {
            object.skip(path)?;
        }
        self.other(path, Type::Object);
        Ok(())
    }
}

/// A field that should hold text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Field<'de> {
    /// Null, or nothing was read yet.
    #[default]
    Null,
    /// A string.
    Text(Cow<'de, str>),
    /// Something else.
    Other(Type),
}

impl<'de> Shape<'de> for Field<'de> {
    fn other(&mut self, _: &Path<'_>, found: Type) {
        *self = if found == Type::Null { Self::Null } else { Self::Other(found) };
    }

    fn text(&mut self, _: &Path<'_>, text: Cow<'de, str>) {
        *self = Self::Text(text);
    }
}

/// Reads the value of the key that was read last as a field.
///
/// # Errors
///
/// Text that is no JSON.
pub fn field<'de>(object: &mut Object<'_, 'de>, path: &Path<'_>) -> Result<Field<'de>, Stop> {
    let mut field = Field::Null;
    object.value(path, &mut field)?;
    Ok(field)
}

/// Reads each member of an object with `read`, which is given its key and its path, and answers the keys.
///
/// # Errors
///
/// Text that is no JSON.
pub fn each_member<'de>(
    object: &mut Object<'_, 'de>,
    path: &Path<'_>,
    read: &mut dyn FnMut(&str, &Path<'_>, &mut Object<'_, 'de>) -> Result<(), Stop>,
) -> Result<Keys<'de>, Stop> {
    let mut keys = Keys::default();
    while let Some(key) = object.key(path)? {
        read(&key, &path.key(&key), object)?;
        keys.add(key);
    }
    Ok(keys)
}
