//! Holds together what has to agree: the kinds that the code knows, the rules of every manifest in `policies/` and
//! of `metadata.yml`, their settings, and the version of the package.
//!
//! | from | must be |
//! |---|---|
//! | `policies/*.yml` | Kubewarden's ClusterAdmissionPolicy or AdmissionPolicy, without unknown fields |
//! | their `rules`, and those of `metadata.yml` | the kinds of the workload table, without wildcards |
//! | their `settings` | accepted by the policy |
//! | their `module` | the version of the package, and where `metadata.yml` says it is published |

#![expect(clippy::expect_used, clippy::panic, reason = "a test that cannot read its files fails")]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use fresh_images::request::KINDS;
use fresh_images_testing::files::{ROOT, read};
use k8s_openapi::api::admissionregistration::v1::RuleWithOperations;
use k8s_openapi::api::apps::v1::{DaemonSet, Deployment, ReplicaSet, StatefulSet};
use k8s_openapi::api::batch::v1::{CronJob, Job};
use k8s_openapi::api::core::v1::{Pod, PodTemplate, ReplicationController};
use k8s_openapi::{NamespaceResourceScope, Resource};
use kubewarden_policy_sdk::crd::policies::cluster_admission_policy::ClusterAdmissionPolicySpec;
use kubewarden_policy_sdk::crd::policies::common::{BackgroundAudit, FailurePolicy, PolicyMode};
use kubewarden_policy_sdk::crd::policies::{AdmissionPolicy, ClusterAdmissionPolicy};
use serde::Deserialize;
use serde_json::Value;

const VERSION: &str = env!("CARGO_PKG_VERSION");

/// A manifest of `policies/`.
struct Manifest {
    file: String,
    value: Value,
    spec: Spec,
}

/// What the two kinds of policy have in common. An AdmissionPolicy has no more than this.
struct Spec {
    module: String,
    mode: PolicyMode,
    mutating: bool,
    background_audit: BackgroundAudit,
    failure_policy: FailurePolicy,
    timeout_seconds: i32,
    rules: Vec<RuleWithOperations>,
    settings: Value,
}

/// `metadata.yml`, as Kubewarden reads it; here an unknown key is an error.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Metadata {
    rules: Vec<RuleWithOperations>,
    mutating: bool,
    background_audit: bool,
    execution_mode: String,
    policy_type: String,
    context_aware_resources: Vec<Value>,
    host_capabilities: Vec<String>,
    minimum_kubewarden_version: String,
    annotations: BTreeMap<String, String>,
}

/// Group, version, resource and operation: one thing that a rule asks for.
type Asked = (String, String, String, String);

fn manifests() -> Vec<Manifest> {
    let mut files: Vec<String> = fs::read_dir(Path::new(ROOT).join("policies"))
        .expect("policies/ is there")
        .map(|entry| entry.expect("readable").file_name().into_string().expect("UTF-8"))
        .filter(|file| file != "README.md")
        .collect();
    files.sort();
    assert!(files.len() >= 4, "only {files:?} in policies/");
    files.into_iter().map(manifest).collect()
}

fn manifest(file: String) -> Manifest {
    let text = read(&format!("policies/{file}"));
    let value: Value = yaml_serde::from_str(&text).unwrap_or_else(|error| panic!("{file}: {error}"));
    let spec = match value.get("kind").and_then(Value::as_str) {
        Some("ClusterAdmissionPolicy") => {
            let policy: ClusterAdmissionPolicy =
                yaml_serde::from_str(&text).unwrap_or_else(|error| panic!("{file}: {error}"));
            assert_eq!(policy.metadata.namespace, None, "{file}: this kind has no namespace");
            policy.spec.unwrap_or_else(|| panic!("{file}: no spec"))
        }
        Some("AdmissionPolicy") => {
            let policy: AdmissionPolicy =
                yaml_serde::from_str(&text).unwrap_or_else(|error| panic!("{file}: {error}"));
            assert!(policy.metadata.namespace.is_some(), "{file}: this kind needs a namespace");
            let spec = policy.spec.unwrap_or_else(|| panic!("{file}: no spec"));
            ClusterAdmissionPolicySpec {
                module: spec.module,
                mode: spec.mode,
                mutating: spec.mutating,
                background_audit: spec.background_audit,
                failure_policy: spec.failure_policy,
                timeout_seconds: spec.timeout_seconds,
                rules: spec.rules,
                settings: spec.settings,
                ..ClusterAdmissionPolicySpec::default()
            }
        }
        other => panic!("{file}: kind {other:?} is no policy"),
    };
    let spec = Spec {
        module: spec.module,
        mode: spec.mode.expect("`mode` is written out"),
        mutating: spec.mutating,
        background_audit: spec.background_audit.expect("`backgroundAudit` is written out"),
        failure_policy: spec.failure_policy.expect("`failurePolicy` is written out"),
        timeout_seconds: spec.timeout_seconds.expect("`timeoutSeconds` is written out").into(),
        rules: spec.rules.expect("`rules` is written out"),
        settings: spec.settings.0,
    };
    Manifest { file, value, spec }
}

