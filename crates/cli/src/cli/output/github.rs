//! Annotations, as [GitHub Actions](https://docs.github.com/actions/reference/workflow-commands-for-github-actions) reads
//! them from the log of a step.
//!
//! ```text
//! ::error file=web.yaml,line=7,endLine=7,col=12,endColumn=22,title=mutable-image::container "web" at …
//! 1 document, 1 image: 1 rejected
//! ```
//!
//! GitHub shows at most ten errors and ten warnings of a step beside the code; SARIF has no such limit.

use std::fmt::Write as _;

use fresh_images_manifests::report::{Report, printable};

use super::issue::{Issue, Level, issues};

/// A line for each, and the summary.
pub(super) fn render(report: &Report) -> String {
    let mut text = String::new();
    for issue in issues(report).into_iter().filter(|issue| issue.known().is_none()) {
        let command = match issue.level {
            Level::Error => "error",
            Level::Warning => "warning",
        };
        // Writing to a string cannot fail.
        let _ = writeln!(text, "::{command} {}::{}", properties(&issue), data(issue.message));
    }
    let _ = writeln!(text, "{}", report.summary());
    text
}

fn properties(issue: &Issue<'_>) -> String {
    let mut properties = Vec::new();
    if !issue.file.is_empty() {
        properties.push(format!("file={}", property(issue.file)));
    }
    if let Some(place) = issue.place {
        properties.push(format!("line={}", place.line));
        // Columns mean something only within one line.
        match (place.column, place.end) {
            (Some(column), Some((line, end))) if line == place.line => {
                properties.push(format!("endLine={line},col={column},endColumn={end}"));
            }
            (Some(column), None) => properties.push(format!("col={column}")),
            _ => {}
        }
    }
    properties.push(format!("title={}", property(issue.rule)));
    properties.join(",")
}

/// The text after the second `::`; [toolkit](https://github.com/actions/toolkit/blob/main/packages/core/src/command.ts)
/// escapes it in the same way.
fn data(text: &str) -> String {
    printable(&text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A"))
}

fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Whatever a manifest contains, it starts no command of its own.
    #[test]
    fn texts_are_escaped() {
        assert_eq!(data("50%\r\n::error::x\u{1b}[2J"), "50%25%0D%0A::error::x\\u{1b}[2J");
        assert_eq!(property("a:b,c%.yaml"), "a%3Ab%2Cc%25.yaml");
    }
}
