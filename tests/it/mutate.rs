//! Mutation: what is changed, byte for byte, and what never is.

#![expect(clippy::expect_used, reason = "a helper of a test may panic like the test")]

use std::cell::RefCell;

use fresh_images::mutate::{ANNOTATION, DigestResolver};
use fresh_images::{Host, Verdict, evaluate_with};
use serde_json::{Value, json};

const DIGEST: &str = "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

/// Answers this for every image, and remembers what it was asked.
struct Answers<'a> {
    answer: Result<&'a str, &'a str>,
    asked: RefCell<Vec<String>>,
}

impl DigestResolver for Answers<'_> {
    fn manifest_digest(&self, image: &str) -> Result<String, String> {
        self.asked.borrow_mut().push(image.to_owned());
        self.answer.map(Into::into).map_err(Into::into)
    }
}

fn answers(answer: Result<&'static str, &'static str>) -> Answers<'static> {
    Answers { answer, asked: RefCell::default() }
}

/// Judges with a registry that knows every image, and tells what it was asked.
fn asked(request: &str, settings: &str) -> (Verdict, Vec<String>) {
    let registry = answers(Ok(DIGEST));
    let payload = format!(r#"{{"request": {request}, "settings": {settings}}}"#);
    let verdict = evaluate_with(payload.as_bytes(), &Host::new(&registry));
    (verdict, registry.asked.into_inner())
}

fn evaluate(request: &str, settings: &str) -> Verdict {
    asked(request, settings).0
}

const ALWAYS: &str = r#"{"mutate": {"to": "pullAlways"}}"#;
const PIN: &str = r#"{"mutate": {"to": "pinDigest", "registries": ["docker.io", "a.io"]}}"#;
const PIN_OR_ALWAYS: &str =
    r#"{"mutate": {"to": "pinDigest", "registries": ["docker.io"], "ifUnresolved": "pullAlways"}}"#;

/// A request for a Pod, a Deployment, or any other kind as `group/Kind`.
fn request(kind: &str, operation: &str, object: &str) -> String {
    let (group, kind) = match kind {
        "Pod" => ("", kind),
        "Deployment" | "ReplicaSet" => ("apps", kind),
        "Job" => ("batch", kind),
        other => other.split_once('/').expect("group/Kind"),
    };
    let kind = json!({"group": group, "version": "v1", "kind": kind});
    format!(r#"{{"kind": {kind}, "operation": "{operation}", "object": {object}}}"#)
}

fn create(kind: &str, object: &str) -> String {
    request(kind, "CREATE", object)
}

fn with_old(request: &str, old: &str) -> String {
    request.replacen('{', &format!(r#"{{"oldObject": {old}, "#), 1)
}

/// The new object, exactly; judging it again changes nothing more.
#[track_caller]
fn mutates(request: &str, settings: &str, object: &str, expected: &str) -> Verdict {
    let verdict = evaluate(request, settings);
    assert_eq!(verdict.message(), None);
    assert_eq!(verdict.mutated_object(), Some(expected));
    let again = evaluate(&request.replace(object, expected), settings);
    assert!(again.is_accepted() && again.mutated_object().is_none(), "{:?}", again.mutated_object());
    verdict
}

/// It is judged as if there were no `mutate`.
#[track_caller]
fn only_judges(request: &str, settings: &str, codes: &[&str]) {
    let (verdict, asked) = asked(request, settings);
    assert_eq!(verdict.mutated_object(), None, "{request}");
    let found: Vec<&str> = verdict.findings().iter().map(|it| it.code().as_str()).collect();
    assert_eq!(found, codes, "{request}");
    assert_eq!(asked, [""; 0], "{request}");
}

#[test]
fn always_is_set_beside_the_image() {
    for (container, expected) in [
        (r#"{"image":"a.io/b:1"}"#, r#"{"image":"a.io/b:1","imagePullPolicy":"Always"}"#),
        (
            r#"{ "image" : "a.io/b:1" , "name":"x" }"#,
            r#"{ "image" : "a.io/b:1","imagePullPolicy":"Always" , "name":"x" }"#,
        ),
        (
            r#"{"imagePullPolicy":"IfNotPresent","image":"a.io/b:1"}"#,
            r#"{"imagePullPolicy":"Always","image":"a.io/b:1"}"#,
        ),
        (
            r#"{"image":"a.io/b:1","imagePullPolicy": null}"#,
            r#"{"image":"a.io/b:1","imagePullPolicy":"Always"}"#,
        ),
        (
            r#"{"image":"a.io/b:1","imagePullPolicy":""}"#,
            r#"{"image":"a.io/b:1","imagePullPolicy":"Always"}"#,
        ),
        (
            r#"{"image":"a.io/b:1","imagePullPolicy":"always"}"#,
            r#"{"image":"a.io/b:1","imagePullPolicy":"Always"}"#,
        ),
        (
            r#"{"image":"a.io\/b:1","x":[1e400,-0,1.10]}"#,
            r#"{"image":"a.io\/b:1","imagePullPolicy":"Always","x":[1e400,-0,1.10]}"#,
        ),
    ] {
        for list in ["containers", "initContainers"] {
            let object = |entry: &str| {
                format!(
                    r#"{{"b":1,"spec":{{"template":{{"spec":{{"{list}":[{entry}], "z":2.0}}}}}},"a":null}}"#
                )
            };
            mutates(&create("Deployment", &object(container)), ALWAYS, &object(container), &object(expected));
        }
    }
    let volume = |image: &str| {
        format!(
            r#"{{"spec":{{"containers":[{{"image":"b"}}],"volumes":[{{"name":"v","image":{image}}},{{"emptyDir":{{}}}}]}}}}"#
        )
    };
    let object = volume(r#"{"reference":"a.io/b:1"}"#);
    let expected = volume(r#"{"reference":"a.io/b:1","pullPolicy":"Always"}"#);
    let verdict = mutates(&create("Pod", &object), ALWAYS, &object, &expected);
    assert_eq!(
        verdict.warnings(),
        ["image volume \"v\": image \"a.io/b:1\" now has pullPolicy: Always, was IfNotPresent"]
    );
}

#[test]
fn only_what_would_be_rejected_is_mutated() {
    let object = format!(
        r#"{{"spec":{{"containers":[{{"image":"b"}},{{"image":"b:1"}},{{"image":"b:2@{DIGEST}"}},{{"image":"b:3"}}]}}}}"#
    );
    let expected = object
        .replace(r#""b:1""#, r#""b:1","imagePullPolicy":"Always""#)
        .replace(r#""b:3""#, r#""b:3","imagePullPolicy":"Always""#);
    let verdict = mutates(&create("Pod", &object), ALWAYS, &object, &expected);
    assert_eq!(
        verdict.warnings(),
        [
            "container at spec.containers[1]: image \"b:1\" now has imagePullPolicy: Always, was IfNotPresent",
            "container at spec.containers[3]: image \"b:3\" now has imagePullPolicy: Always, was IfNotPresent"
        ],
    );
    let fine = r#"{"spec":{"containers":[{"image":"b"}]}}"#;
    only_judges(&create("Pod", fine), ALWAYS, &[]);
    only_judges(&create("Pod", fine), PIN, &[]);
    only_judges(&request("Pod", "DELETE", r#"{"spec":{"containers":[{"image":"b:1"}]}}"#), PIN, &[]);
}

#[test]
fn a_digest_replaces_the_tag_and_is_recorded() {
    let note = |record: &str| format!(r#""{ANNOTATION}":{}"#, Value::from(record));
    let web = r#"{"containers/web":"b:1"}"#;
    let spec = r#""spec":{"containers":[{"name":"web","image":"b:1"}]}"#;
    let pinned =
        format!(r#""spec":{{"containers":[{{"name":"web","image":"docker.io/library/b@{DIGEST}"}}]}}"#);
    let annotated = format!(r#"{{"annotations":{{{}}}}}"#, note(web));
    let earlier = note(r#"{"containers/web":"b:0","x/y":"z"}"#);
    for (metadata, expected) in [
        ("null", annotated.clone()),
        ("{}", annotated.clone()),
        (r#"{"name":"x"}"#, format!(r#"{{"name":"x","annotations":{{{}}}}}"#, note(web))),
        (r#"{"annotations":null}"#, annotated.clone()),
        (r#"{"annotations": {}}"#, format!(r#"{{"annotations": {{{}}}}}"#, note(web))),
        (r#"{"annotations":{"a":"b"}}"#, format!(r#"{{"annotations":{{"a":"b",{}}}}}"#, note(web))),
        (
            &format!(r#"{{"annotations":{{"a":"b",{earlier}}}}}"#),
            format!(r#"{{"annotations":{{"a":"b",{}}}}}"#, note(r#"{"containers/web":"b:1","x/y":"z"}"#)),
        ),
        (&format!(r#"{{"annotations":{{{}}}}}"#, note("[not ours")), annotated.clone()),
        ("", annotated),
    ] {
        // What is missing is added at the end.
        let (object, expected) = if metadata.is_empty() {
            (format!("{{{spec}}}"), format!(r#"{{{pinned},"metadata":{expected}}}"#))
        } else {
            let with = |metadata: &str, spec: &str| format!(r#"{{"metadata":{metadata},{spec}}}"#);
            (with(metadata, spec), with(&expected, &pinned))
        };
        let verdict = mutates(&create("Pod", &object), PIN, &object, &expected);
        let warning = "container \"web\": image \"b:1\" is now pinned as sha256:e3b0c44298fc...";
        assert_eq!(verdict.warnings(), [warning]);
        let in_template = |pod: &str| format!(r#"{{"metadata":{{"name":"d"}},"spec":{{"template":{pod}}}}}"#);
        let (object, expected) = (in_template(&object), in_template(&expected));
        mutates(&create("Deployment", &object), PIN, &object, &expected);
    }
}

#[test]
fn only_what_was_replaced_is_recorded() {
    let pod =
        json!({"spec": {"containers": [{"name": "a", "image": "b:1"}, {"name": "c", "image": "x.io/y:1"}]}});
    let verdict = evaluate(&create("Pod", &pod.to_string()), PIN_OR_ALWAYS);
    let mutated: Value = serde_json::from_str(verdict.mutated_object().unwrap()).unwrap();
    assert_eq!(
        mutated,
        json!({
            "metadata": {"annotations": {ANNOTATION: r#"{"containers/a":"b:1"}"#}},
            "spec": {"containers": [
                {"name": "a", "image": format!("docker.io/library/b@{DIGEST}")},
                {"name": "c", "image": "x.io/y:1", "imagePullPolicy": "Always"},
            ]},
        }),
    );
}

#[test]
fn a_kind_that_is_not_known_is_annotated_itself() {
    let object = r#"{"spec":{"template":{"spec":{"containers":[{"name":"web","image":"b:1"}]}}}}"#;
    let verdict = evaluate(&create("argoproj.io/Rollout", object), PIN);
    let mutated: Value = serde_json::from_str(verdict.mutated_object().unwrap()).unwrap();
    assert_eq!(
        mutated["metadata"]["annotations"][ANNOTATION],
        r#"{"spec.template.spec.containers/web":"b:1"}"#
    );
    assert_eq!(
        mutated["spec"]["template"]["spec"]["containers"][0]["image"],
        format!("docker.io/library/b@{DIGEST}")
    );
}

#[test]
fn the_metadata_of_an_object_is_not_that_of_its_template() {
    let note = format!(r#""annotations":{{"{ANNOTATION}":{}}}"#, json!(r#"{"containers/a":"b:1"}"#));
    let added = format!(r#","metadata":{{{note}}}"#);
    let owners = r#","metadata":{"ownerReferences":[{"controller":true}]}"#;
    let noted = format!(r#","metadata":{{"ownerReferences":[{{"controller":true}}],{note}}}"#);
    for (outer, inner, expected) in [
        ("", "", &added),
        (r#""metadata":null,"#, "", &added),
        (r#""metadata":{},"#, "", &added),
        (r#""metadata":{"annotations":null},"#, "", &added),
        (r#""metadata":{"annotations":{"a":"b"}},"#, "", &added),
        (r#""metadata":{"ownerReferences":[{"controller":false}]},"#, "", &added),
        // A template has no owners, whatever is there.
        ("", owners, &noted),
    ] {
        let object = |inner: &str, image: &str| {
            format!(
                r#"{{{outer}"spec":{{"template":{{"spec":{{"containers":[{{"name":"a","image":"{image}"}}]}}{inner}}}}}}}"#
            )
        };
        let (object, expected) =
            (object(inner, "b:1"), object(expected, &format!("docker.io/library/b@{DIGEST}")));
        mutates(&create("Deployment", &object), PIN, &object, &expected);
    }
}

#[test]
fn metadata_that_is_neither_of_the_object_nor_of_its_template_is_not_read() {
    let object = r#"{"spec":{"jobTemplate":{"metadata":1,"spec":{"template":{"spec":{"containers":[{"image":"b:1"}]}}}}}}"#;
    let verdict = evaluate(&create("batch/CronJob", object), ALWAYS);
    assert!(verdict.is_accepted() && verdict.mutated_object().is_some());
}

#[test]
fn an_image_without_a_name_is_recorded_by_its_place() {
    let pod = r#"{"spec":{"containers":[{"image":"b"},{"image":"b:1"},{"name":"","image":"b:2"},{"name":null,"image":"b:3"}]}}"#;
    let verdict = evaluate(&create("Pod", pod), PIN);
    let mutated: Value = serde_json::from_str(verdict.mutated_object().unwrap()).unwrap();
    assert_eq!(
        mutated["metadata"]["annotations"][ANNOTATION],
        r#"{"containers[1]":"b:1","containers[2]":"b:2","containers[3]":"b:3"}"#,
    );
}

#[test]
fn one_object_in_the_place_of_a_list_is_recorded_by_its_path() {
    let object = r#"{"spec":{"templates":[{"container":{"name":"main","image":"b:1"}}]}}"#;
    let verdict = evaluate(&create("argoproj.io/Workflow", object), PIN);
    let mutated: Value = serde_json::from_str(verdict.mutated_object().unwrap()).unwrap();
    assert_eq!(mutated["metadata"]["annotations"][ANNOTATION], r#"{"spec.templates[0].container":"b:1"}"#);
}

#[test]
fn the_tag_stays_if_it_is_kept() {
    let keep = PIN.replace(r#""to""#, r#""keepTag": true, "to""#);
    for (image, expected) in [
        ("b:1", format!("docker.io/library/b:1@{DIGEST}")),
        ("a.io/b:latest", format!("a.io/b:latest@{DIGEST}")),
    ] {
        let settings = keep.replacen('{', r#"{"require": "digest", "#, 1);
        let object = json!({"spec": {"containers": [{"image": image}]}}).to_string();
        let verdict = evaluate(&create("Pod", &object), &settings);
        let mutated: Value = serde_json::from_str(verdict.mutated_object().unwrap()).unwrap();
        assert_eq!(mutated["spec"]["containers"][0]["image"], expected);
    }
}

#[test]
fn each_image_is_looked_up_once_by_its_canonical_name() {
    let pod = |images: &[&str]| {
        let containers: Vec<Value> =
            images.iter().map(|image| json!({"image": image, "imagePullPolicy": "Never"})).collect();
        create("Pod", &json!({"spec": {"containers": containers}}).to_string())
    };
    let (verdict, asked_for) =
        asked(&pod(&["b", "docker.io/b", "index.docker.io/library/b:latest", "a.io/x:1", "a.io/x:1"]), PIN);
    assert!(verdict.is_accepted());
    assert_eq!(asked_for, ["docker.io/library/b:latest", "a.io/x:1"]);

    let (verdict, asked_for) = asked(&pod(&["b:1", "b:2", "b:3"]), PIN);
    assert!(verdict.is_accepted());
    assert_eq!(asked_for.len(), 3);

    let too_many = pod(&["b:1", "b:2", "b:3", "b:4", "b:1"]);
    let (verdict, asked_for) = asked(&too_many, PIN);
    assert_eq!(asked_for, [""; 0]);
    assert_eq!(verdict.findings().len(), 5);
    // Trying again would not help.
    assert_eq!(
        verdict.findings()[0].to_string(),
        "container at spec.containers[0]: image \"b:1\" could not be pinned: this object has more than 3 images to look up. Pin it as docker.io/library/b@sha256:… [digest-unresolved]",
    );
    let (verdict, asked_for) = asked(&too_many, PIN_OR_ALWAYS);
    assert_eq!((verdict.is_accepted(), asked_for.len()), (true, 0));
    assert_eq!(
        verdict.warnings()[0],
        "container at spec.containers[0]: image \"b:1\" now has imagePullPolicy: Always, was Never; no digest: this object has more than 3 images to look up",
    );
}

/// Answers for every image, without a limit.
struct Patient(Answers<'static>);

impl DigestResolver for Patient {
    fn manifest_digest(&self, image: &str) -> Result<String, String> {
        self.0.manifest_digest(image)
    }

    fn max_look_ups(&self) -> usize {
        usize::MAX
    }
}

#[test]
fn a_resolver_may_have_no_limit() {
    let containers: Vec<Value> = (0..50).map(|index| json!({"image": format!("b:{}", index % 40)})).collect();
    let pod = create("Pod", &json!({"spec": {"containers": containers}}).to_string());
    let registry = Patient(answers(Ok(DIGEST)));
    let verdict = evaluate_with(
        format!(r#"{{"request": {pod}, "settings": {PIN}}}"#).as_bytes(),
        &Host::new(&registry),
    );
    assert!(verdict.mutated_object().is_some());
    assert_eq!(registry.0.asked.borrow().len(), 40);
}

#[test]
fn too_many_look_ups_are_no_matter_of_images_that_are_not_looked_up() {
    let images = ["b:1", "b:2", "b:3", "b:4", "x.io/y:1"];
    let containers: Vec<Value> = images.iter().map(|image| json!({"image": image})).collect();
    let pod = create("Pod", &json!({"spec": {"containers": containers}}).to_string());
    let verdict = evaluate(&pod, &PIN_OR_ALWAYS.replacen('{', r#"{"require": "digest", "#, 1));
    let codes: Vec<&str> = verdict.findings().iter().map(|it| it.code().as_str()).collect();
    // What is rejected anyway is not looked up.
    assert_eq!(codes, ["digest-required"]);
}

#[test]
fn only_listed_registries_are_asked() {
    for image in [
        "b.io/x:1",
        "a.io.evil.com/x:1",
        "a.io:443/x:1",
        "A.io/x:1",
        "sub.a.io/x:1",
        "evil.com/a.io/x:1",
        "[::1]/x:1",
    ] {
        let pod = json!({"spec": {"containers": [{"image": image}]}}).to_string();
        only_judges(&create("Pod", &pod), PIN, &["mutable-image"]);
        // What is not asked is not resolved.
        let (verdict, asked_for) = asked(&create("Pod", &pod), PIN_OR_ALWAYS);
        assert_eq!(asked_for, [""; 0]);
        assert!(verdict.mutated_object().unwrap().contains(r#""imagePullPolicy":"Always""#));
    }
}

#[test]
fn what_another_rule_rejects_is_not_looked_up() {
    let pod = create(
        "Pod",
        r#"{"spec":{"containers":[{"image":"a.io/x:latest","imagePullPolicy":"IfNotPresent"}]}}"#,
    );
    for (setting, codes) in [
        (r#""registries": {"reject": ["a.io"]}"#, &["registry-rejected", "mutable-image"][..]),
        (r#""registries": {"allow": ["b.io"]}"#, &["registry-not-allowed", "mutable-image"]),
        (r#""images": {"reject": ["a.io/x:*"]}"#, &["image-rejected", "mutable-image"]),
        (r#""tags": {"reject": ["latest"]}"#, &["tag-rejected", "mutable-image"]),
        (r#""exempt": [{"images": ["a.io/**"], "reason": "x"}]"#, &[]),
        (r#""overrides": [{"images": ["a.io/**"], "require": "none"}]"#, &[]),
        (r#""overrides": [{"images": ["a.io/**"], "require": "always"}]"#, &["always-required"]),
    ] {
        only_judges(&pod, &PIN.replacen('{', &format!("{{{setting}, "), 1), codes);
    }
    // One that cannot be fixed rejects the object, and then nobody is asked.
    let two = create("Pod", r#"{"spec":{"containers":[{"image":"a.io/x:1"},{"image":"b.io/x:1"}]}}"#);
    only_judges(&two, PIN, &["mutable-image"]);
}

#[test]
fn what_is_rejected_only_once_it_is_pinned_is_reported_as_pinned() {
    let pinned = format!("a.io/x@{DIGEST}");
    for (setting, code) in [
        // The tag is gone.
        (r#""images": {"allow": ["a.io/x:latest"]}"#, "image-not-allowed"),
        // By default the pull policy is Always for a tag `latest`, and not for a digest.
        (r#""require": "digestAndAlways""#, "always-required"),
    ] {
        let settings = PIN.replacen('{', &format!("{{{setting}, "), 1);
        let pull_policy = if code == "always-required" { "" } else { "Never" };
        let containers = json!([{"image": "a.io/x:latest", "imagePullPolicy": pull_policy}]);
        let pod = create("Pod", &json!({"spec": {"containers": containers}}).to_string());
        let verdict = evaluate(&pod, &settings);
        assert_eq!(verdict.mutated_object(), None);
        let found: Vec<_> = verdict.findings().iter().map(|it| (it.code().as_str(), it.image())).collect();
        assert_eq!(found, [(code, Some(pinned.as_str()))]);
        // Who is only warned keeps the object as it is.
        let warned = evaluate(&pod, &settings.replacen('{', r#"{"enforcement": "warn", "#, 1));
        assert_eq!(warned.mutated_object(), None);
        assert_eq!(warned.findings()[0].image(), Some("a.io/x:latest"));
    }
}

#[test]
fn a_digest_that_is_rejected_is_not_used() {
    let settings = PIN.replacen('{', &format!(r#"{{"images": {{"reject": ["a.io/x@{DIGEST}"]}}, "#), 1);
    let verdict = evaluate(&create("Pod", r#"{"spec":{"containers":[{"image":"a.io/x:1"}]}}"#), &settings);
    assert_eq!(verdict.mutated_object(), None);
    assert_eq!(verdict.findings()[0].code().as_str(), "image-rejected");
}

#[test]
fn without_an_answer_the_image_is_rejected_or_always_pulled() {
    let object = r#"{"spec":{"containers":[{"name":"web","image":"b:1"}]}}"#;
    for (answer, reason, advice) in [
        (Err("connection refused"), "connection refused", ", or try again"),
        (Ok("sha256:abc"), "the registry's answer is not a digest", ""),
        (Err("denied.\nCaused by: tab\t"), "denied", ""),
        (Err("Not Authorized: url https://a.io/v2/"), "Not Authorized: url https://a.io/v2/", ""),
        (Err("MANIFEST_UNKNOWN"), "MANIFEST_UNKNOWN", ""),
        (Err("tab\t and \u{e9}"), r"tab\t and \u{e9}", ", or try again"),
    ] {
        let payload =
            |settings: &str| format!(r#"{{"request": {}, "settings": {settings}}}"#, create("Pod", object));
        let verdict = evaluate_with(payload(PIN).as_bytes(), &Host::new(&answers(answer)));
        assert_eq!(verdict.mutated_object(), None);
        assert_eq!(
            verdict.message(),
            Some(format!(
                "container \"web\" at spec.containers[0]: image \"b:1\" could not be pinned: {reason}. Pin it as \
                 docker.io/library/b@sha256:…{advice} [digest-unresolved]"
            )),
        );
        let verdict = evaluate_with(payload(PIN_OR_ALWAYS).as_bytes(), &Host::new(&answers(answer)));
        let expected = object.replace(r#""b:1""#, r#""b:1","imagePullPolicy":"Always""#);
        assert_eq!(verdict.mutated_object(), Some(expected.as_str()));
    }
    // Where `Always` is not enough either, it is no way out.
    let settings = PIN_OR_ALWAYS.replacen('{', r#"{"require": "digest", "#, 1);
    let payload = format!(r#"{{"request": {}, "settings": {settings}}}"#, create("Pod", object));
    let verdict = evaluate_with(payload.as_bytes(), &Host::new(&answers(Err("down"))));
    assert_eq!(verdict.findings()[0].code().as_str(), "digest-unresolved");
}

/// An object with owners.
fn owned(owners: &str, spec: &str) -> String {
    format!(r#"{{"metadata":{{"ownerReferences":{owners}}},"spec":{spec}}}"#)
}

const POD_SPEC: &str = r#"{"containers":[{"name":"web","image":"b:1"}]}"#;
const CONTROLLER: &str = r#"[{"controller":false},{"kind":"Deployment","controller":true}]"#;

#[test]
fn what_a_controller_owns_is_left_to_its_pods() {
    let template = format!(r#"{{"template":{{"spec":{POD_SPEC}}}}}"#);
    let stays =
        "container \"web\": image \"b:1\" stays here, because a controller owns this object; its Pods will ";
    for kind in ["ReplicaSet", "Job", "argoproj.io/Rollout"] {
        for operation in ["CREATE", "UPDATE"] {
            for (settings, gets) in
                [(ALWAYS, "get imagePullPolicy: Always"), (PIN, "be pinned"), (PIN_OR_ALWAYS, "be pinned")]
            {
                let (verdict, asked) =
                    asked(&request(kind, operation, &owned(CONTROLLER, &template)), settings);
                assert!(
                    verdict.is_accepted() && verdict.mutated_object().is_none(),
                    "{:?}",
                    verdict.message()
                );
                assert_eq!(verdict.warnings(), [format!("{stays}{gets}")]);
                assert_eq!(asked, [""; 0]);
            }
        }
        for owners in
            ["null", "[]", r#"[{"kind":"X"}]"#, r#"[{"controller":false}]"#, r#"[{"controller":null}]"#]
        {
            let verdict = evaluate(&create(kind, &owned(owners, &template)), ALWAYS);
            assert!(verdict.mutated_object().is_some(), "{owners}");
        }
        // It is unclear whether that is a controller.
        for owners in [r#"[{"controller":"x"}]"#, "[1]", r#""x""#, "{}"] {
            only_judges(&create(kind, &owned(owners, &template)), ALWAYS, &["mutable-image"]);
        }
    }
    assert!(evaluate(&create("Pod", &owned(CONTROLLER, POD_SPEC)), ALWAYS).mutated_object().is_some());
}

#[test]
fn what_mutation_does_not_cure_is_rejected_whoever_owns_it() {
    for (image, settings, code) in [
        ("x.io/b:1", PIN, "mutable-image"),
        ("b:1", r#"{"require": "digestAndAlways", "mutate": {"to": "pullAlways"}}"#, "digest-required"),
        (
            "b:1",
            r#"{"registries": {"reject": ["docker.io"]}, "mutate": {"to": "pullAlways"}}"#,
            "registry-rejected",
        ),
        ("b:", ALWAYS, "invalid-reference"),
    ] {
        let template = format!(r#"{{"template":{{"spec":{{"containers":[{{"image":"{image}"}}]}}}}}}"#);
        let verdict = evaluate(&create("Job", &owned(CONTROLLER, &template)), settings);
        assert_eq!(verdict.findings()[0].code().as_str(), code, "{image}");
        assert!(!verdict.is_accepted() && verdict.warnings().is_empty());
    }

    // What is rejected starts no Pods, so nothing is left to them.
    let template =
        r#"{"template":{"spec":{"containers":[{"name":"a","image":"b:1"},{"name":"b","image":"b:"}]}}}"#;
    let verdict = evaluate(&create("Job", &owned(CONTROLLER, template)), ALWAYS);
    assert!(!verdict.is_accepted() && verdict.warnings().is_empty(), "{:?}", verdict.warnings());
}

#[test]
fn what_is_immutable_is_judged() {
    let pod = |spec: &str| format!(r#"{{"spec":{spec}}}"#);
    let new = pod(r#"{"containers":[{"name":"c","image":"b:2"}]}"#);
    let old = pod(r#"{"containers":[{"name":"c","image":"b:1"}]}"#);
    let update = with_old(&request("Pod", "UPDATE", &new), &old);
    only_judges(&update, ALWAYS, &["mutable-image"]);
    assert!(evaluate(&update, PIN).mutated_object().is_some());

    let job = r#"{"spec":{"template":{"spec":{"containers":[{"image":"b:2"}]}}}}"#;
    only_judges(&request("Job", "UPDATE", job), ALWAYS, &["mutable-image"]);
    only_judges(&request("Job", "UPDATE", job), PIN, &["mutable-image"]);
    assert!(evaluate(&create("Job", job), PIN).mutated_object().is_some());
    assert!(evaluate(&request("batch.volcano.sh/Job", "UPDATE", job), ALWAYS).mutated_object().is_some());
    // The Jobs that a CronJob will create are not there yet.
    let cron_job = format!(r#"{{"spec":{{"jobTemplate":{job}}}}}"#);
    assert!(evaluate(&request("batch/CronJob", "UPDATE", &cron_job), ALWAYS).mutated_object().is_some());

    let volumes =
        pod(r#"{"containers":[{"image":"b"}],"volumes":[{"name":"v","image":{"reference":"b:2"}}]}"#);
    only_judges(&request("Pod", "UPDATE", &volumes), PIN, &["mutable-image"]);
    assert!(evaluate(&create("Pod", &volumes), PIN).mutated_object().is_some());
}

#[test]
fn only_a_new_ephemeral_container_is_mutated() {
    let pod = |ephemeral: &str| {
        format!(
            r#"{{"spec":{{"containers":[{{"name":"c","image":"b:1"}}],"ephemeralContainers":[{ephemeral}]}}}}"#
        )
    };
    let debug = |new: &str, old: &str| {
        let request = with_old(&request("Pod", "UPDATE", &pod(new)), &pod(old));
        request.replacen('{', r#"{"subResource": "ephemeralcontainers", "#, 1)
    };
    let (a, b) = (r#"{"name":"a","image":"b:1"}"#, r#"{"name":"b","image":"b:2"}"#);
    let both = format!("{a},{b}");
    let expected = pod(&both).replace(r#""b:2""#, r#""b:2","imagePullPolicy":"Always""#);
    assert_eq!(evaluate(&debug(&both, a), ALWAYS).mutated_object(), Some(expected.as_str()));
    // With `all` too the old one is left alone, because it cannot change.
    let all = ALWAYS.replacen('{', r#"{"onUpdate": "all", "#, 1);
    assert_eq!(evaluate(&debug(&both, a), &all).mutated_object(), Some(expected.as_str()));
    only_judges(&debug(r#"{"image":"b:2"}"#, ""), ALWAYS, &["mutable-image"]);
    // Nobody can tell which are new.
    let alone =
        request("Pod", "UPDATE", &pod(b)).replacen('{', r#"{"subResource": "ephemeralcontainers", "#, 1);
    only_judges(&alone, ALWAYS, &["mutable-image"]);
}

#[test]
fn an_object_that_is_unclear_is_judged() {
    let containers = r#""spec":{"containers":[{"image":"b:1"}]}"#;
    for (metadata, codes) in [
        (r#""metadata":{"annotations":{"a":"1","a":"2"}},"#, &["duplicate-key", "mutable-image"][..]),
        (r#""metadata":{"labels":{},"labels":{}},"#, &["duplicate-key", "mutable-image"]),
        (r#""metadata":[],"#, &["malformed-object", "mutable-image"]),
        (r#""metadata":{"annotations":1},"#, &["malformed-object", "mutable-image"]),
        (&format!(r#""metadata":{{"annotations":{{"{ANNOTATION}":1}}}},"#), &["mutable-image"]),
    ] {
        only_judges(&create("Pod", &format!("{{{metadata}{containers}}}")), PIN, codes);
    }
    for metadata in
        [r#""metadata":[],"#, r#""metadata":{"annotations":1},"#, r#""metadata":{},"metadata":{},"#]
    {
        let object = format!(r#"{{"spec":{{"template":{{{metadata}{containers}}}}}}}"#);
        assert_eq!(evaluate(&create("Deployment", &object), PIN).mutated_object(), None, "{metadata}");
    }
}

#[test]
fn both_are_required_and_one_is_mutated() {
    let both = |mutate: &str| format!(r#"{{"require": "digestAndAlways", "mutate": {mutate}}}"#);
    let always = both(r#"{"to": "pullAlways"}"#);
    let pin = both(r#"{"to": "pinDigest", "registries": ["docker.io"]}"#);
    let pod = |image: &str, pull_policy: &str| {
        create(
            "Pod",
            &json!({"spec": {"containers": [{"image": image, "imagePullPolicy": pull_policy}]}}).to_string(),
        )
    };
    let pinned = format!("b@{DIGEST}");
    assert!(evaluate(&pod(&pinned, "Never"), &always).mutated_object().is_some());
    assert!(evaluate(&pod("b:1", "Always"), &pin).mutated_object().is_some());
    only_judges(&pod("b:1", "Never"), &always, &["digest-required", "always-required"]);
    only_judges(&pod("b:1", "Never"), &pin, &["digest-required", "always-required"]);
    only_judges(&pod(&pinned, "Never"), &pin, &["always-required"]);
}

#[test]
fn with_warnings_what_cannot_be_mutated_is_told() {
    let settings = PIN.replacen('{', r#"{"enforcement": "warn", "#, 1);
    let object = r#"{"spec":{"containers":[{"image":"b:1"},{"image":"x.io/b:1"}]}}"#;
    let verdict = evaluate(&create("Pod", object), &settings);
    assert!(verdict.mutated_object().is_some());
    assert_eq!(
        verdict.warnings(),
        [
            "container at spec.containers[0]: image \"b:1\" is now pinned as sha256:e3b0c44298fc...",
            "container at spec.containers[1]: image \"x.io/b:1\" can go stale (no digest, IfNotPresent). Set imagePullPolicy: Always or pin it [mutable-image]",
        ],
    );
}

#[test]
fn warnings_are_short_ascii_and_counted() {
    let image = format!("a.io/{}:1", "x".repeat(200));
    let containers: Vec<Value> = (0..40).map(|_| json!({"name": "é".repeat(300), "image": image})).collect();
    let object = json!({"spec": {"n".repeat(60): {"containers": containers}}}).to_string();
    for settings in [ALWAYS, PIN] {
        let verdict = evaluate(&create("x.io/Y", &object), settings);
        assert_eq!(verdict.warnings().len(), 16);
        assert_eq!(verdict.warnings().last().map(String::as_str), Some("and 25 more"));
        assert!(
            verdict.warnings().iter().all(|it| it.is_ascii() && it.len() <= 200),
            "{:?}",
            verdict.warnings()
        );
    }
}
