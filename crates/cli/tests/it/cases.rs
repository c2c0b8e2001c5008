//! Runs every case of `tests/cases`, with trycmd; `tests/cases/README.md` describes them.

#![expect(clippy::expect_used, reason = "a helper of a test may panic like the test")]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// Each case, with the text of its file.
fn cases() -> BTreeMap<PathBuf, String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases");
    let paths = fs::read_dir(folder).expect("there are cases").map(|entry| entry.expect("readable").path());
    let cases = paths.filter(|path| path.extension().is_some_and(|extension| extension == "toml"));
    cases.map(|path| (path.clone(), fs::read_to_string(path).expect("text"))).collect()
}

/// The line of a key, if there is one.
fn line<'t>(text: &'t str, key: &str) -> Option<&'t str> {
    text.lines().find(|line| line.strip_prefix(key).is_some_and(|rest| rest.trim_start().starts_with('=')))
}

/// `TRYCMD=overwrite` accepts new texts. An exit code is a verdict, which only a person changes.
#[test]
fn the_command_does_what_the_cases_say() {
    let cases = cases();
    let tested = trycmd::TestCases::new();
    tested.default_bin_path(env!("CARGO_BIN_EXE_fresh-images")).case("tests/cases/*.toml");
    tested.run();
    let mut changed = Vec::new();
    for (path, before) in cases {
        let after = fs::read_to_string(&path).expect("text");
        if line(&before, "status.code") != line(&after, "status.code") {
            fs::write(&path, before).expect("the case can be restored");
            changed.push(path.display().to_string());
        }
    }
    assert!(changed.is_empty(), "another exit code, which a person has to write: {}", changed.join(", "));
}

/// The variable that names the command of the npm package, which `make test` sets once it has built it.
const NPM_COMMAND: &str = "NPM_COMMAND";

/// What the command of the npm package cannot do: it asks no registries.
const NEEDS_NETWORK: [&str; 5] =
    ["pin-refused", "pull-from-the-web", "pull-not-a-name", "pull-nothing", "pull-refused"];

/// The same cases with the command of the npm package.
#[test]
fn the_npm_command_does_what_the_cases_say() {
    let Some(command) = std::env::var_os(NPM_COMMAND) else {
        println!("skipped: {NPM_COMMAND} is not set; `make test` sets it");
        return;
    };
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases");
    let tested = trycmd::TestCases::new();
    tested.default_bin_path(Path::new(&command)).case("tests/cases/*.toml");
    for name in NEEDS_NETWORK {
        let case = folder.join(name).with_extension("toml");
        assert!(case.is_file(), "{name}");
        tested.skip(format!("tests/cases/{name}.toml"));
    }
    tested.run();
}

/// What a case leaves out is not looked at, so none leaves out anything.
#[test]
fn every_case_says_all_that_it_expects() {
    let cases = cases();
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
