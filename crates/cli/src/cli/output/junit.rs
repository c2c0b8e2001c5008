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
//!
//! It is written with `quick-xml`, which `quick-junit` writes with too: that crate gives `testsuites` an attribute
//! `skipped`, which the schema of Jenkins' xUnit plugin refuses.

use std::io;

use fresh_images_manifests::report::{Document, Entry, Report, Unreadable, place, printable};
use quick_xml::Writer;
use quick_xml::events::BytesText;

use super::issue::{REJECTED, UNREADABLE};

/// Why a document is skipped.
const NOT_ASKED: &str = "the cluster does not ask the policy about it";

type Xml = Writer<Vec<u8>>;

/// One test case.
struct Case {
    name: String,
    file: String,
    result: CaseResult,
}

enum CaseResult {
    Passed { output: String },
    Skipped,
    Failed { tag: &'static str, code: &'static str, message: String, text: String },
}

/// How many test cases there are, and how many did not pass.
struct Counts {
    tests: String,
    failures: String,
    errors: String,
}

/// The document.
pub(super) fn render(report: &Report) -> String {
    let suites: Vec<Vec<Case>> = report
        .entries()
        .chunk_by(|a, b| a.file() == b.file())
        .map(|entries| entries.iter().map(case).collect())
        .collect();
    let mut xml = Writer::new_with_indent(b"<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n".to_vec(), b' ', 2);
    // Writing to memory cannot fail.
    let _ = write_suites(&mut xml, &suites);
    let mut text = String::from_utf8(xml.into_inner()).unwrap_or_default();
    text.push('\n');
    text
}

fn case(entry: &Entry) -> Case {
    match entry {
        Entry::Judged(document) => of_document(document),
        Entry::Unreadable(problem) => of_unreadable(problem),
    }
}

fn of_document(document: &Document) -> Case {
    let result = if !document.asked {
        CaseResult::Skipped
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
    Case { name, file: document.file.clone(), result }
}

fn of_unreadable(problem: &Unreadable) -> Case {
    let name = problem.line.map_or_else(|| "the file".into(), |line| format!("line {line}"));
    let result = CaseResult::Failed {
        tag: "error",
        code: UNREADABLE,
        message: problem.message.clone(),
        text: problem.to_string(),
    };
    Case { name, file: problem.file.clone(), result }
}

fn counts<'c>(cases: impl Iterator<Item = &'c Case> + Clone) -> Counts {
    let failed = |wanted: &str| {
        let is_it = |case: &&Case| matches!(case.result, CaseResult::Failed { tag, .. } if tag == wanted);
        cases.clone().filter(is_it).count().to_string()
    };
    Counts { tests: cases.clone().count().to_string(), failures: failed("failure"), errors: failed("error") }
}

impl Counts {
    fn attributes(&self) -> [(&str, &str); 3] {
        [("tests", &self.tests), ("failures", &self.failures), ("errors", &self.errors)]
    }
}

fn write_suites(xml: &mut Xml, suites: &[Vec<Case>]) -> io::Result<()> {
    let counts = counts(suites.iter().flatten());
    let element = xml.create_element("testsuites").with_attribute(("name", "fresh-images"));
    element
        .with_attributes(counts.attributes())
        .write_inner_content(|xml| suites.iter().try_for_each(|cases| write_suite(xml, cases)))?;
    Ok(())
}

fn write_suite(xml: &mut Xml, cases: &[Case]) -> io::Result<()> {
    let file = cases.first().map(|case| case.file.as_str()).filter(|file| !file.is_empty());
    let name = printable(file.unwrap_or("fresh-images"));
    let counts = counts(cases.iter());
    let element = xml.create_element("testsuite").with_attribute(("name", name.as_str()));
    element
        .with_attributes(counts.attributes())
        .write_inner_content(|xml| cases.iter().try_for_each(|case| write_case(xml, case)))?;
    Ok(())
}

fn write_case(xml: &mut Xml, case: &Case) -> io::Result<()> {
    let (name, file) = (printable(&case.name), printable(&case.file));
    let element = xml.create_element("testcase").with_attribute(("name", name.as_str()));
    let element = element.with_attribute(("classname", file.as_str()));
    match &case.result {
        CaseResult::Passed { output } if output.is_empty() => {
            element.write_empty()?;
        }
        CaseResult::Passed { output } => {
            element.write_inner_content(|xml| {
                xml.create_element("system-out").write_text_content(BytesText::new(&lines(output)))?;
                Ok(())
            })?;
        }
        CaseResult::Skipped => {
            element.write_inner_content(|xml| {
                xml.create_element("skipped").with_attribute(("message", NOT_ASKED)).write_empty()?;
                Ok(())
            })?;
        }
        CaseResult::Failed { tag, code, message, text } => {
            element.write_inner_content(|xml| {
                let message = printable(message);
                let element = xml.create_element(*tag).with_attribute(("type", *code));
                let element = element.with_attribute(("message", message.as_str()));
                element.write_text_content(BytesText::new(&lines(text)))?;
                Ok(())
            })?;
        }
    }
    Ok(())
}

/// XML has no control characters but line ends.
fn lines(text: &str) -> String {
    let lines: Vec<String> = text.lines().map(printable).collect();
    lines.join("\n")
}
