//! Builds nodes from the events of a YAML parser, with aliases and merge keys resolved as kubectl does.
//!
//! ```yaml
//! base: &base {image: nginx, tag: old}
//! used: *base                 # {image: nginx, tag: old}
//! merged: {<<: *base, tag: x} # {image: nginx, tag: x}
//! ```
//!
//! Nothing here recurses over the document, and what aliases may cost is counted before they are used.

mod builder;
mod mapping;
mod offsets;

use saphyr_parser::{Event, Parser, ScalarStyle};

use super::limits::TOO_DEEP;
use super::{DocumentError, Node};

use builder::Builder;
use offsets::Offsets;

/// Reads all documents of a text that starts at `base` in its file: everything before an error, and the error.
pub(super) fn read(text: &str, base: usize) -> (Vec<Node>, Option<DocumentError>) {
    let offsets = Offsets::new(text, base);
    if let Some((offset, problem)) = text.char_indices().find_map(|(offset, c)| Some((offset, forbidden(c)?)))
    {
        return (Vec::new(), Some(DocumentError::new(base.saturating_add(offset), problem)));
    }
    let mut builder = Builder::default();
    let mut parser = Parser::new_from_str(text);
    while let Some(event) = parser.next_event() {
        let result = match event {
            Ok((Event::StreamEnd, _)) => break,
            Ok((event, span)) => {
                let block = matches!(event, Event::Scalar(_, ScalarStyle::Literal | ScalarStyle::Folded, ..));
                let range = if block { offsets.range(&span) } else { offsets.trimmed(&span) };
                builder.add(event, range)
            }
            Err(error) => Err(DocumentError::new(offsets.byte(error.marker()), reason(error.info()))),
        };
        if let Err(error) = result {
            return (builder.documents, Some(error));
        }
    }
    (builder.documents, None)
}

/// The parser has its own limit for brackets, which is lower than ours.
fn reason(info: &str) -> String {
    if info == "recursion limit exceeded" { TOO_DEEP.into() } else { format!("invalid YAML: {info}") }
}

/// Why a character may not stand anywhere.
fn forbidden(c: char) -> Option<String> {
    let problem = match c {
        '\t' | '\n' | '\r' => return None,
        // What stands behind one in a comment would be content to kubectl.
        '\u{85}' | '\u{2028}' | '\u{2029}' => {
            "ends a line for some readers of YAML and not for others; escape it"
        }
        // To the parser a NUL would be the end of the text, and what stands behind it would not be judged.
        c if c.is_control() || matches!(c, '\u{fffe}' | '\u{ffff}') => "is not allowed",
        _ => return None,
    };
    Some(format!("invalid YAML: the control character {} {problem}", c.escape_unicode()))
}
