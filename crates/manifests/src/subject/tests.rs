//! What is judged in which document.

use serde_json::{Value as Json, json};

use super::*;
use crate::document::{self, Source};

#[track_caller]
fn find(text: &str) -> Vec<Result<Subject, DocumentError>> {
    let documents = document::read(&Source::new("test", text));
    documents.into_iter().flat_map(|document| subjects(&document.expect("valid YAML"))).collect()
}

/// What each subject is called, or why it is none.
#[track_caller]
fn check(text: &str, expected: &[&str]) {
    let found: Vec<String> = find(text)
        .into_iter()
        .map(|subject| match subject {
            Ok(subject) => format!("{} {subject}", subject.api_version.as_deref().unwrap_or("-")),
            Err(error) => error.to_string(),
        })
        .collect();
    assert_eq!(found, expected, "{text}");
}

#[test]
fn manifests() {
    check("{apiVersion: v1, kind: Pod}", &["v1 Pod (no name)"]);
    check("{apiVersion: v1, kind: Pod, metadata: {name: a, namespace: b}}", &["v1 Pod b/a"]);
    check("{apiVersion: v1, kind: Pod, metadata: {generateName: a-, namespace: b}}", &["v1 Pod b/a-*"]);
    check("{apiVersion: v1, kind: Pod, metadata: {name: 1, namespace: ''}}", &["v1 Pod (no name)"]);
    check("{apiVersion: a.b/v1, kind: C, metadata: null}", &["a.b/v1 C (no name)"]);
}

