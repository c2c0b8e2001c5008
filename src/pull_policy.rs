//! The pull policy that a kubelet will follow: the field, or what Kubernetes defaults it to.
//!
//! | image | field | effective pull policy |
//! |---|---|---|
//! | `nginx`, `nginx:latest` | absent, null or empty | `Always` |
//! | `nginx:latest@sha256:…` | absent, null or empty | `Always` |
//! | `nginx:1.25`, `nginx@sha256:…` | absent, null or empty | `IfNotPresent` |
//! | any | `Always` | `Always` |
//! | any | `always` | `always`, which is not `Always` |
//!
//! ```
//! use fresh_images::pull_policy::PullPolicy;
//! use fresh_images::reference::Reference;
//!
//! let nginx = Reference::parse("nginx:1.25")?;
//! let policy = PullPolicy::effective(None, Some(&nginx));
//! assert_eq!(policy.as_str(), "IfNotPresent");
//! assert!(policy.is_defaulted());
//!
//! assert!(PullPolicy::effective(Some("Always"), Some(&nginx)).is_always());
//! assert!(!PullPolicy::effective(Some("always"), Some(&nginx)).is_always());
//! # Ok::<(), fresh_images::reference::ReferenceError>(())
//! ```
//!
//! The API server fills the field in for the kinds it knows, but nobody does in a CI pipeline or in a custom
//! resource. Source of the defaults: Kubernetes `pkg/apis/core/v1/defaults.go`, `SetDefaults_Container`.

use crate::reference::Reference;

const IF_NOT_PRESENT: &str = "IfNotPresent";
/// The third value that Kubernetes knows.
pub(crate) const NEVER: &str = "Never";

/// An effective pull policy: its text, which need not be one that Kubernetes knows, and where it comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PullPolicy<'a> {
    text: &'a str,
    defaulted: bool,
}

impl<'a> PullPolicy<'a> {
    /// The pull policy that asks the registry whenever a container starts.
    pub(crate) const ALWAYS: &'static str = "Always";

    /// The pull policy that takes effect for an image, given the field `imagePullPolicy` of a container or
    /// `pullPolicy` of an image volume. `reference` is `None` for an image that does not parse; Kubernetes
    /// then ignores the error and finds no tag `latest`.
    pub fn effective(field: Option<&'a str>, reference: Option<&Reference<'_>>) -> Self {
        match field {
            Some(text) if !text.is_empty() => Self { text, defaulted: false },
            _ => {
                let latest = reference.and_then(Reference::effective_tag) == Some("latest");
                Self { text: if latest { Self::ALWAYS } else { IF_NOT_PRESENT }, defaulted: true }
            }
        }
    }

    /// The policy as written, or the default.
    pub fn as_str(&self) -> &'a str {
        self.text
    }

    /// Whether the kubelet asks the registry at each start. The comparison is exact.
    pub fn is_always(&self) -> bool {
        self.text == Self::ALWAYS
    }

    /// Whether the field was absent, null or empty.
    pub fn is_defaulted(&self) -> bool {
        self.defaulted
    }
}
