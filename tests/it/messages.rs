//! What the user reads: the message of every finding in full, for every list; escaping, limits, warnings, status codes.

use std::collections::BTreeSet;

use fresh_images::Host;
use fresh_images::date::Date;
use fresh_images::request::ListKind;
use fresh_images::verdict::{Code, Place, Verdict};
use serde_json::{Value, json};

const SHA256: &str = "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

fn evaluate(kind: &Value, object: &Value, settings: &Value) -> Verdict {
    let payload = json!({
        "request": {"operation": "CREATE", "kind": kind, "object": object},
        "settings": settings,
    });
    fresh_images::evaluate(payload.to_string().as_bytes())
}

/// A Pod with the spec.
fn pod(spec: &Value, settings: &Value) -> Verdict {
    evaluate(&json!({"group": "", "version": "v1", "kind": "Pod"}), &json!({"spec": spec}), settings)
}

/// A Deployment with the pod spec.
fn deployment(spec: &Value, settings: &Value) -> Verdict {
    let object = json!({"spec": {"template": {"spec": spec}}});
    evaluate(&json!({"group": "apps", "version": "v1", "kind": "Deployment"}), &object, settings)
}

/// The lists of a pod spec, with what a message calls their entries and where, and the key of the pull policy.
const LISTS: [(&str, &str, &str, &str); 4] = [
    ("containers", "container", "", "imagePullPolicy"),
    ("initContainers", "init container", "", "imagePullPolicy"),
    ("ephemeralContainers", "ephemeral container", "", "imagePullPolicy"),
    ("volumes", "image volume", ".image", "pullPolicy"),
];

/// A pod spec with one image use, named `a`, in a list.
fn pod_spec(list: &str, image: &str, pull_policy: Option<&str>) -> Value {
    let entry = if list == "volumes" {
        json!({"name": "a", "image": {"reference": image, "pullPolicy": pull_policy}})
    } else {
        json!({"name": "a", "image": image, "imagePullPolicy": pull_policy})
    };
    json!({list: [entry]})
}

/// In every list, `image` is told this; `KEY` stands for the key of the pull policy. An ephemeral container is not written
/// into a manifest, so it gets the flag as well.
#[track_caller]
fn tells(settings: &Value, image: &str, pull_policy: Option<&str>, code: Code, explained: &str) {
    for (list, noun, field, key) in LISTS {
        let verdict = deployment(&pod_spec(list, image, pull_policy), settings);
        let by_flag =
            if list == "ephemeralContainers" { " (kubectl debug --image-pull-policy=Always)" } else { "" };
        let explained = explained.replace("KEY: Always", &format!("{key}: Always{by_flag}"));
        let message = format!("{noun} \"a\" at spec.template.spec.{list}[0]{field}: {explained} [{code}]");
        assert_eq!(verdict.message(), Some(message));
        assert_eq!(verdict.findings().iter().map(|it| it.code()).collect::<Vec<_>>(), [code]);
        assert_eq!(verdict.status(), Some(403));
        assert_eq!(verdict.warnings(), [""; 0]);
    }
}

#[test]
fn mutable_image() {
    let stale = |policy: &str| {
        format!(
            "image \"nginx:1.25\" can go stale: it has no digest and its pull policy {policy}, so a node that holds this \
             tag keeps running the old content. Set KEY: Always, or pin the image as \
             docker.io/library/nginx@sha256:…"
        )
    };
    for (pull_policy, clause) in [
        (None, "defaults to IfNotPresent"),
        (Some(""), "defaults to IfNotPresent"),
        (Some("IfNotPresent"), "is IfNotPresent"),
        (Some("Never"), "is Never"),
        (Some("always"), "\"always\" is not Always"),
        (Some("Always "), "\"Always \" is not Always"),
        (Some("\u{410}lways\n"), "\"\\u{410}lways\\n\" is not Always"),
    ] {
        tells(&json!({}), "nginx:1.25", pull_policy, Code::MutableImage, &stale(clause));
    }
}

