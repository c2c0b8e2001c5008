//! The engine, with guests small enough to read.

#![expect(clippy::expect_used, reason = "a helper of a test may panic like the test")]

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::SystemTime;

use fresh_images_cli::{Engine, EngineError, Options};

use crate::guests::{constant, guest};

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
        "the policy's answer to validate is not a response: missing field `accepted` at line 1 column 2",
    );
}

#[test]
fn a_policy_that_never_ends_is_stopped() {
    let loops = "(loop (br 0))";
    let call =
        |body| format!(r#"(func (export "__guest_call") (param i32 i32) (result i32) {body} (i32.const 1))"#);
    let init = format!(r#"(func (export "wapc_init") {loops}) {}"#, call(""));
    let start = format!("(func $start {loops}) (start $start) {}", call(""));
    for (body, function) in [(call(loops), "validate"), (init, "start"), (start, "start")] {
        let options = Options { instruction_limit: 1_000_000, ..Options::default() };
        let engine = Engine::new(&guest(&body), options).expect("the guest compiles");
        let expected = EngineError::InstructionLimit { function: function.into(), limit: 1_000_000 };
        assert_eq!(engine.validate(b"{}"), Err(expected.clone()));
        assert_eq!(
            expected.to_string(),
            format!("the policy was stopped in {function}, after 1000000 instructions")
        );
        // The engine is not spoiled by it.
        assert_eq!(engine.validate(b"{}"), Err(expected));
    }
}

#[test]
fn memory_ends_at_the_limit() {
    // Grows to as many pages of 64 KiB as it is asked for.
    let grows = guest(
        r#"(func (export "__guest_call") (param i32 i32) (result i32)
               (call $request (i32.const 0) (i32.const 16))
               (drop (memory.grow (i32.sub (i32.load8_u (i32.const 16)) (i32.const 1))))
               (i32.store8 (i32.const 0) (memory.size))
               (call $respond (i32.const 0) (i32.const 1))
               (i32.const 1))"#,
    );
    let options = Options { memory_limit: 16 * 64 * 1024, ..Options::default() };
    let engine = Engine::new(&grows, options).expect("the guest compiles");
    assert_eq!(engine.call("grow", &[16]).as_deref(), Ok(&[16][..]));
    let error = engine.call("grow", &[17]).expect_err("a refusal");
    assert_eq!(
        error.to_string(),
        "the policy failed in grow: it asked for more memory than the limit of 1 MiB"
    );
}

#[test]
fn a_policy_that_starts_with_too_much_memory_is_refused() {
    for pages in [1025, 65536] {
        let large = format!(
            r#"(module
                (memory (export "memory") {pages})
                (func (export "__guest_call") (param i32 i32) (result i32) (i32.const 1)))"#
        );
        let error = engine(&wat::parse_str(large).expect("valid")).validate(b"{}").expect_err("a refusal");
        assert_eq!(
            error.to_string(),
            "the policy could not start: it asked for more memory than the limit of 64 MiB"
        );
    }
}

