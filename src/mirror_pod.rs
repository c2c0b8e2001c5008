//! Mirror Pods: the picture that a kubelet makes, in the API, of a static Pod it runs already.
//!
//! Refusing one only hides it: the static Pod runs on. So it is accepted with a warning, if the annotation is
//! there *and* the request comes from a node, for anybody can write an annotation. Source: Kubernetes
//! `pkg/kubelet/pod/mirror_client.go`; node authorizer for the names.

use crate::request::Request;
use crate::workload::Workload;

/// Told to the kubelet, whose log then tells whoever looks.
pub(crate) const WARNING: &str =
    "mirror Pod of a static Pod: it runs whatever admission says, so its images are not judged";

pub(crate) fn is_mirror_pod(request: &Request<'_>, workload: &Workload<'_>) -> bool {
    workload.has_mirror_annotation
        && request.username.as_deref().is_some_and(|user| user.starts_with("system:node:"))
        && request.groups.iter().any(|group| group == "system:nodes")
}
