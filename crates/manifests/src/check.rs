//! Judges everything in a text, and fixes it.

use fresh_images::verdict::Code;

use crate::document::{self, DocumentError, Node, Source, What};
use crate::fix::{self, Mutated};
use crate::fixable::Fixable;
use crate::judge::{Answer, Judge, Question};
use crate::lasting;
use crate::report::{Document, Entry, PassedOver, Problem, Report, Unreadable};
use crate::subject::{self, Subject};

/// What else an object without an image can be.
const PATCH: &str =
    "if this is a patch, judge what it is rendered to: kubectl kustomize DIRECTORY | fresh-images check -";

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
#[derive(Clone, Copy, Debug, Default)]
pub struct Options<'a> {
    /// Whether it is fixed as well. What prevents that is reported.
    pub fix: bool,
    /// Whether somebody merely came across it: then what is no Kubernetes object, or a template, is passed over.
    pub found: bool,
    /// Whether a kustomization names it as a patch, which needs no image.
    pub patch: bool,
    /// The namespace of manifests that name none.
    pub namespace: Option<&'a str>,
    /// How many objects are judged at the same time; 0 means the same as 1. The report does not depend on it.
    pub threads: usize,
}

impl Options<'_> {
    /// The same, and what can be fixed is fixed.
    #[must_use]
    pub fn fixing(self) -> Self {
        Self { fix: true, ..self }
    }
}

/// A policy that is asked about everything.
struct Alone<'a> {
    /// JSON text.
    settings: &'a str,
    judge: &'a (dyn Fn(&[u8]) -> Result<Answer, String> + Sync),
}

impl Judge for Alone<'_> {
    fn judge(&self, question: &Question<'_>) -> Result<Answer, String> {
        (self.judge)(&question.payload(self.settings))
    }
}

/// Judges everything in a text with one policy: `judge` is called with each payload, and may fail. The settings are JSON
/// text.
pub fn check(
    source: &Source,
    options: Options<'_>,
    settings: &str,
    judge: &(dyn Fn(&[u8]) -> Result<Answer, String> + Sync),
) -> Checked {
    check_by(source, options, &Alone { settings, judge })
}

/// Judges everything in a text.
pub fn check_by(source: &Source, options: Options<'_>, judge: &dyn Judge) -> Checked {
    let documents = document::read_on(source, options.threads);
    let fix = options.fix;
    let mut report = Report::default();
    let (mut mutated, mut fixable, mut foreign) = (Vec::new(), Fixable::default(), 0_usize);
    for document in documents.chunks(AT_A_TIME).flat_map(|documents| asked(documents, options, judge)) {
        let template = document.node.and_then(|document| template(source, document));
        for (subject, answer) in document.subjects {
            let entry = report.entries().len();
            match subject {
                Ok(subject) => report.add(match answer {
                    None => Entry::Judged(not_asked(source, &subject)),
                    Some(answer) => answer
                        .and_then(|answer| {
                            if cfg!(feature = "edits") {
                                fixable.add(entry, source, &subject, &answer, judge)?;
                            }
                            // An admission request is no file that somebody applies.
                            let fix = fix && subject.given.is_none();
                            conclude(source, &subject, answer, fix, &mut mutated)
                        })
                        .unwrap_or_else(|problem| {
                            Entry::Unreadable(Unreadable::at(source, subject.object.span.start, problem))
                        }),
                }),
                Err(error) if options.found && error.what != What::Manifest => {
                    report.pass_over(PassedOver::of(source, &error));
                }
                Err(error) => {
                    foreign = foreign.saturating_add((error.what == What::Foreign).into());
                    report.add(Entry::Unreadable(Unreadable::document(source, &error)));
                }
            }
            if let Some(Entry::Judged(document)) = report.entries_mut().get_mut(entry) {
                document.template = template.map(Into::into);
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

/// How many documents are in memory as requests.
const AT_A_TIME: usize = 512;

/// What a policy answers, or why it does not; nothing if it is not asked.
type Answered = Option<Result<Answer, String>>;

/// A document, and what was answered about each of its objects.
struct Asked<'d> {
    node: Option<&'d Node>,
    subjects: Vec<(Result<Subject, DocumentError>, Answered)>,
}

/// Asks about every object of these documents, several at a time.
fn asked<'d>(
    documents: &'d [Result<Node, DocumentError>],
    options: Options<'_>,
    judge: &dyn Judge,
) -> Vec<Asked<'d>> {
    crate::in_parallel(documents, options.threads, |document| {
        let subjects = match document {
            Ok(document) => subject::subjects_in(document, options.namespace),
            Err(error) => vec![Err(error.clone())],
        };
        let ask = |subject: Result<Subject, DocumentError>| {
            let asked = subject.as_ref().ok().filter(|subject| judge.asks(subject));
            let answer = asked.map(|subject| {
                let answer = judge.judge(&Question::about(subject))?;
                with_lasting(subject, if options.patch { of_patch(answer) } else { answer }, judge)
            });
            (subject, answer)
        };
        Asked { node: document.as_ref().ok(), subjects: subjects.into_iter().map(ask).collect() }
    })
}

/// The template that Helm made a document of: it says so in a comment before it.
fn template<'s>(source: &'s Source, document: &Node) -> Option<&'s str> {
    let before = source.text().get(..document.span.start)?;
    let mut comments = before.lines().rev().take_while(|line| line.is_empty() || line.starts_with('#'));
    let template = comments.find_map(|line| line.strip_prefix("# Source: ")).map(str::trim_end)?;
    // People write where they have something from in the same words.
    let is_path = !template.contains(|c: char| c.is_whitespace() || c == ':');
    (is_path && (template.contains("/templates/") || template.contains("/crds/"))).then_some(template)
}

