//! What is wrong with settings.

use std::fmt;

use fresh_images_json::{Path, PathBuf};

use crate::pattern::PatternError;
use crate::text::Quoted;

/// Everything that is wrong with settings. Its [`Display`](fmt::Display) is one line for each problem.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SettingsError {
    problems: Vec<SettingsProblem>,
}

/// One thing that is wrong with settings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SettingsProblem {
    path: PathBuf,
    text: String,
}

impl SettingsError {
    /// The problems; there is at least one.
    pub fn problems(&self) -> &[SettingsProblem] {
        &self.problems
    }
}

impl std::error::Error for SettingsError {}

impl fmt::Display for SettingsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, problem) in self.problems.iter().enumerate() {
            if index > 0 {
                f.write_str("\n")?;
            }
            write!(f, "{problem}")?;
        }
        Ok(())
    }
}

impl SettingsProblem {
    pub(crate) fn new(path: PathBuf, text: impl Into<String>) -> Self {
        Self { path, text: text.into() }
    }

    /// Where it is, such as `settings.registries.allow[0]`.
    pub fn path(&self) -> &PathBuf {
        &self.path
    }

    /// What it is, in lower case, without the path.
    pub fn text(&self) -> &str {
        &self.text
    }
}

impl fmt::Display for SettingsProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.path, self.text)
    }
}

/// How many problems a new one is compared with, and how many entries of a list with those before them.
pub(crate) const MAX_COMPARED: usize = 256;
/// The longest text of the user that a problem repeats, in bytes.
pub(crate) const MAX_QUOTED: usize = 64;

/// SettingsProblems while they are collected.
#[derive(Debug, Default)]
pub(crate) struct SettingsProblems(Vec<SettingsProblem>);

impl SettingsProblems {
    /// Whether there is a problem at a path below this one, among those that are compared.
    pub(crate) fn has_below(&self, path: &Path<'_>) -> bool {
        let path = path.to_buf();
        // The latest, and the first, which came from reading.
        let compared = self.0.iter().rev().take(MAX_COMPARED).chain(self.0.iter().take(MAX_COMPARED));
        compared.into_iter().any(|problem| problem.path != path && path.contains(&problem.path))
    }

    /// Whether there is a problem at this path.
    pub(crate) fn has_at(&self, path: &Path<'_>) -> bool {
        let path = path.to_buf();
        self.0.iter().take(MAX_COMPARED).any(|problem| problem.path == path)
    }

    pub(crate) fn add(&mut self, path: &Path<'_>, text: impl fmt::Display) {
        self.add_at(path.to_buf(), text);
    }

    /// Adds a problem, unless there is one at this path or above it: what could not be read is not blamed again
    /// for what it lacks.
    pub(crate) fn add_at(&mut self, path: PathBuf, text: impl fmt::Display) {
        let known = |problem: &SettingsProblem| problem.path.contains(&path);
        if self.0.iter().take(MAX_COMPARED).any(known) {
            return;
        }
        self.0.push(SettingsProblem { path, text: text.to_string() });
    }

    /// The value, if there was no problem.
    pub(crate) fn finish<T>(self, value: T) -> Result<T, SettingsError> {
        if self.0.is_empty() { Ok(value) } else { Err(SettingsError { problems: self.0 }) }
    }
}

/// Parses the list at `path`.
pub(crate) fn parse_list<P: PartialEq>(
    texts: &[String],
    path: &Path<'_>,
    problems: &mut SettingsProblems,
    parse: fn(&str) -> Result<P, PatternError>,
) -> Vec<P> {
    let mut patterns: Vec<P> = Vec::with_capacity(texts.len());
    for (index, text) in texts.iter().enumerate() {
        let mut add = |problem: &dyn fmt::Display| {
            let quoted = Quoted::new(text, MAX_QUOTED);
            problems.add(&path.index(index), format_args!("{quoted} {problem}"));
        };
        match parse(text) {
            Err(error) => add(&error),
            // Every request reads the settings, and comparing all with all takes its time: a long list may
            // have duplicates, which do no harm.
            Ok(pattern) if index < MAX_COMPARED && patterns.contains(&pattern) => {
                add(&"is a duplicate of an earlier entry");
            }
            Ok(pattern) => patterns.push(pattern),
        }
    }
    patterns
}
