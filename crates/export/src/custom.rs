//! The kinds of other projects whose Pods CEL can find: each has a pod template at `spec.template`, and a schema that refuses
//! fields of wrong types, so that nothing is passed over.
//!
//! The API server fills in no pull policy there. `uses.rs` does it where one of them is judged.

/// Such a kind, as rules name it.
struct CustomKind {
    group: &'static str,
    resource: &'static str,
}

const fn kind(group: &'static str, resource: &'static str) -> CustomKind {
    CustomKind { group, resource }
}

const KINDS: [CustomKind; 8] = [
    // https://argo-rollouts.readthedocs.io/en/stable/features/specification/
    kind("argoproj.io", "rollouts"),
    // https://knative.dev/docs/serving/reference/serving-api/
    kind("serving.knative.dev", "configurations"),
    kind("serving.knative.dev", "services"),
    // https://openkruise.io/docs/user-manuals/cloneset
    kind("apps.kruise.io", "broadcastjobs"),
    kind("apps.kruise.io", "clonesets"),
    kind("apps.kruise.io", "daemonsets"),
    kind("apps.kruise.io", "statefulsets"),
    // https://docs.openshift.com/container-platform/latest/rest_api/workloads_apis/deploymentconfig-apps-openshift-io-v1.html
    kind("apps.openshift.io", "deploymentconfigs"),
];

/// Whether kinds of a group are known.
pub(crate) fn is_group(group: &str) -> bool {
    KINDS.iter().any(|kind| kind.group == group)
}

/// Whether a resource has its Pods at `spec.template`.
pub(crate) fn is_known(group: &str, resource: &str) -> bool {
    KINDS.iter().any(|kind| kind.group == group && kind.resource == resource)
}
