//! Both operations read the same settings.

use fresh_images::verdict::Code;
use fresh_images::{evaluate, validate_settings};
use serde_json::Value;

use super::checked;

const POD: &str = r#"{"kind": {"kind": "Pod"}, "operation": "CREATE", "namespace": "default", "object": {"spec":
    {"containers": [{"name": "a", "image": "ghcr.io/org/app:1"}, {"name": "b", "image": "nginx", "imagePullPolicy": "Always"}]}}}"#;

/// Both operations take the same settings.
///
/// # Panics
///
/// If that does not hold.
pub fn check(data: &[u8]) {
    let result = validate_settings(data);
    if let Err(error) = &result {
        let text = error.to_string();
        assert!(text.chars().all(|it| matches!(it, ' '..='~' | '\n' | '…')), "{text:?}");
        assert!(!error.problems().is_empty());
    }
    // What is not JSON has no place in a payload.
    let Ok(settings) = std::str::from_utf8(data) else { return };
    let Ok(anew) = serde_json::from_str::<Value>(settings) else { return };
    let judge = |settings: &str| {
        checked(evaluate(format!(r#"{{"request": {POD}, "settings": {settings}}}"#).as_bytes()))
    };
    let verdict = judge(settings);
    let refused = verdict.findings().iter().any(|it| it.code() == Code::InvalidSettings);
    // A payload is nested one deeper.
    if !verdict.findings().iter().any(|it| it.code() == Code::MalformedRequest) {
        assert_eq!(refused, result.is_err(), "{:?} {:?}", verdict.message(), result);
    }
    if result.is_ok() {
        assert_eq!(judge(&anew.to_string()), verdict);
    }
}
