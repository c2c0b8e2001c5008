//! Texts in tables: as they are, or in parts where something is long (`{"repeat": ["a", 128]}`) or no text at all
//! (`{"hex": "ff fe"}`).

use serde::Deserialize;

/// A text, with what is long or no text at all in parts.
#[derive(Deserialize)]
#[serde(untagged)]
pub(crate) enum Text {
    Plain(String),
    Parts(Vec<Part>),
}

#[derive(Deserialize)]
#[serde(untagged, deny_unknown_fields)]
pub(crate) enum Part {
    Plain(String),
    Repeat { repeat: (String, usize) },
    Hex { hex: String },
}

impl Text {
    pub(crate) fn bytes(&self) -> Result<Vec<u8>, String> {
        match self {
            Self::Plain(text) => Ok(text.clone().into()),
            Self::Parts(parts) => {
                parts.iter().map(Part::bytes).collect::<Result<Vec<_>, _>>().map(|all| all.concat())
            }
        }
    }

    pub(crate) fn text(&self) -> Result<String, String> {
        String::from_utf8(self.bytes()?).map_err(|error| error.to_string())
    }
}

impl Part {
    fn bytes(&self) -> Result<Vec<u8>, String> {
        match self {
            Self::Plain(text) => Ok(text.clone().into()),
            Self::Repeat { repeat: (text, times) } => Ok(text.repeat(*times).into()),
            Self::Hex { hex } => hex
                .split(' ')
                .map(|byte| u8::from_str_radix(byte, 16).map_err(|error| format!("{hex}: {error}")))
                .collect(),
        }
    }
}