fn metadata() -> Metadata {
    yaml_serde::from_str(&read("metadata.yml")).unwrap_or_else(|error| panic!("metadata.yml: {error}"))
}

/// What the rules ask for, one by one.
fn asked(file: &str, rules: &[RuleWithOperations]) -> BTreeSet<Asked> {
    let mut all = BTreeSet::new();
    for rule in rules {
        for group in rule.api_groups.iter().flatten() {
            for version in rule.api_versions.iter().flatten() {
                for resource in rule.resources.iter().flatten() {
                    for operation in rule.operations.iter().flatten() {
                        let one = (group.clone(), version.clone(), resource.clone(), operation.clone());
                        assert!(all.insert(one.clone()), "{file}: {one:?} is asked for twice");
                    }
                }
            }
        }
    }
    all
}

/// What the code can judge: every kind of the workload table, and the subresource that adds containers.
fn judged() -> BTreeSet<Asked> {
    let resources = [
        resource::<Pod>(),
        resource::<Deployment>(),
        resource::<ReplicaSet>(),
        resource::<StatefulSet>(),
        resource::<DaemonSet>(),
        resource::<ReplicationController>(),
        resource::<Job>(),
        resource::<CronJob>(),
        resource::<PodTemplate>(),
    ];
    let mut all = BTreeSet::new();
    for known in &KINDS {
        let (_, [group, version, plural]) = resources
            .iter()
            .find(|(kind, [group, ..])| *kind == known.kind && *group == known.group)
            .unwrap_or_else(|| panic!("add {} {} to this list", known.group, known.kind));
        for operation in ["CREATE", "UPDATE"] {
            all.insert(((*group).into(), (*version).into(), (*plural).into(), operation.into()));
        }
    }
    all.insert((String::new(), "v1".into(), "pods/ephemeralcontainers".into(), "UPDATE".into()));
    all
}

/// The kind, and the group, version and plural that rules name it with. An AdmissionPolicy may only name
/// namespaced resources, so all of them are.
fn resource<R: Resource<Scope = NamespaceResourceScope>>() -> (&'static str, [&'static str; 3]) {
    (R::KIND, [R::GROUP, R::VERSION, R::URL_PATH_SEGMENT])
}

/// Policies that judge Pods, or some kinds: what they mutate, and what they judge after others have mutated it.
const PARTIAL: [&str; 3] =
    ["fresh-images-always-pull.yml", "fresh-images-pin-digest.yml", "fresh-images-pods.yml"];

#[track_caller]
fn check_rules(file: &str, rules: &[RuleWithOperations]) {
    let asked = asked(file, rules);
    if PARTIAL.contains(&file) {
        assert!(asked.is_subset(&judged()), "{file}: rules name what the code does not know");
        for one in judged().iter().filter(|one| one.2.starts_with("pods")) {
            assert!(asked.contains(one), "{file}: {one:?} is missing");
        }
    } else {
        assert_eq!(asked, judged(), "{file}: rules and workload table differ");
    }
    for rule in rules {
        let resources = rule.resources.clone().unwrap_or_default();
        if resources.iter().any(|resource| resource.contains('/')) {
            // In a rule with CREATE it would make the audit scanner skip the whole policy.
            assert_eq!(resources, ["pods/ephemeralcontainers"], "{file}: a rule of its own");
            assert_eq!(rule.operations.as_deref(), Some(&["UPDATE".to_owned()][..]), "{file}");
        }
        // The audit scanner skips rules with wildcards.
        let all = [&rule.api_groups, &rule.api_versions, &rule.resources, &rule.operations];
        for text in all.into_iter().flatten().flatten() {
            assert!(!text.contains('*'), "{file}: a rule has the wildcard {text}");
        }
    }
}

