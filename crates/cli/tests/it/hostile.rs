//! The attacks of `tests/hostile`, on `policy.wasm` in the engine: it never traps, and answers byte for byte what the
//! library answers.

use std::collections::BTreeMap;

use fresh_images::response;
use fresh_images_cli::{Engine, Options, POLICY};
use fresh_images_testing::hostile::{self, Role};

#[test]
fn the_module_answers_every_attack_as_the_library_does() {
    let engine = Engine::new(POLICY, Options::default()).expect("policy.wasm is a policy");
    let cases = hostile::cases().unwrap_or_else(|error| panic!("{error}"));
    let mut failures = Vec::new();
    let mut judged: BTreeMap<Role, usize> = BTreeMap::new();
    for case in &cases {
        let native = fresh_images::evaluate(&case.payload);
        failures.extend(case.check(&native).err());
        let native = response::validation(native.clone()).expect("an answer can be written");
        match engine.call("validate", &case.payload) {
            Ok(guest) if guest == native => {}
            Ok(guest) => failures.push(format!(
                "{}: is policy.wasm up to date?\n- {}\n+ {}\n",
                case.name,
                String::from_utf8_lossy(&native),
                String::from_utf8_lossy(&guest)
            )),
            Err(error) => failures.push(format!("{}: {error}\n", case.name)),
        }
        let count = judged.entry(case.role).or_default();
        *count = count.saturating_add(1);
    }
    assert!(failures.is_empty(), "{} fail\n{}", failures.len(), failures.join("\n"));
    for (role, at_least) in [(Role::BadReference, 200), (Role::BadRequest, 150), (Role::OtherPlace, 1000)] {
        let count = judged.get(&role).copied().unwrap_or_default();
        assert!(count >= at_least, "{count} of {role:?}");
    }
}
