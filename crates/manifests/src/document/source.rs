//! A text with a name, and the places in it.
//!
//! ```
//! use fresh_images_manifests::document::Source;
//!
//! let source = Source::new("web.yaml", "a: 1\r\nb: ü2\r\n");
//! assert_eq!(source.position(6).to_string(), "2:1");
//! // Columns count characters: the 2 stands after the two bytes of the ü.
//! assert_eq!(source.position(11).to_string(), "2:5");
//! ```

use std::fmt;

/// What an editor calls a byte order mark at the start of a text.
pub(super) const BYTE_ORDER_MARK: char = '\u{feff}';

/// A text with a name.
#[derive(Clone, Debug)]
pub struct Source {
    name: String,
    text: String,
    /// The offset at which each line starts.
    lines: Vec<usize>,
    /// How many characters start before every [`STEP`]th byte, for a line may be as long as the text.
    characters: Vec<usize>,
}

/// In bytes.
const STEP: usize = 1024;

/// A place in a text, as editors count.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    /// The line, from 1.
    pub line: usize,
    /// The column in characters, from 1.
    pub column: usize,
}

/// How many characters start in these bytes of UTF-8.
fn starts(bytes: &[u8]) -> usize {
    bytes.iter().filter(|byte| **byte & 0xc0 != 0x80).count()
}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.line, self.column)
    }
}

impl Source {
    /// Takes the text as it is; a byte order mark or Windows line ends do no harm.
    pub fn new(name: impl Into<String>, text: impl Into<String>) -> Self {
        let text = text.into();
        let ends = text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n');
        let lines = std::iter::once(0).chain(ends.map(|(offset, _)| offset.saturating_add(1))).collect();
        let mut characters = vec![0];
        for step in text.as_bytes().chunks(STEP) {
            let before = characters.last().copied().unwrap_or_default();
            characters.push(starts(step).saturating_add(before));
        }
        Self { name: name.into(), text, lines, characters }
    }

    /// The name, which for a file is its path as the user gave it.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The whole text.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The position of an offset in bytes.
    pub fn position(&self, offset: usize) -> Position {
        let line = self.lines.partition_point(|start| *start <= offset);
        let start = self.lines.get(line.saturating_sub(1)).copied().unwrap_or_default();
        let rest = self.text.get(start..).unwrap_or_default();
        let mark = usize::from(rest.starts_with(BYTE_ORDER_MARK) && offset > start);
        let before = self.characters_before(offset).saturating_sub(self.characters_before(start));
        Position { line, column: before.saturating_sub(mark).saturating_add(1) }
    }

    fn characters_before(&self, offset: usize) -> usize {
        let step = offset / STEP;
        let known = self.characters.get(step).copied().unwrap_or_default();
        let rest = self.text.as_bytes().get(step.saturating_mul(STEP)..offset).unwrap_or_default();
        known.saturating_add(starts(rest))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_count_characters_in_long_lines() {
        let text = format!("\u{feff}{}\r\n{}\n{}", "aé€😀".repeat(700), "é".repeat(1024), "x".repeat(STEP));
        let source = Source::new("", &text);
        for (offset, _) in text.char_indices().chain([(text.len(), ' ')]) {
            let before = text.get(..offset).unwrap_or_default();
            let line = before.rsplit('\n').next().unwrap_or_default();
            let column = line.chars().filter(|c| *c != BYTE_ORDER_MARK).count() + 1;
            let position = Position { line: before.matches('\n').count() + 1, column };
            assert_eq!(source.position(offset), position, "{offset}");
        }
    }
}
