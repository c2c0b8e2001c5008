//! Judges everything in a text, and fixes it.

use fresh_images::verdict::{Code, Place};
use fresh_images::{Finding, Verdict};

use crate::document::{self, DocumentError, Node, Source, What};
use crate::fix::{self, Mutated};
use crate::fixable::Fixable;
use crate::lasting;
use crate::report::{Document, Entry, PassedOver, Problem, Report, Unreadable};
use crate::subject::{self, Subject};

/// What else an object without an image can be.
const PATCH: &str =
    "if this is a patch, judge what it is rendered to: kubectl kustomize DIRECTORY | fresh-images check -";

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
    /// The object as the policy mutates it, as JSON, if it does.
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
    /// The text with everything fixed, if that was asked for and all of it can be used. If there is nothing to fix,
    /// it is the original text.
    pub fixed: Option<String>,
}

/// How a text is judged.
#[derive(Clone, Copy)]
pub struct Options<'a> {
    /// The settings of the policy, as JSON.
    pub settings: &'a str,
    /// Whether it is fixed as well. What prevents that is reported.
    pub fix: bool,
    /// Whether somebody merely came across it: then what is no Kubernetes object, or a template, is passed over.
    pub found: bool,
    /// Whether a kustomization names it as a patch, which needs no image.
    pub patch: bool,
    /// The namespace of manifests that name none.
    pub namespace: Option<&'a str>,
    /// Whether the policy is asked about an object at all; without it, about each.
    pub asks: Option<&'a (dyn Fn(&Subject) -> bool + Sync)>,
}

impl<'a> Options<'a> {
    /// Everything is judged with these settings, and nothing is fixed.
    pub fn new(settings: &'a str) -> Self {
        Self { settings, fix: false, found: false, patch: false, namespace: None, asks: None }
    }

    /// The same, and what can be fixed is fixed.
    #[must_use]
    pub fn fixing(self) -> Self {
        Self { fix: true, ..self }
    }
}

/// Judges everything in a text: `judge` is called with each payload, and may fail.
pub fn check(
    source: &Source,
    options: &Options<'_>,
    judge: &dyn Fn(&[u8]) -> Result<Answer, String>,
) -> Checked {
    let documents = document::read(source);
    let Options { settings, fix, .. } = *options;
    let mut report = Report::default();
    let (mut mutated, mut fixable, mut foreign) = (Vec::new(), Fixable::default(), 0_usize);
    for document in &documents {
        let subjects = match document {
            Ok(document) => subject::subjects_in(document, options.namespace),
            Err(error) => vec![Err(error.clone())],
        };
        for subject in subjects {
            let entry = report.entries().len();
            match subject {
                Ok(subject) if options.asks.is_some_and(|asks| !asks(&subject)) => {
                    report.add(Entry::Judged(not_asked(source, &subject)));
                }
                Ok(subject) => report.add(
                    judge(&subject.payload(settings))
                        .map(|answer| if options.patch { of_patch(answer) } else { answer })
                        .and_then(|answer| with_lasting(&subject, settings, answer, judge))
                        .and_then(|answer| {
                            if cfg!(feature = "edits") {
                                fixable.add(entry, source, &subject, settings, &answer, judge)?;
                            }
                            // An admission request is no file that somebody applies.
                            let fix = fix && subject.given.is_none();
                            conclude(source, &subject, answer, fix, &mut mutated)
                        })
                        .unwrap_or_else(|problem| {
                            Entry::Unreadable(Unreadable::at(source, subject.object.span.start, problem))
                        }),
                ),
                Err(error) if options.found && error.what != What::Manifest => {
                    report.pass_over(PassedOver::of(source, &error));
                }
                Err(error) => {
                    foreign = foreign.saturating_add((error.what == What::Foreign).into());
                    report.add(Entry::Unreadable(Unreadable::document(source, &error)));
                }
            }
        }
    }
    // A log of JSON lines is one thing that is no manifest, and not a thousand.
    if foreign > 1 && foreign == report.entries().len() {
        report.keep_first(&format!("; nor is anything else of the {foreign} documents in this file"));
    }
    let count = documents.len();
    if cfg!(feature = "edits") && !fix {
        fixable.conclude(source, &documents, &mut report);
    }
    let fixed = fix.then(|| fix_text(source, documents, &mutated, &mut report)).flatten();
    Checked { report, documents: count, fixed }
}

