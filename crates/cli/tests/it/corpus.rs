//! The corpus in the engine: `policy.wasm`, the module that clusters run, answers every case of `tests/corpus` byte for
//! byte as the library does, each in an instance of its own.

use fresh_images::response;
use fresh_images_cli::{Engine, Options, POLICY};
use fresh_images_testing::corpus;

#[test]
fn the_module_answers_every_case_as_the_library_does() {
    let engine = Engine::new(POLICY, Options::default()).expect("policy.wasm is a policy");
    let mut failures = Vec::new();
    for case in corpus::cases() {
        let (payload, settings) = (&case.payload, case.settings());
        let library = response::validation(fresh_images::evaluate(payload)).expect("an answer");
        let of_settings =
            response::settings_validation(&fresh_images::validate_settings(settings.as_bytes()));
        for (operation, input, expected) in [
            ("validate", payload.as_slice(), library),
            ("validate_settings", settings.as_bytes(), of_settings.expect("an answer")),
        ] {
            match engine.call(operation, input) {
                Ok(answer) if answer == expected => {}
                Ok(answer) => failures.push(format!(
                    "{}: {operation}: is policy.wasm up to date?\n- {}\n+ {}\n",
                    case.name(),
                    String::from_utf8_lossy(&expected),
                    String::from_utf8_lossy(&answer),
                )),
                Err(error) => failures.push(format!("{}: {operation}: {error}\n", case.name())),
            }
        }
    }
    assert!(failures.is_empty(), "{} fail\n{}", failures.len(), failures.join("\n"));
}
