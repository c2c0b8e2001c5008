//! `policy.wasm` speaks Kubewarden's protocol: its three operations, and a fault for anything else.

use fresh_images_cli::{Engine, Options, POLICY};

#[test]
fn the_policy_answers_three_operations_and_no_other() {
    let engine = Engine::new(POLICY, Options::default()).unwrap();
    assert_eq!(engine.protocol_version().as_deref(), Ok("v1"));
    assert!(engine.validate_settings(b"{}").unwrap().valid);
    assert!(engine.validate(br#"{"request": {"operation": "DELETE"}}"#).unwrap().accepted);

    let long = "a".repeat(100_000);
    for unknown in ["", "validat", "validate\0", "Validate", "protocol_version ", &long] {
        let error = engine.call(unknown, b"{}").unwrap_err().to_string();
        let expected = format!("No handler registered for function {unknown}");
        assert!(error.ends_with(expected.trim_end()), "{error}");
    }
}
