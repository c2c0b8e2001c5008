//! `tags.reject`: a tag with `*`.

use super::error::PatternError;
use super::glob::{Glob, probe};
use crate::reference::parse_tag;

/// A tag, or many: `latest`, `*-SNAPSHOT`, `v1.*`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TagPattern(Glob);

impl std::fmt::Display for TagPattern {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
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
        Ok(Self(Glob::new(text)))
    }

    /// Whether the whole tag matches.
    pub fn matches(&self, tag: &str) -> bool {
        self.0.matches(tag)
    }
}
