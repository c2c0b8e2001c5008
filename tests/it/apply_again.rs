//! Applying again: an UPDATE that brings back the manifest as it was written leaves the object as mutation made it.
//!
//! | what comes back | what it gets |
//! |---|---|
//! | the image of a Job, the image volume of a Pod | the digest that it had, because it cannot change |
//! | the pull policy of a Job or a Pod | `Always` again, because it cannot change |
//! | any other image | the digest that its tag has now; if there is no answer, the digest that it had |
//! | an image that was changed | what a new one gets |

#![expect(
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "a helper of a test may panic like the test"
)]

use std::collections::BTreeMap;

use fresh_images::mutate::{ANNOTATION, DigestResolver};
use fresh_images::{Host, Verdict, evaluate_with};
use proptest::prelude::*;
use serde_json::{Value, json};

const ALWAYS: &str = r#"{"mutate": {"to": "pullAlways"}}"#;
const PIN: &str = r#"{"mutate": {"to": "pinDigest", "registries": ["docker.io"]}}"#;
const PIN_OR_ALWAYS: &str =
    r#"{"mutate": {"to": "pinDigest", "registries": ["docker.io"], "ifUnresolved": "pullAlways"}}"#;

/// Kinds with their groups and the place of the pod spec.
const KINDS: [(&str, &str, &str); 7] = [
    ("", "Pod", ""),
    ("apps", "Deployment", "/spec/template"),
    ("apps", "StatefulSet", "/spec/template"),
    ("batch", "Job", "/spec/template"),
    ("batch", "CronJob", "/spec/jobTemplate/spec/template"),
    ("", "PodTemplate", "/template"),
    ("argoproj.io", "Rollout", "/spec/template"),
];

fn digest(letter: char) -> String {
    format!("sha256:{}", letter.to_string().repeat(64))
}

/// An object around a Pod or template.
fn object(place: &str, pod: &Value) -> Value {
    place.rsplit('/').filter(|key| !key.is_empty()).fold(pod.clone(), |inner, key| json!({key: inner}))
}

fn pod(container: Value) -> Value {
    json!({"spec": {"containers": [container]}})
}

/// Judges; registries know these images.
fn judge(
    (group, kind): (&str, &str),
    new: &Value,
    old: Option<&Value>,
    settings: &str,
    known: &dyn DigestResolver,
) -> Verdict {
    let operation = if old.is_some() { "UPDATE" } else { "CREATE" };
    let kind = json!({"group": group, "version": "v1", "kind": kind});
    let settings: Value = serde_json::from_str(settings).unwrap();
    let request = json!({"kind": kind, "operation": operation, "object": new, "oldObject": old});
    evaluate_with(json!({"request": request, "settings": settings}).to_string().as_bytes(), &Host::new(known))
}

/// What becomes of an object.
fn result(new: &Value, verdict: &Verdict) -> Value {
    assert!(verdict.is_accepted(), "{:?}", verdict.message());
    verdict.mutated_object().map_or_else(|| new.clone(), |text| serde_json::from_str(text).unwrap())
}

fn knows(images: &[(&str, char)]) -> BTreeMap<String, String> {
    images.iter().map(|(image, letter)| (format!("docker.io/library/{image}"), digest(*letter))).collect()
}

/// The manifest with the annotations of the object, which `kubectl apply` does not remove.
fn applied(place: &str, manifest: &Value, object: &Value) -> Value {
    let mut applied = manifest.clone();
    let place = if object.pointer("/metadata/annotations").is_some() { "" } else { place };
    if let Some(annotations) = object.pointer(&format!("{place}/metadata/annotations")) {
        applied.pointer_mut(place).unwrap()["metadata"]["annotations"] = annotations.clone();
    }
    applied
}

#[test]
fn what_cannot_change_is_put_back() {
    let nobody = knows(&[]);
    for (settings, field) in [(PIN, "image"), (PIN_OR_ALWAYS, "image"), (ALWAYS, "imagePullPolicy")] {
        for (manifest, container) in [
            (json!({"name": "web", "image": "b:1"}), "containers"),
            (json!({"name": "web", "image": "b:1", "imagePullPolicy": "IfNotPresent"}), "initContainers"),
        ] {
            let manifest = json!({"spec": {"template": {"spec": {container: [manifest]}}}});
            let job = ("batch", "Job");
            let created = result(&manifest, &judge(job, &manifest, None, settings, &knows(&[("b:1", 'a')])));
            assert_ne!(created, manifest);
            for again in [manifest.clone(), applied("/spec/template", &manifest, &created)] {
                let verdict = judge(job, &again, Some(&created), settings, &nobody);
                assert_eq!(result(&again, &verdict), created, "{field}");
                let [warning] = verdict.warnings() else { panic!("{:?}", verdict.warnings()) };
                let expected = if field == "image" {
                    "image \"b:1\" goes back to sha256:aaaaaaaaaaaa..., because it cannot change"
                } else {
                    "image \"b:1\" now has imagePullPolicy: Always, was IfNotPresent"
                };
                assert!(warning.ends_with(expected), "{warning}");
            }
        }
    }
}

