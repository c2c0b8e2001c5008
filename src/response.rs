//! What a policy answers to policy-server, as JSON.
//!
//! ```
//! use fresh_images::response;
//!
//! let verdict = fresh_images::evaluate(br#"{"request": {"operation": "DELETE", "kind": {"kind": "Pod"}}}"#);
//! assert_eq!(response::validation(verdict)?, br#"{"accepted":true}"#);
//!
//! let settings = fresh_images::validate_settings(br#"{"require": "digests"}"#);
//! assert_eq!(
//!     String::from_utf8_lossy(&response::settings_validation(&settings)?),
//!     r#"{"valid":false,"message":"settings.require: \"digests\" is none of digestOrAlways, digest, always, digestAndAlways, none"}"#,
//! );
//! # Ok::<(), serde_json::Error>(())
//! ```

use serde::Serialize;

use crate::settings::SettingsError;
use crate::verdict::Verdict;

/// `ValidationResponse` of Kubewarden; fields that are absent count as null there.
#[derive(Serialize)]
struct Validation<'a> {
    accepted: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<u16>,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    warnings: &'a [String],
}

/// `SettingsValidationResponse` of Kubewarden.
#[derive(Serialize)]
struct SettingsValidation {
    valid: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<String>,
}

/// The answer to `validate`.
///
/// # Errors
///
/// None in practice: text and numbers always serialize.
pub fn validation(verdict: Verdict) -> Result<Vec<u8>, serde_json::Error> {
    let rest = serde_json::to_vec(&Validation {
        accepted: verdict.is_accepted(),
        message: verdict.message(),
        code: verdict.status(),
        warnings: verdict.warnings(),
    })?;
    let Some(object) = verdict.into_mutated_object() else {
        return Ok(rest);
    };
    // The object is JSON already, and may be large: it stays where it is, and the rest goes around it.
    let mut answer = object.into_bytes();
    answer.splice(..0, *br#"{"mutated_object":"#);
    answer.push(b',');
    answer.extend_from_slice(rest.strip_prefix(b"{").unwrap_or_default());
    Ok(answer)
}

/// The answer to `validate_settings`.
///
/// # Errors
///
/// None in practice: text always serializes.
pub fn settings_validation(result: &Result<(), SettingsError>) -> Result<Vec<u8>, serde_json::Error> {
    serde_json::to_vec(&SettingsValidation {
        valid: result.is_ok(),
        message: result.as_ref().err().map(ToString::to_string),
    })
}

/// The answer to `protocol_version`: how a policy and policy-server talk. `v1` is the only one there is.
///
/// # Errors
///
/// None in practice: text always serializes.
pub fn protocol_version() -> Result<Vec<u8>, serde_json::Error> {
    serde_json::to_vec("v1")
}
