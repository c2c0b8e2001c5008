//! The build for browsers and Node.js, in a process of Node.js that judges one case after the other.

use std::env;
use std::io::{BufRead as _, BufReader, Lines, Write as _};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use fresh_images_host::{Response, SettingsResponse};
use serde::Deserialize;
use serde_json::json;

/// The variable that names the script, which `make test` sets once it has built what the script loads.
const SCRIPT: &str = "PLAYGROUND_CORPUS_RUNNER";

/// A process that answers a line with a line.
pub(crate) struct JavaScript {
    child: Child,
    questions: ChildStdin,
    answers: Lines<BufReader<ChildStdout>>,
}

/// What it answers: what Kubewarden would be told.
#[derive(Deserialize)]
pub(crate) struct Answer {
    pub(crate) validate: Response,
    pub(crate) settings: SettingsResponse,
}

impl JavaScript {
    /// Nothing if nobody asked for it.
    pub(crate) fn start() -> Option<Self> {
        let script = env::var_os(SCRIPT)?;
        let mut node = Command::new("node");
        let mut child =
            node.arg(script).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("Node.js starts");
        let questions = child.stdin.take().expect("it is piped");
        let answers = BufReader::new(child.stdout.take().expect("it is piped")).lines();
        Some(Self { child, questions, answers })
    }

    /// Judges a payload, and settings.
    pub(crate) fn ask(&mut self, payload: &[u8], settings: &[u8]) -> Result<Answer, String> {
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        let question = json!({"payload": text(payload), "settings": text(settings)});
        let sent = writeln!(self.questions, "{question}").and_then(|()| self.questions.flush());
        sent.map_err(|error| format!("Node.js does not listen: {error}\n"))?;
        let answer = self.answers.next().ok_or("Node.js does not answer\n")?;
        let answer = answer.map_err(|error| format!("Node.js does not answer: {error}\n"))?;
        serde_json::from_str(&answer).map_err(|error| format!("Node.js answers {answer:?}: {error}\n"))
    }
}

impl Drop for JavaScript {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