#[test]
fn the_pull_policy_of_an_existing_pod_is_not_to_be_changed() {
    let told = |sub_resource: &str, settings: &Value| {
        let spec = json!({"containers": [{"name": "a", "image": "nginx", "imagePullPolicy": "Always"}], "ephemeralContainers": [{"image": "a:1"}]});
        let payload = json!({
            "request": {
                "operation": "UPDATE",
                "kind": {"group": "", "version": "v1", "kind": "Pod"},
                "subResource": sub_resource,
                "object": {"spec": spec},
            },
            "settings": settings,
        });
        fresh_images::evaluate(payload.to_string().as_bytes()).message()
    };
    let stale = "ephemeral container at spec.ephemeralContainers[0]: image \"a:1\" can go stale: it has no digest and its \
                 pull policy defaults to IfNotPresent, so a node that holds this tag keeps running the old content. ";
    assert_eq!(
        told("", &json!({})),
        Some(format!(
            "{stale}Pin the image as docker.io/library/a@sha256:…; the pull policy of an existing Pod cannot change \
             [mutable-image]"
        )),
    );
    // But that of a new container in it can.
    assert_eq!(
        told("ephemeralcontainers", &json!({})),
        Some(format!(
            "{stale}Set imagePullPolicy: Always (kubectl debug --image-pull-policy=Always), or pin the image as \
             docker.io/library/a@sha256:… [mutable-image]"
        )),
    );
    assert_eq!(
        told("", &json!({"require": "always"})),
        Some(
            "ephemeral container at spec.ephemeralContainers[0]: image \"a:1\" may run content that the node already holds: its pull \
             policy defaults to IfNotPresent, and this policy requires Always. Recreate the Pod, because the pull policy of an existing Pod cannot change [always-required]"
                .into()
        ),
    );
}

#[test]
fn too_many_images() {
    let spec = |count: usize| json!({"containers": vec![json!({"image": "nginx"}); count]});
    let line = "request.object: it has 50000 or more images, which is too many to judge [malformed-object]";
    assert!(pod(&spec(49_999), &json!({})).is_accepted());
    is_rejected(&pod(&spec(50_001), &json!({})), 400, &[line]);
}

#[test]
fn digest_required() {
    for require in ["digest", "digestAndAlways"] {
        tells(
            &json!({"require": require}),
            "ghcr.io/org/app",
            Some("Always"),
            Code::DigestRequired,
            "image \"ghcr.io/org/app\" has no digest, and this policy requires one. Pin the image as \
             ghcr.io/org/app@sha256:…",
        );
    }
}

#[test]
fn always_required() {
    for require in ["always", "digestAndAlways"] {
        let settings = json!({"require": require});
        let image = &format!("nginx@{SHA256}");
        for (pull_policy, clause) in [(None, "defaults to IfNotPresent"), (Some("Never"), "is Never")] {
            tells(
                &settings,
                image,
                pull_policy,
                Code::AlwaysRequired,
                &format!(
                    "image \"{image}\" may run content that the node already holds: its pull policy {clause}, and this policy requires \
                     Always. Set KEY: Always"
                ),
            );
        }
    }
}

#[test]
fn registry_not_allowed() {
    let told = |allowed: &str| {
        format!(
            "image \"nginx\" comes from docker.io/library/nginx, which is not in an allowed registry. Use an image from \
             {allowed}"
        )
    };
    for (allow, allowed) in [
        (&["ghcr.io"][..], "ghcr.io"),
        (&["index.docker.io/bitnami/", "*.corp.example"], "docker.io/bitnami or *.corp.example"),
        (&["a.io", "b.io", "c.io"], "a.io, b.io or c.io"),
        (&["a.io", "b.io", "c.io", "d.io"], "a.io, b.io, c.io or d.io"),
        (&["a.io", "b.io", "c.io", "d.io", "e.io"], "a.io, b.io, c.io, d.io or 1 more"),
    ] {
        let settings = json!({"registries": {"allow": allow}});
        tells(&settings, "nginx", None, Code::RegistryNotAllowed, &told(allowed));
    }
}

#[test]
fn registry_rejected() {
    tells(
        &json!({"registries": {"reject": ["ghcr.io", "*.corp.example/team"]}}),
        "EU.corp.example/team/app",
        None,
        Code::RegistryRejected,
        "image \"EU.corp.example/team/app\" comes from EU.corp.example/team/app, which is in the rejected registry \
         *.corp.example/team. Use an image from another registry",
    );
}

#[test]
fn image_not_allowed() {
    tells(
        &json!({"images": {"allow": ["ghcr.io/org/**"]}}),
        "nginx",
        None,
        Code::ImageNotAllowed,
        "image \"nginx\" is not on the list of allowed images. Use one that is",
    );
}

