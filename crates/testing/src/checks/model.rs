//! The rule a second time, over `serde_json::Value` and with nothing of the library but its references, which have a
//! target of their own.

use fresh_images::reference::Reference;
use serde_json::Value;

/// An image use, as far as the rule and an UPDATE look at it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Use {
    pub list: &'static str,
    pub name: Value,
    pub image: Value,
    /// The effective one.
    pub pull_policy: Value,
}

const LISTS: [&str; 4] = ["containers", "initContainers", "ephemeralContainers", "volumes"];

/// Where a kind has its pod spec: the kinds of Kubernetes, by group.
pub(crate) fn pod_spec_pointer(group: &str, kind: &str) -> Option<&'static str> {
    Some(match (group, kind) {
        ("", "Pod") => "/spec",
        ("", "PodTemplate") => "/template/spec",
        ("", "ReplicationController")
        | ("apps", "Deployment" | "ReplicaSet" | "StatefulSet" | "DaemonSet")
        | ("batch", "Job") => "/spec/template/spec",
        ("batch", "CronJob") => "/spec/jobTemplate/spec/template/spec",
        _ => return None,
    })
}

/// Whether an object of a known kind only remembers a revision of the object that owns it.
pub(crate) fn is_old_revision(kind: &str, object: &Value) -> bool {
    let owners = object["metadata"]["ownerReferences"].as_array().into_iter().flatten();
    let is_owned = owners.into_iter().any(|owner| owner["controller"] == true);
    ["ReplicaSet", "ReplicationController"].contains(&kind) && is_owned && object["spec"]["replicas"] == 0
}

/// Everything in a pod spec that names an image.
pub(crate) fn uses(pod_spec: &Value) -> Vec<Use> {
    let mut uses = Vec::new();
    for list in LISTS {
        for entry in pod_spec[list].as_array().into_iter().flatten() {
            let (image, pull_policy) = match list {
                "volumes" => match &entry["image"] {
                    Value::Object(volume)
                        if volume.get("reference").is_some_and(|it| !it.is_null() && it != "") =>
                    {
                        (&volume["reference"], volume.get("pullPolicy").unwrap_or(&Value::Null))
                    }
                    _ => continue,
                },
                _ => (&entry["image"], &entry["imagePullPolicy"]),
            };
            let pull_policy = match pull_policy.as_str() {
                None | Some("") => default_pull_policy(image),
                Some(_) => pull_policy.clone(),
            };
            uses.push(Use { list, name: entry["name"].clone(), image: image.clone(), pull_policy });
        }
    }
    uses
}

/// Source: `SetDefaults_Container` in Kubernetes 1.36, which takes what does not parse for an image without `latest`.
fn default_pull_policy(image: &Value) -> Value {
    let is_latest = image.as_str().and_then(|image| Reference::parse(image).ok()).is_some_and(|reference| {
        reference.tag() == Some("latest") || reference.tag().is_none() && reference.digest().is_none()
    });
    Value::from(if is_latest { "Always" } else { "IfNotPresent" })
}

/// Whether the default settings accept it.
pub(crate) fn is_fresh(it: &Use) -> bool {
    let Some(Ok(reference)) = it.image.as_str().map(Reference::parse) else { return false };
    reference.digest().is_some() || it.pull_policy == "Always"
}
