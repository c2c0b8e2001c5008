//! Where the kinds of Kubernetes keep their pod spec.
//!
//! | kinds | pod spec at |
//! |---|---|
//! | Pod | `spec` |
//! | Deployment, ReplicaSet, StatefulSet, DaemonSet, ReplicationController, Job | `spec.template.spec` |
//! | CronJob | `spec.jobTemplate.spec.template.spec` |
//! | PodTemplate | `template.spec` |
//! | every other kind | wherever something is shaped like the lists of a pod spec |
//!
//! ```
//! use fresh_images::request::{KINDS, Kind};
//!
//! let deployment = KINDS.iter().find(|known| known.kind == "Deployment").unwrap();
//! assert_eq!(deployment.group, "apps");
//! assert_eq!(deployment.pod_spec, ["spec", "template", "spec"]);
//!
//! // A Knative Service, a Volcano Job: the group decides, never the kind alone.
//! assert!(Kind::find("batch", "Job").is_some());
//! assert!(Kind::find("batch.volcano.sh", "Job").is_none());
//! ```

/// A kind whose pod spec is at a known place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Kind {
    /// The API group; empty for the core group.
    pub group: &'static str,
    /// The kind, as in a manifest.
    pub kind: &'static str,
    /// The keys that lead to the pod spec.
    pub pod_spec: &'static [&'static str],
}

/// Every kind whose pod spec is at a known place. Written out: `k8s-openapi` takes half a minute to build, and a test holds
/// these names against its own.
pub const KINDS: [Kind; 9] = [
    Kind::new("", "Pod", &["spec"]),
    Kind::new("apps", "Deployment", TEMPLATE),
    Kind::new("apps", "ReplicaSet", TEMPLATE),
    Kind::new("apps", "StatefulSet", TEMPLATE),
    Kind::new("apps", "DaemonSet", TEMPLATE),
    Kind::new("", "ReplicationController", TEMPLATE),
    Kind::new("batch", "Job", TEMPLATE),
    Kind::new("batch", "CronJob", &["spec", "jobTemplate", "spec", "template", "spec"]),
    Kind::new("", "PodTemplate", &["template", "spec"]),
];

const TEMPLATE: &[&str] = &["spec", "template", "spec"];

impl Kind {
    const fn new(group: &'static str, kind: &'static str, pod_spec: &'static [&'static str]) -> Self {
        Self { group, kind, pod_spec }
    }

    /// The kind of that name in that group, if its pod spec is at a known place.
    pub fn find(group: &str, kind: &str) -> Option<&'static Self> {
        KINDS.iter().find(|known| known.kind == kind && known.group == group)
    }

    /// Whether this is a Pod itself, and not a template for Pods.
    pub(crate) fn is_pod(&self) -> bool {
        self.kind == "Pod"
    }

    /// Whether this is a Job, whose template cannot change.
    pub(crate) fn is_job(&self) -> bool {
        (self.group, self.kind) == ("batch", "Job")
    }

    /// Whether its objects are kept with no replicas to remember a revision of the object that owns them.
    pub(crate) fn is_revision(&self) -> bool {
        matches!((self.group, self.kind), ("apps", "ReplicaSet") | ("", "ReplicationController"))
    }
}
