//! Lists of patterns.

use std::fmt;

use crate::pattern::PatternError;
use crate::settings::Problems;
use fresh_images_json::Quoted;

/// Parses a list. `path` is that of the list; its text is made only for a problem.
pub(super) fn parse_list<P: PartialEq>(
    texts: &[String],
    path: fmt::Arguments<'_>,
    problems: &mut Problems,
    parse: fn(&str) -> Result<P, PatternError>,
) -> Vec<P> {
    let mut patterns: Vec<P> = Vec::with_capacity(texts.len());
    for (index, text) in texts.iter().enumerate() {
        let mut add = |problem: &dyn fmt::Display| {
            let quoted = Quoted::new(text, MAX_QUOTED);
            problems.add_at(format!("{path}[{index}]"), format_args!("{quoted} {problem}"));
        };
        match parse(text) {
            Err(error) => add(&error),
            // Every request reads the settings, and comparing all with all takes its time: a long list may
            // have duplicates, which do no harm.
            Ok(pattern) if index < MAX_COMPARED && patterns.contains(&pattern) => {
                add(&"stands there already");
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
