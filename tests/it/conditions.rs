//! What the `matchConditions` of `policies/` leave out would have been accepted as it is.

use fresh_images::Code;
use fresh_images_testing::corpus;
use serde_json::{Value, json};

/// Whether the `matchConditions` of `policies/` leave a request out, as the API server evaluates them.
fn is_left_out(request: &Value) -> bool {
    let [new, old] = [&request["object"], &request["oldObject"]];
    let same = |key: &str| new.get(key) == old.get(key);
    request["operation"] == "UPDATE" && new.is_object() && old.is_object() && same("spec") && same("template")
}

/// Lists whose entries have no names, or the same: nobody can say which is unchanged, so all are judged at each UPDATE. An
/// API server refuses them in the kinds that the rules of `policies/` name. In a custom kind the conditions spare them.
const NO_NAMES: [&str; 4] = [
    "discovery/knative-service-rejected.yaml",
    "update/duplicate-names.yaml",
    "update/no-names.yaml",
    "update/no-names.yaml",
];

/// Objects that no API server stores, so that none has them as `oldObject`, and settings that no policy server takes.
const NEVER_STORED: [Code; 5] = [
    Code::InvalidSettings,
    Code::MalformedObject,
    Code::MalformedRequest,
    Code::MissingImage,
    Code::NoContainers,
];

/// Whatever the conditions leave out is accepted as it is: each UPDATE of the corpus, and each object of the corpus, a label
/// of which is changed.
#[test]
fn conditions_of_the_policies_change_no_verdict() {
    let mut left_out = 0_usize;
    let mut differ = Vec::new();
    for case in corpus::cases() {
        let Ok(payload) = serde_json::from_slice::<Value>(&case.payload) else { continue };
        if payload["settings"]["onUpdate"] == "all" || !payload["request"].is_object() {
            continue;
        }
        let mut labelled = payload.clone();
        labelled["request"]["operation"] = json!("UPDATE");
        labelled["request"]["oldObject"] = payload["request"]["object"].clone();
        if let Some(object) = labelled["request"]["object"].as_object_mut() {
            object.insert("metadata".into(), json!({"labels": {"is": "new"}}));
        }
        for payload in [payload, labelled].iter().filter(|it| is_left_out(&it["request"])) {
            left_out = left_out.saturating_add(1);
            let verdict = fresh_images::evaluate(payload.to_string().as_bytes());
            let is_stored = !verdict.findings().iter().any(|finding| NEVER_STORED.contains(&finding.code()));
            if is_stored && (!verdict.is_accepted() || verdict.mutated_object().is_some()) {
                differ.push(case.name());
            }
        }
    }
    assert!(left_out >= 200, "only {left_out}");
    assert_eq!(differ, NO_NAMES);
}
