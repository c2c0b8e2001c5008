//! JUnit XML: a test suite for each file, a test case for each document.
//!
//! ```xml
//! <testsuites name="fresh-images" tests="1" failures="1" errors="0">
//!   <testsuite name="web.yaml" tests="1" failures="1" errors="0">
//!     <testcase name="Pod web (line 1)" classname="web.yaml">
//!       <failure type="mutable-image" message="1 finding">web.yaml:7:12: container "web" at …</failure>
//!     </testcase>
//!   </testsuite>
//! </testsuites>
//! ```
//!
//! A document that is rejected is a failure, and what cannot be read is an error. What the cluster does not ask the policy about
//! is skipped. Warnings are in the output of the test case.

use fresh_images_manifests::report::{Document, Entry, Report, Unreadable, place};

use super::issue::{REJECTED, UNREADABLE};
use super::test_suites::{self, Case, CaseResult, Suite};

/// Why a document is skipped.
const NOT_ASKED: &str = "the cluster does not ask the policy about it";

/// The document.
pub(super) fn render(report: &Report) -> String {
    let suites = report.entries().chunk_by(|a, b| a.file() == b.file()).map(|entries| Suite {
        name: entries.first().map(|entry| entry.file().to_owned()).unwrap_or_default(),
        cases: entries.iter().map(case).collect(),
    });
    test_suites::render(&suites.collect::<Vec<_>>())
}

fn case(entry: &Entry) -> Case {
    match entry {
        Entry::Judged(document) => of_document(document),
        Entry::Unreadable(problem) => of_unreadable(problem),
    }
}

fn of_document(document: &Document) -> Case {
    let result = if !document.asked {
        CaseResult::Skipped { message: NOT_ASKED.into() }
    } else if document.is_known() {
        let known = document.findings.iter().filter_map(|it| Some((it, it.known.as_deref()?)));
        let lines: Vec<_> = known.map(|(it, reason)| format!("known ({reason}): {}", it.message)).collect();
        CaseResult::Passed { output: lines.join("\n") }
    } else if document.accepted {
        CaseResult::Passed { output: document.warnings.join("\n") }
    } else {
        let new = document.findings.iter().filter(|problem| problem.known.is_none());
        let lines = new.map(|problem| {
            let line = problem.line.or(document.rendered.is_none().then_some(document.line));
            format!("{}: {}", place(&document.file, line, problem.column), problem.message)
        });
        let lines: Vec<String> = lines.collect();
        CaseResult::Failed {
            tag: "failure",
            code: document
                .findings
                .iter()
                .find(|it| it.known.is_none())
                .and_then(|it| it.code)
                .unwrap_or(REJECTED),
            message: format!("{} finding{}", lines.len(), if lines.len() == 1 { "" } else { "s" }),
            text: lines.join("\n"),
        }
    };
    let name = format!("{} (line {})", document.title(), document.line);
    Case { name, class: document.file.clone(), result }
}

fn of_unreadable(problem: &Unreadable) -> Case {
    let name = problem.line.map_or_else(|| "the file".into(), |line| format!("line {line}"));
    let result = CaseResult::Failed {
        tag: "error",
        code: UNREADABLE,
        message: problem.message.clone(),
        text: problem.to_string(),
    };
    Case { name, class: problem.file.clone(), result }
}
