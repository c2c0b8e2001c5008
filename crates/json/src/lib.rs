//! Reads JSON of any shape in one pass, with the path of whatever is wrong.
//!
//! ```
//! use fresh_images_json::{Field, Object, Path, Visit, Invalid, Type, field, read};
//!
//! /// The `image` of a container, or what stands in its place.
//! #[derive(Default)]
//! struct Image<'de> {
//!     image: Option<String>,
//!     wrong: Option<String>,
//!     rest: std::marker::PhantomData<&'de ()>,
//! }
//!
//! impl<'de> Visit<'de> for Image<'de> {
//!     fn other(&mut self, path: &Path<'_>, found: Type) {
//!         self.wrong = Some(format!("{path}: {}", found.noun()));
//!     }
//!
//!     fn object(&mut self, path: &Path<'_>, object: &mut Object<'_, 'de>) -> Result<(), Invalid> {
//!         while let Some(key) = object.key(path)? {
//!             let path = path.key(&key);
//!             match &*key {
//!                 "image" => match field(object, &path)? {
//!                     Field::Text(text) => self.image = Some(text.into_owned()),
//!                     Field::Null => {}
//!                     Field::Wrong(found) => self.other(&path, found),
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
//! assert_eq!((error.path().to_string().as_str(), error.to_string().as_str()), ("container.ports", "unexpected end of input at byte 14"));
//! # Ok::<(), fresh_images_json::Error>(())
//! ```
//!
//! A visitor ([`Visit`]) says what each place of a text means. A value of an unexpected type is an answer, not an error,
//! so that it can be reported with its path; only text that is not JSON is an error. Strings borrow from the text, one
//! pass is all, and nesting beyond [`MAX_DEPTH`] is refused even in what nobody reads. The policy reads requests and
//! settings with it, and the tools read manifests that are JSON.
//!
//! # Why not serde_json
//!
//! A fresh instance reads every request, so reading is nearly all that the policy does. Prototypes at commit `55a27fc`,
//! measured with `make bench` on a busy machine with 2 cores, where rows differ by 1 to 3 % from run to run:
//!
//! | the guest reads with | module | Pod of 1 container | 100 containers | 100 containers, all mutated |
//! |---|---|---|---|---|
//! | this crate | 206.5 KiB | 1.15 | 2.25 | 3.0 |
//! | serde_json behind one erased visitor | 292.7 KiB | 1.28 | 2.79 | 4.5 |
//! | serde_json with generic visitors | 337.9 KiB | 1.28 | 2.66 | 4.5 |
//!
//! Times are in multiples of the empty policy's. Of the 86 KiB between the first two rows, 28 are tables of floating-point
//! numbers, 16 print such numbers in errors, and 32 are serde_json itself. It also skips values without a limit of
//! nesting, and gives no path for text that is not JSON. The tests hold both readers against each other: this one reads a
//! text if and only if serde_json does.

mod error;
mod keys;
mod node;
mod path;
mod reader;
mod string;

use std::borrow::Cow;

pub use error::Error;
pub use keys::{Keys, sorted};
pub use node::Node;
pub use path::{Path, PathBuf, Step};
pub use reader::{Invalid, List, Object, read, read_first};

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

/// What a place of a JSON text means, and where to put what is read. The methods that a visitor does not define
/// end in `other`.
pub trait Visit<'de> {
    /// A value that the visitor has no other method for.
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
    fn list(&mut self, path: &Path<'_>, list: &mut List<'_, 'de>) -> Result<(), Invalid> {
        while list.skip(path)? {}
        self.other(path, Type::List);
        Ok(())
    }

    /// An object, whose members are to be read to its end.
    ///
    /// # Errors
    ///
    /// Those of `object`, and no others.
    fn object(&mut self, path: &Path<'_>, object: &mut Object<'_, 'de>) -> Result<(), Invalid> {
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
    Wrong(Type),
}

impl<'de> Visit<'de> for Field<'de> {
    fn other(&mut self, _: &Path<'_>, found: Type) {
        *self = if found == Type::Null { Self::Null } else { Self::Wrong(found) };
    }

    fn text(&mut self, _: &Path<'_>, text: Cow<'de, str>) {
        *self = Self::Text(text);
    }
}

/// Reads the value of the key that was read last as a field.
///
/// # Errors
///
/// Text that is not JSON.
pub fn field<'de>(object: &mut Object<'_, 'de>, path: &Path<'_>) -> Result<Field<'de>, Invalid> {
    let mut field = Field::Null;
    object.value(path, &mut field)?;
    Ok(field)
}

/// Reads each member of an object with `read`, which is given its key and its path, and answers the keys.
///
/// # Errors
///
/// Text that is not JSON.
pub fn each_member<'de>(
    object: &mut Object<'_, 'de>,
    path: &Path<'_>,
    read: &mut dyn FnMut(&str, &Path<'_>, &mut Object<'_, 'de>) -> Result<(), Invalid>,
) -> Result<Keys<'de>, Invalid> {
    let mut keys = Keys::default();
    while let Some(key) = object.key(path)? {
        read(&key, &path.key(&key), object)?;
        keys.add(key);
    }
    Ok(keys)
}
