//! Judges one payload twice: the module's answer counts, the library's says where and why.

use std::sync::Arc;

use fresh_images::Verdict;
use fresh_images::mutate::Registry;
use fresh_images_host::{Engine, ManifestDigest, Response};
use fresh_images_manifests::Answer;
use serde_json::json;

/// A policy in force.
pub(super) struct Judge {
    pub(super) engine: Engine,
    /// Whether the engine runs the module that is built from the same source as the library.
    pub(super) built_in: bool,
}

impl Judge {
    /// What the policy answers, or why it does not.
    pub(super) fn judge(&self, payload: &[u8]) -> Result<Answer, String> {
        let response = self.engine.validate(payload).map_err(|error| error.to_string())?;
        let registry = SameRegistry(Arc::clone(&self.engine.options().manifest_digest));
        let verdict = fresh_images::evaluate_with(payload, &registry);
        if agree(&response, &verdict) {
            return Ok(Answer::from(verdict));
        }
        if self.built_in {
            return Err(disagreement(&response, &verdict));
        }
        let messages = if response.accepted {
            Vec::new()
        } else {
            let message = response.message.as_deref().unwrap_or("rejected without a message");
            message.lines().map(String::from).collect()
        };
        Ok(Answer {
            accepted: response.accepted,
            images: verdict.images(),
            findings: Vec::new(),
            messages,
            warnings: response.warnings.unwrap_or_default(),
            object: response.mutated_object.filter(|it| !it.is_null()).map(|it| it.to_string()),
        })
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