#[test]
fn image_rejected() {
    tells(
        &json!({"images": {"reject": ["bitnami/**"]}}),
        "bitnami/redis",
        None,
        Code::ImageRejected,
        "image \"bitnami/redis\" matches docker.io/bitnami/** on the list of rejected images. Use another image",
    );
}

#[test]
fn tag_rejected() {
    let settings = json!({"tags": {"reject": ["latest", "*-SNAPSHOT"]}});
    tells(
        &settings,
        "nginx",
        None,
        Code::TagRejected,
        "image \"nginx\" has neither tag nor digest, so its tag is latest, which matches the rejected tag latest. Use another \
         tag",
    );
    let image = &format!("app:1-SNAPSHOT@{SHA256}");
    tells(
        &settings,
        image,
        None,
        Code::TagRejected,
        &format!(
            "image \"{image}\" has the tag 1-SNAPSHOT, which matches the rejected tag *-SNAPSHOT. Use another tag"
        ),
    );
}

#[test]
fn invalid_reference() {
    let told = |image: &str, error: &str| {
        tells(
            &json!({}),
            image,
            Some("Always"),
            Code::InvalidReference,
            &format!("{error}. Write it as [registry/]repository[:tag][@digest]"),
        );
    };
    told(
        "ghcr.io/Org/app",
        "image \"ghcr.io/Org/app\" is not an image reference: upper-case letter `O` at byte 8: repositories are lower case",
    );
    told(
        "sha256:abcdef",
        "image \"sha256:abcdef\" is not an image reference: it is an image id, which names content on a node; a digest follows a name and `@`",
    );
    told(
        "\u{202e}nginx\"\n\\\u{7f}",
        "image \"\\u{202e}nginx\\\"\\n\\\\\\u{7f}\" is not an image reference: character `\\u{202e}` at byte 0 is not allowed in a repository component",
    );
    told(
        "  ",
        "image \"  \" is not an image reference: character ` ` at byte 0 is not allowed in a repository component",
    );
}

#[test]
fn missing_image() {
    for (list, noun, field, key) in [
        ("containers", "container", "", "image"),
        ("initContainers", "init container", "", "image"),
        ("ephemeralContainers", "ephemeral container", "", "image"),
        ("volumes", "image volume", ".image", "reference"),
    ] {
        let mut spec = pod_spec(list, "", None);
        if list != "containers" {
            spec["containers"] = json!([{"name": "b", "image": "nginx"}]);
        }
        let verdict = pod(&spec, &json!({}));
        let message = format!(
            "{noun} \"a\" at spec.{list}[0]{field}: it has no image. Set {key} \
             [missing-image]"
        );
        assert_eq!(verdict.message(), Some(message));
        assert_eq!(verdict.status(), Some(403));
    }
}

#[track_caller]
fn is_rejected(verdict: &Verdict, status: u16, lines: &[&str]) {
    assert_eq!(verdict.message(), Some(lines.join("\n")));
    assert_eq!(verdict.status(), Some(status));
    assert!(!verdict.is_accepted());
}

#[test]
fn an_entry_without_a_name_is_told_by_its_place() {
    is_rejected(
        &pod(
            &json!({"containers": [{"image": "a:1"}, {"name": null, "image": "b"}, {"name": "", "image": "c:1"}]}),
            &json!({}),
        ),
        403,
        &[
            "container at spec.containers[0]: image \"a:1\" can go stale: it has no digest and its pull policy defaults \
             to IfNotPresent, so a node that holds this tag keeps running the old content. Set imagePullPolicy: \
             Always, or pin the image as docker.io/library/a@sha256:… [mutable-image]",
            "container at spec.containers[2]: image \"c:1\" [mutable-image]",
        ],
    );
}

#[test]
fn one_image_can_have_many_findings() {
    let settings = json!({
        "require": "digestAndAlways",
        "registries": {"reject": ["docker.io"]},
        "images": {"allow": ["ghcr.io/**"]},
        "tags": {"reject": ["1"]},
    });
    let verdict = pod(&json!({"containers": [{"name": "a", "image": "a:1"}]}), &settings);
    let codes: Vec<&str> = verdict.findings().iter().map(|finding| finding.code().as_str()).collect();
    assert_eq!(verdict.clone().into_findings(), verdict.findings());
    let expected =
        ["registry-rejected", "image-not-allowed", "tag-rejected", "digest-required", "always-required"];
    assert_eq!(codes, expected);
}

