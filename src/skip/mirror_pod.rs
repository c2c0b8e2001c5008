//! Mirror Pods: the API object that a kubelet creates to represent a static Pod, which it runs already.
//!
//! Rejecting one only hides it, because the static Pod keeps running. So it is accepted with a warning, if it has the
//! annotation *and* the request comes from a node, because anybody can write an annotation. Source: Kubernetes
//! `pkg/kubelet/pod/mirror_client.go`; node authorizer for the names.

use crate::request::Request;
use crate::request::Workload;

/// For the kubelet, which writes it to its log.
pub(crate) const WARNING: &str =
    "mirror Pod of a static Pod: it runs regardless of admission, so its images are not judged";

pub(crate) fn is_mirror_pod(request: &Request<'_>, workload: &Workload<'_>) -> bool {
    workload.metadata.is_mirror
        && request.username.as_deref().is_some_and(|user| user.starts_with("system:node:"))
        && request.groups.iter().any(|group| group == "system:nodes")
}

/// Whether a mirror Pod is only looked at, as by Kubewarden's audit scanner: a request of an API server has a user. Nothing says
/// then that the annotation comes from a node, so the Pod is judged, and its findings say where to change it.
pub(crate) fn is_in_audit(request: &Request<'_>, workload: &Workload<'_>) -> bool {
    workload.metadata.is_mirror && request.username.as_deref().is_none_or(str::is_empty)
}
