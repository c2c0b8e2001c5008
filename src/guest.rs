//! The waPC guest: what policy-server calls. It converts, and decides nothing.
//!
//! Handlers and calls of the host are those of the policy SDK. Three things that the SDK offers are not used, because an
//! instance serves one request only:
//!
//! - `ValidationRequest` parses the object into a `serde_json::Value`. For a Pod of 100 containers that takes 9.5 times
//!   as long as an empty policy, where our reader takes 2.3 times as long. It also drops the places of errors.
//! - `ValidationResponse` takes the mutated object as such a value too; [`response`] writes the same JSON from text.
//! - `get_manifest_digest` adds 86 KiB to the module, because it prints every error of the SDK.

use kubewarden_policy_sdk::protocol_version_guest;
use wapc_guest::{host_call, register_function};

use crate::mutate::{DigestResolver, MAX_LOOK_UPS};
use crate::{Host, response};

/// Registers the handlers. The host calls this first.
#[expect(unsafe_code, reason = "waPC looks for this symbol")]
#[unsafe(no_mangle)]
pub(crate) extern "C" fn wapc_init() {
    register_function("validate", |payload| {
        Ok(response::validation(crate::evaluate_with(payload, &Host::new(&PolicyServer)))?)
    });
    register_function("validate_settings", |payload| {
        Ok(response::settings_validation(&crate::validate_settings(payload))?)
    });
    register_function("protocol_version", protocol_version_guest);
}

/// The environment variable by which a host says that it takes any number of look-ups, as the command line does.
const UNLIMITED_LOOK_UPS: &str = "FRESH_IMAGES_UNLIMITED_LOOK_UPS";

/// Looks digests up through policy-server.
struct PolicyServer;

impl DigestResolver for PolicyServer {
    fn manifest_digest(&self, image: &str) -> Result<String, String> {
        // A canonical reference contains nothing that JSON escapes.
        let payload = format!("\"{image}\"");
        let answer = host_call("kubewarden", "oci", "v1/manifest_digest", payload.as_bytes());
        // The user reads what the host says, without what wapc-guest says before it.
        let answer = answer.map_err(|error| {
            let text = error.to_string();
            text.strip_prefix("Host error: ").map(str::to_owned).unwrap_or(text)
        })?;
        response::manifest_digest(&answer)
    }

    fn max_look_ups(&self) -> usize {
        // policy-server gives a policy no environment.
        if std::env::var_os(UNLIMITED_LOOK_UPS).is_some() { usize::MAX } else { MAX_LOOK_UPS }
    }
}