#[test]
fn no_containers() {
    let message = "spec.containers: a Pod needs at least one container [no-containers]";
    for spec in [json!({}), json!(null), json!({"containers": []}), json!({"containers": null})] {
        is_rejected(&pod(&spec, &json!({})), 400, &[message]);
    }
}

#[test]
fn malformed_object() {
    for (spec, line) in [
        (json!([]), "spec: expected an object, found a list [malformed-object]"),
        (json!({"containers": {}}), "spec.containers: expected a list, found an object [malformed-object]"),
        (
            json!({"containers": [1]}),
            "spec.containers[0]: expected an object, found a number [malformed-object]",
        ),
        (
            json!({"containers": [{"image": true}]}),
            "spec.containers[0].image: expected a string, found a boolean [malformed-object]",
        ),
        (
            json!({"containers": [{"name": [], "image": "a"}]}),
            "spec.containers[0].name: expected a string, found a list [malformed-object]",
        ),
        (
            json!({"containers": [{"image": "a"}], "volumes": [{"image": "a"}]}),
            "spec.volumes[0].image: expected an object, found a string [malformed-object]",
        ),
        (
            json!({"containers": [{"image": "a"}], "volumes": [{"image": {"pullPolicy": 1}}]}),
            "spec.volumes[0].image.pullPolicy: expected a string, found a number [malformed-object]",
        ),
    ] {
        is_rejected(&pod(&spec, &json!({})), 400, &[line]);
    }
}

