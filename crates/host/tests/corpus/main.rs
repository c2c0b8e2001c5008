//! The corpus: every file in `tests/corpus` is a case, and is judged by all that run the policy.
//!
//! | | |
//! |---|---|
//! | natively | `fresh_images::evaluate`, the library |
//! | in the engine | `policy.wasm`, the module that clusters run, in a fresh instance |
//! | in JavaScript | the module for browsers, in Node.js; only with `make test`, which builds it |
//!
//! All have to agree with each other, and with what the file says. `tests/corpus/README.md` tells how a case is
//! written. All cases that fail are reported at once; with `BLESS=1` the texts in the files are rewritten, but
//! never the verdicts.

#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a helper of a test may panic like the test"
)]

mod case;
mod header;
mod javascript;
mod outcome;

use std::collections::BTreeSet;
use std::path::Path;
use std::{env, fs};

use fresh_images::Code;
use fresh_images_host::{Engine, Options, POLICY};

use case::Case;
use header::Expect;
use javascript::JavaScript;
use outcome::{Outcome, Texts};

const CORPUS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/corpus");

/// Far fewer cases than there are; so few that something is wrong with finding them.
const AT_LEAST: usize = 100;

#[test]
fn every_case_is_judged_as_it_says() {
    let corpus = Path::new(CORPUS);
    let engine = Engine::new(POLICY, Options::default()).expect("policy.wasm is a policy");
    let mut javascript = JavaScript::start();
    let bless = env::var_os("BLESS").is_some_and(|value| value == "1");
    let mut failures = Vec::new();
    let mut rejecting = BTreeSet::new();

    let files = case::files(corpus).expect("the corpus is readable");
    assert!(files.len() >= AT_LEAST, "only {} cases in {}", files.len(), corpus.display());
    for file in &files {
        let name = file.strip_prefix(corpus).unwrap_or(file).display();
        match judge(file, &engine, javascript.as_mut(), bless) {
            Ok((Expect::Reject, codes)) => rejecting.extend(codes),
            Ok(_) => {}
            Err(failure) => failures.push(format!("--- {name}\n{failure}")),
        }
    }
    assert!(
        failures.is_empty(),
        "{} of {} cases fail (- is what the file says, + is what came out)\n\n{}",
        failures.len(),
        files.len(),
        failures.join("\n"),
    );
    let without: Vec<Code> = Code::ALL.into_iter().filter(|code| !rejecting.contains(code)).collect();
    assert!(without.is_empty(), "no case is rejected with {without:?}");
}

/// Judges one case, and gives the codes it was judged with.
fn judge(
    file: &Path,
    engine: &Engine,
    javascript: Option<&mut JavaScript>,
    bless: bool,
) -> Result<(Expect, Vec<Code>), String> {
    let text = fs::read_to_string(file).map_err(|error| error.to_string())?;
    let case = Case::read(file, &text)?;
    let (native, codes) = Outcome::native(&case.payload, &case.settings);
    let guest = Outcome::in_engine(engine, &case.payload, &case.settings)?;
    if guest != native {
        return Err(format!(
            "the library and policy.wasm disagree; is policy.wasm up to date?\n- {native:?}\n+ {guest:?}\n"
        ));
    }
    if let Some(javascript) = javascript {
        let other = Outcome::in_javascript(javascript, &case.payload, &case.settings)?;
        if other != native {
            return Err(format!(
                "the library and the module for browsers disagree\n- {native:?}\n+ {other:?}\n"
            ));
        }
    }
    if native.verdict() != case.header.expect {
        // Blessing never comes this far: what is accepted and what is not is written by a person.
        let expect = case.header.expect;
        return Err(format!("- EXPECT: {expect}\n+ EXPECT: {}\n{native}", native.verdict()));
    }
    let expected: Texts<'_> = [&case.header.messages, &case.header.warnings, &case.header.mutations];
    let (messages, mutations) = (native.message_lines(), native.mutations(&case.payload));
    let actual: Texts<'_> = [&messages, &native.warnings, &mutations];
    if expected != actual {
        if !bless {
            return Err(outcome::difference(expected, actual));
        }
        let blessed = case.bless(&text, actual)?;
        fs::write(file, blessed).map_err(|error| error.to_string())?;
    }
    Ok((case.header.expect, codes))
}
