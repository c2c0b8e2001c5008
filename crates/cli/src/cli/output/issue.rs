//! What a review tool shows: one entry for each finding, each warning, and each thing that cannot be read.

use std::collections::HashMap;
use std::fmt::Write as _;

use fresh_images_manifests::report::{Document, Entry, Problem, Report, Unreadable};
use sha2::{Digest as _, Sha256};

/// How bad it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Level {
    /// It makes the command fail.
    Error,
    /// The user should know it.
    Warning,
}

/// The rule of rejections of a module that says nothing else.
pub(super) const REJECTED: &str = "rejected";
/// The rule of warnings.
pub(super) const WARNING: &str = "warning";
/// The rule of what cannot be read.
pub(super) const UNREADABLE: &str = "unreadable";

/// One thing to show.
#[derive(Debug)]
pub(super) struct Issue<'r> {
    pub(super) level: Level,
    /// The code of a finding, or one of the rules of this module.
    pub(super) rule: &'r str,
    /// Empty if it is about no file.
    pub(super) file: &'r str,
    pub(super) place: Option<Place>,
    /// Such as `Deployment shop/web`.
    pub(super) object: Option<String>,
    pub(super) message: &'r str,
    /// What the finding is about, with its edits.
    pub(super) problem: Option<&'r Problem>,
    /// The same for the same finding after lines have moved, and for nothing else in the report.
    pub(super) fingerprint: String,
}

/// Lines and columns from 1, columns in characters; the end is the first that is not part of it any more.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place {
    pub(super) line: usize,
    pub(super) column: Option<usize>,
    pub(super) end: Option<(usize, usize)>,
}

/// Everything that there is to show, in the order in which it was read.
pub(super) fn issues(report: &Report) -> Vec<Issue<'_>> {
    let mut issues = Vec::new();
    for entry in report.entries() {
        match entry {
            Entry::Judged(document) => of_document(document, &mut issues),
            Entry::Unreadable(problem) => issues.push(of_unreadable(problem)),
        }
    }
    fingerprint(&mut issues);
    issues
}

fn of_document<'r>(document: &'r Document, issues: &mut Vec<Issue<'r>>) {
    let whole = Place { line: document.line, column: None, end: None };
    let level = if document.accepted { Level::Warning } else { Level::Error };
    let issue = |rule, place, message, problem| Issue {
        level,
        rule,
        file: document.file.as_str(),
        place: Some(place),
        object: Some(document.title()),
        message,
        problem,
        fingerprint: String::new(),
    };
    for problem in document.findings.iter().chain(&document.fixable) {
        let place = problem.line.map(|line| Place {
            line,
            column: problem.column,
            end: problem.end_line.zip(problem.end_column),
        });
        let rule = problem.code.unwrap_or(REJECTED);
        let mut issue = issue(rule, place.unwrap_or(whole), problem.message.as_str(), Some(problem));
        if problem.known.is_some() {
            issue.level = Level::Warning;
        }
        issues.push(issue);
    }
    // Where there are findings, the warnings say the same; where the text was fixed, what was changed.
    if document.findings.is_empty() && document.fixable.is_empty() && !document.fixed {
        for warning in &document.warnings {
            issues.push(issue(WARNING, whole, warning.as_str(), None));
        }
    }
}

fn of_unreadable(problem: &Unreadable) -> Issue<'_> {
    Issue {
        level: Level::Error,
        rule: UNREADABLE,
        file: &problem.file,
        place: problem.line.map(|line| Place { line, column: problem.column, end: None }),
        object: None,
        message: &problem.message,
        problem: None,
        fingerprint: String::new(),
    }
}

impl Issue<'_> {
    /// The reason why it fails nothing, if a baseline knows it.
    pub(super) fn known(&self) -> Option<&str> {
        self.problem?.known.as_deref()
    }
}

/// By everything but the lines. What is found twice is counted.
fn fingerprint(issues: &mut [Issue<'_>]) {
    let mut counts: HashMap<String, usize> = HashMap::new();
    for issue in issues {
        let identity = identity(issue);
        let count = counts.entry(identity.clone()).or_default();
        *count = count.saturating_add(1);
        let mut hash = Sha256::new();
        hash.update(format!("{identity}\0{count}"));
        issue.fingerprint = hash.finalize().iter().take(16).fold(String::new(), |mut text, byte| {
            // Writing to a string cannot fail.
            let _ = write!(text, "{byte:02x}");
            text
        });
    }
}

fn identity(issue: &Issue<'_>) -> String {
    let mut parts = vec![issue.rule, issue.file, issue.object.as_deref().unwrap_or_default()];
    match issue.problem {
        Some(Problem { path: Some(path), name, image, .. }) => {
            // A named container is the same one wherever it is in its list.
            let list = name.as_ref().and_then(|_| path.rsplit_once('['));
            parts.push(list.map_or(path.as_str(), |(list, _)| list));
            parts.extend([name, image].into_iter().map(|it| it.as_deref().unwrap_or_default()));
        }
        _ => parts.push(issue.message),
    }
    parts.join("\0")
}
