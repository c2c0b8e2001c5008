//! The payload of `validate`, whole.

use fresh_images::mutate::DigestResolver;
use fresh_images::{Host, evaluate_with};
use serde_json::Value;

use super::checked;
use crate::checks::model;

/// A payload of `validate` is answered, and not accepted with a stale image.
///
/// # Panics
///
/// If that does not hold.
pub fn check(data: &[u8]) {
    let verdict = checked(evaluate_with(data, &Host::new(&Known)));
    let Ok(payload) = serde_json::from_slice::<Value>(data) else {
        // A number that serde_json finds too large is none of our business, nor is a lone surrogate in what is skipped,
        // nor a depth that is skipped.
        let strict = |it: &serde_json::Error| {
            let it = it.to_string();
            !(it.contains("out of range")
                || it.contains("recursion")
                || it.contains("surrogate")
                || it.contains("hex escape"))
        };
        if serde_json::from_slice::<Value>(data).is_err_and(|error| strict(&error)) {
            assert!(!verdict.is_accepted());
        }
        return;
    };
    if let Some(mutated) = verdict.mutated_object() {
        assert!(verdict.is_accepted() && !verdict.warnings().is_empty());
        let mut again = payload.clone();
        again["request"]["object"] = serde_json::from_str(mutated).expect("the mutated object is JSON");
        let again = checked(evaluate_with(again.to_string().as_bytes(), &Host::new(&Known)));
        // With `enforcement: warn` there may be findings, and the same ones.
        assert_eq!((again.is_accepted(), again.mutated_object()), (true, None));
        assert_eq!(again.findings().len(), verdict.findings().len());
        return;
    }
    let request = &payload["request"];
    let user = request["userInfo"]["username"].as_str().unwrap_or_default();
    let by_default =
        payload.get("settings").is_none_or(|it| it.as_object().is_some_and(serde_json::Map::is_empty));
    let Some(kind) = request["kind"]["kind"].as_str() else { return };
    let group = request["kind"]["group"].as_str().unwrap_or_default();
    if !verdict.is_accepted()
        || !by_default
        || request["operation"] != "CREATE"
        || request.get("subResource").is_some_and(|it| !it.is_null())
        || user.starts_with("system:node:")
    {
        return;
    }
    let Some(pointer) = model::pod_spec_pointer(group, kind) else { return };
    let pod_spec = request["object"].pointer(pointer).cloned().unwrap_or_default();
    let mut uses = model::uses(&pod_spec);
    if model::is_old_revision(kind, &request["object"]) {
        return;
    }
    if pointer != "/spec" {
        // The image triggers of OpenShift fill it in.
        uses.retain(|it| it.image != " ");
    }
    // A template may leave the reference of an image volume out.
    assert!(verdict.images() >= uses.len());
    let stale: Vec<_> = uses.iter().filter(|it| !model::is_fresh(it)).collect();
    assert!(stale.is_empty(), "accepted: {stale:?}");
}

/// Knows the digest of every image.
struct Known;

impl DigestResolver for Known {
    fn manifest_digest(&self, _: &str) -> Result<String, String> {
        Ok("sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855".into())
    }
}
