//! What the policy decides about a request, and why.
//!
//! ```
//! use fresh_images::verdict::Code;
//!
//! let payload = br#"{
//!     "request": {
//!         "operation": "CREATE",
//!         "kind": {"group": "", "version": "v1", "kind": "Pod"},
//!         "object": {"spec": {"containers": [{"name": "web", "image": "nginx:1.25"}]}}
//!     },
//!     "settings": {}
//! }"#;
//! let verdict = fresh_images::evaluate(payload);
//! assert!(!verdict.is_accepted());
//! let [finding] = verdict.findings() else { panic!("{verdict:?}") };
//! assert_eq!(finding.code(), Code::MutableImage);
//! assert_eq!(finding.path(), "spec.containers[0]");
//! assert_eq!(
//!     finding.to_string(),
//!     "container \"web\" at spec.containers[0]: image \"nginx:1.25\" can go stale: it has no digest and its pull \
//!      policy defaults to IfNotPresent, so a node that holds this tag keeps running the old content. Set \
//!      imagePullPolicy: Always, or pin the image as docker.io/library/nginx@sha256:… [mutable-image]",
//! );
//! ```

mod code;
mod finding;
mod message;

pub use code::Code;
pub use finding::{Finding, Place};
pub(crate) use finding::{Problem, Subject};
pub(crate) use message::enumerated;

/// The decision about one request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verdict {
    accepted: bool,
    findings: Vec<Finding>,
    warnings: Vec<String>,
    images: usize,
}

impl Verdict {
    /// Accepts, with the number of image uses that were looked at.
    pub(crate) fn accept(images: usize) -> Self {
        Self { accepted: true, findings: Vec::new(), warnings: Vec::new(), images }
    }

    /// Rejects for these findings; accepts if there are none.
    pub(crate) fn enforce(findings: Vec<Finding>, images: usize) -> Self {
        Self { accepted: findings.is_empty(), findings, warnings: Vec::new(), images }
    }

    /// Accepts, and warns of these findings.
    pub(crate) fn warn(findings: Vec<Finding>, images: usize) -> Self {
        let warnings = message::warnings(&findings);
        Self { accepted: true, findings, warnings, images }
    }

    pub(crate) fn with_warning(mut self, warning: &str) -> Self {
        self.warnings.push(warning.into());
        self
    }

    /// Whether the request may go on.
    pub fn is_accepted(&self) -> bool {
        self.accepted
    }

    /// Everything that is wrong, in the order of the object. Not empty if the request is rejected; with
    /// `enforcement: warn` not empty although it is accepted.
    pub fn findings(&self) -> &[Finding] {
        &self.findings
    }

    /// What the user is told although the request is accepted. Each is ASCII of at most 256 bytes, for it
    /// travels as an HTTP header.
    pub fn warnings(&self) -> &[String] {
        &self.warnings
    }

    /// How many image uses the object has, exempt and unchanged ones included.
    pub fn images(&self) -> usize {
        self.images
    }

    /// What the user is told about a rejection: one line for each finding, at most 4 KiB in all, then "and N
    /// more". `None` if the request is accepted.
    pub fn message(&self) -> Option<String> {
        (!self.accepted).then(|| message::message(&self.findings))
    }

    /// The HTTP status of a rejection: 400 for input that cannot be judged, 403 for images that are refused,
    /// 500 for settings that are no policy. `None` if the request is accepted.
    pub fn status(&self) -> Option<u16> {
        (!self.accepted).then(|| self.findings.iter().map(|f| f.code().status()).max().unwrap_or(403))
    }
}
