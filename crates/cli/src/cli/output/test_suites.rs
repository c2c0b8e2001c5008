//! JUnit XML of test suites, whatever was tested.
//!
//! It is written with `quick-xml`, which `quick-junit` writes with too: that crate gives `testsuites` an attribute
//! `skipped`, which the schema of Jenkins' xUnit plugin refuses.

use std::io;

use fresh_images_manifests::report::printable;
use quick_xml::Writer;
use quick_xml::events::BytesText;

type Xml = Writer<Vec<u8>>;

/// A test suite.
pub(in crate::cli) struct Suite {
    pub(in crate::cli) name: String,
    pub(in crate::cli) cases: Vec<Case>,
}

/// One test case.
pub(in crate::cli) struct Case {
    pub(in crate::cli) name: String,
    pub(in crate::cli) class: String,
    pub(in crate::cli) result: CaseResult,
}

pub(in crate::cli) enum CaseResult {
    Passed { output: String },
    Skipped { message: String },
    Failed { tag: &'static str, code: &'static str, message: String, text: String },
}

/// How many test cases there are, and how many did not pass.
struct Counts {
    tests: String,
    failures: String,
    errors: String,
}

/// The document.
pub(in crate::cli) fn render(suites: &[Suite]) -> String {
    let mut xml = Writer::new_with_indent(b"<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n".to_vec(), b' ', 2);
    // Writing to memory cannot fail.
    let _ = write_suites(&mut xml, suites);
    let mut text = String::from_utf8(xml.into_inner()).unwrap_or_default();
    text.push('\n');
    text
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

fn write_suites(xml: &mut Xml, suites: &[Suite]) -> io::Result<()> {
    let counts = counts(suites.iter().flat_map(|suite| &suite.cases));
    let element = xml.create_element("testsuites").with_attribute(("name", "fresh-images"));
    element
        .with_attributes(counts.attributes())
        .write_inner_content(|xml| suites.iter().try_for_each(|suite| write_suite(xml, suite)))?;
    Ok(())
}

fn write_suite(xml: &mut Xml, suite: &Suite) -> io::Result<()> {
    let Suite { name, cases } = suite;
    let name = printable(if name.is_empty() { "fresh-images" } else { name });
    let counts = counts(cases.iter());
    let element = xml.create_element("testsuite").with_attribute(("name", name.as_str()));
    element
        .with_attributes(counts.attributes())
        .write_inner_content(|xml| cases.iter().try_for_each(|case| write_case(xml, case)))?;
    Ok(())
}

fn write_case(xml: &mut Xml, case: &Case) -> io::Result<()> {
    let (name, class) = (printable(&case.name), printable(&case.class));
    let element = xml.create_element("testcase").with_attribute(("name", name.as_str()));
    let element = element.with_attribute(("classname", class.as_str()));
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
        CaseResult::Skipped { message } => {
            element.write_inner_content(|xml| {
                let message = printable(message);
                xml.create_element("skipped").with_attribute(("message", message.as_str())).write_empty()?;
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
