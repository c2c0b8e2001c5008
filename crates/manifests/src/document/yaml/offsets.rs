//! Turns the parser's places, which count characters, into offsets in bytes.

use std::ops::Range;

use saphyr_parser::{Marker, Span};

/// How many characters lie between two offsets that are known beforehand.
const STEP: usize = 64;

/// The text of one document, or of several.
pub(super) struct Offsets<'t> {
    text: &'t str,
    base: usize,
    /// The offset of every [`STEP`]th character.
    known: Vec<usize>,
}

impl<'t> Offsets<'t> {
    /// For a text that starts at `base` in its file.
    pub(super) fn new(text: &'t str, base: usize) -> Self {
        let known = text.char_indices().step_by(STEP).map(|(offset, _)| offset).collect();
        Self { text, base, known }
    }

    /// The offset in the file.
    pub(super) fn byte(&self, marker: &Marker) -> usize {
        self.base.saturating_add(self.local(marker))
    }

    fn local(&self, marker: &Marker) -> usize {
        let index = marker.index();
        let Some(known) = self.known.get(index / STEP).copied() else { return self.text.len() };
        let rest = self.text.get(known..).unwrap_or_default();
        rest.char_indices()
            .nth(index % STEP)
            .map_or(self.text.len(), |(offset, _)| known.saturating_add(offset))
    }

    /// The range in the file.
    pub(super) fn range(&self, span: &Span) -> Range<usize> {
        self.byte(&span.start)..self.byte(&span.end)
    }

    /// The range in the file, without the anchor and the tag of a value and without space after it.
    pub(super) fn trimmed(&self, span: &Span) -> Range<usize> {
        let start = self.local(&span.start);
        let raw = self.text.get(start..self.local(&span.end)).unwrap_or_default();
        let mut content = raw;
        while content.starts_with(['&', '!']) {
            let end = content.find(char::is_whitespace).unwrap_or(content.len());
            content = content.get(end..).unwrap_or_default().trim_start();
        }
        let skipped = raw.len().saturating_sub(content.len());
        let start = self.base.saturating_add(start).saturating_add(skipped);
        start..start.saturating_add(scalar_end(content))
    }
}

/// Where a scalar ends. Behind a closing quote the parser looks for a colon, and counts what it passes.
fn scalar_end(content: &str) -> usize {
    let mut inside = content.char_indices().skip(1).peekable();
    match content.as_bytes().first() {
        Some(b'"') => {
            while let Some((offset, c)) = inside.next() {
                match c {
                    '"' => return offset.saturating_add(1),
                    '\\' => _ = inside.next(),
                    _ => {}
                }
            }
        }
        Some(b'\'') => {
            while let Some((offset, c)) = inside.next() {
                if c == '\'' && inside.next_if(|(_, c)| *c == '\'').is_none() {
                    return offset.saturating_add(1);
                }
            }
        }
        _ => {}
    }
    content.trim_end().len()
}
