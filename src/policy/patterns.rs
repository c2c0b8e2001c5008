//! Lists of patterns.

use std::fmt;

use crate::pattern::{ImagePattern, NamePattern, PatternError, RegistryPattern, TagPattern};
use crate::settings::Problems;
use fresh_images_json::Quoted;

/// Patterns that were all understood.
pub(crate) type Patterns<P> = Vec<P>;

/// A kind of pattern that a list of the settings holds.
pub(crate) trait Pattern: fmt::Display + PartialEq + Sized {
    fn parse(text: &str) -> Result<Self, PatternError>;
}

impl Pattern for ImagePattern {
    fn parse(text: &str) -> Result<Self, PatternError> {
        Self::parse(text)
    }
}

impl Pattern for RegistryPattern {
    fn parse(text: &str) -> Result<Self, PatternError> {
        Self::parse(text)
    }
}

impl Pattern for TagPattern {
    fn parse(text: &str) -> Result<Self, PatternError> {
        Self::parse(text)
    }
}

/// Parses a list. `path` is that of the list.
pub(super) fn parse_list<P: Pattern>(texts: &[String], path: &str, problems: &mut Problems) -> Patterns<P> {
    parse_list_with(texts, path, problems, P::parse)
}

/// Parses a list of names, of which there are several kinds.
pub(super) fn parse_list_with<P: PartialEq>(
    texts: &[String],
    path: &str,
    problems: &mut Problems,
    parse: fn(&str) -> Result<P, PatternError>,
) -> Patterns<P> {
    // The place of each pattern in the list, for those before it may have been problems.
    let mut patterns: Vec<(usize, P)> = Vec::with_capacity(texts.len());
    for (index, text) in texts.iter().enumerate() {
        let quoted = Quoted::new(text, 64);
        match parse(text) {
            Err(error) => problems.add_at(format!("{path}[{index}]"), format_args!("{quoted} {error}")),
            Ok(pattern) => match patterns.iter().find(|(_, earlier)| *earlier == pattern) {
                Some((first, _)) => problems.add_at(
                    format!("{path}[{index}]"),
                    format_args!("{quoted} stands there already, as entry {first}"),
                ),
                None => patterns.push((index, pattern)),
            },
        }
    }
    patterns.into_iter().map(|(_, pattern)| pattern).collect()
}

/// Names, which no message repeats.
pub(crate) type Names = Patterns<NamePattern>;