/// The answer about a patch: what it leaves out is in the object that it patches.
fn of_patch(mut answer: Answer) -> Answer {
    answer.findings.retain(|it| !matches!(it.code(), Code::MissingImage | Code::NoContainers));
    answer.accepted |= answer.findings.is_empty() && answer.messages.is_empty();
    answer
}

/// The answer with a warning of each default that does not last.
fn with_lasting(subject: &Subject, mut answer: Answer, judge: &dyn Judge) -> Result<Answer, String> {
    if answer.accepted {
        answer.warnings.extend(lasting::warnings(subject, &answer, judge)?);
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
    let located = answer.findings.iter().map(|finding| finding.problem(source, subject));
    let unlocated = answer.messages.iter().map(Problem::unlocated);
    Document {
        file: source.name().into(),
        line: source.position(subject.object.span.start).line,
        api_version: subject.api_version.clone(),
        kind: subject.kind.clone(),
        namespace: subject.namespace.clone(),
        name: subject.name.clone(),
        template: None,
        rendered: None,
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

#[cfg(test)]
mod tests {
    use super::{Options, check};
    use crate::document::Source;
    use crate::judge::Answer;
    use crate::report::Entry;

    #[test]
    fn a_comment_of_helm_names_the_template() {
        let pod = "apiVersion: v1\nkind: Pod\nspec: {containers: []}\n";
        for (before, template) in [
            ("---\n# Source: shop/templates/web.yaml\n", Some("shop/templates/web.yaml")),
            ("# Source: shop/charts/db/crds/a.yaml\n# more\n\n", Some("shop/charts/db/crds/a.yaml")),
            ("a: 1\n# Source: shop/templates/gone.yaml\n---\n", None),
            ("# Source: https://a.example/templates/web.yaml\n", None),
            ("# Source: the templates/ of somebody\n", None),
            ("# Source: a.yaml\n", None),
            ("# shop/templates/web.yaml\n", None),
        ] {
            let judge = |_: &[u8]| Ok(Answer::default());
            let source = Source::new("x", format!("{before}{pod}"));
            let report = check(&source, Options::default(), "{}", &judge).report;
            let found = report.entries().iter().find_map(|entry| match entry {
                Entry::Judged(document) => document.template.as_deref(),
                Entry::Unreadable(_) => None,
            });
            assert_eq!(found, template, "{before}");
        }
    }
}
