//! The library on this machine and `policy.wasm` in the embedded engine answer the same, byte for byte, for generated
//! requests of every kind.

#![expect(clippy::unwrap_used, reason = "a test that goes wrong in its own input fails")]

use std::sync::LazyLock;

use fresh_images::response;
use fresh_images_cli::{Engine, Options, POLICY};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{Index, select};
use serde_json::json;

use fresh_images_testing::config::config;
use fresh_images_testing::generate::*;

static ENGINE: LazyLock<Engine> = LazyLock::new(|| Engine::new(POLICY, Options::default()).unwrap());

fn expect_equal(payload: &[u8]) -> Result<(), TestCaseError> {
    let native = response::validation(fresh_images::evaluate(payload)).unwrap();
    let wasm = ENGINE.call("validate", payload);
    prop_assert_eq!(wasm.as_deref(), Ok(&native[..]), "{}", String::from_utf8_lossy(payload));
    Ok(())
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn verdicts_are_equal(
        kind in kind(),
        (old, new) in (pod_spec(), pod_spec()),
        settings in settings(),
        operation in select(vec!["CREATE", "UPDATE", "DELETE", "PATCH"]),
        enforcement in select(vec!["reject", "warn"]),
    ) {
        let mut payload = payload(&kind, operation, &old, &new, &settings);
        payload["settings"]["enforcement"] = json!(enforcement);
        expect_equal(payload.to_string().as_bytes())?;
    }

    #[test]
    fn verdicts_about_damaged_requests_are_equal(
        kind in kind(),
        (old, new) in (pod_spec(), pod_spec()),
        settings in settings(),
        damages in vec((any::<Index>(), 0..3_usize, vec(any::<u8>(), 0..3)), 1..4),
    ) {
        let mut payload = payload(&kind, "UPDATE", &old, &new, &settings).to_string().into_bytes();
        for (at, removed, inserted) in damages {
            let at = at.index(payload.len().saturating_add(1));
            payload.splice(at..at.saturating_add(removed).min(payload.len()), inserted);
        }
        expect_equal(&payload)?;
    }

    #[test]
    fn verdicts_about_settings_are_equal(settings in settings(), at in any::<Index>(), byte in any::<u8>()) {
        let mut settings = settings.to_string().into_bytes();
        let at = at.index(settings.len());
        settings[at] = byte;
        let native = response::settings_validation(&fresh_images::validate_settings(&settings)).unwrap();
        let wasm = ENGINE.call("validate_settings", &settings);
        prop_assert_eq!(wasm.as_deref(), Ok(&native[..]));
    }
}
