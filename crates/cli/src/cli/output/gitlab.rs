//! A code quality report, as [GitLab](https://docs.gitlab.com/ci/testing/code_quality/#code-quality-report-format) reads it
//! from the artifact `codequality`.
//!
//! ```json
//! [
//!   {
//!     "description": "container \"web\" at spec.containers[0]: …",
//!     "check_name": "mutable-image",
//!     "fingerprint": "5fd3c1…",
//!     "severity": "major",
//!     "location": {"path": "web.yaml", "lines": {"begin": 7, "end": 7}}
//!   }
//! ]
//! ```

use fresh_images_manifests::report::Report;
use serde_json::{Value, json};

use super::issue::{Issue, Level, UNREADABLE, issues};

/// One list.
pub(super) fn render(report: &Report) -> String {
    let list: Vec<Value> = issues(report).iter().filter(|issue| issue.known().is_none()).map(entry).collect();
    format!("{:#}\n", Value::from(list))
}

fn entry(issue: &Issue<'_>) -> Value {
    let severity = match issue.level {
        Level::Error if issue.rule == UNREADABLE => "critical",
        Level::Error => "major",
        Level::Warning => "minor",
    };
    // Every entry needs a file and a line.
    let begin = issue.place.map_or(1, |place| place.line);
    let end = issue.place.and_then(|place| place.end).map_or(begin, |(line, _)| line);
    json!({
        "description": issue.message,
        "check_name": issue.rule,
        "fingerprint": issue.fingerprint,
        "severity": severity,
        "location": {"path": issue.file.trim_start_matches("./"), "lines": {"begin": begin, "end": end}},
    })
}