#[test]
fn manifests_become_requests_to_create() {
    let text = "{apiVersion: a.b/v1, kind: C, metadata: {name: c, namespace: s}, spec: [1.5]}";
    let subject = find(text).remove(0).expect("a subject");
    let object = json!({
        "apiVersion": "a.b/v1", "kind": "C", "metadata": {"name": "c", "namespace": "s"}, "spec": [1.5],
    });
    assert_eq!(
        subject.request.to_json(),
        json!({
            "uid": "00000000-0000-0000-0000-000000000000",
            "operation": "CREATE",
            "kind": {"group": "a.b", "version": "v1", "kind": "C"},
            "name": "c",
            "namespace": "s",
            "object": object,
        })
    );
    let payload: Json = serde_json::from_slice(&subject.payload(r#"{"a": 1}"#)).expect("JSON");
    assert_eq!(payload, json!({"request": subject.request.to_json(), "settings": {"a": 1}}));
    // Nothing is invented.
    let subject = find("{apiVersion: v1, kind: C}").remove(0).expect("a subject");
    assert_eq!(subject.request.get("name"), None);
    assert_eq!(subject.request.get("namespace"), None);
}

#[test]
fn what_is_no_manifest() {
    check("[]", &["expected a Kubernetes object, found a list"]);
    check("text", &["expected a Kubernetes object, found a string"]);
    check("{kind: Pod}", &["not a Kubernetes object: apiVersion is missing"]);
    check("{apiVersion: v1}", &["not a Kubernetes object: kind is missing"]);
    check("{apiVersion: 1, kind: Pod}", &["apiVersion must be a string, found a number"]);
    check("{apiVersion: v1, kind: null}", &["kind must be a string, found null"]);
    check("{apiVersion: v1, kind: ''}", &["kind must be a string, found an empty one"]);
    check("{apiVersion: a/b/c, kind: D}", &["the apiVersion \"a/b/c\" is neither VERSION nor GROUP/VERSION"]);
    check("{apiVersion: a/, kind: D}", &["the apiVersion \"a/\" is neither VERSION nor GROUP/VERSION"]);
}

#[test]
fn lists() {
    let pod = "{apiVersion: v1, kind: Pod, metadata: {name: a}}";
    check(&format!("{{apiVersion: v1, kind: List, items: [{pod}, {pod}]}}"), &["v1 Pod a", "v1 Pod a"]);
    check("{apiVersion: v1, kind: List, items: []}", &[]);
    check("{apiVersion: v1, kind: List, items: null}", &[]);
    check(
        &format!("{{kind: List, items: [{{kind: List, items: [{pod}]}}, 1]}}"),
        &["v1 Pod a", "expected a Kubernetes object, found a number"],
    );
    check(
        "{apiVersion: v1, kind: List, items: {}}",
        &["the items of a List must be a list, found a mapping"],
    );
    // What the API server answers to a request for a list.
    check(
        "{apiVersion: apps/v1, kind: DeploymentList, items: [{metadata: {name: a}}]}",
        &["apps/v1 Deployment a"],
    );
    check(
        "{apiVersion: v1, kind: List, items: [{metadata: {name: a}}]}",
        &["not a Kubernetes object: kind is missing"],
    );
    // A kind that only sounds like one.
    check("{apiVersion: a.b/v1, kind: WaitingList}", &["a.b/v1 WaitingList (no name)"]);
}

#[test]
fn reviews_and_requests() {
    let request = "{uid: u, kind: {group: apps, version: v1, kind: Deployment}, operation: UPDATE, namespace: s, \
                   object: {metadata: {name: c}}, userInfo: {username: me}}";
    for text in [
        request.to_string(),
        format!("{{apiVersion: admission.k8s.io/v1, kind: AdmissionReview, request: {request}}}"),
    ] {
        check(&text, &["apps/v1 Deployment s/c"]);
        let subject = find(&text).remove(0).expect("a subject");
        let request = subject.request.to_json();
        assert_eq!(request["operation"], "UPDATE");
        assert_eq!(request["userInfo"]["username"], "me");
        assert_eq!(subject.object.get("metadata").map(Node::to_json), Some(json!({"name": "c"})));
    }
    check(
        "{uid: u, kind: {group: '', version: v1, kind: Pod}, operation: DELETE, name: c, object: null}",
        &["v1 Pod c"],
    );
    check("{uid: u, kind: {}, operation: CREATE}", &["- (no kind) (no name)"]);
    check(
        "{apiVersion: admission.k8s.io/v1, kind: AdmissionReview, response: {}}",
        &["the AdmissionReview has no request"],
    );
    check(
        "{apiVersion: admission.k8s.io/v1, kind: AdmissionReview, request: x}",
        &["the request of an AdmissionReview must be a mapping, found a string"],
    );
    // A kind of somebody else.
    check("{apiVersion: a.b/v1, kind: AdmissionReview}", &["a.b/v1 AdmissionReview (no name)"]);
}

#[test]
fn findings_are_located() {
    let pod = "{apiVersion: v1, kind: Pod, spec: {containers: [{image: a}]}}";
    let request = format!("{{uid: u, kind: {{kind: 3}}, operation: CREATE, object: {pod}}}");
    let manifest = find(pod).remove(0).expect("a subject");
    let request = find(&request).remove(0).expect("a subject");
    let (in_object, in_request) = (PathBuf::default(), PathBuf::new("request"));
    let containers = in_object.clone().key("spec").key("containers");
    for subject in [&manifest, &request] {
        assert_eq!(subject.locate(&containers.clone().index(0).key("image")).as_str(), Some("a"));
        assert_eq!(subject.locate(&containers.clone().index(1).key("image")).items().len(), 1);
        assert_eq!(subject.locate(&in_object), &subject.object);
        assert_eq!(subject.locate(&in_object.clone().key("request")), &subject.object);
        assert_eq!(subject.locate(&PathBuf::new("request.object")), &subject.object);
        assert_eq!(subject.locate(&PathBuf::new("payload")), &subject.object);
    }
    let kind = in_request.key("kind");
    assert_eq!(manifest.locate(&kind), &manifest.object);
    assert_eq!(request.locate(&kind.key("kind")).to_json(), json!(3));
}