/// The answer about a patch: what it leaves out is in the object that it patches.
fn of_patch(mut answer: Answer) -> Answer {
    answer.findings.retain(|it| !matches!(it.code(), Code::MissingImage | Code::NoContainers));
    answer.accepted |= answer.findings.is_empty() && answer.messages.is_empty();
    answer
}

/// The answer with a warning of each default that does not last.
fn with_lasting(
    subject: &Subject,
    settings: &str,
    mut answer: Answer,
    judge: &dyn Fn(&[u8]) -> Result<Answer, String>,
) -> Result<Answer, String> {
    if answer.accepted {
        answer.warnings.extend(lasting::warnings(subject, settings, &answer, judge)?);
    }
    Ok(answer)
}

/// What an answer means for a subject, and with `fix`, for its text.
fn conclude(
    source: &Source,
    subject: &Subject,
    mut answer: Answer,
    fix: bool,
    mutated: &mut Vec<Mutated>,
) -> Result<Entry, String> {
    let accepted = answer.accepted;
    let object = match answer.object.take().filter(|_| fix && accepted) {
        Some(object) => {
            Some(document::read_json(&object).ok_or("the policy returned an object that is not valid JSON")?)
        }
        None => None,
    };
    let entry = judged(source, subject, answer, object.is_some());
    mutated.extend(object.map(|object| Mutated { node: subject.object.clone(), object }));
    Ok(Entry::Judged(entry))
}

/// The fixed text, if all of it can be used.
fn fix_text(
    source: &Source,
    documents: Vec<Result<Node, DocumentError>>,
    mutated: &[Mutated],
    report: &mut Report,
) -> Option<String> {
    let documents = documents.into_iter().collect::<Result<Vec<_>, _>>();
    let fixed = match documents {
        Ok(documents) if !report.has_unreadable() => fix::apply(source, &documents, mutated)
            .map_err(|error| Some(Unreadable::document(source, &error))),
        _ if mutated.is_empty() => Err(None),
        _ => Err(Some(Unreadable::file(
            source.name(),
            "file left unchanged because part of it could not be read",
        ))),
    };
    fixed.map_err(|problem| report.not_fixed(problem)).ok()
}

fn judged(source: &Source, subject: &Subject, mut answer: Answer, fixed: bool) -> Document {
    if subject.given.is_none() && answer.findings.iter().any(|it| it.code() == Code::MissingImage) {
        answer.warnings.push(PATCH.into());
    }
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
        fixed,
        images: answer.images,
        findings: located.chain(unlocated).collect(),
        fixable: Vec::new(),
        warnings: answer.warnings,
        asked: true,
    }
}

/// An object that the cluster does not send to the policy.
fn not_asked(source: &Source, subject: &Subject) -> Document {
    let answer = Answer { accepted: true, ..Answer::default() };
    Document { asked: false, ..judged(source, subject, answer, false) }
}

/// A finding, with the place of what is wrong: for an image use, of its image if it has one.
pub(crate) fn located(finding: &Finding, source: &Source, subject: &Subject) -> Problem {
    let mut node = subject.locate(finding.path());
    if let Place::List(list) = finding.place() {
        node = node.get(list.image_key()).unwrap_or(node);
    }
    let (start, end) = (source.position(node.span.start), source.position(node.span.end));
    Problem {
        code: Some(finding.code().as_str()),
        path: Some(finding.path().to_string()),
        image: finding.image().filter(|image| !image.is_empty()).map(String::from),
        name: finding.name().map(String::from),
        message: finding.to_string(),
        line: Some(start.line),
        column: Some(start.column),
        end_line: Some(end.line),
        end_column: Some(end.column),
        edits: Vec::new(),
        known: None,
    }
}
