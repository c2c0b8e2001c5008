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
}

/// A place in a text, as editors count.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    /// The line, from 1.
    pub line: usize,
    /// The column in characters, from 1.
    pub column: usize,
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
        Self { name: name.into(), text, lines }
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
        let before = self.text.get(start..offset).unwrap_or_default();
        let column = before.chars().filter(|c| *c != BYTE_ORDER_MARK).count().saturating_add(1);
        Position { line, column }
    }
}