#[test]
fn what_can_change_is_looked_up_anew() {
    let manifest = object("/spec/template", &pod(json!({"name": "web", "image": "b:1"})));
    let deployment = ("apps", "Deployment");
    let created = result(&manifest, &judge(deployment, &manifest, None, PIN, &knows(&[("b:1", 'a')])));
    let image = |object: &Value| object["spec"]["template"]["spec"]["containers"][0]["image"].clone();
    assert_eq!(image(&created), format!("docker.io/library/b@{}", digest('a')));

    let moved = judge(deployment, &manifest, Some(&created), PIN, &knows(&[("b:1", 'c')]));
    assert_eq!(image(&result(&manifest, &moved)), format!("docker.io/library/b@{}", digest('c')));

    for settings in [PIN, PIN_OR_ALWAYS] {
        let down = judge(deployment, &manifest, Some(&created), settings, &knows(&[]));
        assert_eq!(result(&manifest, &down), created);
        assert_eq!(
            down.warnings(),
            [
                "container \"web\": image \"b:1\" goes back to sha256:aaaaaaaaaaaa..., because its tag cannot be looked \
              up: no digest is known for docker.io/library/b:1"
            ],
        );
    }
}

#[test]
fn an_image_that_was_changed_is_judged_as_new() {
    let manifest = |image: &str| object("/spec/template", &pod(json!({"name": "web", "image": image})));
    let (job, deployment) = (("batch", "Job"), ("apps", "Deployment"));
    let registry = knows(&[("b:1", 'a'), ("b:2", 'c')]);
    let created = result(&manifest("b:1"), &judge(job, &manifest("b:1"), None, PIN, &registry));
    let changed = judge(job, &manifest("b:2"), Some(&created), PIN, &registry);
    assert_eq!(
        changed.message().as_deref(),
        Some(
            "container \"web\" at spec.template.spec.containers[0]: image \"b:2\" can go stale: it has no digest and its \
             pull policy defaults to IfNotPresent, so a node that holds this tag keeps running the old content. Set \
             imagePullPolicy: Always, or pin the image as docker.io/library/b@sha256:…; because the template of a Job \
             cannot change, delete the Job and create it again [mutable-image]"
        ),
    );
    let changed = judge(deployment, &manifest("b:2"), Some(&created), PIN, &registry);
    let image =
        result(&manifest("b:2"), &changed)["spec"]["template"]["spec"]["containers"][0]["image"].clone();
    assert_eq!(image, format!("docker.io/library/b@{}", digest('c')));
    let down = judge(deployment, &manifest("b:2"), Some(&created), PIN, &knows(&[]));
    assert_eq!(down.findings()[0].code().as_str(), "digest-unresolved");
}

