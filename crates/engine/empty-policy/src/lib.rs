//! A policy that accepts everything without looking: `{"request": …, "settings": …}` gives `{"accepted":true}`.
//!
//! Starting an instance, copying the request into it and calling it costs time before any policy does anything.
//! This policy costs only that, so the benchmarks compare with it: what is above its time is ours.
#![cfg(target_arch = "wasm32")]

use kubewarden_policy_sdk::protocol_version_guest;
use kubewarden_policy_sdk::wapc_guest::{CallResult, register_function};

/// Called once when an instance starts; waPC finds it by its name.
#[expect(unsafe_code, reason = "waPC finds its entry point by the name of the symbol")]
#[unsafe(no_mangle)]
pub extern "C" fn wapc_init() {
    register_function("validate", validate);
    register_function("validate_settings", validate_settings);
    register_function("protocol_version", protocol_version_guest);
}

fn validate(_payload: &[u8]) -> CallResult {
    Ok(br#"{"accepted":true}"#.to_vec())
}

fn validate_settings(_payload: &[u8]) -> CallResult {
    Ok(br#"{"valid":true}"#.to_vec())
}