#[test]
fn rules_of_manifests_name_the_kinds_that_the_code_knows() {
    for manifest in manifests() {
        check_rules(&manifest.file, &manifest.spec.rules);
    }
}

#[test]
fn rules_of_the_metadata_name_the_kinds_that_the_code_knows() {
    check_rules("metadata.yml", &metadata().rules);
}

#[test]
fn settings_of_manifests_are_accepted() {
    for manifest in manifests() {
        let settings = serde_json::to_vec(&manifest.spec.settings).expect("serializable");
        if let Err(error) = fresh_images::validate_settings(&settings) {
            panic!("{}: {error}", manifest.file);
        }
    }
}

#[test]
fn manifests_are_safe_to_apply() {
    for Manifest { file, spec, .. } in manifests() {
        let mutates = spec.settings.get("mutate").is_some();
        assert_eq!(spec.mutating, mutates, "{file}: without `mutating` Kubewarden refuses what is mutated");
        // What is mutated would count as passed.
        assert_eq!(spec.background_audit == BackgroundAudit::default(), !mutates, "{file}: audit");
        assert_eq!(spec.failure_policy, FailurePolicy::Fail, "{file}: without an answer nothing is admitted");
        // Source: Kubewarden `api/policies/v1/policy_types.go`.
        assert!((2..=30).contains(&spec.timeout_seconds), "{file}: {} seconds", spec.timeout_seconds);
    }
}

#[test]
fn modules_have_the_version_of_the_package() {
    let oci_url = metadata().annotations["io.kubewarden.policy.ociUrl"].clone();
    for manifest in manifests() {
        assert_eq!(manifest.spec.module, format!("registry://{oci_url}:v{VERSION}"), "{}", manifest.file);
    }
}

#[test]
fn metadata_has_what_the_package_says() {
    let metadata = metadata();
    assert!(metadata.mutating);
    assert!(metadata.background_audit);
    assert_eq!(metadata.execution_mode, "kubewarden-wapc");
    assert_eq!(metadata.policy_type, "kubernetes");
    assert_eq!(metadata.context_aware_resources, Vec::<Value>::new());
    assert_eq!(metadata.host_capabilities, ["oci/v1/manifest_digest"]);
    assert_eq!(metadata.minimum_kubewarden_version.split('.').count(), 3);
    for (annotation, expected) in [
        ("title", env!("CARGO_PKG_NAME")),
        ("version", VERSION),
        ("license", env!("CARGO_PKG_LICENSE")),
        ("source", env!("CARGO_PKG_REPOSITORY")),
        ("url", env!("CARGO_PKG_REPOSITORY")),
    ] {
        let key = format!("io.kubewarden.policy.{annotation}");
        assert_eq!(metadata.annotations.get(&key).map(String::as_str), Some(expected), "{key}");
    }
    for annotation in ["author", "category", "description", "severity"] {
        let key = format!("io.kubewarden.policy.{annotation}");
        assert!(metadata.annotations.get(&key).is_some_and(|text| !text.is_empty()), "{key}");
    }
}

/// What the mutating policies mutate is accepted by the one that judges after them.
#[test]
fn the_policy_for_pods_requires_what_the_others_give() {
    let required = |file: &str| {
        let settings = manifest(file.into()).spec.settings;
        settings.get("require").cloned().unwrap_or_else(|| Value::from("digestOrAlways"))
    };
    for file in ["fresh-images-always-pull.yml", "fresh-images-pin-digest.yml"] {
        assert_eq!(required(file), required("fresh-images-pods.yml"), "{file}");
    }
}

/// Applying one after the other has to switch the mode and nothing else.
#[test]
fn monitor_and_protect_differ_only_in_the_mode() {
    let mut monitor = manifest("fresh-images-monitor.yml".into());
    let protect = manifest("fresh-images.yml".into());
    assert_eq!(monitor.spec.mode, PolicyMode::Monitor);
    assert_eq!(protect.spec.mode, PolicyMode::Protect);
    monitor.value["spec"]["mode"] = protect.value["spec"]["mode"].clone();
    assert_eq!(monitor.value, protect.value);
}

#[test]
fn the_readme_names_every_manifest() {
    let readme = read("policies/README.md");
    for Manifest { file, .. } in manifests() {
        assert!(readme.contains(&format!("[{file}]({file})")), "policies/README.md does not name {file}");
    }
}
