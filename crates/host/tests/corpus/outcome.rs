//! What came out of judging a case, in whichever way it was judged.

use std::fmt::{self, Write as _};

use fresh_images::Code;
use fresh_images_host::{Engine, Response, SettingsResponse};
use serde_json::Value;

use crate::header::Expect;
use crate::javascript::{Answer, JavaScript};

/// Everything that Kubewarden is told, and what is said of the settings.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Outcome {
    pub(crate) accepted: bool,
    pub(crate) message: Option<String>,
    pub(crate) warnings: Vec<String>,
    pub(crate) status: Option<u16>,
    pub(crate) mutated_object: Option<Value>,
    pub(crate) settings_problems: Option<String>,
}

impl Outcome {
    /// Judges with the library. The codes are what only the library can tell.
    pub(crate) fn native(payload: &[u8], settings: &[u8]) -> (Self, Vec<Code>) {
        let verdict = fresh_images::evaluate(payload);
        let outcome = Self {
            accepted: verdict.is_accepted(),
            message: verdict.message(),
            warnings: verdict.warnings().to_vec(),
            status: verdict.status(),
            mutated_object: verdict.mutated_object().map(|it| serde_json::from_str(it).expect("JSON")),
            settings_problems: fresh_images::validate_settings(settings).err().map(|error| error.to_string()),
        };
        (outcome, verdict.findings().iter().map(|finding| finding.code()).collect())
    }

    /// Judges with the module, each call in an instance of its own.
    pub(crate) fn in_engine(engine: &Engine, payload: &[u8], settings: &[u8]) -> Result<Self, String> {
        let response = engine.validate(payload).map_err(|error| format!("{error}\n"))?;
        let valid = engine.validate_settings(settings).map_err(|error| format!("{error}\n"))?;
        Ok(Self::told(response, valid))
    }

    /// Judges with the build for browsers.
    pub(crate) fn in_javascript(
        javascript: &mut JavaScript,
        payload: &[u8],
        settings: &[u8],
    ) -> Result<Self, String> {
        let Answer { validate, settings } = javascript.ask(payload, settings)?;
        Ok(Self::told(validate, settings))
    }

    fn told(response: Response, valid: SettingsResponse) -> Self {
        Self {
            accepted: response.accepted,
            message: response.message,
            warnings: response.warnings.unwrap_or_default(),
            status: response.code,
            mutated_object: response.mutated_object,
            settings_problems: (!valid.valid).then(|| valid.message.unwrap_or_default()),
        }
    }

    pub(crate) fn verdict(&self) -> Expect {
        match self.accepted {
            false => Expect::Reject,
            true if self.warnings.is_empty() => Expect::Accept,
            true => Expect::Warn,
        }
    }

    /// Each value of the object that mutation changed: its JSON pointer and what it is now.
    pub(crate) fn mutations(&self, payload: &[u8]) -> Vec<String> {
        let mut changes = Vec::new();
        if let Some(mutated) = &self.mutated_object
            && let Ok(payload) = serde_json::from_slice::<Value>(payload)
        {
            compare("", &payload["request"]["object"], mutated, &mut changes);
        }
        changes
    }

    pub(crate) fn message_lines(&self) -> Vec<String> {
        self.message.iter().flat_map(|message| message.lines()).map(String::from).collect()
    }
}

/// The texts, as a case would have them.
impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for line in self.message_lines() {
            writeln!(f, "  MESSAGE: {line}")?;
        }
        for line in &self.warnings {
            writeln!(f, "  WARNING: {line}")?;
        }
        Ok(())
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

/// Messages, warnings and mutations.
pub(crate) type Texts<'t> = [&'t [String]; 3];

/// What the texts stand under.
pub(crate) const DIRECTIVES: [&str; 3] = ["MESSAGE", "WARNING", "MUTATED"];

/// Each line that differs, as it should be and as it is.
pub(crate) fn difference(expected: Texts<'_>, actual: Texts<'_>) -> String {
    let mut text = String::new();
    for ((directive, expected), actual) in DIRECTIVES.into_iter().zip(expected).zip(actual) {
        for index in 0..expected.len().max(actual.len()) {
            let (was, is) = (expected.get(index), actual.get(index));
            if was != is {
                let mut write = |sign, line: Option<&String>| {
                    if let Some(line) = line {
                        // Writing to a string cannot fail.
                        let _ = writeln!(text, "{sign} {directive}: {line}");
                    }
                };
                write('-', was);
                write('+', is);
            }
        }
    }
    text
}
