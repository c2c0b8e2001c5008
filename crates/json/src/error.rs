//! Why a text is no JSON.

use std::fmt;

use crate::{MAX_DEPTH, Path};

/// Why a text is no JSON, and where. Its [`Display`](fmt::Display) names the byte, counted from 0; the path is
/// apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Error {
    kind: ErrorKind,
    at: usize,
    path: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ErrorKind {
    Colon,
    CommaOrBrace,
    CommaOrBracket,
    Control,
    End,
    Escape,
    Key,
    Number,
    Stopped,
    Surrogate,
    TooDeep,
    Trailing,
    Utf8,
    Value,
}

impl Error {
    pub(crate) fn new(kind: ErrorKind, at: usize, path: &Path<'_>) -> Self {
        Self { kind, at, path: path.to_string() }
    }

    /// The path of the value that was being read.
    pub fn path(&self) -> &str {
        &self.path
    }
}

impl std::error::Error for Error {}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let at = self.at;
        let expected = match self.kind {
            ErrorKind::Colon => "`:`",
            ErrorKind::CommaOrBrace => "`,` or `}`",
            ErrorKind::CommaOrBracket => "`,` or `]`",
            ErrorKind::Key => "a key",
            ErrorKind::Number => "a number",
            ErrorKind::Value => "a value",
            ErrorKind::Control => return write!(f, "control character in a string at byte {at}"),
            ErrorKind::End => return write!(f, "it ends at byte {at}, too early"),
            ErrorKind::Escape => return write!(f, "unknown escape in a string at byte {at}"),
            ErrorKind::Stopped => return write!(f, "stopped at byte {at}"),
            ErrorKind::Surrogate => {
                return write!(f, "surrogate without its partner in the string at byte {at}");
            }
            ErrorKind::TooDeep => {
                return write!(f, "more than {MAX_DEPTH} lists and objects in one another at byte {at}");
            }
            ErrorKind::Trailing => return write!(f, "something follows at byte {at}"),
            ErrorKind::Utf8 => return write!(f, "it is no UTF-8 at byte {at}"),
        };
        write!(f, "expected {expected} at byte {at}")
    }
}