#[test]
fn a_trap_is_an_error() {
    let traps = guest(r#"(func (export "__guest_call") (param i32 i32) (result i32) unreachable)"#);
    let error = engine(&traps).validate(b"{}").expect_err("a trap");
    assert_eq!(error.to_string(), "the policy failed in validate: wasm `unreachable` instruction executed",);
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
    let options = Options { resolver: Arc::new(digests), ..Options::default() };
    let engine = Engine::new(&asks("oci", "v1/manifest_digest"), options).expect("the guest compiles");
    let answer = engine.call("x", br#""ghcr.io/a/b:1""#);
    assert_eq!(answer.as_deref(), Ok(&br#"{"digest":"sha256:00"}"#[..]));
    let errors = [
        (&br#""ghcr.io/a/b:2""#[..], "no digest is known for ghcr.io/a/b:2"),
        (
            b"1",
            "the image to look up is not a JSON string: invalid type: integer `1`, expected a string at line 1 column 1",
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
    let reason = "no registry is available to look up ghcr.io/a/b:1".to_string();
    assert_eq!(error, Err(EngineError::Guest { function: "x".into(), reason }));
}

#[test]
fn modules_that_are_not_policies_are_refused() {
    let module = |text| wat::parse_str(text).expect("valid");
    let not_wapc =
        "the module is not usable: it has no function __guest_call, so it is not a policy that speaks waPC";
    let cases: [(&[u8], &str); 5] = [
        (b"", "the module is not usable: "),
        (b"(module)", "the module is not usable: "),
        (&module("(module)"), not_wapc),
        (&module(r#"(module (func (export "_start")))"#), not_wapc),
        (&module(r#"(module (func (export "__guest_call") (result i32) (i32.const 1)))"#), not_wapc),
    ];
    for (wasm, expected) in cases {
        let error = Engine::new(wasm, Options::default()).expect_err("no policy").to_string();
        assert!(error.starts_with(expected) && !error.contains('\n'), "{error}");
    }
}

#[test]
fn a_missing_import_is_an_error_only_when_it_is_called() {
    let guest = |body| {
        wat::parse_str(format!(
            r#"(module
                (import "wapc" "__guest_response" (func $respond (param i32 i32)))
                (import "env" "gone" (func $gone (param i64) (result f32)))
                (memory (export "memory") 1)
                (func (export "__guest_call") (param i32 i32) (result i32) {body} (i32.const 1)))"#
        ))
        .expect("valid")
    };
    assert_eq!(engine(&guest("")).call("x", b"").as_deref(), Ok(&b""[..]));
    let error = engine(&guest("(drop (call $gone (i64.const 0)))")).call("x", b"").expect_err("a trap");
    assert_eq!(error.to_string(), "the policy failed in x: this host has no function env::gone");
}

/// Policies of other languages start with a main function, and print why they end.
#[test]
fn wasi_is_there_as_far_as_policies_need_it() {
    let guest = |start: &str, body: &str| {
        wat::parse_str(format!(
            r#"(module
                (import "wapc" "__guest_response" (func $respond (param i32 i32)))
                (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
                (import "wasi_snapshot_preview1" "fd_write" (func $print (param i32 i32 i32 i32) (result i32)))
                (import "wasi_snapshot_preview1" "random_get" (func $random (param i32 i32) (result i32)))
                (import "wasi_snapshot_preview1" "clock_time_get" (func $time (param i32 i64 i32) (result i32)))
                (import "wasi_snapshot_preview1" "environ_sizes_get" (func $environ (param i32 i32) (result i32)))
                (import "wasi_snapshot_preview1" "environ_get" (func $variables (param i32 i32) (result i32)))
                (memory (export "memory") 1)
                (data (i32.const 0) "\10\00\00\00\06\00\00\00\16\00\00\00\05\00\00\00sorry:later")
                (func (export "_start") {start})
                (func (export "__guest_call") (param i32 i32) (result i32) {body}))"#
        ))
        .expect("valid")
    };
    let answers = "(call $respond (i32.const 64) (i32.const 8)) (i32.const 1)";
    let exits = |code| format!("(call $exit (i32.const {code}))");
    assert_eq!(engine(&guest(&exits(0), answers)).call("x", b"").as_deref(), Ok(&[0; 8][..]));
    let error = engine(&guest(&exits(3), answers)).call("x", b"").expect_err("it does not start");
    assert_eq!(error.to_string(), "the policy could not start: Exited with i32 exit status 3");

    let prints = "(drop (call $print (i32.const 2) (i32.const 0) (i32.const 2) (i32.const 60))) unreachable";
    let error = engine(&guest("", prints)).call("x", b"").expect_err("a trap");
    assert_eq!(
        error.to_string(),
        "the policy failed in x: wasm `unreachable` instruction executed; it printed: sorry:later"
    );

    let time = "(drop (call $time (i32.const 0) (i64.const 1) (i32.const 64)))";
    let answer = engine(&guest("", &format!("{time} {answers}"))).call("x", b"").expect("an answer");
    let told = u64::from_le_bytes(answer.try_into().expect("8 bytes"));
    let now = SystemTime::UNIX_EPOCH.elapsed().expect("after 1970").as_nanos();
    assert!(now.abs_diff(u128::from(told)) < 60_000_000_000, "{told} is not {now}");

    let random = format!("(drop (call $random (i32.const 64) (i32.const 8))) {answers}");
    let random = engine(&guest("", &random));
    assert_ne!(random.call("x", b""), random.call("x", b""));
    let beyond = format!("(drop (call $random (i32.const 65535) (i32.const 8))) {answers}");
    let error = engine(&guest("", &beyond)).call("x", b"").expect_err("a trap");
    assert_eq!(error.to_string(), "the policy failed in x: out of bounds memory access");

    let environ = format!(
        "(i32.store8 (i32.const 64) (i32.const 9)) (drop (call $environ (i32.const 64) (i32.const 68))) {answers}"
    );
    assert_eq!(engine(&guest("", &environ)).call("x", b"").as_deref(), Ok(&[1, 0, 0, 0, 34, 0, 0, 0][..]));
    let variable = "(drop (call $variables (i32.const 100) (i32.const 104))) \
                    (call $respond (i32.const 104) (i32.const 34)) (i32.const 1)";
    let variable = engine(&guest("", variable)).call("x", b"");
    assert_eq!(variable.as_deref(), Ok(&b"FRESH_IMAGES_UNLIMITED_LOOK_UPS=1\0"[..]));
}
