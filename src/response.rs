//! The JSON that goes between a policy and policy-server.
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
//!     r#"{"valid":false,"message":"settings.require: unknown value \"digests\"; known values are digestOrAlways, digest, always, digestAndAlways, none"}"#,
//! );
//! # Ok::<(), serde_json::Error>(())
//! ```

use fresh_images_json::{Node, read};
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
    let mut answer = serde_json::to_vec(&Validation {
        accepted: verdict.is_accepted(),
        message: verdict.message(),
        code: verdict.status(),
        warnings: verdict.warnings(),
    })?;
    if let Some(object) = verdict.mutated_object() {
        // The object is JSON that was read already; a `RawValue` would read it again.
        answer.pop();
        answer.extend_from_slice(br#","mutated_object":"#);
        answer.extend_from_slice(object.as_bytes());
        answer.push(b'}');
    }
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

/// The digest in policy-server's answer to `oci/v1/manifest_digest`, which is `{"digest": "sha256:…"}`.
///
/// # Errors
///
/// Any other JSON, and text that is not JSON.
pub fn manifest_digest(answer: &[u8]) -> Result<String, String> {
    let mut node = Node::NULL;
    if read(answer, "answer", &mut node).is_ok()
        && let Node::Object(members) = node
        && let [(key, Node::Text(digest))] = members.as_slice()
        && key == "digest"
    {
        return Ok(digest.to_string());
    }
    Err("the registry's answer is not a digest".into())
}

#[cfg(test)]
mod tests {
    use super::manifest_digest;

    #[test]
    fn only_one_text_is_an_answer() {
        assert_eq!(manifest_digest(br#"{"digest": "sha256:aa"}"#), Ok("sha256:aa".into()));
        for bad in [
            r#"{"Digest": "sha256:aa"}"#,
            r#"{"digest": "sha256:aa""#,
            r#"{"digest": "sha256:aa", "digest": "sha256:aa"}"#,
            r#"{"digest": ["sha256:aa"]}"#,
            r#""sha256:aa""#,
            "{}",
            "null",
            "",
        ] {
            assert_eq!(
                manifest_digest(bad.as_bytes()),
                Err("the registry's answer is not a digest".into()),
                "{bad}"
            );
        }
    }
}
