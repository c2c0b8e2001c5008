//! Finds the documents of a YAML text without parsing it.
//!
//! A line that starts with `---` in its first column starts a document, and one that starts with `...` ends it.
//! YAML allows no scalar, not even a block or quoted one, to hold such a line, so no parser has to be asked; and
//! so the documents after a broken one are found as well.

use std::ops::Range;

use super::source::{BYTE_ORDER_MARK, Source};

/// The ranges of the documents, markers included. Some may be empty.
pub(super) fn documents(source: &Source) -> Vec<Range<usize>> {
    let text = source.text();
    let mut documents = Vec::new();
    let mut start = 0;
    let mut offset = 0_usize;
    // Directives (`%YAML 1.2`) stand before the `---` of the document that they belong to.
    let mut prologue = Prologue::Empty;
    for line in text.split_inclusive('\n') {
        let end = offset.saturating_add(line.len());
        let content = line.trim_start_matches(BYTE_ORDER_MARK);
        if is_marker(content, "---") {
            if prologue != Prologue::Directives {
                documents.push(start..offset);
                start = offset;
            }
            prologue = Prologue::Over;
        } else if is_marker(content, "...") {
            documents.push(start..end);
            start = end;
            prologue = Prologue::Empty;
        } else if prologue != Prologue::Over {
            prologue = prologue.after(content);
        }
        offset = end;
    }
    documents.push(start..offset);
    for document in &mut documents {
        let rest = text.get(document.clone()).unwrap_or_default();
        let mark = rest.len().saturating_sub(rest.trim_start_matches(BYTE_ORDER_MARK).len());
        document.start = document.start.saturating_add(mark);
    }
    documents
}

/// What stands before the content of a document.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Prologue {
    Empty,
    Directives,
    Over,
}

impl Prologue {
    fn after(self, line: &str) -> Self {
        match line.trim().chars().next() {
            None | Some('#') => self,
            Some(_) if line.starts_with('%') => Self::Directives,
            Some(_) => Self::Over,
        }
    }
}

/// Whether the line starts with the marker, as a word of its own.
fn is_marker(line: &str, marker: &str) -> bool {
    line.strip_prefix(marker).is_some_and(|rest| rest.is_empty() || rest.starts_with([' ', '\t', '\r', '\n']))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &[&str]) {
        let source = Source::new("test", text);
        let parts: Vec<&str> = documents(&source).into_iter().filter_map(|range| text.get(range)).collect();
        assert_eq!(parts, expected);
    }

    #[test]
    fn documents_are_split_at_markers() {
        check("", &[""]);
        check("a: 1\n", &["a: 1\n"]);
        check("---\na: 1\n---\nb: 2", &["", "---\na: 1\n", "---\nb: 2"]);
        check("a: 1\r\n---\r\nb: 2\r\n", &["a: 1\r\n", "---\r\nb: 2\r\n"]);
        check("a: 1\n--- # next\nb: 2\n", &["a: 1\n", "--- # next\nb: 2\n"]);
        check("--- {a: 1}\n---\t\n", &["", "--- {a: 1}\n", "---\t\n"]);
        check("a: 1\n...\nb: 2\n", &["a: 1\n...\n", "b: 2\n"]);
        // Not in the first column, or not a word of its own.
        check("a: |\n  ---\n ---\n", &["a: |\n  ---\n ---\n"]);
        check("---a\n----\n....\n", &["---a\n----\n....\n"]);
        // Not even a block scalar can hold one.
        check("a: |\n  x\n---\nb: 2\n", &["a: |\n  x\n", "---\nb: 2\n"]);
    }

    #[test]
    fn directives_stay_with_their_document() {
        check("%YAML 1.1\n---\na: 1\n", &["%YAML 1.1\n---\na: 1\n"]);
        check(
            "# hi\n\n%TAG ! x\n# hi\n---\na: 1\n---\nb: 2\n",
            &["# hi\n\n%TAG ! x\n# hi\n---\na: 1\n", "---\nb: 2\n"],
        );
        check("a: 1\n...\n%YAML 1.1\n---\nb: 2\n", &["a: 1\n...\n", "%YAML 1.1\n---\nb: 2\n"]);
        // A line of content that looks like one.
        check("a: x\n%b\n---\nc: 3\n", &["a: x\n%b\n", "---\nc: 3\n"]);
    }

    #[test]
    fn byte_order_marks_are_left_out() {
        check("\u{feff}a: 1\n", &["a: 1\n"]);
        check("\u{feff}---\na: 1\n\u{feff}---\nb: 2\n", &["", "---\na: 1\n", "---\nb: 2\n"]);
    }
}
