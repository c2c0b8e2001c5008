//! What a policy may ask of the host.
//!
//! ```
//! use std::collections::BTreeMap;
//!
//! use fresh_images_host::ManifestDigest;
//!
//! let digests = BTreeMap::from([("ghcr.io/shop/web:1.1".to_string(), "sha256:aa…".to_string())]);
//! assert_eq!(digests.manifest_digest("ghcr.io/shop/web:1.1"), Ok("sha256:aa…".into()));
//! assert_eq!(
//!     digests.manifest_digest("ghcr.io/shop/web:1.2"),
//!     Err("no digest is known for ghcr.io/shop/web:1.2".into()),
//! );
//! ```
//!
//! Two of Kubewarden's capabilities exist here: `tracing/log` and `oci/v1/manifest_digest`. The policy gets a
//! clear error for all others.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use serde::Deserialize;
use serde_json::{Map, Value, json};
use wapc::HostCallback;

use super::Options;

/// Knows the digest of images: the capability `oci/v1/manifest_digest`.
pub trait ManifestDigest: Send + Sync {
    /// The digest of the manifest that the image reference names now. The error is shown to the policy.
    fn manifest_digest(&self, image: &str) -> Result<String, String>;
}

/// Knows no digest.
#[derive(Clone, Copy, Debug)]
pub struct NoRegistry;

impl ManifestDigest for NoRegistry {
    fn manifest_digest(&self, image: &str) -> Result<String, String> {
        Err(format!("no registry may be asked for {image}"))
    }
}

/// Knows these digests, by the image reference exactly as the policy writes it.
impl ManifestDigest for BTreeMap<String, String> {
    fn manifest_digest(&self, image: &str) -> Result<String, String> {
        self.get(image).cloned().ok_or_else(|| format!("no digest is known for {image}"))
    }
}

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
    /// Everything else that the policy told.
    #[serde(flatten)]
    pub fields: Map<String, Value>,
}

impl fmt::Display for LogEvent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.level, self.message)
    }
}

/// Answers the calls of one instance.
pub(super) fn callback(options: &Options) -> Box<HostCallback> {
    let digests = Arc::clone(&options.manifest_digest);
    let log = Arc::clone(&options.log);
    Box::new(move |_, binding, namespace, operation, payload| match (binding, namespace, operation) {
        ("kubewarden", "tracing", "log") => {
            // A malformed event is the policy's mistake, and no reason to fail a request.
            if let Ok(event) = serde_json::from_slice(payload) {
                log(event);
            }
            Ok(Vec::new())
        }
        ("kubewarden", "oci", "v1/manifest_digest") => {
            let image: String = serde_json::from_slice(payload)
                .map_err(|error| format!("the image to look up is no JSON string: {error}"))?;
            let digest = digests.manifest_digest(&image)?;
            Ok(serde_json::to_vec(&json!({ "digest": digest }))?)
        }
        _ => Err(format!("this host has no capability {binding}/{namespace}/{operation}").into()),
    })
}
