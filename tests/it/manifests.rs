//! Holds together what has to agree: the kinds that the code knows, the rules of every manifest in `policies/` and
//! of `metadata.yml`, their settings, and the version of the package.
//!
//! | from | must be |
//! |---|---|
//! | `policies/*.yml` | Kubewarden's ClusterAdmissionPolicy or AdmissionPolicy, without unknown fields |
//! | their `rules`, and those of `metadata.yml` | the kinds of the workload table, without wildcards |
//! | their `settings` | accepted by the policy |
//! | their `matchConditions` | those that leave out what changes no image, and nothing else |
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

/// A policy in a manifest of `policies/`.
struct Manifest {
    file: String,
    name: String,
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
    conditions: BTreeMap<String, String>,
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
    files.iter().flat_map(|file| documents(file)).collect()
}

/// The policies of a file.
fn documents(file: &str) -> Vec<Manifest> {
    read(&format!("policies/{file}")).split("\n---\n").map(|text| document(file, text)).collect()
}

/// The policy of a file that has one.
fn manifest(file: &str) -> Manifest {
    let [manifest] = <[Manifest; 1]>::try_from(documents(file))
        .unwrap_or_else(|all| panic!("{file}: {} policies", all.len()));
    manifest
}

fn document(file: &str, text: &str) -> Manifest {
    let value: Value = yaml_serde::from_str(text).unwrap_or_else(|error| panic!("{file}: {error}"));
    let (name, spec) = match value.get("kind").and_then(Value::as_str) {
        Some("ClusterAdmissionPolicy") => {
            let policy: ClusterAdmissionPolicy =
                yaml_serde::from_str(text).unwrap_or_else(|error| panic!("{file}: {error}"));
            assert_eq!(policy.metadata.namespace, None, "{file}: this kind has no namespace");
            (policy.metadata.name, policy.spec.unwrap_or_else(|| panic!("{file}: no spec")))
        }
        Some("AdmissionPolicy") => {
            let policy: AdmissionPolicy =
                yaml_serde::from_str(text).unwrap_or_else(|error| panic!("{file}: {error}"));
            assert!(policy.metadata.namespace.is_some(), "{file}: this kind needs a namespace");
            let spec = policy.spec.unwrap_or_else(|| panic!("{file}: no spec"));
            let spec = ClusterAdmissionPolicySpec {
                module: spec.module,
                mode: spec.mode,
                mutating: spec.mutating,
                background_audit: spec.background_audit,
                failure_policy: spec.failure_policy,
                timeout_seconds: spec.timeout_seconds,
                rules: spec.rules,
                match_conditions: spec.match_conditions,
                settings: spec.settings,
                ..ClusterAdmissionPolicySpec::default()
            };
            (policy.metadata.name, spec)
        }
        other => panic!("{file}: kind {other:?} is no policy"),
    };
    let conditions = spec.match_conditions.unwrap_or_default();
    let spec = Spec {
        module: spec.module,
        mode: spec.mode.expect("`mode` is written out"),
        mutating: spec.mutating,
        background_audit: spec.background_audit.expect("`backgroundAudit` is written out"),
        failure_policy: spec.failure_policy.expect("`failurePolicy` is written out"),
        timeout_seconds: spec.timeout_seconds.expect("`timeoutSeconds` is written out").into(),
        rules: spec.rules.expect("`rules` is written out"),
        conditions: conditions.into_iter().map(|one| (one.name, one.expression)).collect(),
        settings: spec.settings.0,
    };
    Manifest { file: file.into(), name: name.expect("a policy has a name"), value, spec }
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
const PARTIAL: [&str; 4] =
    ["fresh-images-always-pull", "fresh-images-gentle-pods", "fresh-images-pin-digest", "fresh-images-pods"];

/// The policy that judges what people write. Pods it leaves to another in the same file.
const TEMPLATES: &str = "fresh-images-gentle-templates";

#[track_caller]
fn check_rules(file: &str, rules: &[RuleWithOperations]) {
    let asked = asked(file, rules);
    if file == TEMPLATES {
        let templates = judged().into_iter().filter(|one| one.2.as_str() != "pods" && !one.2.contains('/'));
        assert_eq!(asked, templates.collect(), "{file}: rules and workload table differ");
    } else if PARTIAL.contains(&file) {
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
        check_rules(&manifest.name, &manifest.spec.rules);
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

/// The condition under which a policy with `onUpdate: changed` can find something, of all policies.
const CHANGES: (&str, &str) = (
    "changes-spec-or-template",
    "request.operation != 'UPDATE' || object.?spec != oldObject.?spec || object.?template != oldObject.?template",
);

/// The condition that leaves out what controllers write, of the one that speaks to people.
const NO_CONTROLLER: (&str, &str) = (
    "has-no-controller",
    "!object.metadata.?ownerReferences.orValue([]).exists(owner, owner.?controller.orValue(false))",
);

/// `tests/it/update.rs` shows that the first changes no verdict. With `onUpdate: all` it would.
#[test]
fn conditions_leave_out_what_changes_no_image() {
    for Manifest { name, spec, .. } in manifests() {
        let mut expected = BTreeMap::new();
        if spec.settings.get("onUpdate").is_none_or(|it| it != "all") {
            expected.insert(CHANGES.0.to_owned(), CHANGES.1.to_owned());
        }
        if name == TEMPLATES {
            expected.insert(NO_CONTROLLER.0.to_owned(), NO_CONTROLLER.1.to_owned());
        }
        assert_eq!(spec.conditions, expected, "{name}");
    }
}

#[test]
fn manifests_are_safe_to_apply() {
    for Manifest { name, spec, .. } in manifests() {
        let mutates = spec.settings.get("mutate").is_some();
        assert_eq!(spec.mutating, mutates, "{name}: without `mutating` Kubewarden refuses what is mutated");
        // Without it, applying the file again would leave a policy at `warn` that somebody patched in an emergency.
        let enforcement = spec.settings.get("enforcement").and_then(Value::as_str).expect(&name);
        let warns = name.starts_with("fresh-images-gentle-");
        assert_eq!(enforcement, if warns { "warn" } else { "reject" }, "{name}");
        // What is mutated, or only told, would count as passed.
        assert_eq!(spec.background_audit == BackgroundAudit::default(), !mutates && !warns, "{name}: audit");
        // Without an answer nothing is admitted, unless the answer would be a warning.
        let without_answer = if name == TEMPLATES { FailurePolicy::Ignore } else { FailurePolicy::Fail };
        assert_eq!(spec.failure_policy, without_answer, "{name}");
        // Source: Kubewarden `api/policies/v1/policy_types.go`.
        assert!((2..=30).contains(&spec.timeout_seconds), "{name}: {} seconds", spec.timeout_seconds);
    }
}

/// Reports name the policy and not its kind. Only the first two steps share a name, for one becomes the other.
#[test]
fn names_tell_policies_apart() {
    let mut names = BTreeMap::new();
    for Manifest { file, name, .. } in manifests() {
        names.entry(name).or_insert_with(Vec::new).push(file);
    }
    let switched = names.remove("fresh-images").expect("the policy");
    assert_eq!(switched, ["fresh-images-monitor.yml", "fresh-images.yml"]);
    assert!(names.values().all(|files| files.len() == 1), "{names:?}");
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
        let settings = manifest(file).spec.settings;
        settings.get("require").cloned().unwrap_or_else(|| Value::from("digestOrAlways"))
    };
    for file in ["fresh-images-always-pull.yml", "fresh-images-pin-digest.yml"] {
        assert_eq!(required(file), required("fresh-images-pods.yml"), "{file}");
    }
}

/// Applying one after the other has to switch the mode and nothing else.
#[test]
fn monitor_and_protect_differ_only_in_the_mode() {
    let mut monitor = manifest("fresh-images-monitor.yml");
    let protect = manifest("fresh-images.yml");
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
