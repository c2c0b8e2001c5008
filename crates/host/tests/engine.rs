//! The engine, with guests small enough to read.

#![expect(clippy::expect_used, reason = "a helper of a test may panic like the test")]

mod guests;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use fresh_images_host::{Engine, EngineError, Options};

use guests::{constant, guest};

/// Sends the payload to a capability, and answers or fails with what comes back.
fn asks(namespace: &str, operation: &str) -> Vec<u8> {
    guest(&format!(
        r#"(data (i32.const 0) "kubewarden")
           (data (i32.const 32) "{namespace}")
           (data (i32.const 64) "{operation}")
           (func (export "__guest_call") (param $operation i32) (param $payload i32) (result i32)
               (call $request (i32.const 128) (i32.const 256))
               (if (result i32)
                   (call $host_call
                       (i32.const 0) (i32.const 10)
                       (i32.const 32) (i32.const {})
                       (i32.const 64) (i32.const {})
                       (i32.const 256) (local.get $payload))
                   (then
                       (call $host_response (i32.const 1024))
                       (call $respond (i32.const 1024) (call $host_response_len))
                       (i32.const 1))
                   (else
                       (call $host_error (i32.const 1024))
                       (call $fail (i32.const 1024) (call $host_error_len))
                       (i32.const 0))))"#,
        namespace.len(),
        operation.len()
    ))
}

fn engine(wasm: &[u8]) -> Engine {
    Engine::new(wasm, Options::default()).expect("the guest compiles")
}

#[test]
fn every_call_gets_a_fresh_instance() {
    let counts = guest(
        r#"(global $calls (mut i32) (i32.const 0))
           (func (export "__guest_call") (param i32 i32) (result i32)
               (global.set $calls (i32.add (global.get $calls) (i32.const 1)))
               (i32.store8 (i32.const 0) (i32.add (global.get $calls) (i32.const 48)))
               (i32.store8 (i32.const 1) (i32.add (i32.load8_u (i32.const 1)) (i32.const 65)))
               (call $respond (i32.const 0) (i32.const 2))
               (i32.const 1))"#,
    );
    let engine = engine(&counts);
    for _ in 0..3 {
        assert_eq!(engine.call("count", b"").as_deref(), Ok(&b"1A"[..]));
    }
}

#[test]
fn an_engine_serves_several_threads() {
    let engine = engine(&constant("x"));
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| assert_eq!(engine.call("x", b"").as_deref(), Ok(&b"x"[..])));
        }
    });
}

