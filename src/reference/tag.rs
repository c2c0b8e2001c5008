//! Tags: `[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}`.

use super::error::{ErrorKind, Part, ReferenceError};
use super::name::expect_bytes;

/// The longest tag, in bytes. Source: `tag` in distribution/reference v0.6.0 `regexp.go`.
const MAX_TAG_LENGTH: usize = 128;

/// Checks a tag. `at` is where it starts in the reference.
pub(crate) fn parse(tag: &str, at: usize) -> Result<&str, ReferenceError> {
    if tag.is_empty() {
        return Err(ErrorKind::EmptyPart { part: Part::Tag, at }.into());
    }
    expect_bytes(tag, at, Part::Tag, |b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'.' | b'-'))?;
    if tag.starts_with(['.', '-']) {
        return Err(ErrorKind::Edge { part: Part::Tag, at }.into());
    }
    if tag.len() > MAX_TAG_LENGTH {
        return Err(ErrorKind::TagTooLong { length: tag.len() }.into());
    }
    Ok(tag)
}
