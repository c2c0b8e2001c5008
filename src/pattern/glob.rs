//! Text with `*`, which stands for any run of characters, none included.

use super::error::PatternError;

/// One component of a path, or a tag.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Glob(Box<str>);

impl Glob {
    pub(super) fn new(text: &str) -> Self {
        Self(text.into())
    }

    /// Compares in time proportional to the lengths multiplied, without recursion: on a mismatch only the
    /// last `*` takes one byte more.
    pub(super) fn matches(&self, text: &str) -> bool {
        let mut pattern = self.0.as_bytes();
        let mut rest = text.as_bytes();
        let mut retry: Option<(&[u8], &[u8])> = None;
        loop {
            match (pattern.split_first(), rest.split_first()) {
                (Some((b'*', after)), _) => {
                    retry = Some((after, rest));
                    pattern = after;
                }
                (Some((p, after)), Some((t, remaining))) if p == t => {
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

impl std::fmt::Display for Glob {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

pub(super) fn has_double_star(text: &str) -> bool {
    text.as_bytes().windows(2).any(|pair| pair == b"**")
}

/// `*` as a letter, so that the parsers of references can judge what stands around it.
pub(super) fn probe(text: &str) -> String {
    text.replace('*', "a")
}

/// A pattern for a namespace, a container or a user: `*` stands for any run of characters.
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

    /// A pattern for a user name, which Kubernetes does not restrict.
    ///
    /// # Errors
    ///
    /// Blank text.
    pub fn parse_user(text: &str) -> Result<Self, PatternError> {
        if text.trim().is_empty() { Err(PatternError::Blank) } else { Ok(Self(Glob::new(text))) }
    }

    /// Whether the whole name matches.
    pub fn matches(&self, name: &str) -> bool {
        self.0.matches(name)
    }
}