#[test]
fn answers_are_read() {
    let response = engine(&constant(r#"{"accepted":false,"message":"no","code":403,"warnings":["w"]}"#))
        .validate(b"{}")
        .expect("a response");
    assert!(!response.accepted);
    assert_eq!(response.message.as_deref(), Some("no"));
    assert_eq!(response.code, Some(403));
    assert_eq!(response.warnings, Some(vec!["w".into()]));

    let settings = engine(&constant(r#"{"valid":false,"message":"bad"}"#)).validate_settings(b"{}");
    assert_eq!(settings.map(|settings| settings.message), Ok(Some("bad".into())));
    assert_eq!(engine(&constant(r#""v1""#)).protocol_version().as_deref(), Ok("v1"));
}

#[test]
fn an_answer_that_is_no_response_is_an_error() {
    let error = engine(&constant("{}")).validate(b"{}").expect_err("no response");
    assert_eq!(
        error.to_string(),
        "the policy's answer to validate is no response: missing field `accepted` at line 1 column 2",
    );
}

#[test]
fn a_policy_that_never_ends_is_stopped() {
    let loops = r#"(func (export "__guest_call") (param i32 i32) (result i32) (loop (br 0)) (i32.const 1))"#;
    let limit = Duration::from_millis(50);
    let options = Options { time_limit: limit, ..Options::default() };
    let engine = Engine::new(&guest(loops), options).expect("the guest compiles");
    let expected = EngineError::TimeLimit { function: "validate".into(), limit };
    assert_eq!(engine.validate(b"{}"), Err(expected.clone()));
    assert_eq!(expected.to_string(), "the policy was stopped in validate after the time limit of 50ms",);
    // The engine is not spoiled by it.
    assert_eq!(engine.validate(b"{}"), Err(expected));
}

#[test]
fn a_policy_that_never_starts_is_stopped() {
    let loops = r#"(func (export "wapc_init") (loop (br 0)))
                   (func (export "__guest_call") (param i32 i32) (result i32) (i32.const 1))"#;
    let limit = Duration::from_millis(50);
    let options = Options { time_limit: limit, ..Options::default() };
    let engine = Engine::new(&guest(loops), options).expect("the guest compiles");
    assert_eq!(engine.call("x", b""), Err(EngineError::TimeLimit { function: "start".into(), limit }));
}

#[test]
fn a_quick_policy_is_not_stopped_after_many_ticks() {
    let limit = Duration::from_millis(30);
    let options = Options { time_limit: limit, ..Options::default() };
    let engine = Engine::new(&constant("x"), options).expect("the guest compiles");
    std::thread::sleep(3 * limit);
    assert_eq!(engine.call("x", b"").as_deref(), Ok(&b"x"[..]));
}

#[test]
fn memory_ends_at_the_limit() {
    // Answers how many pages of 64 KiB it could get, as one byte.
    let grows = guest(
        r#"(func (export "__guest_call") (param i32 i32) (result i32)
               (block $full
                   (loop $more
                       (br_if $full (i32.eq (memory.grow (i32.const 1)) (i32.const -1)))
                       (br $more)))
               (i32.store8 (i32.const 0) (memory.size))
               (call $respond (i32.const 0) (i32.const 1))
               (i32.const 1))"#,
    );
    let options = Options { memory_limit: 5 * 64 * 1024, ..Options::default() };
    let engine = Engine::new(&grows, options.clone()).expect("the guest compiles");
    assert_eq!(engine.call("grow", b"").as_deref(), Ok(&[5][..]));
    let engine = engine.with_options(Options { memory_limit: 7 * 64 * 1024, ..options }).expect("same guest");
    assert_eq!(engine.call("grow", b"").as_deref(), Ok(&[7][..]));
}

#[test]
fn a_trap_is_an_error() {
    let traps = guest(r#"(func (export "__guest_call") (param i32 i32) (result i32) unreachable)"#);
    let error = engine(&traps).validate(b"{}").expect_err("a trap");
    assert_eq!(
        error.to_string(),
        "the policy failed in validate: wasm trap: wasm `unreachable` instruction executed",
    );
}

#[test]
fn a_refusal_is_an_error() {
    let refuses = guest(
        r#"(data (i32.const 0) "not\ntoday")
           (func (export "__guest_call") (param i32 i32) (result i32)
               (call $fail (i32.const 0) (i32.const 9))
               (i32.const 0))"#,
    );
    let error = engine(&refuses).validate(b"{}").expect_err("a refusal");
    assert_eq!(error.to_string(), "the policy failed in validate: not today");
}

#[test]
fn digests_come_from_the_host() {
    let digests = BTreeMap::from([("ghcr.io/a/b:1".to_string(), "sha256:00".to_string())]);
    let options = Options { manifest_digest: Arc::new(digests), ..Options::default() };
    let engine = Engine::new(&asks("oci", "v1/manifest_digest"), options).expect("the guest compiles");
    let answer = engine.call("x", br#""ghcr.io/a/b:1""#);
    assert_eq!(answer.as_deref(), Ok(&br#"{"digest":"sha256:00"}"#[..]));
    let errors = [
        (&br#""ghcr.io/a/b:2""#[..], "no digest is known for ghcr.io/a/b:2"),
        (
            b"1",
            "the image to look up is no JSON string: invalid type: integer `1`, expected a string at line 1 column 1",
        ),
    ];
    for (payload, reason) in errors {
        let error = EngineError::Guest { function: "x".into(), reason: reason.into() };
        assert_eq!(engine.call("x", payload), Err(error));
    }
}

#[test]
fn log_events_reach_the_sink() {
    let events = Arc::new(Mutex::new(Vec::new()));
    let sink = Arc::clone(&events);
    let options = Options {
        log: Arc::new(move |event| sink.lock().expect("no panic").push(event)),
        ..Options::default()
    };
    let engine = Engine::new(&asks("tracing", "log"), options).expect("the guest compiles");
    let answer = engine.call("x", br#"{"level":"warning","message":"hi","line":3}"#);
    assert_eq!(answer.as_deref(), Ok(&b""[..]));
    // A malformed event is dropped.
    assert_eq!(engine.call("x", b"hi").as_deref(), Ok(&b""[..]));
    let events = events.lock().expect("no panic");
    let [event] = events.as_slice() else { panic!("{events:?}") };
    assert_eq!(event.to_string(), "warning: hi");
    assert_eq!(event.fields.get("line"), Some(&3.into()));
}

#[test]
fn other_capabilities_are_refused() {
    let error = engine(&asks("net", "v1/dns_lookup_host")).call("x", br#""example.com""#);
    let reason = "this host has no capability kubewarden/net/v1/dns_lookup_host".to_string();
    assert_eq!(error, Err(EngineError::Guest { function: "x".into(), reason }));
}

#[test]
fn nobody_is_asked_by_default() {
    let error = engine(&asks("oci", "v1/manifest_digest")).call("x", br#""ghcr.io/a/b:1""#);
    let reason = "no registry may be asked for ghcr.io/a/b:1".to_string();
    assert_eq!(error, Err(EngineError::Guest { function: "x".into(), reason }));
}

#[test]
fn modules_that_are_no_policies_are_refused() {
    let missing = wat::parse_str(r#"(module (import "env" "gone" (func)))"#).expect("valid");
    let empty = wat::parse_str("(module)").expect("valid");
    let cases: [(&[u8], &str); 4] = [
        (b"", "the module is not usable: "),
        (b"(module)", "the module is not usable: "),
        (&missing, "the module is not usable: unknown import: `env::gone` has not been defined"),
        (&empty, ""),
    ];
    for (wasm, expected) in cases {
        match Engine::new(wasm, Options::default()) {
            Err(error) => {
                let text = error.to_string();
                assert!(text.starts_with(expected) && !text.contains('\n'), "{text}");
            }
            Ok(engine) => assert_eq!(
                engine.call("x", b"").map_err(|error| error.to_string()),
                Err("the policy could not start: Guest call function (__guest_call) not exported by wasm module."
                    .into()),
            ),
        }
    }
}
