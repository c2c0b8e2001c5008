//! The waPC guest: what policy-server calls. It translates, and decides nothing.

mod wapc;

use crate::mutate::Registry;
use crate::response;

/// Looks digests up through the policy server.
struct PolicyServer;

impl Registry for PolicyServer {
    fn manifest_digest(&self, image: &str) -> Result<Vec<u8>, String> {
        // A canonical reference has nothing that JSON escapes.
        let payload = format!("\"{image}\"");
        wapc::host_call("kubewarden", "oci", "v1/manifest_digest", payload.as_bytes())
            .map_err(|message| String::from_utf8_lossy(&message).into_owned())
    }
}

/// Answers one call of the host; a fault says what a host did wrong, for bad requests and settings have answers.
fn call(operation: &[u8], payload: &[u8]) -> Result<Vec<u8>, Vec<u8>> {
    let answer = match operation {
        b"validate" => response::validation(crate::evaluate_with(payload, &PolicyServer)),
        b"validate_settings" => response::settings_validation(&crate::validate_settings(payload)),
        b"protocol_version" => response::protocol_version(),
        unknown => return Err([b"unknown operation ", unknown].concat()),
    };
    answer.map_err(|error| error.to_string().into_bytes())
}
