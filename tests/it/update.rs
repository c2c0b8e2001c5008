//! UPDATE: what is left alone because it is as it was, and what is judged all the same.
//!
//! Containers are written as `name=image` or `name=image!pullPolicy`, lists as those with spaces between them.

use fresh_images::verdict::Verdict;
use serde_json::{Map, Value, json};

const SHA256: &str = "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

/// A container; without `=` it has no name.
fn container(text: &str) -> Value {
    let (name, image) = text.split_once('=').map_or((None, text), |(name, image)| (Some(name), image));
    let (image, pull_policy) =
        image.split_once('!').map_or((image, None), |(image, policy)| (image, Some(policy)));
    let mut container = Map::from_iter([("image".to_owned(), json!(image))]);
    container.extend(name.map(|name| ("name".to_owned(), json!(name))));
    container.extend(pull_policy.map(|pull_policy| ("imagePullPolicy".to_owned(), json!(pull_policy))));
    container.into()
}

fn containers(text: &str) -> Value {
    text.split_whitespace().map(container).collect()
}

fn pod(text: &str) -> Value {
    json!({"spec": {"containers": containers(text)}})
}

fn deployment(text: &str) -> Value {
    json!({"spec": {"template": {"spec": {"containers": containers(text)}}}})
}

/// A request to update; its other fields are those of an ordinary one.
fn request(group: &str, kind: &str, old: &Value, new: &Value) -> Value {
    json!({
        "operation": "UPDATE",
        "kind": {"group": group, "version": "v1", "kind": kind},
        "oldObject": old,
        "object": new,
    })
}

fn evaluate(request: &Value, settings: &Value) -> Verdict {
    fresh_images::evaluate(json!({"request": request, "settings": settings}).to_string().as_bytes())
}

/// The paths of the findings.
fn paths(request: &Value) -> Vec<String> {
    evaluate(request, &json!({})).findings().iter().map(|finding| finding.path().to_string()).collect()
}

/// The places in `containers` of a Pod that are judged and rejected.
#[track_caller]
fn rejects(old: &str, new: &str, places: &[usize]) {
    let expected: Vec<String> = places.iter().map(|place| format!("spec.containers[{place}]")).collect();
    assert_eq!(paths(&request("", "Pod", &pod(old), &pod(new))), expected, "{old:?} to {new:?}");
}

#[track_caller]
fn accepts(old: &str, new: &str) {
    rejects(old, new, &[]);
}

#[test]
fn what_is_as_it_was_is_left_alone() {
    accepts("a=nginx:1", "a=nginx:1");
    accepts("a=nginx:1!IfNotPresent", "a=nginx:1!IfNotPresent");
    accepts("a=nginx:1!Never", "a=nginx:1!Never");
    accepts("a=nginx:1 b=redis:1", "a=nginx:1 b=redis:1");
    // What never was an image reference, too.
    accepts("a=Not:An:Image", "a=Not:An:Image");
    accepts("a=sha256:abcdef", "a=sha256:abcdef");
}

#[test]
fn the_order_does_not_matter() {
    accepts("a=nginx:1 b=redis:1", "b=redis:1 a=nginx:1");
    accepts("a=nginx:1 b=redis:1", "b=redis:1");
    rejects("a=nginx:1 b=redis:1", "c=nginx:1 b=redis:1 a=nginx:1", &[0]);
}

#[test]
fn another_image_is_judged() {
    rejects("a=nginx:1", "a=nginx:2", &[0]);
    rejects("a=nginx:1", "a=nginx:1.", &[0]);
    rejects("a=nginx:1 b=redis:1", "a=nginx:1 b=redis:2", &[1]);
    accepts("a=nginx:1", "a=nginx:2!Always");
    accepts("a=nginx:1", &format!("a=nginx:1@{SHA256}"));
    // The text counts: the kubelet decides by it.
    rejects("a=nginx:1", "a=docker.io/library/nginx:1", &[0]);
    rejects(&format!("a=nginx:1@{SHA256}"), "a=nginx:1", &[0]);
}

#[test]
fn swapped_images_are_judged() {
    rejects("a=nginx:1 b=redis:1", "a=redis:1 b=nginx:1", &[0, 1]);
    // The image was there before, but under another name.
    rejects("a=nginx:1 b=redis:1", "a=redis:1 b=redis:1", &[0]);
    rejects("a=nginx:1!Always b=redis:1", "a=redis:1 b=redis:1", &[0]);
}

