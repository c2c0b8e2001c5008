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

use granit_parser::{ErrorKind, Parser};

use super::limits::{MAX_DEPTH, TOO_DEEP};
use super::{DocumentError, Node};

use builder::Builder;

/// Reads all documents of a text that starts at `base` in its file: everything before an error, and the error.
pub(super) fn read(text: &str, base: usize) -> (Vec<Node>, Option<DocumentError>) {
    if let Some((offset, problem)) = text.char_indices().find_map(|(offset, c)| Some((offset, forbidden(c)?)))
    {
        return (Vec::new(), Some(DocumentError::new(base.saturating_add(offset), problem)));
    }
    let mut attempts = vec![Parsed::of(text, base)];
    let mut spaced = text.to_owned();
    // Each attempt costs as much as the first.
    while let Some(tab) = attempts.last().and_then(|last| last.refused_tab)
        && attempts.len() <= MAX_TABBED
    {
        spaced = with_spaces(&spaced, tab);
        attempts.push(Parsed::of(&spaced, base));
    }
    // Only the last attempt knows where all brackets and braces end.
    let is_allowed = |attempt: &Parsed| {
        let tab = attempt.refused_tab.map(|tab| base.saturating_add(tab));
        tab.is_some_and(|tab| attempts.last().is_some_and(|last| last.builder.is_in_flow(tab)))
    };
    let last = attempts.len().saturating_sub(1);
    let best = attempts.iter().position(|attempt| !is_allowed(attempt)).unwrap_or(last);
    let best = attempts.swap_remove(best);
    (best.builder.documents, best.error)
}

/// How many groups of lines may be indented with tabs where the parser does not want them.
const MAX_TABBED: usize = 100;

/// What came of a text.
struct Parsed {
    builder: Builder,
    error: Option<DocumentError>,
    /// The offset in the text of what a tab stands before, if the error is about that.
    refused_tab: Option<usize>,
}

impl Parsed {
    fn of(text: &str, base: usize) -> Self {
        // One level more than the builder takes, so that it is the builder that refuses.
        let limit = MAX_DEPTH.saturating_add(1);
        let options = granit_parser::options! {
            block_nesting_limit: limit,
            block_scalar_eof_without_line_feed: true,
            bom_inside_document_as_content: true,
            flow_nesting_limit: limit,
        };
        let mut builder = Builder::default();
        for event in Parser::new_from_str_with_options(text, options) {
            let result = match event {
                Ok((event, span)) => {
                    let range = span.byte_range().unwrap_or_default();
                    builder.add(event, base.saturating_add(range.start)..base.saturating_add(range.end))
                }
                Err(error) => {
                    let offset = error.marker().byte_offset().unwrap_or_default();
                    let message = match error.kind() {
                        ErrorKind::RecursionLimitExceeded => TOO_DEEP.into(),
                        _ => format!("invalid YAML: {}", error.info()),
                    };
                    let is_tab = matches!(error.kind(), ErrorKind::TabInBlockIndentation);
                    let error = Some(DocumentError::new(base.saturating_add(offset), message));
                    return Self { builder, error, refused_tab: is_tab.then_some(offset) };
                }
            };
            if let Err(error) = result {
                return Self { builder, error: Some(error), refused_tab: None };
            }
        }
        Self { builder, error: None, refused_tab: None }
    }
}

/// The text with spaces for the tabs that indent the line at the offset and the ones after it. Kubectl takes tabs there
/// within brackets and braces, the parser does not always. Every place stays where it is.
fn with_spaces(text: &str, offset: usize) -> String {
    let start =
        text.get(..offset).and_then(|before| before.rfind('\n')).map_or(0, |end| end.saturating_add(1));
    let (before, rest) = text.split_at_checked(start).unwrap_or((text, ""));
    let mut spaced = String::from(before);
    let mut is_indented = true;
    for line in rest.split_inclusive('\n') {
        let (indent, content) = line
            .split_at_checked(line.len().saturating_sub(line.trim_start_matches([' ', '\t']).len()))
            .unwrap_or(("", line));
        is_indented &= indent.contains('\t') || content.trim_end().is_empty();
        if is_indented {
            spaced.extend(indent.chars().map(|_| ' '));
            spaced.push_str(content);
        } else {
            spaced.push_str(line);
        }
    }
    spaced
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
