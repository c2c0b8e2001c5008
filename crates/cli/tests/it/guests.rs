//! Policies small enough to read.

#![expect(clippy::expect_used, reason = "a helper of a test may panic like the test")]

/// What every guest needs: a memory, and the functions of the waPC protocol.
pub(crate) fn guest(body: &str) -> Vec<u8> {
    wat::parse_str(format!(
        r#"(module
            (import "wapc" "__guest_request" (func $request (param i32 i32)))
            (import "wapc" "__guest_response" (func $respond (param i32 i32)))
            (import "wapc" "__guest_error" (func $fail (param i32 i32)))
            (import "wapc" "__host_call"
                (func $host_call (param i32 i32 i32 i32 i32 i32 i32 i32) (result i32)))
            (import "wapc" "__host_response_len" (func $host_response_len (result i32)))
            (import "wapc" "__host_response" (func $host_response (param i32)))
            (import "wapc" "__host_error_len" (func $host_error_len (result i32)))
            (import "wapc" "__host_error" (func $host_error (param i32)))
            (memory (export "memory") 1)
            {body})"#
    ))
    .expect("the guest is valid")
}

/// Answers these bytes.
pub(crate) fn constant(answer: &str) -> Vec<u8> {
    let escaped: String = answer.bytes().map(|byte| format!("\\{byte:02x}")).collect();
    guest(&format!(
        r#"(data (i32.const 0) "{escaped}")
           (func (export "__guest_call") (param i32 i32) (result i32)
               (call $respond (i32.const 0) (i32.const {}))
               (i32.const 1))"#,
        answer.len()
    ))
}
