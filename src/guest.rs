//! The waPC guest: what policy-server calls. It translates, and decides nothing.

mod wapc;

use crate::response;

/// Answers one call of the host; a fault says what a host did wrong, for bad requests and settings have answers.
fn call(operation: &[u8], payload: &[u8]) -> Result<Vec<u8>, Vec<u8>> {
    let answer = match operation {
        b"validate" => response::validation(&crate::evaluate(payload)),
        b"validate_settings" => response::settings_validation(&crate::validate_settings(payload)),
        b"protocol_version" => response::protocol_version(),
        unknown => return Err([b"unknown operation ", unknown].concat()),
    };
    answer.map_err(|error| error.to_string().into_bytes())
}