#[test]
fn malformed_request() {
    for (payload, line) in [
        ("", "payload: invalid JSON: unexpected end of input at byte 0 [malformed-request]"),
        ("[]", "payload: expected an object, found a list [malformed-request]"),
        ("{}", "request: expected an object, found nothing [malformed-request]"),
        (r#"{"request": 1}"#, "request: expected an object, found a number [malformed-request]"),
        (r#"{"request": {}}"#, "request.kind.kind: expected a string, found nothing [malformed-request]"),
        (
            r#"{"request": {"kind": null}}"#,
            "request.kind: expected an object, found null [malformed-request]",
        ),
        (
            r#"{"request": {"kind": {"kind": "Pod"}}}"#,
            "request.object: expected an object, found nothing [malformed-request]",
        ),
        (
            r#"{"request": {"kind": {"kind": "Pod"}, "operation": 1}}"#,
            "request.operation: expected a string, found a number [malformed-request]",
        ),
        (
            r#"{"request": {"kind": {"kind": "Pod"}, "userInfo": {"groups": [null]}}}"#,
            "request.userInfo.groups[0]: expected a string, found null [malformed-request]",
        ),
    ] {
        is_rejected(&fresh_images::evaluate(payload.as_bytes()), 400, &[line]);
    }
}

#[test]
fn duplicate_key() {
    let told = |path: &str, key: &str| {
        format!("{path}: duplicate key \"{key}\". Remove one of them [duplicate-key]")
    };
    let object = |spec: &str| {
        format!(r#"{{"request": {{"kind": {{"group": "", "kind": "Pod"}}, "object": {{"spec": {spec}}}}}}}"#)
    };
    for (payload, path, key) in [
        (object(r#"{"containers": [{"image": "a", "image": "b"}]}"#), "spec.containers[0]", "image"),
        (object(r#"{"containers": [{"image": "a"}], "containers": []}"#), "spec", "containers"),
        (
            object(
                r#"{"containers": [{"image": "a"}], "volumes": [{"image": {"reference": "a", "reference": "a"}}]}"#,
            ),
            "spec.volumes[0].image",
            "reference",
        ),
        (
            r#"{"request": {"kind": {"kind": "Pod", "k\u0069nd": "X"}, "object": {}}}"#.into(),
            "request.kind",
            "kind",
        ),
    ] {
        is_rejected(&fresh_images::evaluate(payload.as_bytes()), 400, &[&told(path, key)]);
    }
}

#[test]
fn a_duplicate_key_hides_no_image_of_a_kind_that_is_discovered() {
    for containers in [
        r#"[{"image": "nginx:1", "image": null}]"#,
        r#"[{"image": null, "image": "nginx:1"}]"#,
        r#"[{"name": "a"}, {"image": "nginx:1", "image": null}]"#,
    ] {
        let kind = r#"{"group": "argoproj.io", "kind": "Rollout"}"#;
        let payload = format!(
            r#"{{"request": {{"kind": {kind}, "object": {{"spec": {{"containers": {containers}}}}}}}}}"#
        );
        let verdict = fresh_images::evaluate(payload.as_bytes());
        let codes: Vec<Code> = verdict.findings().iter().map(|finding| finding.code()).collect();
        assert!(codes.contains(&Code::DuplicateKey), "{containers}: {:?}", verdict.message());
    }
}

#[test]
fn digest_unresolved() {
    let settings = json!({"mutate": {"to": "pinDigest", "registries": ["docker.io"]}});
    let verdict = pod(&json!({"containers": [{"name": "a", "image": "a:1"}]}), &settings);
    is_rejected(
        &verdict,
        403,
        &[
            "container \"a\" at spec.containers[0]: image \"a:1\" could not be pinned: no registry is available to look up \
           docker.io/library/a:1. Pin it as docker.io/library/a@sha256:…, or try again [digest-unresolved]",
        ],
    );
}

#[test]
fn invalid_settings() {
    let verdict = pod(&json!({"containers": [{"image": "a"}]}), &json!({"tags": {"reject": [" "]}}));
    is_rejected(&verdict, 500, &["settings.tags.reject[0]: \" \" is blank [invalid-settings]"]);
}

#[test]
fn a_finding_says_where_it_is() {
    let verdict = pod(&json!({"initContainers": [{"image": "a:1"}]}), &json!({}));
    let places: Vec<_> =
        verdict.findings().iter().map(|it| (it.path().to_string(), it.place(), it.image())).collect();
    assert_eq!(
        places,
        [
            ("spec.initContainers[0]".into(), Place::List(ListKind::InitContainers), Some("a:1")),
            ("spec.containers".into(), Place::Value, None),
        ],
    );
}

#[test]
fn the_gravest_finding_decides_the_status() {
    let spec = json!({"containers": [{"name": "a", "image": "a:1"}, 1]});
    assert_eq!(pod(&spec, &json!({})).status(), Some(403));
    assert_eq!(pod(&json!({"containers": [1]}), &json!({})).status(), Some(400));
    assert_eq!(pod(&json!({"containers": [{"image": "a"}]}), &json!({})).status(), None);
}

/// Each code is in the message of some test above, under its own name.
#[test]
fn every_code_has_a_name_of_its_own() {
    let names: BTreeSet<&str> = Code::ALL.iter().map(|code| code.as_str()).collect();
    assert_eq!(names.len(), Code::ALL.len());
    assert!(
        Code::ALL.iter().map(|code| code.as_str()).eq(names.iter().copied()),
        "not in alphabetical order"
    );
    let source = include_str!("messages.rs");
    for code in Code::ALL {
        assert_eq!(code.to_string(), code.as_str());
        let tested =
            [format!("Code::{code:?},"), format!("[{code}]")].iter().any(|text| source.contains(text));
        assert!(tested, "no test above has {code}");
    }
}

#[test]
fn texts_of_the_user_are_cut_and_escaped() {
    // At the limit, and one byte above.
    for (length, shown) in [(256, "x".repeat(256)), (257, format!("{}…", "x".repeat(256)))] {
        let image = "x".repeat(length);
        let name = "x".repeat(length);
        let verdict = pod(&json!({"containers": [{"name": name, "image": image}]}), &json!({}));
        let error =
            format!("the repository has {} bytes; at most 255 are allowed", length + "library/".len());
        is_rejected(
            &verdict,
            403,
            &[&format!(
                "container \"{shown}\" at spec.containers[0]: image \"{shown}\" is not an image reference: {error}. Write \
                 it as [registry/]repository[:tag][@digest] [invalid-reference]"
            )],
        );
    }
    // An escape is never cut in two: 42 of 6 bytes each leave no room for another.
    let verdict = pod(&json!({"containers": [{"name": "é".repeat(300), "image": ""}]}), &json!({}));
    let message = verdict.message().unwrap_or_default();
    let name = format!("container \"{}…\" at ", "\\u{e9}".repeat(256 / 6));
    assert!(message.starts_with(&name), "{message}");
    // A name cannot make a line of its own.
    let verdict = pod(&json!({"containers": [{"name": "a\" at x: fine [ok]\nb", "image": ""}]}), &json!({}));
    is_rejected(
        &verdict,
        403,
        &["container \"a\\\" at x: fine [ok]\\nb\" at spec.containers[0]: it has no image. Set \
           image [missing-image]"],
    );
}

fn many(count: usize) -> Value {
    let containers: Vec<Value> =
        (0..count).map(|index| json!({"name": format!("c{index}"), "image": "a:1"})).collect();
    json!({"containers": containers})
}

/// The line of the `many` containers that is not the first.
fn short_line(index: usize) -> String {
    format!("container \"c{index}\": image \"a:1\" [mutable-image]")
}

#[test]
fn a_message_has_at_most_4096_bytes_and_counts_the_rest() {
    for count in [1, 2, 30, 83, 84, 85, 86, 87, 88, 100, 5000] {
        let verdict = pod(&many(count), &json!({}));
        // Nobody reads more.
        assert_eq!(verdict.findings().len(), count.min(1000));
        assert_eq!(verdict.images(), count);
        let message = verdict.message().unwrap_or_default();
        assert!(message.len() <= 4096, "{count}: {}", message.len());
        let first = verdict.findings().first().map(ToString::to_string);
        let lines: Vec<String> = first.into_iter().chain((1..count).map(short_line)).collect();
        let told: Vec<&str> = message.split('\n').collect();
        let shown = told.iter().zip(&lines).take_while(|(told, line)| told == line).count();
        if shown < count {
            // As many as fit are shown, and the rest is counted.
            assert_eq!(
                told.get(shown..),
                Some(&[format!("and {} more", count - shown).as_str()][..]),
                "{message}"
            );
            let next = lines[..=shown].join("\n").len() + "\nand 9999 more".len();
            assert!(next > 4096 - 32, "{count}: one more than {shown} would fit");
        } else {
            assert_eq!(told.len(), count);
        }
    }
}

#[test]
fn a_message_is_cut_at_the_byte() {
    // One whole line and ten short ones that have `length` bytes together, and `more` after them: how many lines are
    // told, and how the rest is counted.
    let told = |length: usize, more: usize| {
        let spec = |first: usize, last: usize| {
            let names = [first].into_iter().chain([200; 9]).chain([last]).chain(std::iter::repeat_n(1, more));
            let containers: Vec<Value> = names
                .map(|length| json!({"name": "x".repeat(length), "image": format!("{}:1", "a".repeat(120))}))
                .collect();
            json!({"containers": containers})
        };
        let told = |spec: &Value| pod(spec, &json!({})).message().unwrap_or_default();
        let without = told(&spec(1, 1)).lines().take(11).collect::<Vec<_>>().join("\n").len();
        let (first, last) = ((length - without) / 2, (length - without).div_ceil(2));
        let message = told(&spec(1 + first, 1 + last));
        let rest = message.lines().find(|line| line.starts_with("and ")).map(str::to_owned);
        (message.lines().count() - usize::from(rest.is_some()), rest)
    };
    assert_eq!(told(4096, 0), (11, None));
    assert_eq!(told(4097, 0), (10, Some("and 1 more".into())));
    // Where others follow, there is to be room for their number.
    assert_eq!(told(4076, 1), (11, Some("and 1 more".into())));
    assert_eq!(told(4077, 1), (10, Some("and 2 more".into())));
}

#[test]
fn thirty_containers_fit_a_screen_and_a_long_image_is_told_once() {
    let message = pod(&many(30), &json!({})).message().unwrap_or_default();
    assert_eq!(message.lines().count(), 30);
    assert!(message.lines().skip(1).all(|line| line.len() < 60), "{message}");

    let image = format!("harbor.example.com/{}/web:1.1", "team".repeat(20));
    let settings = json!({"registries": {"allow": ["ghcr.io"]}, "require": "digestAndAlways"});
    for settings in [json!({}), settings] {
        let message = pod(&json!({"containers": [{"name": "web", "image": image}]}), &settings)
            .message()
            .unwrap_or_default();
        for line in message.lines() {
            assert_eq!(line.matches("harbor.example.com").count(), 1, "{line}");
        }
    }
}

#[test]
fn a_line_is_short_only_after_one_of_the_same_list_and_reason() {
    let message = pod(
        &json!({
            "initContainers": [{"name": "a", "image": "a:1"}],
            "containers": [
                {"name": "b", "image": "b:1"},
                {"name": "c", "image": ""},
                {"name": "d", "image": "d:1"},
                {"name": "e", "image": ""},
                {"name": "f", "image": "f:1", "imagePullPolicy": "Never"},
            ],
        }),
        &json!({}),
    )
    .message()
    .unwrap_or_default();
    let is_short: Vec<bool> = message.lines().map(|line| !line.contains(" at spec.")).collect();
    assert_eq!(is_short, [false, false, true, true, true, false], "{message}");
    let workflow = json!({"spec": {"templates": [
        {"container": {"image": "a:1"}},
        {"script": {"name": "b", "image": "b:1"}},
    ]}});
    let told = evaluate(
        &json!({"group": "argoproj.io", "version": "v1alpha1", "kind": "Workflow"}),
        &workflow,
        &json!({}),
    )
    .message()
    .unwrap_or_default();
    assert!(told.lines().all(|line| line.contains(" at spec.templates[")), "{told}");
    assert!(message.contains(
        "\ncontainer \"d\": image \"d:1\" [mutable-image]\n\
         container \"e\" [missing-image]\n\
         container \"f\": image \"f:1\" [mutable-image]\n"
    ));
}

#[test]
fn a_line_always_fits_into_a_message() {
    let long = "\u{10ffff}".repeat(1000);
    let spec = json!({"containers": [{"name": long, "image": long, "imagePullPolicy": long}]});
    let message = pod(&spec, &json!({})).message().unwrap_or_default();
    assert!(message.ends_with("[invalid-reference]"), "{message}");

    let host = |letter: &str| format!("{}.io", letter.repeat(2000));
    let settings = json!({"registries": {"allow": [host("a"), host("b"), host("c")]}});
    let message = pod(&json!({"containers": [{"name": "web", "image": "nginx"}]}), &settings)
        .message()
        .unwrap_or_default();
    assert!(message.len() <= 4096, "{}", message.len());
    assert!(
        message.starts_with("container \"web\" at spec.containers[0]: image \"nginx\" comes from"),
        "{message:?}"
    );
}

#[test]
fn a_problem_of_settings_always_fits_into_a_message() {
    let image = format!("{}.io/app", "a".repeat(4000));
    let settings = json!({"overrides": [
        {"images": [image], "require": "digest"},
        {"images": [image], "require": "none"},
    ]});
    let message = pod(&json!({"containers": [{"image": "nginx"}]}), &settings).message().unwrap_or_default();
    assert!(message.len() <= 4096, "{}", message.len());
    assert!(message.starts_with("settings.overrides[1].images[0]: "), "{message:?}");
}

#[test]
fn warnings_are_short_ascii() {
    let warn = json!({"enforcement": "warn"});
    let told = |spec: &Value| pod(spec, &warn).warnings().to_vec();

    let verdict = pod(&many(1), &warn);
    assert!(verdict.is_accepted());
    assert_eq!((verdict.message(), verdict.status(), verdict.findings().len()), (None, None, 1));
    assert_eq!(
        verdict.warnings(),
        [
            "container \"c0\": image \"a:1\" can go stale (no digest, IfNotPresent). Set imagePullPolicy: Always or pin it [mutable-image]"
        ],
    );
    assert_eq!(told(&json!({})), ["spec.containers: a Pod needs at least one container [no-containers]"]);

    let letters = "x".repeat(5000);
    assert_eq!(
        told(&json!({"containers": [{"image": letters}]})),
        [format!(
            "container at spec.containers[0]: image \"{}...\" is not an image. Write it as \
             [registry/]repository[:tag][@digest] [invalid-reference]",
            "x".repeat(70)
        )],
    );
    let [warning] = &told(&json!({"containers": [{"name": "", "image": "a:1"}]}))[..] else {
        panic!("one warning")
    };
    assert!(warning.starts_with("container at spec.containers[0]: image \"a:1\""), "{warning}");
    let image = "é\n\"\u{10ffff}".repeat(100);
    let [warning] =
        &told(&json!({"containers": [{"image": "a"}], "volumes": [{"image": {"reference": image}}]}))[..]
    else {
        panic!("one warning")
    };
    assert!(warning.starts_with("image volume at spec.volumes[0].image: image \"\\u{e9}\\n\\\"\\u{10ffff}"));
    assert!(warning.ends_with(
        "...\" is not an image. Write it as [registry/]repository[:tag][@digest] [invalid-reference]"
    ));

    for count in [14, 15, 16, 1000, 5000] {
        let warnings = told(&many(count));
        assert_eq!(warnings.len(), count.min(16), "{count}");
        assert!(warnings.iter().all(|warning| warning.is_ascii() && warning.len() <= 200));
        assert!(warnings.iter().map(String::len).sum::<usize>() <= 4096);
        if count > 15 {
            assert_eq!(warnings.last(), Some(&format!("and {} more", count - 15)));
        }
    }
}

#[test]
fn a_path_in_a_warning_is_cut() {
    let key = "\u{10ffff}".repeat(20);
    let object = json!({&key: {&key: {&key: {"containers": [{"image": "a:1"}]}}}});
    let kind = json!({"group": "example.com", "kind": "Unknown"});
    let verdict = evaluate(&kind, &object, &json!({"enforcement": "warn"}));
    let [warning] = verdict.warnings() else { panic!("{:?}", verdict.warnings()) };
    assert!(warning.is_ascii() && warning.len() <= 200, "{warning}");
    assert!(
        warning.contains(
            "...: image \"a:1\" can go stale (no digest, IfNotPresent) unless its Pods are mutated."
        ),
        "{warning}"
    );
}

#[test]
fn a_finding_has_the_name_of_its_container() {
    let containers = json!([{"name": "web", "image": "a:1"}, {"image": "b:1"}]);
    let verdict = pod(&json!({"containers": containers}), &json!({}));
    let names: Vec<Option<&str>> =
        verdict.findings().iter().map(fresh_images::verdict::Finding::name).collect();
    assert_eq!(names, [Some("web"), None]);
}

#[test]
fn an_exemption_that_ended_is_told_where_it_lifted_what_is_found() {
    let until = |image: &str, more: &str| {
        let payload = format!(
            r#"{{"request": {{"operation": "CREATE", "namespace": "shop", "kind": {{"group": "", "version": "v1", "kind": "Pod"}},
                "object": {{"spec": {{"containers": [{{"name": "web", "image": "{image}"}}]}}}}}},
                "settings": {{"exempt": [{{"namespaces": ["shop"], "until": "2027-01-31", "reason": "moves"{more}}}]}}}}"#
        );
        let today: Option<Date> = "2027-02-01".parse().ok();
        let verdict =
            fresh_images::evaluate_with(payload.as_bytes(), &Host { clock: &today, ..Host::default() });
        verdict.message().unwrap_or_default()
    };
    let (told, ended) = ("ghcr.io/web:1", "It was exempt until 2027-01-31");
    for (image, rules, is_told) in [
        (told, "", true),
        (told, r#", "rules": ["freshness"]"#, true),
        (told, r#", "rules": ["tags"]"#, false),
        // What is no image is lifted only with everything.
        ("ghcr.io/Web:1", "", true),
        ("ghcr.io/Web:1", r#", "rules": ["tags"]"#, false),
        ("ghcr.io/Web:1", r#", "rules": ["freshness"]"#, false),
    ] {
        let message = until(image, rules);
        assert!(message.contains(image) && message.contains(ended) == is_told, "{message}");
    }
}

#[test]
fn a_name_of_more_than_96_bytes_is_not_repeated() {
    for (length, is_repeated) in [(96, true), (97, false)] {
        let name = format!("x.io/{}", "a".repeat(length - "x.io/".len()));
        for (settings, pull_policy, repeated) in [
            (json!({}), Some("Never"), format!("as {name}@sha256:…")),
            (
                json!({"registries": {"allow": ["y.io"]}}),
                Some("Always"),
                format!("comes from {name}, which is not in"),
            ),
            (
                json!({"registries": {"reject": ["x.io"]}}),
                Some("Always"),
                format!("comes from {name}, which is in"),
            ),
        ] {
            let message =
                pod(&pod_spec("containers", &name, pull_policy), &settings).message().unwrap_or_default();
            assert_eq!(message.contains(&repeated), is_repeated, "{message}");
            assert_eq!(message.matches(&name).count(), if is_repeated { 2 } else { 1 }, "{message}");
        }
    }
}
