//! The corpus in JavaScript: the npm package, in Node.js, answers every case of `tests/corpus` as the library does.
//!
//! Only `make test` runs it, because it needs what `make playground-build` makes; else it says that it is skipped.

#![expect(clippy::expect_used, reason = "a helper of a test may panic like the test")]

use std::env;
use std::io::{BufRead as _, BufReader, Lines, Write as _};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use fresh_images::response;
use fresh_images_testing::corpus;
use serde_json::{Value, json};

/// The variable that names the script, which `make test` sets once it has built what the script loads.
const SCRIPT: &str = "PLAYGROUND_CORPUS_RUNNER";

/// A process that answers a line with a line.
struct JavaScript {
    child: Child,
    questions: ChildStdin,
    answers: Lines<BufReader<ChildStdout>>,
}

impl JavaScript {
    /// Nothing if nobody asked for it.
    fn start() -> Option<Self> {
        let script = env::var_os(SCRIPT)?;
        let mut node = Command::new("node");
        let mut child =
            node.arg(script).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("Node.js starts");
        let questions = child.stdin.take().expect("it is piped");
        let answers = BufReader::new(child.stdout.take().expect("it is piped")).lines();
        Some(Self { child, questions, answers })
    }

    /// Judges a payload, and settings: `{"validate": …, "settings": …}`.
    fn ask(&mut self, payload: &[u8], settings: &str) -> Value {
        let question = json!({"payload": String::from_utf8_lossy(payload), "settings": settings});
        let sent = writeln!(self.questions, "{question}").and_then(|()| self.questions.flush());
        sent.expect("Node.js listens");
        let answer = self.answers.next().expect("Node.js answers").expect("a line");
        serde_json::from_str(&answer).expect("JSON")
    }
}

impl Drop for JavaScript {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn the_package_answers_every_case_as_the_library_does() {
    let Some(mut javascript) = JavaScript::start() else {
        println!("skipped: {SCRIPT} is not set; `make test` sets it");
        return;
    };
    let json = |bytes: &[u8]| serde_json::from_slice::<Value>(bytes).expect("JSON");
    let mut failures = Vec::new();
    for case in corpus::cases() {
        let settings = case.settings();
        let verdict = response::validation(fresh_images::evaluate(&case.payload)).expect("an answer");
        let valid = response::settings_validation(&fresh_images::validate_settings(settings.as_bytes()));
        let expected = json!({"validate": json(&verdict), "settings": json(&valid.expect("an answer"))});
        let answer = javascript.ask(&case.payload, &settings);
        if answer != expected {
            failures.push(format!("{}:\n- {expected}\n+ {answer}\n", case.name()));
        }
    }
    assert!(failures.is_empty(), "{} fail\n{}", failures.len(), failures.join("\n"));
}
