//! Texts in tables: as they are, or in parts where something is long (`{"repeat": ["a", 128]}`) or no text at all
//! (`{"hex": "ff fe"}`).

use serde::Deserialize;

/// A text, with what is long or no text at all in parts.
#[derive(Deserialize)]
#[serde(untagged)]
pub enum Text {
    /// As it is.
    Plain(String),
    /// One after the other.
    Parts(Vec<Part>),
}

/// A part of a text.
#[derive(Deserialize)]
#[serde(untagged, deny_unknown_fields)]
pub enum Part {
    /// As it is.
    Plain(String),
    /// A text, and how many times.
    Repeat {
        /// Both.
        repeat: (String, usize),
    },
    /// Bytes.
    Hex {
        /// In hexadecimal, with spaces between them.
        hex: String,
    },
}

impl Text {
    /// The text as bytes.
    ///
    /// # Errors
    ///
    /// If `hex` is not hexadecimal.
    pub fn bytes(&self) -> Result<Vec<u8>, String> {
        match self {
            Self::Plain(text) => Ok(text.clone().into()),
            Self::Parts(parts) => {
                parts.iter().map(Part::bytes).collect::<Result<Vec<_>, _>>().map(|all| all.concat())
            }
        }
    }

    /// The text.
    ///
    /// # Errors
    ///
    /// If it is not UTF-8.
    pub fn text(&self) -> Result<String, String> {
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
