//! Modules that are no good: each is a clear error, and the exit code says that nothing was judged.

#![expect(clippy::expect_used, reason = "a helper of a test may panic like the test")]

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::guests::guest;

/// The exit code and standard error of `fresh-images check` with this module.
fn check(name: &str, module: &[u8]) -> (Option<i32>, String) {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("modules").join(name);
    fs::create_dir_all(&folder).expect("a directory");
    let pod = r#"{"apiVersion": "v1", "kind": "Pod", "spec": {"containers": [{"name": "a", "image": "b"}]}}"#;
    fs::write(folder.join("pod.json"), pod).expect("a file");
    fs::write(folder.join("module.wasm"), module).expect("a file");
    let output = Command::new(env!("CARGO_BIN_EXE_fresh-images"))
        .args(["check", "--module", "module.wasm", "pod.json"])
        .current_dir(folder)
        .output()
        .expect("the command starts");
    assert!(output.stdout.is_empty(), "{output:?}");
    (output.status.code(), String::from_utf8(output.stderr).expect("text"))
}

#[test]
fn bad_modules_are_clear_errors() {
    let call = |body: &str| {
        guest(&format!(r#"(func (export "__guest_call") (param i32 i32) (result i32) {body} (i32.const 1))"#))
    };
    let four_gib = r#"(module
        (memory (export "memory") 65536)
        (func (export "__guest_call") (param i32 i32) (result i32) (i32.const 1)))"#;
    for (name, module, error) in [
        (
            "loops",
            call("(loop (br 0))"),
            "the policy was stopped in validate_settings, after 2000000000 instructions",
        ),
        (
            "starts with 4 GiB",
            wat::parse_str(four_gib).expect("valid"),
            "the policy could not start: it asked for more memory than the limit of 64 MiB",
        ),
        (
            "asks for 4 GiB",
            call("(drop (memory.grow (i32.const 65535)))"),
            "the policy failed in validate_settings: it asked for more memory than the limit of 64 MiB",
        ),
        (
            "traps",
            call("unreachable"),
            "the policy failed in validate_settings: wasm `unreachable` instruction executed",
        ),
        (
            "is not a policy",
            wat::parse_str(r#"(module (func (export "_start")))"#).expect("valid"),
            "module.wasm: the module is not usable: it has no function __guest_call, so it is not a policy that speaks waPC",
        ),
    ] {
        assert_eq!(check(name, &module), (Some(2), format!("error: {error}\n")), "{name}");
    }
    let (code, error) = check("is not a module", b"#!/bin/sh");
    assert_eq!(code, Some(2));
    assert!(error.starts_with("error: module.wasm: the module is not usable: "), "{error}");
}
