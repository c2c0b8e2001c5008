//! Objects of odd shapes: what is refused for its type, what is looked into, and what is left alone.

use serde_json::{Value, json};

/// One line for each finding: path and what is wrong.
fn findings(group: &str, kind: &str, object: &Value) -> Vec<String> {
    let payload = json!({"request": {"kind": {"group": group, "kind": kind}, "object": object}});
    let verdict = fresh_images::evaluate(payload.to_string().as_bytes());
    verdict.findings().iter().map(|finding| format!("{} {}", finding.path(), finding.code())).collect()
}

#[track_caller]
fn check(group: &str, kind: &str, object: &Value, expected: &[&str]) {
    assert_eq!(findings(group, kind, object), expected, "{object}");
}

#[test]
fn a_pod_is_refused_for_wrong_types() {
    for (key, value, expected) in [
        ("containers", json!([[]]), &["spec.containers[0] malformed-object"][..]),
        ("containers", json!([[{"image": "a"}]]), &["spec.containers[0] malformed-object"]),
        ("containers", json!([null]), &["spec.containers[0] missing-image"]),
        ("initContainers", json!([null]), &["spec.initContainers[0] missing-image"]),
        ("initContainers", json!([[]]), &["spec.initContainers[0] malformed-object"]),
        ("initContainers", json!(null), &[]),
        ("volumes", json!([[]]), &["spec.volumes[0] malformed-object"]),
        ("volumes", json!([{"image": []}]), &["spec.volumes[0].image malformed-object"]),
        // Null is no image volume.
        ("volumes", json!([null]), &[]),
        ("volumes", json!([{"image": null}]), &[]),
    ] {
        let mut spec = json!({"containers": [{"image": "a"}]});
        spec[key] = value;
        check("", "Pod", &json!({"spec": spec}), expected);
    }
}

#[test]
fn metadata_of_a_pod_is_read_for_its_annotations() {
    for (metadata, expected) in [
        (json!(null), &[][..]),
        (json!({}), &[]),
        (json!({"annotations": null}), &[]),
        (json!({"annotations": {"a": 1}}), &[]),
        (json!(1), &["metadata malformed-object"]),
        (json!([]), &["metadata malformed-object"]),
        (json!({"annotations": 1}), &["metadata.annotations malformed-object"]),
        (json!({"annotations": []}), &["metadata.annotations malformed-object"]),
        (
            json!({"annotations": {"kubernetes.io/config.mirror": 1}}),
            &["metadata.annotations[\"kubernetes.io/config.mirror\"] malformed-object"],
        ),
    ] {
        let spec = json!({"containers": [{"image": "a"}]});
        check("", "Pod", &json!({"metadata": metadata, "spec": spec}), expected);
        // Nobody reads it in a template.
        let template =
            json!({"metadata": metadata, "spec": {"template": {"metadata": metadata, "spec": spec}}});
        check("apps", "Deployment", &template, &[]);
    }
}

#[test]
fn an_old_revision_is_one_whatever_its_annotations_are() {
    let owner = json!([{"kind": "Deployment", "name": "web", "controller": true}]);
    let spec = json!({"containers": [{"name": "web", "image": "a:1"}]});
    for annotations in
        [json!(null), json!({"kubernetes.io/config.mirror": "x"}), json!({"kubernetes.io/config.mirror": 1})]
    {
        let template = json!({"metadata": {"annotations": annotations}, "spec": spec});
        let metadata = json!({"ownerReferences": owner, "annotations": annotations});
        let object = json!({"metadata": metadata, "spec": {"replicas": 0, "template": template}});
        check("apps", "ReplicaSet", &object, &[]);
    }
}

