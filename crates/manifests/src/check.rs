//! Judges everything in a text, and mends it.

use fresh_images::verdict::Place;
use fresh_images::{Finding, Verdict};

use crate::document::{self, DocumentError, Node, Source};
use crate::fix::{self, Mended};
use crate::report::{Document, Entry, Problem, Report, Unreadable};
use crate::subject::{self, Subject};

/// What a policy answers.
#[derive(Clone, Debug, Default)]
pub struct Answer {
    /// Whether the object may be created.
    pub accepted: bool,
    /// How many image uses it has.
    pub images: usize,
    /// What is wrong with it.
    pub findings: Vec<Finding>,
    /// What is wrong with it, where that is all that is known.
    pub messages: Vec<String>,
    /// What the user should know nevertheless.
    pub warnings: Vec<String>,
    /// The object as the policy mends it, as JSON, if it does.
    pub object: Option<String>,
}

impl From<Verdict> for Answer {
    fn from(verdict: Verdict) -> Self {
        Self {
            accepted: verdict.is_accepted(),
            images: verdict.images(),
            messages: Vec::new(),
            warnings: verdict.warnings().to_vec(),
            object: verdict.mutated_object().map(Into::into),
            findings: verdict.into_findings(),
        }
    }
}

/// What came of a text.
#[derive(Debug)]
pub struct Checked {
    /// Everything that was found.
    pub report: Report,
    /// How many documents it has, readable or not.
    pub documents: usize,
    /// The text with everything mended, if that was asked for and all of it can be used. Where there is nothing to
    /// mend it is the text as it was.
    pub fixed: Option<String>,
}

/// Judges everything in a text with these settings, which are JSON: `judge` is called with each payload, and may fail.
/// With `fix`, mends it as well; what stands in the way of that is reported.
pub fn check(
    source: &Source,
    settings: &str,
    judge: &dyn Fn(&[u8]) -> Result<Answer, String>,
    fix: bool,
) -> Checked {
    let documents = document::read(source);
    let mut report = Report::default();
    let mut mended = Vec::new();
    for document in &documents {
        let subjects = match document {
            Ok(document) => subject::subjects(document),
            Err(error) => vec![Err(error.clone())],
        };
        for subject in subjects {
            report.add(match subject {
                Ok(subject) if fix && subject.given.is_some() => {
                    let problem = "an admission request can be judged, but is no manifest that can be mended";
                    Entry::Unreadable(Unreadable::at(source, subject.object.span.start, problem))
                }
                Ok(subject) => judge(&subject.payload(settings))
                    .and_then(|answer| conclude(source, &subject, answer, fix, &mut mended))
                    .unwrap_or_else(|problem| {
                        Entry::Unreadable(Unreadable::at(source, subject.object.span.start, problem))
                    }),
                Err(error) => Entry::Unreadable(Unreadable::document(source, &error)),
            });
        }
    }
    let count = documents.len();
    let fixed = fix.then(|| mend(source, documents, &mended, &mut report)).flatten();
    Checked { report, documents: count, fixed }
}

/// What an answer means for a subject, and with `fix`, for its text.
fn conclude(
    source: &Source,
    subject: &Subject,
    mut answer: Answer,
    fix: bool,
    mended: &mut Vec<Mended>,
) -> Result<Entry, String> {
    let accepted = answer.accepted;
    let object = match answer.object.take().filter(|_| fix && accepted) {
        Some(object) => {
            Some(document::read_json(&object).ok_or("the policy made something of it that is no JSON")?)
        }
        None => None,
    };
    let entry = judged(source, subject, answer, object.is_some());
    mended.extend(object.map(|object| Mended { node: subject.object.clone(), object }));
    Ok(Entry::Judged(entry))
}

/// The mended text, if all of it can be used.
fn mend(
    source: &Source,
    documents: Vec<Result<Node, DocumentError>>,
    mended: &[Mended],
    report: &mut Report,
) -> Option<String> {
    let documents = documents.into_iter().collect::<Result<Vec<_>, _>>();
    let fixed = match documents {
        Ok(documents) if !report.has_unreadable() => {
            fix::apply(source, &documents, mended).map_err(|error| Some(Unreadable::document(source, &error)))
        }
        _ if mended.is_empty() => Err(None),
        _ => Err(Some(Unreadable::file(
            source.name(),
            "nothing is mended here, for not all of it can be used",
        ))),
    };
    fixed.map_err(|problem| report.not_mended(problem)).ok()
}

fn judged(source: &Source, subject: &Subject, answer: Answer, mended: bool) -> Document {
    let located = answer.findings.iter().map(|finding| located(finding, source, subject));
    let unlocated = answer.messages.iter().map(Problem::unlocated);
    Document {
        file: source.name().into(),
        line: source.position(subject.object.span.start).line,
        api_version: subject.api_version.clone(),
        kind: subject.kind.clone(),
        namespace: subject.namespace.clone(),
        name: subject.name.clone(),
        accepted: answer.accepted,
        mended,
        images: answer.images,
        findings: located.chain(unlocated).collect(),
        warnings: answer.warnings,
    }
}

/// A finding, with the place of what is wrong: for an image use, of its image if it has one.
fn located(finding: &Finding, source: &Source, subject: &Subject) -> Problem {
    let mut node = subject.locate(finding.path());
    if let Place::List(list) = finding.place() {
        node = node.get(list.image_key()).unwrap_or(node);
    }
    let (start, end) = (source.position(node.span.start), source.position(node.span.end));
    Problem {
        code: Some(finding.code().as_str()),
        path: Some(finding.path().into()),
        image: finding.image().filter(|image| !image.is_empty()).map(String::from),
        message: finding.to_string(),
        line: Some(start.line),
        column: Some(start.column),
        end_line: Some(end.line),
        end_column: Some(end.column),
    }
}
