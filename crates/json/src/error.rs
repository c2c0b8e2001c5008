//! Why a text is not JSON.

use std::fmt;

use crate::{Path, PathBuf};

/// Why a text is not JSON, and where. Its [`Display`](fmt::Display) gives the reason and the byte, but not the path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Error {
    kind: ErrorKind,
    at: usize,
    path: PathBuf,
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
        Self { kind, at, path: path.to_buf() }
    }

    /// Where, in bytes from the start of the text.
    pub fn offset(&self) -> usize {
        self.at
    }

    /// The path of the value that was being read.
    pub fn path(&self) -> &PathBuf {
        &self.path
    }

    /// Whether lists and objects are nested deeper than [`MAX_DEPTH`](crate::MAX_DEPTH), or than the reader was asked to
    /// follow them.
    pub fn is_too_deep(&self) -> bool {
        self.kind == ErrorKind::TooDeep
    }

    /// What is wrong, without the place.
    pub fn reason(&self) -> &'static str {
        match self.kind {
            ErrorKind::Colon => "expected `:`",
            ErrorKind::CommaOrBrace => "expected `,` or `}`",
            ErrorKind::CommaOrBracket => "expected `,` or `]`",
            ErrorKind::Control => "control character in a string",
            ErrorKind::End => "unexpected end of input",
            ErrorKind::Escape => "unknown escape in a string",
            ErrorKind::Key => "expected a key in double quotes",
            ErrorKind::Number => "invalid number",
            ErrorKind::Stopped => "reading stopped",
            ErrorKind::Surrogate => "unpaired surrogate in a string",
            ErrorKind::TooDeep => "more than 127 nested lists and objects",
            ErrorKind::Trailing => "trailing characters",
            ErrorKind::Utf8 => "invalid UTF-8",
            ErrorKind::Value => "expected a value",
        }
    }
}

impl std::error::Error for Error {}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} at byte {}", self.reason(), self.at)
    }
}
