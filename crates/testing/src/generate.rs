//! Generated workloads, references and settings.

use fresh_images::request::{KINDS, Kind};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Value, json};

/// A digest.
pub const SHA256: &str = "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

/// A kind whose pod spec stands where a Deployment has it, and which only discovery knows.
pub const ROLLOUT: Kind =
    Kind { group: "argoproj.io", kind: "Rollout", pod_spec: &["spec", "template", "spec"] };
/// Where a pod spec has images.
pub const LISTS: [&str; 4] = ["containers", "initContainers", "ephemeralContainers", "volumes"];

/// A kind of the table, or [`ROLLOUT`].
pub fn kind() -> impl Strategy<Value = Kind> {
    select(KINDS.iter().copied().chain([ROLLOUT]).collect::<Vec<_>>())
}

/// A reference by the grammar.
pub fn reference() -> impl Strategy<Value = String> {
    let host = "[a-zA-Z0-9]([a-zA-Z0-9-]{0,5}[a-zA-Z0-9])?(\\.[a-z0-9]{1,5}){0,2}(:[0-9]{1,5})?/";
    let known =
        select(vec!["docker.io/", "index.docker.io/", "localhost/", "ghcr.io/", "library/", "[::1]:5000/"]);
    let domain =
        option::of(prop_oneof![host, known.prop_map(str::to_owned)]).prop_map(Option::unwrap_or_default);
    let path = "[a-z0-9]{1,6}(([._]|__|-{1,3})[a-z0-9]{1,4}){0,2}(/[a-z0-9]{1,6}(([._]|__|-{1,3})[a-z0-9]{1,4}){0,2}){0,3}";
    let tag = option::of(prop_oneof!["[A-Za-z0-9_][A-Za-z0-9_.-]{0,10}", Just("latest".to_owned())]);
    let digest = option::of(prop_oneof![
        "[0-9a-f]{64}".prop_map(|hex| format!("sha256:{hex}")),
        "[0-9a-f]{96}".prop_map(|hex| format!("sha384:{hex}")),
        "[0-9a-f]{128}".prop_map(|hex| format!("sha512:{hex}")),
    ]);
    (domain, path, tag, digest).prop_map(|(domain, path, tag, digest)| {
        let tag = tag.map_or(String::new(), |tag| format!(":{tag}"));
        let digest = digest.map_or(String::new(), |digest| format!("@{digest}"));
        format!("{domain}{path}{tag}{digest}")
    })
}

/// What an image field may hold. Not empty: that is never accepted.
pub fn image() -> impl Strategy<Value = String> {
    let known =
        ["nginx", "nginx:1", "nginx:latest", "ghcr.io/org/app:1", "ghcr.io/org/app", "bitnami/redis:7"];
    prop_oneof![
        4 => select(known.to_vec()).prop_map(str::to_owned),
        2 => Just(format!("ghcr.io/org/app@{SHA256}")),
        4 => reference(),
        1 => "[ -~]{1,20}",
        1 => vec(any::<char>(), 1..300).prop_map(String::from_iter),
    ]
}

/// The pull policy of an image use, with wrong ones.
pub fn pull_policy() -> impl Strategy<Value = Option<&'static str>> {
    select(vec![
        None,
        None,
        Some(""),
        Some("Always"),
        Some("Always"),
        Some("IfNotPresent"),
        Some("Never"),
        Some("always"),
    ])
}

/// An entry of a list: its image and its pull policy.
pub type Use = (String, Option<&'static str>);

/// An image with its pull policy.
pub fn image_use() -> impl Strategy<Value = Use> {
    (image(), pull_policy())
}

/// The entry of a list.
pub fn entry(list: &str, name: &str, (image, pull_policy): &Use) -> Value {
    if list == "volumes" {
        json!({"name": name, "image": {"reference": image, "pullPolicy": pull_policy}})
    } else {
        json!({"name": name, "image": image, "imagePullPolicy": pull_policy})
    }
}

/// A pod spec with at least one container, for a Pod without is rejected for that.
pub fn pod_spec() -> impl Strategy<Value = Value> {
    let lists =
        (vec(image_use(), 1..5), vec(image_use(), 0..3), vec(image_use(), 0..3), vec(image_use(), 0..3));
    lists.prop_map(|(containers, init, ephemeral, volumes)| {
        let list = |name: &'static str, uses: &[Use]| {
            let entries =
                uses.iter().enumerate().map(|(index, it)| entry(name, &format!("{name}-{index}"), it));
            (name.to_owned(), entries.collect::<Value>())
        };
        let [a, b, c, d] = LISTS;
        [list(a, &containers), list(b, &init), list(c, &ephemeral), list(d, &volumes)].into_iter().collect()
    })
}

/// The object of a kind around a pod spec.
pub fn object(kind: &Kind, pod_spec: &Value) -> Value {
    kind.pod_spec.iter().rev().fold(pod_spec.clone(), |inner, key| json!({*key: inner}))
}

/// Settings that are a policy.
pub fn settings() -> impl Strategy<Value = Value> {
    let require =
        select(vec!["digestOrAlways", "digestOrAlways", "digest", "always", "digestAndAlways", "none"]);
    let lists = select(vec![
        json!({}),
        json!({"registries": {"allow": ["ghcr.io", "*.example.com"]}}),
        json!({"registries": {"reject": ["ghcr.io/org"]}}),
        json!({"images": {"allow": ["nginx", "ghcr.io/org/**"]}}),
        json!({"images": {"reject": ["bitnami/**"]}, "tags": {"reject": ["latest"]}}),
        json!({"overrides": [{"images": ["ghcr.io/**"], "require": "none"}]}),
        json!({"exempt": [{"images": ["nginx"], "reason": "x"}, {"containers": ["*-1"], "reason": "y"}]}),
    ]);
    (require, lists).prop_map(|(require, mut settings)| {
        settings["require"] = json!(require);
        settings
    })
}

/// The payload of `validate`.
pub fn payload(kind: &Kind, operation: &str, old: &Value, new: &Value, settings: &Value) -> Value {
    json!({
        "request": {
            "kind": {"group": kind.group, "version": "v1", "kind": kind.kind},
            "operation": operation,
            "namespace": "default",
            "userInfo": {"username": "alice", "groups": ["system:authenticated"]},
            "object": object(kind, new),
            "oldObject": if old.is_null() { Value::Null } else { object(kind, old) },
        },
        "settings": settings,
    })
}
