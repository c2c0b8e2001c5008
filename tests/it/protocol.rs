//! The answers are what the policy SDK would send, read with the SDK's own types.

#![expect(clippy::unwrap_used, reason = "an answer that cannot be read fails the test")]

use fresh_images::response;
use kubewarden_policy_sdk::response::ValidationResponse;
use kubewarden_policy_sdk::settings::SettingsValidationResponse;

const DEPLOYMENT: &str = r#"{"request": {
    "kind": {"group": "apps", "kind": "Deployment"},
    "object": {"spec": {"template": {"spec": {"containers": [{"name": "a", "image": "a.io/b"}]}}}}
}, "settings": SETTINGS}"#;

fn validation(settings: &str) -> ValidationResponse {
    let verdict = fresh_images::evaluate(DEPLOYMENT.replace("SETTINGS", settings).as_bytes());
    serde_json::from_slice(&response::validation(verdict).unwrap()).unwrap()
}

fn settings(settings: &str) -> SettingsValidationResponse {
    let result = fresh_images::validate_settings(settings.as_bytes());
    serde_json::from_slice(&response::settings_validation(&result).unwrap()).unwrap()
}

#[test]
fn verdicts_are_validation_responses() {
    let accepted = validation("{}");
    assert!(accepted.accepted);
    assert_eq!((accepted.message, accepted.code, accepted.warnings), (None, None, None));

    let rejected = validation(r#"{"require": "digest"}"#);
    assert!(!rejected.accepted);
    assert!(rejected.message.unwrap().starts_with("container \"a\" at spec.template.spec.containers[0]: "));
    assert_eq!(rejected.code, Some(403));
    assert!(rejected.mutated_object.is_none());

    let warned = validation(r#"{"require": "digest", "enforcement": "warn"}"#);
    assert!(warned.accepted);
    assert_eq!(warned.warnings.map(|warnings| warnings.len()), Some(1));
}

#[test]
fn a_mutated_object_is_in_the_response() {
    let mutated = validation(r#"{"require": "always", "mutate": {"to": "pullAlways"}}"#);
    assert!(mutated.accepted);
    assert_eq!(mutated.mutated_object, None, "`a.io/b` is always pulled by default");

    let payload =
        DEPLOYMENT.replace("a.io/b", "a.io/b:1").replace("SETTINGS", r#"{"mutate": {"to": "pullAlways"}}"#);
    let verdict = fresh_images::evaluate(payload.as_bytes());
    let mutated: ValidationResponse =
        serde_json::from_slice(&response::validation(verdict).unwrap()).unwrap();
    assert!(mutated.accepted);
    assert_eq!(mutated.warnings.map(|warnings| warnings.len()), Some(1));
    let expected = serde_json::json!({"name": "a", "image": "a.io/b:1", "imagePullPolicy": "Always"});
    let object = mutated.mutated_object.unwrap();
    assert_eq!(object["spec"]["template"]["spec"]["containers"], serde_json::json!([expected]));
}

#[test]
fn verdicts_about_settings_are_settings_validation_responses() {
    let valid = settings("{}");
    assert_eq!((valid.valid, valid.message), (true, None));
    let invalid = settings(r#"{"a": 1}"#);
    assert!(!invalid.valid);
    assert!(invalid.message.unwrap().starts_with("settings.a: "));
}
