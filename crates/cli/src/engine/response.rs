//! What a policy answers.
//!
//! ```
//! use fresh_images_cli::Response;
//!
//! let response: Response = serde_json::from_str(r#"{"accepted": false, "message": "no", "code": 403}"#)?;
//! assert_eq!(response.message.as_deref(), Some("no"));
//! assert_eq!(response.warnings, None);
//! # Ok::<(), serde_json::Error>(())
//! ```

use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;

/// The verdict about a request: Kubewarden's `ValidationResponse`.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct Response {
    /// Whether the request may go on.
    pub accepted: bool,
    /// What the user is told about a rejection.
    pub message: Option<String>,
    /// The HTTP status of a rejection.
    pub code: Option<u16>,
    /// The object as it should be, if the policy changed it: its JSON as the policy wrote it.
    #[serde(default, deserialize_with = "raw")]
    pub mutated_object: Option<String>,
    /// What is added to the audit log of the cluster.
    pub audit_annotations: Option<BTreeMap<String, String>>,
    /// What the user is told although the request may go on.
    pub warnings: Option<Vec<String>>,
}

/// The verdict about settings: Kubewarden's `SettingsValidationResponse`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct SettingsResponse {
    /// Whether requests can be judged with them.
    pub valid: bool,
    /// What is wrong with them.
    pub message: Option<String>,
}

fn raw<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    // `null` is read as `None`.
    Option::<Box<RawValue>>::deserialize(deserializer).map(|value| value.map(|value| value.get().into()))
}
