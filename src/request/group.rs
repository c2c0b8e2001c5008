//! API groups: which objects name images, and which images a controller fills in.
//!
//! | group | such as | its objects |
//! |---|---|---|
//! | has no dot and is not one of Kubernetes' own | `skaffold` | are not of a Kubernetes API: not judged, unless the kind is one that runs Pods |
//! | of a policy engine | `kyverno.io`, `constraints.gatekeeper.sh` | have patterns for images, and run nothing: not judged |
//! | of Tekton | `tekton.dev` | may name an image as `$(params.image)`, which Tekton fills in |
//! | of Argo | `argoproj.io` | may name an image as `{{inputs.parameters.image}}`, which Argo fills in |
//!
//! What is filled in later is judged in the Pod that comes of it.

use super::kind::KINDS;
use crate::text::after;

/// Kubernetes' own groups without a dot. Source: its `staging/src/k8s.io/api`. A custom resource needs a dot in its
/// group: `ValidateCustomResourceDefinition` of `apiextensions-apiserver`.
const WITHOUT_DOT: [&str; 6] = ["", "apps", "autoscaling", "batch", "extensions", "policy"];

/// Policy engines, by the domain of their groups.
const POLICY_ENGINES: [&str; 3] = ["gatekeeper.sh", "kubewarden.io", "kyverno.io"];

/// What Argo fills in, after `{{`. Source: its documentation of workflow variables.
const ARGO_VARIABLES: [&str; 10] =
    ["=", "inputs.", "workflow.", "steps.", "tasks.", "item", "pod.", "node.", "outputs.", "cronworkflow."];

/// Whether objects of a group and kind can name images to run. A group that is misspelled does not hide a kind that runs.
pub(crate) fn names_images(group: &str, kind: &str) -> bool {
    let is_api = || WITHOUT_DOT.contains(&group) || KINDS.iter().any(|known| known.kind == kind);
    (group.contains('.') || is_api()) && !POLICY_ENGINES.iter().any(|it| is_of(group, it))
}

/// Whether a controller fills in the image of an object of a group before it makes a Pod of it.
pub(crate) fn fills_in(group: &str, image: &str) -> bool {
    if is_of(group, "tekton.dev") {
        return after(image, "$(").is_some_and(|rest| rest.contains(')'));
    }
    group == "argoproj.io"
        && after(image, "{{").is_some_and(|rest| {
            let variable = rest.trim_ascii_start();
            after(rest, "}}").is_some() && ARGO_VARIABLES.iter().any(|prefix| variable.starts_with(prefix))
        })
}

/// Whether a group is a domain, or below it.
fn is_of(group: &str, domain: &str) -> bool {
    group.strip_suffix(domain).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
}

#[cfg(test)]
mod tests {
    use super::{fills_in, names_images};

    #[test]
    fn a_group_is_kubernetes_own_or_has_a_dot() {
        for group in
            ["", "apps", "batch", "extensions", "argoproj.io", "x-kyverno.io", "my.gatekeeper.sh.example"]
        {
            assert!(names_images(group, "Thing"), "{group:?}");
        }
        for group in
            ["skaffold", "v1", "App", " ", "kyverno.io", "policies.kyverno.io", "templates.gatekeeper.sh"]
        {
            assert!(!names_images(group, "Thing"), "{group:?}");
        }
    }

    #[test]
    fn a_misspelled_group_does_not_hide_what_runs() {
        assert!(names_images("core", "Pod"));
        assert!(names_images("apps/v1", "Deployment"));
        assert!(!names_images("kyverno.io", "Pod"));
    }

    #[test]
    fn each_controller_fills_in_its_own_variables() {
        for (group, image, expected) in [
            ("tekton.dev", "$(params.image)", true),
            ("triggers.tekton.dev", "ghcr.io/org/app:$(tt.params.tag)", true),
            ("tekton.dev", "$(params.image", false),
            ("tekton.dev", "${IMAGE}", false),
            ("tekton.dev", "{{inputs.parameters.image}}", false),
            ("nottekton.dev", "$(params.image)", false),
            ("argoproj.io", "{{inputs.parameters.image}}", true),
            ("argoproj.io", "ghcr.io/org/app:{{ workflow.parameters.tag }}", true),
            ("argoproj.io", "{{=inputs.parameters.image}}", true),
            ("argoproj.io", "{{ .Values.image }}", false),
            ("argoproj.io", "{{inputs.parameters.image", false),
            ("apps", "$(params.image)", false),
        ] {
            assert_eq!(fills_in(group, image), expected, "{group} {image}");
        }
    }
}
