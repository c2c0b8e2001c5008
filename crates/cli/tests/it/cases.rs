//! Runs every case of `tests/cases`, with trycmd; `tests/cases/README.md` describes them.

#![expect(clippy::expect_used, reason = "a helper of a test may panic like the test")]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// Each case, with the text of its file.
fn cases(extension: &str) -> BTreeMap<PathBuf, String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases");
    let paths = fs::read_dir(folder).expect("there are cases").map(|entry| entry.expect("readable").path());
    let cases = paths.filter(|path| path.extension().is_some_and(|it| it == extension));
    cases.map(|path| (path.clone(), fs::read_to_string(path).expect("text"))).collect()
}

/// What a person says of a case, and nobody else: what is run, and its exit code.
fn said_by_a_person(text: &str) -> Vec<&str> {
    let is_said = |line: &&str| line.starts_with("$ ") || line.starts_with("? ");
    text.lines().filter(is_said).chain(line(text, "status.code")).collect()
}

/// The line of a key, if there is one.
fn line<'t>(text: &'t str, key: &str) -> Option<&'t str> {
    text.lines().find(|line| line.strip_prefix(key).is_some_and(|rest| rest.trim_start().starts_with('=')))
}

/// `TRYCMD=overwrite` accepts new texts. An exit code is a verdict, which only a person changes.
#[test]
fn the_command_does_what_the_cases_say() {
    let cases = cases("toml").into_iter().chain(cases("trycmd"));
    let cases: BTreeMap<PathBuf, String> = cases.collect();
    run_all(Path::new(env!("CARGO_BIN_EXE_fresh-images")), &[]);
    let mut changed = Vec::new();
    for (path, before) in cases {
        let after = fs::read_to_string(&path).expect("text");
        if said_by_a_person(&before) != said_by_a_person(&after) {
            fs::write(&path, before).expect("the case can be restored");
            changed.push(path.display().to_string());
        }
    }
    assert!(changed.is_empty(), "another exit code, which a person has to write: {}", changed.join(", "));
}

fn run_all(command: &Path, skipped: &[String]) {
    let tested = trycmd::TestCases::new();
    tested.default_bin_path(command).register_bin("fresh-images", command);
    tested.case("tests/cases/*.toml").case("tests/cases/*.trycmd");
    for case in skipped {
        tested.skip(case);
    }
    tested.run();
}

/// The variable that names the command of the npm package, which `make test` sets once it has built it.
const NPM_COMMAND: &str = "NPM_COMMAND";

/// What the command of the npm package cannot do: it asks no registries.
const NEEDS_NETWORK: [&str; 2] = ["pin-refused.toml", "pull.trycmd"];

/// The same cases with the command of the npm package.
#[test]
fn the_npm_command_does_what_the_cases_say() {
    let Some(command) = std::env::var_os(NPM_COMMAND) else {
        println!("skipped: {NPM_COMMAND} is not set; `make test` sets it");
        return;
    };
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases");
    let skipped = NEEDS_NETWORK.map(|name| {
        assert!(folder.join(name).is_file(), "{name}");
        format!("tests/cases/{name}")
    });
    run_all(Path::new(&command), &skipped);
}

/// What a case leaves out is not looked at, so none leaves out anything.
#[test]
fn every_case_says_all_that_it_expects() {
    let cases = cases("toml");
    assert!(cases.len() >= 80, "{} cases", cases.len());
    for (path, text) in cases {
        let name = path.display();
        assert!(text.starts_with("# "), "{name}: what does it show?");
        assert!(line(&text, "status.code").is_some(), "{name}: which exit code?");
        for stream in ["stdout", "stderr"] {
            let is_there = path.with_extension(stream).is_file();
            assert!(is_there || line(&text, stream).is_some(), "{name}: {stream}?");
        }
    }
}