#[test]
fn a_forged_record_gains_nothing() {
    let record = json!({ANNOTATION: r#"{"containers/web":"b:1"}"#});
    let job = |image: &str, annotations: &Value| {
        let mut pod = pod(json!({"name": "web", "image": image}));
        pod["metadata"]["annotations"] = annotations.clone();
        object("/spec/template", &pod)
    };
    let pinned = |name: &str| format!("{name}@{}", digest('a'));
    let none = json!({});
    for (case, new, old) in [
        ("the old image is not a digest", job("b:1", &record), job("b:0", &record)),
        ("the old image is of another repository", job("b:1", &record), job(&pinned("evil"), &record)),
        (
            "the old image is of another registry",
            job("b:1", &record),
            job(&pinned("x.io/library/b"), &record),
        ),
        ("the old object has no record", job("b:1", &record), job(&pinned("b"), &none)),
        ("the record is that of the Job, not of its template", job("b:1", &none), {
            let mut old = job(&pinned("b"), &none);
            old["metadata"] = json!({"annotations": record});
            old
        }),
        ("the record is of another place", job("b:1", &record), {
            job(&pinned("b"), &json!({ANNOTATION: r#"{"containers/log":"b:1"}"#}))
        }),
        ("the record is of another image", job("b:2", &record), job(&pinned("b"), &record)),
        ("the record is no JSON", job("b:1", &none), job(&pinned("b"), &json!({ANNOTATION: "b:1"}))),
    ] {
        let verdict = judge(("batch", "Job"), &new, Some(&old), PIN_OR_ALWAYS, &knows(&[("b:1", 'c')]));
        assert!(!verdict.is_accepted() && verdict.mutated_object().is_none(), "{case}");
    }
    // What is put back is judged like any other image.
    let (new, old) = (job("b:1", &record), job(&pinned("b"), &record));
    let verdict = judge(("batch", "Job"), &new, Some(&old), PIN, &knows(&[]));
    assert_eq!(result(&new, &verdict), old);
    let mut settings: Value = serde_json::from_str(PIN).unwrap();
    settings["images"] = json!({"reject": [pinned("b")]});
    settings["onUpdate"] = json!("all");
    let verdict = judge(("batch", "Job"), &new, Some(&old), &settings.to_string(), &knows(&[]));
    assert_eq!(verdict.findings()[0].code().as_str(), "image-rejected");
}

#[test]
fn nothing_else_of_an_update_is_touched() {
    // A pull policy that mutation did not set is the user's to change, and the API server refuses it.
    let new = pod(json!({"name": "web", "image": "b:1", "imagePullPolicy": "Never"}));
    let old = pod(json!({"name": "web", "image": "b:1", "imagePullPolicy": "IfNotPresent"}));
    let verdict = judge(("", "Pod"), &new, Some(&old), ALWAYS, &knows(&[]));
    assert!(!verdict.is_accepted());
    // A digest is as it was, and so is what is as it was.
    let old = pod(json!({"name": "web", "image": "b:1", "imagePullPolicy": "Always"}));
    let verdict = judge(("", "Pod"), &old, Some(&old), ALWAYS, &knows(&[]));
    assert!(verdict.is_accepted() && verdict.mutated_object().is_none() && verdict.warnings().is_empty());
}

fn image() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec!["b:1", "b:2", "b", "c:1", "c:latest", "down:1", "x.io/y:1"])
}

fn entry() -> impl Strategy<Value = Value> {
    let pull_policy = prop::option::of(prop::sample::select(vec!["Always", "IfNotPresent", "Never"]));
    (image(), pull_policy).prop_map(|(image, pull_policy)| match pull_policy {
        Some(pull_policy) => json!({"image": image, "imagePullPolicy": pull_policy}),
        None => json!({"image": image}),
    })
}

fn any_pod() -> impl Strategy<Value = Value> {
    let volumes = prop::collection::vec(image(), 0..2);
    (prop::collection::vec(entry(), 1..5), prop::collection::vec(entry(), 0..2), volumes).prop_map(
        |(mut containers, mut init, volumes)| {
            for (index, entry) in containers.iter_mut().chain(&mut init).enumerate() {
                entry["name"] = json!(format!("c{index}"));
            }
            let volume = |(index, image): (usize, &str)| {
                json!({"name": format!("v{index}"), "image": {"reference": image}})
            };
            let volumes: Vec<Value> = volumes.into_iter().enumerate().map(volume).collect();
            json!({"spec": {"containers": containers, "initContainers": init, "volumes": volumes}})
        },
    )
}

proptest! {
    /// Mutated object + original manifest + the same answers = mutated object.
    #[test]
    fn applying_again_changes_nothing(
        pod in any_pod(),
        (group, kind, place) in prop::sample::select(KINDS.to_vec()),
        settings in prop::sample::select(vec![ALWAYS, PIN, PIN_OR_ALWAYS]),
        all in any::<bool>(),
        replaces in any::<bool>(),
    ) {
        let settings = if all { settings.replacen('{', r#"{"onUpdate": "all", "#, 1) } else { settings.into() };
        let registry = knows(&[("b:1", 'a'), ("b:2", 'b'), ("b:latest", 'c'), ("c:1", 'd')]);
        let manifest = object(place, &pod);
        let verdict = judge((group, kind), &manifest, None, &settings, &registry);
        if !verdict.is_accepted() {
            return Ok(());
        }
        let created = result(&manifest, &verdict);
        let again = if replaces { manifest.clone() } else { applied(place, &manifest, &created) };
        let verdict = judge((group, kind), &again, Some(&created), &settings, &registry);
        prop_assert!(verdict.is_accepted(), "{:?}", verdict.message());
        prop_assert_eq!(result(&again, &verdict), created.clone());
        // With every registry down, what was pinned keeps its digest.
        let verdict = judge((group, kind), &again, Some(&created), &settings, &knows(&[]));
        prop_assert!(verdict.is_accepted(), "{:?}", verdict.message());
        prop_assert_eq!(result(&again, &verdict), created);
    }
}
