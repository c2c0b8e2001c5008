//! Judges one subject twice: the module's answer counts, the library's says where and why.

use std::sync::Arc;

use fresh_images::mutate::Registry;
use fresh_images::verdict::Place;
use fresh_images::{Finding, Verdict};
use fresh_images_host::document::Source;
use fresh_images_host::subject::Subject;
use fresh_images_host::{Engine, ManifestDigest, Response};
use serde_json::{Value as Json, json};

use super::report::{Document, Problem};

/// A policy in force.
pub(super) struct Judge {
    pub(super) engine: Engine,
    /// Whether the engine runs the module that is built from the same source as the library.
    pub(super) built_in: bool,
    pub(super) settings: Json,
}

/// A verdict.
pub(super) struct Judged {
    pub(super) document: Document,
    /// What the policy makes of the object, if it changes it.
    pub(super) mended: Option<Json>,
}

impl Judge {
    /// The verdict about a subject, or why there is none.
    pub(super) fn judge(&self, source: &Source, subject: &Subject) -> Result<Judged, String> {
        let payload = subject.payload(&self.settings);
        let response = self.engine.validate(&payload).map_err(|error| error.to_string())?;
        let registry = SameRegistry(Arc::clone(&self.engine.options().manifest_digest));
        let verdict = fresh_images::evaluate_with(&payload, &registry);
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
        let document = Document {
            file: source.name().into(),
            line: start.line,
            api_version: subject.api_version.clone(),
            kind: subject.kind.clone(),
            namespace: subject.namespace.clone(),
            name: subject.name.clone(),
            title: subject.to_string(),
            accepted: response.accepted,
            mended: false,
            images: verdict.images(),
            findings,
            warnings: response.warnings.unwrap_or_default(),
        };
        let mended = response.mutated_object.filter(|object| response.accepted && !object.is_null());
        Ok(Judged { document, mended })
    }
}

/// What the engine asks, for the library.
struct SameRegistry(Arc<dyn ManifestDigest>);

impl Registry for SameRegistry {
    fn manifest_digest(&self, image: &str) -> Result<Vec<u8>, String> {
        let digest = self.0.manifest_digest(image)?;
        Ok(json!({ "digest": digest }).to_string().into_bytes())
    }
}

fn agree(response: &Response, verdict: &Verdict) -> bool {
    response.accepted == verdict.is_accepted()
        && response.message == verdict.message()
        && response.code == verdict.status()
        && response.warnings.as_deref().unwrap_or_default() == verdict.warnings()
        && response.mutated_object
            == verdict.mutated_object().and_then(|text| serde_json::from_str(text).ok())
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
