//! Who judges: one policy or several, in whatever engine.
//!
//! ```
//! use fresh_images_manifests::document::{self, Source};
//! use fresh_images_manifests::{Answer, Judge, Question, subject};
//!
//! struct Mine;
//! impl Judge for Mine {
//!     fn judge(&self, question: &Question<'_>) -> Result<Answer, String> {
//!         Ok(Answer::from(fresh_images::evaluate(&question.payload(r#"{"mutate": {"to": "pullAlways"}}"#))))
//!     }
//! }
//! let pod = Source::new("x", "{apiVersion: v1, kind: Pod, spec: {containers: [{name: a, image: 'b:1'}]}}");
//! let subject = subject::subjects(&document::read(&pod).remove(0)?).remove(0)?;
//! let question = Question::about(&subject);
//! assert!(Mine.judge(&question)?.object.is_some());
//! let judged = Mine.judge(&Question { mutates: false, ..question })?;
//! assert_eq!(judged.findings[0].code().as_str(), "mutable-image");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

use std::ops::Deref;
use std::sync::Arc;

use fresh_images::verdict::Place;
use fresh_images::{Finding, Verdict};

use crate::document::{Node, Source, Value, read_json};
use crate::report::Problem;
use crate::subject::Subject;

/// Judges what it is asked about.
pub trait Judge: Sync {
    /// Whether it is asked about an object at all.
    fn asks(&self, _: &Subject) -> bool {
        true
    }

    /// What it answers.
    ///
    /// # Errors
    ///
    /// Why there is no answer; the user will read it.
    fn judge(&self, question: &Question<'_>) -> Result<Answer, String>;
}

/// What a policy is asked.
#[derive(Clone, Debug)]
pub struct Question<'a> {
    /// What it is about.
    pub subject: &'a Subject,
    /// The admission request, as JSON; not always that of the subject.
    pub request: String,
    /// Whether the policy may mutate the object; else it is to judge the object as it is.
    pub mutates: bool,
}

/// What a policy answers.
#[derive(Clone, Debug, Default)]
pub struct Answer {
    /// Whether the object may be created.
    pub accepted: bool,
    /// How many image uses it has.
    pub images: usize,
    /// What is wrong with it.
    pub findings: Vec<Found>,
    /// What is wrong with it, where that is all that is known.
    pub messages: Vec<String>,
    /// What the user should know nevertheless.
    pub warnings: Vec<String>,
    /// The object as the policy mutates it, as JSON, if it does.
    pub object: Option<String>,
}

/// A finding, and who found it.
#[derive(Clone, Debug)]
pub struct Found {
    finding: Finding,
    /// The name of the policy, where there are several.
    pub policy: Option<Arc<str>>,
}

impl<'a> Question<'a> {
    /// The request of a subject.
    pub fn about(subject: &'a Subject) -> Self {
        Self { subject, request: subject.request.json_text(), mutates: true }
    }

    /// What a module is called with. The settings are JSON text.
    pub fn payload(&self, settings: &str) -> Vec<u8> {
        let unmutating = if self.mutates { None } else { without_mutation(settings) };
        let settings = unmutating.as_deref().unwrap_or(settings);
        format!(r#"{{"request":{},"settings":{settings}}}"#, self.request).into_bytes()
    }
}

/// The same settings for a policy that only judges, if they are others.
fn without_mutation(settings: &str) -> Option<String> {
    let settings = read_json(settings)?;
    settings.get("mutate")?;
    let kept = settings.members().iter().filter(|member| &*member.key != "mutate").cloned();
    Some(Node { value: Value::Object(kept.collect()), ..settings.clone() }.json_text())
}

impl From<Verdict> for Answer {
    fn from(verdict: Verdict) -> Self {
        Self {
            accepted: verdict.is_accepted(),
            images: verdict.images(),
            messages: Vec::new(),
            warnings: verdict.warnings().to_vec(),
            object: verdict.mutated_object().map(Into::into),
            findings: verdict.into_findings().into_iter().map(Found::from).collect(),
        }
    }
}

impl From<Finding> for Found {
    fn from(finding: Finding) -> Self {
        Self { finding, policy: None }
    }
}

impl Found {
    /// The finding, with the place of what is wrong: for an image use, of its image if it has one.
    pub(crate) fn problem(&self, source: &Source, subject: &Subject) -> Problem {
        let policy = self.policy.as_deref();
        let mut node = subject.locate(self.path());
        if let Place::List(list) = self.place() {
            node = node.get(list.image_key()).unwrap_or(node);
        }
        let (start, end) = (source.position(node.span.start), source.position(node.span.end));
        Problem {
            code: Some(self.code().as_str()),
            path: Some(self.path().to_string()),
            image: self.image().filter(|image| !image.is_empty()).map(String::from),
            name: self.name().map(String::from),
            message: policy.map_or_else(String::new, |policy| format!("policy {policy}: "))
                + &self.to_string(),
            line: Some(start.line),
            column: Some(start.column),
            end_line: Some(end.line),
            end_column: Some(end.column),
            edits: Vec::new(),
            known: None,
            policy: policy.map(String::from),
        }
    }
}

impl Deref for Found {
    type Target = Finding;

    fn deref(&self) -> &Finding {
        &self.finding
    }
}

impl Answer {
    /// The same, with the name of the policy that gave it.
    #[must_use]
    pub fn by(mut self, policy: &Arc<str>) -> Self {
        for found in &mut self.findings {
            found.policy = Some(Arc::clone(policy));
        }
        for text in self.messages.iter_mut().chain(&mut self.warnings) {
            *text = format!("policy {policy}: {text}");
        }
        self
    }

    /// Takes the answer of the next policy, which was asked about the object as this one left it.
    pub fn and(&mut self, next: Self) {
        self.accepted &= next.accepted;
        self.images = self.images.max(next.images);
        self.findings.extend(next.findings);
        self.messages.extend(next.messages);
        self.warnings.extend(next.warnings);
        self.object = next.object.or(self.object.take());
    }
}
