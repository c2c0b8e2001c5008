//! What a policy may ask of the host.
//!
//! Two of Kubewarden's capabilities exist here: `tracing/log` and `oci/v1/manifest_digest`. The policy gets a
//! clear error for all others.

use std::fmt;
use std::sync::Arc;

use super::Options;
use serde::Deserialize;
use serde_json::{Map, Value, json};

/// Takes what the policy logs: the capability `tracing/log`.
pub type LogSink = Arc<dyn Fn(LogEvent) + Send + Sync>;

/// One line of the policy's log.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct LogEvent {
    /// `debug`, `info`, `warning` or `error`.
    #[serde(default)]
    pub level: String,
    /// The text.
    #[serde(default)]
    pub message: String,
    /// Everything else that the policy says.
    #[serde(flatten)]
    pub fields: Map<String, Value>,
}

impl fmt::Display for LogEvent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.level, self.message)
    }
}

/// Answers a call of the policy.
pub(super) fn call(
    options: &Options,
    binding: &str,
    namespace: &str,
    operation: &str,
    payload: &[u8],
) -> Result<Vec<u8>, String> {
    match (binding, namespace, operation) {
        ("kubewarden", "tracing", "log") => {
            // A malformed event is the policy's mistake, and not a reason to fail a request.
            if let Ok(event) = serde_json::from_slice(payload) {
                (options.log)(event);
            }
            Ok(Vec::new())
        }
        ("kubewarden", "oci", "v1/manifest_digest") => {
            let image: String = serde_json::from_slice(payload)
                .map_err(|error| format!("the image to look up is not a JSON string: {error}"))?;
            let digest = options.resolver.manifest_digest(&image)?;
            Ok(json!({ "digest": digest }).to_string().into())
        }
        _ => Err(format!("this host has no capability {binding}/{namespace}/{operation}")),
    }
}
