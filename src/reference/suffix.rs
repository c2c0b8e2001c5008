//! What follows the name of an image: its tag and its digest.
//!
//! A tag is `[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}`. A digest is `algorithm:hex`, of the three algorithms that Kubernetes
//! and containerd link.

use super::error::{ErrorKind, Part, ReferenceError};
use super::name::expect_bytes;

/// The longest tag, in bytes. Source: `tag` in distribution/reference v0.6.0 `regexp.go`.
const MAX_TAG_LENGTH: usize = 128;

/// Algorithms with the number of hex digits each has. Source: go-digest v1.0.0 `algorithm.go`; Kubernetes
/// links `crypto/sha256` and `crypto/sha512`, and the latter brings sha384.
pub(super) const ALGORITHMS: [(&str, usize); 3] = [("sha256", 64), ("sha384", 96), ("sha512", 128)];

/// Checks a tag. `at` is where it starts in the reference.
pub(crate) fn parse_tag(tag: &str, at: usize) -> Result<&str, ReferenceError> {
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

/// Checks a digest. `at` is where it starts in the reference.
pub(crate) fn parse_digest(digest: &str, at: usize) -> Result<&str, ReferenceError> {
    let (algorithm, hex) = digest.split_once(':').unwrap_or((digest, ""));
    let Some((_, length)) = ALGORITHMS.iter().find(|(name, _)| *name == algorithm) else {
        return Err(ErrorKind::Algorithm { at }.into());
    };
    let start = at.saturating_add(algorithm.len()).saturating_add(1);
    expect_bytes(hex, start, Part::Digest, is_lower_hex)?;
    if hex.len() != *length {
        return Err(ErrorKind::DigestLength { expected: *length, actual: hex.len() }.into());
    }
    Ok(digest)
}

/// go-digest refuses upper-case hex digits.
pub(super) fn is_lower_hex(byte: u8) -> bool {
    byte.is_ascii_digit() || matches!(byte, b'a'..=b'f')
}
