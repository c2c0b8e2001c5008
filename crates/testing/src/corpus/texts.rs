//! The texts of a verdict, as a case has them.

use std::fmt::{self, Write as _};

use fresh_images::Verdict;
use serde_json::Value;

/// Messages, warnings and mutations, line by line.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Texts([Vec<String>; 3]);

/// What the lines are written under.
pub const DIRECTIVES: [&str; 3] = ["MESSAGE", "WARNING", "MUTATED"];

impl Texts {
    /// What a verdict says, and each value of the object that mutation changed: its JSON pointer and what it is now.
    ///
    /// # Panics
    ///
    /// If the mutated object is not JSON.
    pub fn of(verdict: &Verdict, payload: &[u8]) -> Self {
        let message = verdict.message().unwrap_or_default();
        let mut changes = Vec::new();
        if let Some(mutated) = verdict.mutated_object() {
            let mutated = serde_json::from_str(mutated).expect("the mutated object is JSON");
            let payload: Value = serde_json::from_slice(payload).unwrap_or_default();
            compare("", &payload["request"]["object"], &mutated, &mut changes);
        }
        Self([message.lines().map(String::from).collect(), verdict.warnings().to_vec(), changes])
    }

    /// Adds a line, unless the directive is another one.
    pub(super) fn add(&mut self, directive: &str, line: &str) -> bool {
        let lines = DIRECTIVES.iter().position(|it| *it == directive).and_then(|at| self.0.get_mut(at));
        lines.map(|lines| lines.push(line.into())).is_some()
    }

    /// The lines of a case.
    pub(super) fn lines(&self) -> impl Iterator<Item = String> {
        let texts = DIRECTIVES.into_iter().zip(&self.0);
        texts.flat_map(|(directive, texts)| texts.iter().map(move |text| format!("{directive}: {text}")))
    }

    /// Each line that differs, as it should be (`-`) and as it is (`+`).
    pub fn difference(&self, actual: &Self) -> String {
        let mut text = String::new();
        for ((directive, expected), actual) in DIRECTIVES.into_iter().zip(&self.0).zip(&actual.0) {
            for index in 0..expected.len().max(actual.len()) {
                let (was, is) = (expected.get(index), actual.get(index));
                if was != is {
                    for (sign, line) in [('-', was), ('+', is)] {
                        if let Some(line) = line {
                            // Writing to a string cannot fail.
                            let _ = writeln!(text, "{sign} {directive}: {line}");
                        }
                    }
                }
            }
        }
        text
    }
}

impl fmt::Display for Texts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.lines().try_for_each(|line| writeln!(f, "  {line}"))
    }
}

/// Adds what differs in `new`. A container that was not there before is shown whole.
fn compare(pointer: &str, old: &Value, new: &Value, changes: &mut Vec<String>) {
    let escape = |key: &str| key.replace('~', "~0").replace('/', "~1");
    match (old, new) {
        (Value::Object(was), Value::Object(is)) => {
            for key in was.keys().filter(|key| !is.contains_key(*key)) {
                changes.push(format!("{pointer}/{} is gone", escape(key)));
            }
            for (key, value) in is {
                let old = was.get(key).unwrap_or(&Value::Null);
                compare(&format!("{pointer}/{}", escape(key)), old, value, changes);
            }
        }
        (Value::Array(was), Value::Array(is)) if was.len() == is.len() => {
            for (index, (old, new)) in was.iter().zip(is).enumerate() {
                compare(&format!("{pointer}/{index}"), old, new, changes);
            }
        }
        _ if old == new => {}
        _ => changes.push(format!("{pointer} {new}")),
    }
}
