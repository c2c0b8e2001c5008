//! What is wrong with a text that is not an image reference.

use std::fmt;

/// Why a text is not an image reference. Its [`Display`](fmt::Display) is one line in lower case that names
/// the byte, counted from 0, and never repeats more than one character of the input.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReferenceError {
    kind: ErrorKind,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum ErrorKind {
    Algorithm { at: usize },
    Character { part: Part, character: char, at: usize },
    DigestLength { expected: usize, actual: usize },
    Edge { part: Part, at: usize },
    Empty,
    EmptyPart { part: Part, at: usize },
    ImageId,
    PathTooLong { length: usize },
    Scheme { at: usize },
    Separators { at: usize },
    TagTooLong { length: usize },
    TooLong { length: usize },
    UnclosedBracket,
    UppercasePath { letter: char, at: usize },
}

/// A piece of the grammar.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Part {
    Digest,
    Ipv6,
    Path,
    Port,
    Registry,
    Tag,
}

impl From<ErrorKind> for ReferenceError {
    fn from(kind: ErrorKind) -> Self {
        Self { kind }
    }
}

impl ReferenceError {
    /// Whether it is about the path or the reference as a whole, and not about a byte of it.
    pub(crate) fn is_of_whole_path(&self) -> bool {
        matches!(self.kind, ErrorKind::ImageId | ErrorKind::PathTooLong { .. } | ErrorKind::TooLong { .. })
    }
}

impl std::error::Error for ReferenceError {}

impl fmt::Display for ReferenceError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.kind {
            ErrorKind::Algorithm { at } => {
                write!(f, "the digest at byte {at} does not start with sha256:, sha384: or sha512:")
            }
            ErrorKind::Character { part, character, at } => write!(
                f,
                "{} `{}` at byte {at} is not allowed in a {}",
                if *character == ':' && *part == Part::Tag { "a second" } else { "character" },
                character.escape_default(),
                part.noun(),
            ),
            ErrorKind::DigestLength { expected, actual } => {
                write!(f, "the digest has {actual} hex digits, not {expected}")
            }
            ErrorKind::Edge { part: Part::Tag, at } => {
                write!(f, "the tag at byte {at} starts with `.` or `-`")
            }
            ErrorKind::Edge { part: Part::Registry, at } => {
                write!(f, "the registry label at byte {at} starts or ends with `-`")
            }
            ErrorKind::Edge { at, .. } => write!(
                f,
                "the repository component at byte {at} does not start and end with a letter or digit"
            ),
            ErrorKind::Empty => f.write_str("it is empty"),
            ErrorKind::EmptyPart { part, at } => write!(f, "empty {} at byte {at}", part.noun()),
            ErrorKind::ImageId => f.write_str(
                "it is an image id, which names content on a node; a digest follows a name and `@`",
            ),
            ErrorKind::PathTooLong { length } => {
                write!(f, "the repository has {length} bytes; at most 255 are allowed")
            }
            ErrorKind::Scheme { at } => {
                write!(f, "`://` at byte {at}: an image reference has no scheme")
            }
            ErrorKind::Separators { at } => write!(
                f,
                "the repository component at byte {at} joins words with something other than `.`, `_`, `__` or `-`"
            ),
            ErrorKind::TagTooLong { length } => {
                write!(f, "the tag has {length} bytes; at most 128 are allowed")
            }
            ErrorKind::TooLong { length } => {
                write!(f, "it has {length} bytes; at most {} are allowed", super::MAX_LENGTH)
            }
            ErrorKind::UnclosedBracket => f.write_str("the IPv6 address has no closing `]`"),
            ErrorKind::UppercasePath { letter, at } => {
                write!(f, "upper-case letter `{letter}` at byte {at}: repositories are lower case")
            }
        }
    }
}

impl Part {
    fn noun(self) -> &'static str {
        match self {
            Part::Digest => "digest",
            Part::Ipv6 => "bracketed address",
            Part::Path => "repository component",
            Part::Port => "port",
            Part::Registry => "registry",
            Part::Tag => "tag",
        }
    }
}
