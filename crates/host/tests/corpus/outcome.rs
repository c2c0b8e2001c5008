//! What came out of judging a case, in whichever way it was judged.

use std::fmt::{self, Write as _};

use fresh_images::Code;
use fresh_images_host::Engine;
use serde_json::Value;

use crate::header::Expect;

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
            mutated_object: None,
            settings_problems: fresh_images::validate_settings(settings).err().map(|error| error.to_string()),
        };
        (outcome, verdict.findings().iter().map(|finding| finding.code()).collect())
    }

    /// Judges with the module, each call in an instance of its own.
    pub(crate) fn in_engine(engine: &Engine, payload: &[u8], settings: &[u8]) -> Result<Self, String> {
        let response = engine.validate(payload).map_err(|error| format!("{error}\n"))?;
        let valid = engine.validate_settings(settings).map_err(|error| format!("{error}\n"))?;
        Ok(Self {
            accepted: response.accepted,
            message: response.message,
            warnings: response.warnings.unwrap_or_default(),
            status: response.code,
            mutated_object: response.mutated_object,
            settings_problems: (!valid.valid).then(|| valid.message.unwrap_or_default()),
        })
    }

    pub(crate) fn verdict(&self) -> Expect {
        match self.accepted {
            false => Expect::Reject,
            true if self.warnings.is_empty() => Expect::Accept,
            true => Expect::Warn,
        }
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

/// Messages and warnings.
type Texts<'t> = (&'t Vec<String>, &'t Vec<String>);

/// Each line that differs, as it should be and as it is.
pub(crate) fn difference(expected: Texts<'_>, actual: Texts<'_>) -> String {
    let mut text = String::new();
    for (directive, expected, actual) in
        [("MESSAGE", expected.0, actual.0), ("WARNING", expected.1, actual.1)]
    {
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
