//! Text with `*`, which matches any run of characters, none included: tags and names.

use std::fmt;

use super::error::PatternError;
use crate::reference::parse_tag;

/// One component of a path, or a tag.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Glob(Box<str>);

impl Glob {
    pub(super) fn new(text: &str) -> Self {
        Self(text.into())
    }

    /// Whether this matches all that the other matches: then each of its `*` takes those of the other as letters.
    pub(super) fn covers(&self, other: &Self) -> bool {
        self.matches(&other.0, false)
    }

    /// Whether it is nothing but `*`.
    pub(super) fn is_everything(&self) -> bool {
        self.0.bytes().all(|byte| byte == b'*')
    }

    /// Compares in time proportional to the lengths multiplied, without recursion: on a mismatch only the
    /// last `*` takes one byte more.
    pub(super) fn matches(&self, text: &str, ignore_case: bool) -> bool {
        let is_same = |a: &u8, b: &u8| a == b || ignore_case && a.eq_ignore_ascii_case(b);
        let mut pattern = self.0.as_bytes();
        let mut rest = text.as_bytes();
        let mut retry: Option<(&[u8], &[u8])> = None;
        loop {
            match (pattern.split_first(), rest.split_first()) {
                (Some((b'*', after)), _) => {
                    retry = Some((after, rest));
                    pattern = after;
                }
                (Some((p, after)), Some((t, remaining))) if is_same(p, t) => {
                    pattern = after;
                    rest = remaining;
                }
                (None, None) => return true,
                _ => match retry {
                    Some((after, [_, longer @ ..])) => {
                        retry = Some((after, longer));
                        pattern = after;
                        rest = longer;
                    }
                    _ => return false,
                },
            }
        }
    }
}

impl fmt::Display for Glob {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

pub(super) fn has_double_star(text: &str) -> bool {
    text.as_bytes().windows(2).any(|pair| pair == b"**")
}

/// `*` as a letter, so that the parsers of references can judge what is around it.
pub(super) fn probe(text: &str) -> String {
    text.chars().map(|character| if character == '*' { 'a' } else { character }).collect()
}

/// The text without `*`: the shortest that a pattern matches.
pub(super) fn without_stars(text: &str) -> String {
    text.chars().filter(|&character| character != '*').collect()
}

/// A tag, or many: `latest`, `*-SNAPSHOT`, `v1.*`.
///
/// ```
/// use fresh_images::pattern::TagPattern;
///
/// let snapshots = TagPattern::parse("*-SNAPSHOT")?;
/// assert!(snapshots.matches("1.0-SNAPSHOT") && !snapshots.matches("1.0-snapshot"));
/// assert!(TagPattern::parse_ignoring_case("*-SNAPSHOT")?.matches("1.0-snapshot"));
/// # Ok::<(), fresh_images::pattern::PatternError>(())
/// ```
#[derive(Clone, Debug)]
pub struct TagPattern {
    glob: Glob,
    ignores_case: bool,
}

/// Two patterns are the same if they are written the same, in the case that counts.
impl PartialEq for TagPattern {
    fn eq(&self, other: &Self) -> bool {
        self.ignores_case == other.ignores_case
            && (self.glob == other.glob
                || self.ignores_case && self.glob.0.eq_ignore_ascii_case(&other.glob.0))
    }
}

impl Eq for TagPattern {}

impl fmt::Display for TagPattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.glob.fmt(f)
    }
}

impl TagPattern {
    /// Parses a pattern.
    ///
    /// # Errors
    ///
    /// Blank text, and whatever no tag can match.
    pub fn parse(text: &str) -> Result<Self, PatternError> {
        if text.trim().is_empty() {
            return Err(PatternError::Blank);
        }
        parse_tag(&probe(text), 0)?;
        Ok(Self { glob: Glob::new(text), ignores_case: false })
    }

    /// Parses a pattern that matches tags in upper and in lower case.
    ///
    /// # Errors
    ///
    /// As those of [`parse`](Self::parse).
    pub fn parse_ignoring_case(text: &str) -> Result<Self, PatternError> {
        Ok(Self { ignores_case: true, ..Self::parse(text)? })
    }

    /// Whether upper and lower case are the same.
    pub fn ignores_case(&self) -> bool {
        self.ignores_case
    }

    /// Whether the whole tag matches.
    pub fn matches(&self, tag: &str) -> bool {
        self.glob.matches(tag, self.ignores_case)
    }

    pub(super) fn covers(&self, other: &Self) -> bool {
        self.glob.covers(&other.glob)
    }

    pub(super) fn is_everything(&self) -> bool {
        self.glob.is_everything()
    }
}

/// A pattern for a namespace, a container, a user or a group: `*` matches any run of characters.
///
/// ```
/// use fresh_images::pattern::NamePattern;
///
/// let ci = NamePattern::parse_user("system:serviceaccount:ci:*")?;
/// assert!(ci.matches("system:serviceaccount:ci:builder"));
/// assert!(!ci.matches("system:serviceaccount:cicd:builder"));
/// assert!(NamePattern::parse_label("Istio").is_err());
/// # Ok::<(), fresh_images::pattern::PatternError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NamePattern(Glob);

impl NamePattern {
    /// A pattern for the name of a namespace or a container.
    ///
    /// # Errors
    ///
    /// Blank text, and text that no DNS label (RFC 1123: 63 lower-case letters, digits and `-`) matches.
    pub fn parse_label(text: &str) -> Result<Self, PatternError> {
        if text.trim().is_empty() {
            return Err(PatternError::Blank);
        }
        let fits =
            text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'-' | b'*'))
                && !text.starts_with('-')
                && !text.ends_with('-')
                && text.bytes().filter(|b| *b != b'*').count() <= 63;
        if fits { Ok(Self(Glob::new(text))) } else { Err(PatternError::NotALabel) }
    }

    /// A pattern for the name of a user or a group, which Kubernetes does not restrict.
    ///
    /// # Errors
    ///
    /// Blank text.
    pub fn parse_user(text: &str) -> Result<Self, PatternError> {
        if text.trim().is_empty() { Err(PatternError::Blank) } else { Ok(Self(Glob::new(text))) }
    }

    /// Whether the whole name matches.
    pub fn matches(&self, name: &str) -> bool {
        self.0.matches(name, false)
    }

    /// Whether every name matches.
    pub(crate) fn is_everything(&self) -> bool {
        self.0.is_everything()
    }
}
