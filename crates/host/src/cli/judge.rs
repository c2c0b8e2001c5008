//! Judges one subject twice: the module's answer counts, the library's says where and why.

use fresh_images::verdict::Place;
use fresh_images::{Finding, Verdict};
use fresh_images_host::document::Source;
use fresh_images_host::subject::Subject;
use fresh_images_host::{Engine, Response};
use serde_json::Value as Json;

use super::report::{Document, Problem};

/// A policy in force.
pub(super) struct Judge {
    pub(super) engine: Engine,
    /// Whether the engine runs the module that is built from the same source as the library.
    pub(super) built_in: bool,
    pub(super) settings: Json,
}

impl Judge {
    /// The verdict about a subject, or why there is none.
    pub(super) fn judge(&self, source: &Source, subject: &Subject) -> Result<Document, String> {
        let payload = subject.payload(&self.settings);
        let response = self.engine.validate(&payload).map_err(|error| error.to_string())?;
        let verdict = fresh_images::evaluate(&payload);
        let agree = agree(&response, &verdict);
        if self.built_in && !agree {
            return Err(disagreement(&response, &verdict));
        }
        let findings = if agree {
            verdict.findings().iter().map(|finding| located(finding, source, subject)).collect()
        } else if response.accepted {
            Vec::new()
        } else {
            let message = response.message.as_deref().unwrap_or("rejected without a message");
            message.lines().map(Problem::unlocated).collect()
        };
        let start = source.position(subject.object.span.start);
        Ok(Document {
            file: source.name().into(),
            line: start.line,
            api_version: subject.api_version.clone(),
            kind: subject.kind.clone(),
            namespace: subject.namespace.clone(),
            name: subject.name.clone(),
            title: subject.to_string(),
            accepted: response.accepted,
            images: verdict.images(),
            findings,
            warnings: response.warnings.unwrap_or_default(),
        })
    }
}

fn agree(response: &Response, verdict: &Verdict) -> bool {
    response.accepted == verdict.is_accepted()
        && response.message == verdict.message()
        && response.code == verdict.status()
        && response.warnings.as_deref().unwrap_or_default() == verdict.warnings()
}

fn disagreement(response: &Response, verdict: &Verdict) -> String {
    let word = |accepted| if accepted { "accepts" } else { "rejects" };
    format!(
        "internal error: the built-in module {} this ({:?}) while the library {} it ({:?}); please report this",
        word(response.accepted),
        response.message.as_deref().unwrap_or_default(),
        word(verdict.is_accepted()),
        verdict.message().unwrap_or_default(),
    )
}

/// A finding, with the place of what is wrong: for an image use, of its image if it has one.
fn located(finding: &Finding, source: &Source, subject: &Subject) -> Problem {
    let mut node = subject.locate(finding.path());
    if let Place::List(list) = finding.place() {
        node = node.get(list.image_key()).unwrap_or(node);
    }
    let position = source.position(node.span.start);
    Problem {
        code: Some(finding.code().as_str()),
        path: Some(finding.path().into()),
        image: finding.image().filter(|image| !image.is_empty()).map(String::from),
        message: finding.to_string(),
        line: Some(position.line),
        column: Some(position.column),
    }
}
