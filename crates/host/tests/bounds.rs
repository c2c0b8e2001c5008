//! Hostile objects of 3 MiB, the most that an API server takes, are judged within 64 MiB of guest memory and the time
//! limit of policy-server: whoever may create a custom resource must not be able to stall or to exhaust it.

#![expect(clippy::arithmetic_side_effects, reason = "the lengths of a few texts are added up")]

use std::collections::BTreeMap;
use std::sync::Arc;

use fresh_images_host::POLICY;
use fresh_images_host::engine::{Engine, Options};

const SIZE: usize = 3 * 1024 * 1024;

/// A request of about 3 MiB: an object of this kind, with an entry repeated between two texts.
fn payload(group: &str, kind: &str, before: &str, entry: &str, after: &str) -> String {
    let room = SIZE.saturating_sub(before.len() + after.len());
    let entries = vec![entry; room / (entry.len() + 1)].join(",");
    format!(
        r#"{{"request":{{"operation":"CREATE","kind":{{"group":"{group}","kind":"{kind}"}},"object":{before}{entries}{after}}},"settings":{{}}}}"#
    )
}

/// Nested under keys that are as long as a path shows them.
fn deep(levels: usize) -> (String, String) {
    let key = "k".repeat(64);
    (format!(r#"{{"{key}":"#).repeat(levels), "}".repeat(levels))
}

#[test]
fn hostile_objects_stay_within_memory_and_time() {
    let engine = Engine::new(POLICY, Options::default()).unwrap();
    let pod = |entry| payload("", "Pod", r#"{"spec":{"containers":["#, entry, "]}}");
    let (open, close) = deep(115);
    let resource = |entry| payload("example.com", "Thing", &format!("{open}["), entry, &format!("]{close}"));
    let cases = [
        ("numbers for containers", pod("0")),
        ("empty containers", pod("{}")),
        ("containers without a name", pod(r#"{"image":"a:1"}"#)),
        ("null containers", pod("null")),
        ("containers with a duplicate key", pod(r#"{"image":1,"image":2}"#)),
        ("many lists far down", resource(r#"{"containers":[{"image":"a:1"}]}"#)),
        ("many duplicate keys far down", resource(r#"{"a":1,"a":1}"#)),
        (
            "one long list far down",
            payload(
                "example.com",
                "Thing",
                &format!(r#"{open}{{"containers":["#),
                r#"{"image":"a:1"}"#,
                &format!("]}}{close}"),
            ),
        ),
        ("numbers everywhere", resource("0")),
        ("many keys", payload("example.com", "Thing", r#"{"spec":{"#, r#""k":1"#, "}}")),
        (
            "image volumes",
            payload(
                "",
                "Pod",
                r#"{"spec":{"containers":[{"image":"a"}],"volumes":["#,
                r#"{"image":{}}"#,
                "]}}",
            ),
        ),
    ];
    for (name, payload) in cases {
        match engine.validate(payload.as_bytes()) {
            Ok(response) => {
                let message = response.message.as_deref().unwrap_or_default();
                assert!(!message.contains("not readable"), "{name}: {message}");
                assert!(message.len() <= 4096, "{name}");
            }
            Err(error) => panic!("{name}: {error}"),
        }
    }
}

/// As many image uses as an object of that size can have, all mended: the work grows with their number, not with its
/// square.
#[test]
fn mending_stays_within_memory_and_time() {
    let image = "docker.io/library/a:1";
    let digest = format!("sha256:{}", "0".repeat(64));
    let digests = BTreeMap::from([(image.to_owned(), digest)]);
    let options = Options { manifest_digest: Arc::new(digests), ..Options::default() };
    let engine = Engine::new(POLICY, options).unwrap();
    let entry = format!(r#"{{"image":"{image}","name":"{}"}}"#, "n".repeat(40));
    let pod = payload("", "Pod", r#"{"spec":{"containers":["#, &entry, "]}}");
    let debug = payload("", "Pod", r#"{"spec":{"ephemeralContainers":["#, &entry, "]}}")
        .replace(r#""operation":"CREATE""#, r#""operation":"UPDATE","subResource":"ephemeralcontainers""#);
    let (object, settings) = debug.split_once(r#"},"settings""#).unwrap();
    let old = format!(
        r#","oldObject":{{"spec":{{"ephemeralContainers":[{}]}}}}"#,
        vec![entry.replace("nn", "mm"); 20_000].join(",")
    );
    let debug = format!(r#"{object}{old}}},"settings"{settings}"#);
    for (name, payload) in [("containers", pod), ("ephemeral containers", debug)] {
        for mutate in [r#"{"to":"pullAlways"}"#, r#"{"to":"pinDigest","registries":["docker.io"]}"#] {
            let payload =
                payload.replace(r#""settings":{}"#, &format!(r#""settings":{{"mutate":{mutate}}}"#));
            let response =
                engine.validate(payload.as_bytes()).unwrap_or_else(|error| panic!("{name}: {error}"));
            assert!(response.mutated_object.is_some(), "{name}: {:?}", response.message);
        }
    }
}
