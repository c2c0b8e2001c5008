//! JUnit XML: a test suite for each namespace, a test case for each container of a workload.
//!
//! ```xml
//! <testsuites name="fresh-images" tests="1" failures="1" errors="0">
//!   <testsuite name="shop" tests="1" failures="1" errors="0">
//!     <testcase name="Deployment web, container web" classname="shop">
//!       <failure type="stale-content" message="container web with image … runs other content than its tag names now">…</failure>
//!     </testcase>
//!   </testsuite>
//! </testsuites>
//! ```
//!
//! What could not be decided is an error, and what was not compared is skipped.

use std::collections::BTreeMap;

use fresh_images_stale::{Finding, Report, Verdict};

use crate::cli::output::test_suites::{self, Case, CaseResult, Suite};

/// The document.
pub(super) fn render(report: &Report) -> String {
    let mut suites: BTreeMap<&str, Vec<Case>> = BTreeMap::new();
    for finding in &report.findings {
        suites.entry(&finding.namespace).or_default().push(case(finding));
    }
    let suites = suites.into_iter().map(|(name, cases)| Suite { name: name.to_owned(), cases });
    test_suites::render(&suites.collect::<Vec<_>>())
}

fn case(finding: &Finding) -> Case {
    let Finding { kind, name, noun, container, code, .. } = finding;
    let failed = |tag| CaseResult::Failed {
        tag,
        code: code.as_str(),
        message: finding.summary(),
        text: finding.details().join("\n"),
    };
    let result = match finding.verdict {
        Verdict::Stale | Verdict::Split => failed("failure"),
        Verdict::Unknown if code.is_undecided() => failed("error"),
        Verdict::Unknown | Verdict::Unchecked => CaseResult::Skipped { message: finding.summary() },
        Verdict::Pinned | Verdict::Fresh => CaseResult::Passed { output: finding.details().join("\n") },
    };
    Case { name: format!("{kind} {name}, {noun} {container}"), class: finding.namespace.clone(), result }
}