#[test]
fn a_weakened_pull_policy_is_judged() {
    rejects("a=nginx:1!Always", "a=nginx:1!IfNotPresent", &[0]);
    rejects("a=nginx:1!Always", "a=nginx:1", &[0]);
    rejects("a=nginx!Always", "a=nginx!Never", &[0]);
    rejects("a=nginx", "a=nginx!IfNotPresent", &[0]);
    // Any change is judged, and this one does not help.
    rejects("a=nginx:1!Never", "a=nginx:1!IfNotPresent", &[0]);
    rejects("a=nginx:1!IfNotPresent", "a=nginx:1!always", &[0]);
    accepts("a=nginx:1!IfNotPresent", "a=nginx:1!Always");
    accepts("a=nginx:1!always", "a=nginx:1!always");
}

#[test]
fn a_default_and_the_same_pull_policy_written_out_are_equal() {
    accepts("a=nginx:1", "a=nginx:1!IfNotPresent");
    accepts("a=nginx:1!IfNotPresent", "a=nginx:1");
    accepts("a=nginx:1", "a=nginx:1!");
    accepts("a=nginx", "a=nginx!Always");
    accepts("a=nginx!Always", "a=nginx");
    let mut new = pod("a=nginx:1");
    new["spec"]["containers"][0]["imagePullPolicy"] = Value::Null;
    assert_eq!(paths(&request("", "Pod", &pod("a=nginx:1!IfNotPresent"), &new)), [""; 0]);
}

#[test]
fn a_new_name_is_judged() {
    rejects("a=nginx:1", "b=nginx:1", &[0]);
    rejects("a=nginx:1", "A=nginx:1", &[0]);
    rejects("a=nginx:1", "a=nginx:1 b=nginx:1", &[1]);
}

#[test]
fn names_that_are_missing_or_stand_twice_are_judged() {
    rejects("nginx:1", "nginx:1", &[0]);
    rejects("a=nginx:1", "nginx:1", &[0]);
    rejects("a=nginx:1", "a=nginx:1 a=nginx:1", &[0, 1]);
    rejects("a=nginx:1 a=nginx:1", "a=nginx:1", &[0]);
    rejects("a=nginx:1 a=redis:1", "a=nginx:1 a=redis:1", &[0, 1]);
    // An empty name is a name.
    accepts("=nginx:1", "=nginx:1");
    let mut both = pod("a=nginx:1");
    both["spec"]["containers"][0]["name"] = Value::Null;
    assert_eq!(paths(&request("", "Pod", &both, &both)), ["spec.containers[0]"]);
}

#[test]
fn another_list_is_judged() {
    let with_init =
        |text: &str| json!({"spec": {"containers": containers("x=x"), "initContainers": containers(text)}});
    let old = json!({"spec": {"containers": containers("x=x a=nginx:1")}});
    assert_eq!(paths(&request("", "Pod", &old, &with_init("a=nginx:1"))), ["spec.initContainers[0]"]);
    assert_eq!(paths(&request("", "Pod", &with_init("a=nginx:1"), &old)), ["spec.containers[1]"]);
    assert_eq!(paths(&request("", "Pod", &with_init("a=nginx:1"), &with_init("a=nginx:1"))), [""; 0]);
    assert_eq!(
        paths(&request("", "Pod", &with_init("a=nginx:1"), &with_init("a=nginx:2"))),
        ["spec.initContainers[0]"]
    );
}

#[test]
fn image_volumes_are_compared_like_containers() {
    let volume = |reference: &str, pull_policy: Option<&str>| {
        json!({"spec": {
            "containers": containers("x=x"),
            "volumes": [
                {"name": "tmp", "emptyDir": {}},
                {"name": "data", "image": {"reference": reference, "pullPolicy": pull_policy}},
            ],
        }})
    };
    let check = |old: &Value, new: &Value, expected: &[&str]| {
        assert_eq!(paths(&request("", "Pod", old, new)), expected);
    };
    let path = "spec.volumes[1].image";
    check(&volume("data:1", None), &volume("data:1", None), &[]);
    check(&volume("data:1", None), &volume("data:1", Some("IfNotPresent")), &[]);
    check(&volume("data:1", None), &volume("data:2", None), &[path]);
    check(&volume("data:1", Some("Always")), &volume("data:1", None), &[path]);
    check(&volume("data", None), &volume("data", Some("Never")), &[path]);
    // A container of that name is no volume.
    check(&json!({"spec": {"containers": containers("x=x data=data:1")}}), &volume("data:1", None), &[path]);
}

