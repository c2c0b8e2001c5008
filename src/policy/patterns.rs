//! Lists of patterns.

use std::fmt;

use crate::pattern::{ImagePattern, PatternError, RegistryPattern, TagPattern};
use crate::settings::Problems;
use fresh_images_json::Quoted;

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

/// Parses a list. `path` is that of the list; its text is made only for a problem.
pub(super) fn parse_list<P: Pattern>(
    texts: &[String],
    path: fmt::Arguments<'_>,
    problems: &mut Problems,
) -> Vec<P> {
    parse_list_with(texts, path, problems, P::parse)
}

/// Parses a list of names, of which there are several kinds.
pub(super) fn parse_list_with<P: PartialEq>(
    texts: &[String],
    path: fmt::Arguments<'_>,
    problems: &mut Problems,
    parse: fn(&str) -> Result<P, PatternError>,
) -> Vec<P> {
    let mut patterns: Vec<P> = Vec::with_capacity(texts.len());
    for (index, text) in texts.iter().enumerate() {
        let quoted = Quoted::new(text, MAX_QUOTED);
        match parse(text) {
            Err(error) => problems.add_at(format!("{path}[{index}]"), format_args!("{quoted} {error}")),
            // Every request reads the settings, and comparing all with all takes its time: a long list may
            // have duplicates, which do no harm.
            Ok(pattern) if index < MAX_COMPARED && patterns.contains(&pattern) => {
                problems.add_at(format!("{path}[{index}]"), format_args!("{quoted} stands there already"));
            }
            Ok(pattern) => patterns.push(pattern),
        }
    }
    patterns
}

/// How many entries of a list are compared with those before them.
pub(super) const MAX_COMPARED: usize = 256;
/// The longest text of the user that a problem repeats, in bytes.
pub(super) const MAX_QUOTED: usize = 64;
