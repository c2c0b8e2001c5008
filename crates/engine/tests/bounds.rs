//! Hostile objects of 3 MiB, the most that an API server takes, are judged within 64 MiB of guest memory and the time
//! limit of policy-server: who can create a custom resource must not be able to stall or to exhaust it.
//!
//! The time is what the processor spends, the least of three runs: a machine that does other things as well has a slower
//! processor, but not each time.

#![expect(
    clippy::arithmetic_side_effects,
    reason = "the lengths of a few texts are added up, and JSON without a member has null"
)]

use std::time::Duration;

use fresh_images_engine::{Policy, Result};
use rustix::time::{ClockId, clock_gettime};

const SIZE: usize = 3 * 1024 * 1024;
const MEMORY: usize = 64 * 1024 * 1024;
/// policy-server allows 2 s by default, and some of its machines are slower than the one that tests run on.
const LIMIT: Duration = Duration::from_secs(1);

/// The answer of the policy.
///
/// # Errors
///
/// It fails, or takes longer than the limit.
fn judge(policy: &Policy, payload: &str) -> Result<serde_json::Value> {
    let now = || Duration::try_from(clock_gettime(ClockId::ThreadCPUTime));
    let mut least = Duration::MAX;
    for _ in 0..3 {
        let started = now()?;
        let answer = policy.call("validate", payload.as_bytes())?;
        least = least.min(now()?.saturating_sub(started));
        if least < LIMIT {
            return Ok(serde_json::from_slice(&answer)?);
        }
    }
    Err(format!("it takes {least:?}").into())
}

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
fn hostile_objects_stay_within_memory_and_time() -> Result<()> {
    let policy = Policy::built()?.with_memory(MEMORY)?;
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
        let response = judge(&policy, &payload).map_err(|error| format!("{name}: {error}"))?;
        let message = response["message"].as_str().unwrap_or_default();
        assert!(!message.contains("not readable"), "{name}: {message}");
        assert!(message.len() <= 4096, "{name}");
    }
    Ok(())
}

/// As many image uses as an object of that size can have, all mutated: the work grows with their number, not with its
/// square.
#[test]
fn mutation_stays_within_memory_and_time() -> Result<()> {
    let image = "docker.io/library/a:1";
    let digest = "sha256:0000000000000000000000000000000000000000000000000000000000000000";
    let policy = Policy::built()?.with_memory(MEMORY)?.with_digest(digest);
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
            let response = judge(&policy, &payload).map_err(|error| format!("{name}: {error}"))?;
            assert!(response["mutated_object"].is_object(), "{name}: {}", response["message"]);
        }
    }
    Ok(())
}
