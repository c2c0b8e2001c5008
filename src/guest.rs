//! The waPC guest: what policy-server calls. It translates, and decides nothing.

use kubewarden_policy_sdk::protocol_version_guest;
use kubewarden_policy_sdk::wapc_guest::{CallResult, register_function};

use crate::response;

/// Called once when an instance starts.
#[expect(unsafe_code, reason = "waPC finds its entry point by the name of the symbol")]
#[unsafe(no_mangle)]
pub(crate) extern "C" fn wapc_init() {
    register_function("validate", validate);
    register_function("validate_settings", validate_settings);
    register_function("protocol_version", protocol_version_guest);
}

fn validate(payload: &[u8]) -> CallResult {
    Ok(response::validation(&crate::evaluate(payload))?)
}

fn validate_settings(payload: &[u8]) -> CallResult {
    Ok(response::settings_validation(&crate::validate_settings(payload))?)
}