#[test]
fn discovery_looks_into_whatever_may_hold_a_list() {
    let stale = json!([{"image": "a:1"}]);
    for (object, expected) in [
        (json!({"containers": stale}), &["containers[0] mutable-image"][..]),
        (json!({"a": [{"containers": stale}]}), &["a[0].containers[0] mutable-image"]),
        (json!({"containers": {"a": {"containers": stale}}}), &["containers.a.containers[0] mutable-image"]),
        (json!({"containers": {"containers": stale}}), &["containers.containers[0] mutable-image"]),
        (json!({"containers": {"volumes": stale}}), &[]),
        (json!({"containers": [[{"containers": stale}]]}), &["containers[0][0].containers[0] mutable-image"]),
        (
            json!({"containers": [{"a": {"containers": stale}}]}),
            &["containers[0].a.containers[0] mutable-image"],
        ),
        (
            json!({"containers": [{"name": {"containers": stale}}]}),
            &["containers[0].name.containers[0] mutable-image"],
        ),
        (
            json!({"containers": [{"image": [{"containers": stale}]}]}),
            &["containers[0].image[0].containers[0] mutable-image"],
        ),
        (
            json!({"volumes": [{"image": {"a": {"containers": stale}}}]}),
            &["volumes[0].image.a.containers[0] mutable-image"],
        ),
        (json!({"a": {"metadata": {"containers": stale}}}), &["a.metadata.containers[0] mutable-image"]),
        (json!({"a": {"status": {"containers": stale}}}), &["a.status.containers[0] mutable-image"]),
        (json!({"metadata": {"containers": stale}, "status": {"containers": stale}}), &[]),
    ] {
        check("example.com", "Thing", &object, expected);
    }
    // A group that is misspelled does not hide a kind that runs Pods.
    let pod = json!({"spec": {"containers": stale}});
    check("core", "Pod", &pod, &["spec.containers[0] mutable-image"]);
    check("core", "Thing", &pod, &[]);
}

#[test]
fn discovery_leaves_alone_what_names_no_image() {
    for (object, expected) in [
        // No list of containers at all.
        (json!({"containers": [{"name": 1}]}), &[][..]),
        (json!({"containers": [{"imagePullPolicy": []}, null, 1]}), &[]),
        (json!({"containers": [{"image": 1}]}), &[]),
        (json!({"containers": [{"image": ""}]}), &[]),
        // One object is in the place of a list only where another kind has it so.
        (json!({"containers": {"image": "a:1"}}), &[]),
        (json!({"container": {"image": "a:1"}}), &["container mutable-image"]),
        // Beside one that names an image, a wrong type counts.
        (json!({"containers": [{"name": 1}, {"image": "a"}]}), &["containers[0].name malformed-object"]),
        (json!({"containers": [{"image": 1}, {"image": "a"}]}), &["containers[0].image malformed-object"]),
        (json!({"containers": [1, {"image": "a"}, {"name": "b"}]}), &["containers[0] malformed-object"]),
        // Another kind of volume.
        (json!({"volumes": [{"image": "a:1"}]}), &[]),
        (json!({"volumes": [{"image": "a:1"}, {"image": {"reference": "a"}}]}), &[]),
        (json!({"volumes": [{"image": {}}, {"image": {"reference": ""}}, {"image": null}, null]}), &[]),
        (json!({"volumes": [{"image": {"reference": 1}}]}), &["volumes[0].image.reference malformed-object"]),
        (
            json!({"volumes": [{"image": {"pullPolicy": 1}}]}),
            &["volumes[0].image.pullPolicy malformed-object"],
        ),
    ] {
        check("example.com", "Thing", &object, expected);
    }
}

#[test]
fn images_are_counted() {
    for (object, expected) in [
        (json!({"containers": [{"image": "a"}, {"image": "b"}]}), 2),
        (json!({"containers": [{"image": "a"}, {"name": "b"}]}), 1),
        (json!({"volumes": [{"image": {"reference": "a"}}, {"image": {}}]}), 1),
        (json!({"volumes": [{"image": {}}]}), 0),
        (json!({"containers": [{"name": "a"}]}), 0),
    ] {
        let payload =
            json!({"request": {"kind": {"group": "example.com", "kind": "Thing"}, "object": object}});
        let verdict = fresh_images::evaluate(payload.to_string().as_bytes());
        assert_eq!((verdict.is_accepted(), verdict.images()), (true, expected), "{object}");
    }
}
