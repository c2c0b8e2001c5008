//! Attacks on the policy: every row of the tables in `tests/hostile` is rejected as it says, and what only looks
//! like an attack is accepted.

#![expect(clippy::panic, reason = "a test that cannot read its tables fails")]

use std::collections::BTreeSet;

use fresh_images_testing::hostile::{self, Case, Role};

fn cases() -> Vec<Case> {
    hostile::cases().unwrap_or_else(|error| panic!("{error}"))
}

#[test]
fn every_attack_ends_as_its_table_says() {
    let failures: Vec<String> =
        cases().iter().filter_map(|case| case.check(&fresh_images::evaluate(&case.payload)).err()).collect();
    assert!(failures.is_empty(), "{} fail\n{}", failures.len(), failures.join("\n"));
}

#[test]
fn no_attack_stands_twice() {
    let (mut names, mut payloads) = (BTreeSet::new(), BTreeSet::new());
    for case in cases() {
        assert!(names.insert(case.name.clone()), "{}: the name", case.name);
        // A group may show a harmless thing that another shows too.
        let is_new = payloads.insert(case.payload);
        assert!(is_new || case.role == Role::Harmless, "{}: the request", case.name);
    }
}

#[test]
fn there_are_many_attacks() {
    let cases = cases();
    let count = |role| cases.iter().filter(|case| case.role == role).count();
    let (references, requests) = (count(Role::BadReference), count(Role::BadRequest));
    println!("{references} bad references, {requests} bad requests, {} harmless", count(Role::Harmless));
    assert!(references >= 200, "{references} bad references");
    assert!(requests >= 150, "{requests} bad requests");
}

#[cfg(not(target_family = "wasm"))]
#[test]
fn every_table_of_the_folder_is_read() {
    let folder = std::path::Path::new(fresh_images_testing::files::ROOT).join("tests/hostile");
    let entries = std::fs::read_dir(folder).expect("the folder is readable");
    let names =
        entries.map(|entry| entry.expect("it is readable").file_name().to_string_lossy().into_owned());
    let found: BTreeSet<String> = names.filter(|name| name.ends_with(".yml")).collect();
    let read: BTreeSet<String> = hostile::TABLES.iter().map(|(file, _)| (*file).into()).collect();
    assert_eq!(found, read);
}
