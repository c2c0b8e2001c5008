//! What is wrong with settings.

use std::fmt;

use fresh_images_json::Path;

/// Everything that is wrong with settings. Its [`Display`](fmt::Display) is one line for each problem.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SettingsError {
    problems: Vec<SettingsProblem>,
}

/// One thing that is wrong with settings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SettingsProblem {
    path: String,
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
    /// Where it is, such as `settings.registries.allow[0]`.
    pub fn path(&self) -> &str {
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

/// How many problems a new one is compared with.
const MAX_COMPARED: usize = 256;

fn is_below(path: &str, ancestor: &str) -> bool {
    path.strip_prefix(ancestor).is_some_and(|rest| rest.starts_with(['.', '[']))
}

/// Problems while they are collected.
#[derive(Debug, Default)]
pub(crate) struct Problems(Vec<SettingsProblem>);

impl Problems {
    /// Whether there is a problem at a path below this one, among those that are compared.
    pub(crate) fn has_below(&self, path: &str) -> bool {
        // The latest, and the first, which came from reading.
        let compared = self.0.iter().rev().take(MAX_COMPARED).chain(self.0.iter().take(MAX_COMPARED));
        compared.into_iter().any(|problem| is_below(&problem.path, path))
    }

    pub(crate) fn add(&mut self, path: &Path<'_>, text: impl fmt::Display) {
        self.add_at(path.to_string(), text);
    }

    /// Adds a problem, unless there is one at this path or above it: what could not be read is not blamed again
    /// for what it lacks.
    pub(crate) fn add_at(&mut self, path: String, text: impl fmt::Display) {
        let known = |problem: &SettingsProblem| problem.path == path || is_below(&path, &problem.path);
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
