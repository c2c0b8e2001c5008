//! Kubewarden's engine runs `policy.wasm` as the command line's does: it answers every case of `tests/corpus` and every
//! attack of `tests/hostile` byte for byte as the library does.

use fresh_images::response;
use fresh_images_engine::{Policy, Result};
use fresh_images_testing::{corpus, hostile};

#[test]
fn the_module_answers_as_the_library_does() -> Result<()> {
    let policy = Policy::built()?;
    let mut failures = Vec::new();
    let mut compare = |name: &str, operation, input: &[u8], expected: Vec<u8>| {
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        match policy.call(operation, input) {
            Ok(answer) if answer == expected => {}
            Ok(answer) => {
                failures.push(format!("{name}: {operation}:\n- {}\n+ {}\n", text(&expected), text(&answer)));
            }
            Err(error) => failures.push(format!("{name}: {operation}: {error}\n")),
        }
    };
    for case in corpus::cases() {
        let (name, settings) = (case.name(), case.settings());
        compare(
            &name,
            "validate",
            &case.payload,
            response::validation(fresh_images::evaluate(&case.payload))?,
        );
        let checked = fresh_images::validate_settings(settings.as_bytes());
        compare(&name, "validate_settings", settings.as_bytes(), response::settings_validation(&checked)?);
    }
    for case in hostile::cases()? {
        let expected = response::validation(fresh_images::evaluate(&case.payload))?;
        compare(&case.name, "validate", &case.payload, expected);
    }
    assert!(
        failures.is_empty(),
        "{} fail; is policy.wasm up to date?\n{}",
        failures.len(),
        failures.join("\n")
    );
    Ok(())
}
