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
//! assert_eq!(finding.path().to_string(), "spec.containers[0]");
//! assert_eq!(
//!     finding.to_string(),
//!     "container \"web\" at spec.containers[0]: image \"nginx:1.25\" can go stale: it has no digest and its pull \
//!      policy defaults to IfNotPresent, so a node that holds this tag keeps running the old content. Set \
//!      imagePullPolicy: Always, or pin the image as docker.io/library/nginx@sha256:… [mutable-image]",
//! );
//! ```

mod change;
mod code;
mod explain;
mod finding;
mod message;
mod warning;

pub(crate) use change::{Change, Changes, What};
pub use code::Code;
pub(crate) use finding::{Existing, Reason};
pub use finding::{Finding, Place};

/// The decision about one request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verdict {
    accepted: bool,
    findings: Vec<Finding>,
    /// How many findings there are beyond those that are kept.
    more: usize,
    warnings: Vec<String>,
    images: usize,
    mutated_object: Option<String>,
}

/// Findings as they are made. Nobody reads a thousand; what is beyond is counted.
#[derive(Debug, Default)]
pub(crate) struct Findings {
    kept: Vec<Finding>,
    more: usize,
}

impl Findings {
    const MAX_KEPT: usize = 1_000;

    pub(crate) fn is_empty(&self) -> bool {
        self.kept.is_empty()
    }

    pub(crate) fn add(&mut self, finding: impl FnOnce() -> Finding) {
        if self.kept.len() < Self::MAX_KEPT {
            self.kept.push(finding());
        } else {
            self.more = self.more.saturating_add(1);
        }
    }
}

impl From<Vec<Finding>> for Findings {
    fn from(kept: Vec<Finding>) -> Self {
        Self { kept, more: 0 }
    }
}

impl Verdict {
    /// Accepts, with the number of image uses that were looked at.
    pub(crate) fn accept(images: usize) -> Self {
        Self::enforce(Findings::default(), images)
    }

    /// Rejects for these findings; accepts if there are none.
    pub(crate) fn enforce(findings: impl Into<Findings>, images: usize) -> Self {
        let Findings { kept: findings, more } = findings.into();
        let (accepted, warnings) = (findings.is_empty(), Vec::new());
        Self { accepted, findings, more, warnings, images, mutated_object: None }
    }

    /// Accepts, and warns of these findings.
    pub(crate) fn warn(findings: impl Into<Findings>, images: usize) -> Self {
        let verdict = Self::enforce(findings, images);
        let warnings = warning::all(&verdict.findings, verdict.more, &Changes::default());
        Self { accepted: true, warnings, ..verdict }
    }

    /// Warns of changes too, if the request is accepted at all.
    pub(crate) fn with_changes(mut self, changes: &Changes) -> Self {
        if self.accepted {
            self.warnings = warning::all(&self.findings, self.more, changes);
        }
        self
    }

    /// Returns the mutated object, if the request is accepted at all.
    pub(crate) fn with_mutation(mut self, object: String, changes: &Changes) -> Self {
        self.mutated_object = self.accepted.then_some(object);
        self.with_changes(changes)
    }

    /// Warns of what is wrong with the Pods that an accepted update starts.
    pub(crate) fn with_new_pods(mut self, findings: &Findings) -> Self {
        if self.accepted {
            self.warnings.extend(warning::of_new_pods(&findings.kept, findings.more));
        }
        self
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
    /// `enforcement: warn` not empty although it is accepted. At most 1,000; the [message](Self::message) counts the
    /// others.
    pub fn findings(&self) -> &[Finding] {
        &self.findings
    }

    /// The [findings](Self::findings), for a caller that keeps them.
    pub fn into_findings(self) -> Vec<Finding> {
        self.findings
    }

    /// What the user reads although the request is accepted. Each is ASCII of at most 256 bytes, because it
    /// travels as an HTTP header.
    pub fn warnings(&self) -> &[String] {
        &self.warnings
    }

    /// The mutated object, as JSON: the text of the request, with what was changed. `None` if it stays as it is.
    pub fn mutated_object(&self) -> Option<&str> {
        self.mutated_object.as_deref()
    }

    /// How many image uses the object has, exempt and unchanged ones included.
    pub fn images(&self) -> usize {
        self.images
    }

    /// What the user reads about a rejection: one line for each finding, at most 4 KiB in all, then "and N
    /// more". `None` if the request is accepted.
    pub fn message(&self) -> Option<String> {
        (!self.accepted).then(|| message::message(&self.findings, self.more))
    }

    /// The HTTP status of a rejection: 400 for input that cannot be judged, 403 for images that are refused,
    /// 500 for settings that are no policy. `None` if the request is accepted.
    pub fn status(&self) -> Option<u16> {
        (!self.accepted).then(|| self.findings.iter().map(|f| f.code().status()).max().unwrap_or(403))
    }
}