#[test]
fn an_old_object_that_cannot_be_compared_excuses_nothing() {
    let new = pod("a=nginx:1");
    let judged = ["spec.containers[0]"];
    let without = json!({"operation": "UPDATE", "kind": {"group": "", "kind": "Pod"}, "object": new});
    assert_eq!(paths(&without), judged);
    for old in [
        json!(null),
        json!([]),
        json!("nginx:1"),
        json!(1),
        json!({}),
        json!({"spec": null}),
        json!({"spec": []}),
        json!({"spec": {"containers": {}}}),
        json!({"spec": {"containers": [1, container("a=nginx:1")]}}),
        json!({"spec": {"containers": [container("a=nginx:1"), {"name": "b", "image": 1}]}}),
        json!({"spec": {"containers": [container("a=nginx:1")], "volumes": 1}}),
        json!({"spec": {"containers": [container("a=nginx:1")]}, "metadata": 1}),
        // The pod spec of another kind.
        deployment("a=nginx:1"),
    ] {
        assert_eq!(paths(&request("", "Pod", &old, &new)), judged, "{old}");
    }
    let duplicate = r#"{
        "operation": "UPDATE",
        "kind": {"group": "", "kind": "Pod"},
        "oldObject": {"spec": {"containers": [{"name": "a", "image": "nginx:1", "image": "nginx:1"}]}},
        "object": {"spec": {"containers": [{"name": "a", "image": "nginx:1"}]}}
    }"#;
    let verdict = fresh_images::evaluate(format!(r#"{{"request": {duplicate}}}"#).as_bytes());
    assert_eq!(
        verdict.findings().iter().map(|finding| finding.path().to_string()).collect::<Vec<_>>(),
        judged
    );
}

#[test]
fn what_is_wrong_with_the_new_object_stays_wrong() {
    let wrong = json!({"spec": {"containers": [container("a=nginx:1"), 1]}});
    assert_eq!(paths(&request("", "Pod", &pod("a=nginx:1"), &wrong)), ["spec.containers[1]"]);
    // No image is no image, as before or not.
    let missing = json!({"spec": {"containers": [{"name": "a"}]}});
    assert_eq!(paths(&request("", "Pod", &missing, &missing)), ["spec.containers[0]"]);
    let empty = pod("a=");
    assert_eq!(paths(&request("", "Pod", &empty, &empty)), ["spec.containers[0]"]);
    let none = json!({"spec": {"containers": []}});
    assert_eq!(paths(&request("", "Pod", &none, &none)), ["spec.containers"]);
}

#[test]
fn what_else_changes_does_not_matter() {
    // Removing a finalizer from an object that is being deleted.
    let mut old = pod("a=nginx:1");
    old["metadata"] = json!({"finalizers": ["example.com/x"], "deletionTimestamp": "2026-01-01T00:00:00Z"});
    let mut new = pod("a=nginx:1");
    new["metadata"] = json!({"deletionTimestamp": "2026-01-01T00:00:00Z"});
    assert_eq!(paths(&request("", "Pod", &old, &new)), [""; 0]);
    // Scaling.
    let mut new = deployment("a=nginx:1");
    new["spec"]["replicas"] = json!(3);
    new["metadata"] = json!({"annotations": {"example.com/x": "y"}});
    assert_eq!(paths(&request("apps", "Deployment", &deployment("a=nginx:1"), &new)), [""; 0]);
}

#[test]
fn a_deletion_timestamp_exempts_nothing() {
    let mut new = pod("a=nginx:2");
    new["metadata"] = json!({"deletionTimestamp": "2026-01-01T00:00:00Z"});
    assert_eq!(paths(&request("", "Pod", &pod("a=nginx:1"), &new)), ["spec.containers[0]"]);
}

#[test]
fn templates_are_compared_at_their_place() {
    let check = |group: &str, kind: &str, wrap: fn(Value) -> Value, path: &str| {
        let object = |text: &str| wrap(json!({"containers": containers(text)}));
        let same = request(group, kind, &object("a=nginx:1"), &object("a=nginx:1"));
        assert_eq!(paths(&same), [""; 0], "{kind}");
        let changed = request(group, kind, &object("a=nginx:1 b=b"), &object("b=b a=nginx:2"));
        assert_eq!(paths(&changed), [format!("{path}.containers[1]")], "{kind}");
    };
    let template = |spec: Value| json!({"spec": {"template": {"spec": spec}}});
    for kind in ["Deployment", "ReplicaSet", "StatefulSet", "DaemonSet"] {
        check("apps", kind, template, "spec.template.spec");
    }
    check("", "ReplicationController", template, "spec.template.spec");
    check("batch", "Job", template, "spec.template.spec");
    check(
        "batch",
        "CronJob",
        |spec| json!({"spec": {"jobTemplate": {"spec": {"template": {"spec": spec}}}}}),
        "spec.jobTemplate.spec.template.spec",
    );
    check("", "PodTemplate", |spec| json!({"template": {"spec": spec}}), "template.spec");
    check("argoproj.io", "Rollout", template, "spec.template.spec");
    check("example.com", "Deployment", |spec| json!({"spec": {"a": [spec]}}), "spec.a[0]");
}

#[test]
fn discovered_lists_are_compared_by_their_path() {
    let rollout = |old: &Value, new: &Value| paths(&request("argoproj.io", "Rollout", old, new));
    let at = |key: &str| json!({"spec": {key: {"containers": containers("a=nginx:1")}}});
    assert_eq!(rollout(&at("stable"), &at("stable")), [""; 0]);
    assert_eq!(rollout(&at("stable"), &at("canary")), ["spec.canary.containers[0]"]);
}

#[test]
fn long_keys_that_differ_late_are_different_lists() {
    let at = |key: &str| json!({"spec": {key: {"containers": containers("a=nginx:1")}}});
    let long = |last: &str| at(&format!("{}{last}", "k".repeat(64)));
    assert_eq!(paths(&request("example.com", "X", &long("1"), &long("2"))).len(), 1);
}

#[test]
fn ephemeral_containers_are_compared_with_those_that_were_there() {
    let debugged = |text: &str| {
        // The other lists are not judged there, whatever is in them.
        json!({"spec": {"containers": containers("a=nginx:1"), "ephemeralContainers": containers(text)}})
    };
    let check = |old: &Value, new: &Value, expected: &[&str]| {
        let mut request = request("", "Pod", old, new);
        request["subResource"] = json!("ephemeralcontainers");
        assert_eq!(paths(&request), expected);
    };
    check(&pod("a=nginx:1"), &debugged("d=busybox"), &[]);
    check(&pod("a=nginx:1"), &debugged("d=busybox:1"), &["spec.ephemeralContainers[0]"]);
    check(&debugged("d=busybox:1"), &debugged("d=busybox:1"), &[]);
    check(&debugged("d=busybox:1"), &debugged("d=busybox:1 e=busybox:1"), &["spec.ephemeralContainers[1]"]);
    check(&debugged("d=busybox:1"), &debugged("d=busybox:2"), &["spec.ephemeralContainers[0]"]);
    check(&pod("d=busybox:1"), &debugged("d=busybox:1"), &["spec.ephemeralContainers[0]"]);
    // Not on the list of a debugger, so not judged.
    check(&pod("a=nginx:1"), &pod("a=nginx:2"), &[]);
    // What is wrong with the other lists of the old object does not matter either.
    let old = json!({"spec": {"containers": 1, "ephemeralContainers": containers("d=busybox:1")}});
    check(&old, &debugged("d=busybox:1"), &[]);
}

#[test]
fn only_an_update_is_compared() {
    for (operation, expected) in [
        (json!("CREATE"), &["spec.containers[0]"][..]),
        (json!("update"), &["spec.containers[0]"]),
        (json!("PATCH"), &["spec.containers[0]"]),
        (json!(""), &["spec.containers[0]"]),
        (json!(null), &["spec.containers[0]"]),
        (json!("UPDATE"), &[]),
        (json!("DELETE"), &[]),
        (json!("CONNECT"), &[]),
    ] {
        let mut request = request("", "Pod", &pod("a=nginx:1"), &pod("a=nginx:1"));
        request["operation"] = operation;
        assert_eq!(paths(&request), expected, "{request}");
    }
}

#[test]
fn on_update_all_judges_a_template_whole_and_of_a_pod_what_changed() {
    let findings = |request: &Value, settings: Value| evaluate(request, &settings).findings().len();
    let template = request("apps", "Deployment", &deployment("a=nginx:1 b=b"), &deployment("a=nginx:1 b=b"));
    for (setting, expected) in [(json!("all"), 1), (json!("changed"), 0), (json!(null), 0)] {
        assert_eq!(findings(&template, json!({"onUpdate": setting})), expected, "{setting}");
    }
    // Nothing but its images can change in a Pod, so there is nothing else to judge.
    for (new, expected) in [("a=nginx:1 b=b", 0), ("a=nginx:2 b=b", 1), ("a=nginx:2 b=b:1", 2)] {
        let pod = request("", "Pod", &pod("a=nginx:1 b=b"), &pod(new));
        for setting in ["all", "changed"] {
            assert_eq!(findings(&pod, json!({"onUpdate": setting})), expected, "{new} with {setting}");
        }
    }
}

#[test]
fn every_rule_leaves_alone_what_is_as_it_was() {
    let request = |new: &str| request("", "Pod", &pod("a=nginx:1"), &pod(new));
    for settings in [
        json!({"require": "digestAndAlways"}),
        json!({"require": "none", "registries": {"allow": ["ghcr.io"]}}),
        json!({"require": "none", "registries": {"reject": ["docker.io"]}}),
        json!({"require": "none", "images": {"allow": ["ghcr.io/**"]}}),
        json!({"require": "none", "images": {"reject": ["nginx"]}}),
        json!({"require": "none", "tags": {"reject": ["*"]}}),
    ] {
        assert!(evaluate(&request("a=nginx:1"), &settings).is_accepted(), "{settings}");
        assert!(!evaluate(&request("b=nginx:1"), &settings).is_accepted(), "{settings}");
    }
}

#[test]
fn the_order_of_the_request_does_not_matter() {
    let (old, new) = (pod("a=nginx:1 b=redis:1"), pod("a=nginx:1 b=redis:2"));
    let fields = [
        ("kind", json!({"kind": "Pod", "group": "", "version": "v1"})),
        ("object", new),
        ("oldObject", old),
        ("operation", json!("UPDATE")),
    ];
    for first in 0..4 {
        for second in 0..3 {
            let mut rest: Vec<_> = fields.iter().collect();
            let mut order = vec![rest.remove(first)];
            order.push(rest.remove(second));
            order.extend(rest);
            let members: Vec<String> =
                order.iter().map(|(key, value)| format!("\"{key}\": {value}")).collect();
            let payload = format!("{{\"request\": {{{}}}}}", members.join(", "));
            let verdict = fresh_images::evaluate(payload.as_bytes());
            let paths: Vec<_> = verdict.findings().iter().map(|finding| finding.path().to_string()).collect();
            assert_eq!(paths, ["spec.containers[1]"], "{payload}");
        }
    }
}

#[test]
fn a_changed_template_starts_new_pods_where_a_controller_follows_it() {
    let template = |label: &str| {
        json!({"spec": {"template": {
            "metadata": {"labels": {"label": label}},
            "spec": {"containers": containers("web=shop/web:1!IfNotPresent")},
        }}})
    };
    for (group, kind, warns) in [
        ("apps", "Deployment", true),
        // It starts Pods only as far as it grows, and a Job keeps its template.
        ("apps", "ReplicaSet", false),
        ("", "ReplicationController", false),
        ("batch", "Job", false),
    ] {
        let verdict = evaluate(&request(group, kind, &template("a"), &template("b")), &json!({}));
        assert!(verdict.is_accepted());
        assert_eq!(!verdict.warnings().is_empty(), warns, "{kind}: {:?}", verdict.warnings());
    }
}

#[test]
fn three_images_of_new_pods_are_told_and_the_others_counted() {
    let scaled = |replicas: usize| {
        json!({"spec": {"replicas": replicas, "template": {"spec": {
            "containers": containers("a=x:1!Never b=x:1!Never c=x:1!Never d=x:1!Never e=x:1!Never"),
        }}}})
    };
    let told = |request: &Value| evaluate(request, &json!({})).warnings().to_vec();
    let warnings = told(&request("apps", "Deployment", &scaled(1), &scaled(2)));
    assert_eq!(
        (warnings.len(), warnings.last().map(String::as_str)),
        (4, Some("and 2 more images of new Pods"))
    );
    let three = |replicas: usize| {
        let mut object = scaled(replicas);
        object["spec"]["template"]["spec"]["containers"] = containers("a=x:1!Never b=x:1!Never c=x:1!Never");
        object
    };
    assert_eq!(told(&request("apps", "Deployment", &three(1), &three(2))).len(), 3);
}
