//! Where in a text something is added, and how it is written there.

use std::ops::Range;

use super::diff::Tree;
use super::scalar::{self, Style};
use crate::document::{Member, Node};

/// Where a member is added.
enum Place<'n> {
    After(&'n Member),
    Before(&'n Member),
}

/// A text to insert, and where.
#[derive(Debug)]
pub(super) struct Insertion {
    pub(super) offset: usize,
    pub(super) text: String,
}

impl Insertion {
    fn new(offset: usize, text: String) -> Self {
        Self { offset, text }
    }
}

/// Adds a member to an object that has some.
pub(super) fn member(
    text: &str,
    is_flow: impl Fn(usize) -> bool,
    object: &Node,
    key: &str,
    value: &Tree,
) -> Option<Insertion> {
    match place(object, key)? {
        Place::After(sibling) if is_flow(sibling.key_span.start) => {
            Some(flow_after(text, sibling, key, value))
        }
        Place::Before(sibling) if is_flow(sibling.key_span.start) => {
            let added = flow_member(text, sibling, key, value);
            Some(Insertion::new(sibling.key_span.start, format!("{added}, ")))
        }
        Place::After(sibling) => Some(block_after(text, sibling, key, value)),
        Place::Before(sibling) => {
            let line = Line::of(text, sibling.key_span.start);
            // The first key may stand behind a dash.
            if !line.before.trim().is_empty() {
                return Some(block_after(text, object.members().last()?, key, value));
            }
            let added = scalar::block(key, value, style(text, sibling), line.before, line.end);
            Some(Insertion::new(line.start, format!("{added}{}", line.end)))
        }
    }
}

/// Beside its image, or where people look for it.
fn place<'n>(object: &'n Node, key: &str) -> Option<Place<'n>> {
    let find = |key: &str| object.members().iter().find(|member| &*member.key == key);
    let sibling = match key {
        "imagePullPolicy" => find("image"),
        "pullPolicy" => find("reference"),
        "metadata" => match find("kind") {
            Some(kind) => Some(kind),
            None => return object.members().first().map(Place::Before),
        },
        _ => None,
    };
    let own = |member: &&Member| object.span.contains(&member.key_span.start);
    let last = || object.members().iter().rfind(own).or(object.members().last());
    sibling.or_else(last).map(Place::After)
}

/// As its neighbour is written.
fn style(text: &str, sibling: &Member) -> Style {
    if text.get(sibling.key_span.clone()).is_some_and(|key| key.starts_with('"')) {
        Style::Json
    } else {
        Style::Yaml
    }
}

fn flow_member(text: &str, sibling: &Member, key: &str, value: &Tree) -> String {
    let style = style(text, sibling);
    let colon = if style == Style::Json { gap(text, sibling) } else { ": " };
    format!("{}{colon}{}", scalar::text(key, style), scalar::flow(value, style))
}

/// What stands between a key and its value.
fn gap<'t>(text: &'t str, member: &Member) -> &'t str {
    let gap = text.get(member.key_span.end..member.node.span.start).unwrap_or_default();
    if gap.trim() == ":" && !gap.contains('\n') { gap } else { ": " }
}

fn flow_after(text: &str, sibling: &Member, key: &str, value: &Tree) -> Insertion {
    let own_line = own_line(text, sibling.key_span.start).filter(|_| {
        // A comment would swallow what is added.
        !Line::of(text, sibling.node.span.end).after.contains('#')
    });
    let separator = match own_line {
        Some(indent) => format!(",{}{indent}", Line::of(text, sibling.key_span.start).end),
        None if gap(text, sibling).ends_with(' ') => ", ".into(),
        None => ",".into(),
    };
    let added = flow_member(text, sibling, key, value);
    Insertion::new(sibling.node.span.end, format!("{separator}{added}"))
}

/// The space before what stands first in a line that is not the first one. A line may be as long as the text, so no more
/// of it is looked at than that.
fn own_line(text: &str, offset: usize) -> Option<&str> {
    let before = text.get(..offset)?;
    let start = before.trim_end_matches([' ', '\t']).len();
    let (lines, indent) = before.split_at_checked(start)?;
    lines.ends_with('\n').then_some(indent)
}

fn block_after(text: &str, sibling: &Member, key: &str, value: &Tree) -> Insertion {
    let line = Line::of(text, sibling.key_span.start);
    // Under the key, also behind a dash.
    let indent: String = if line.before.trim().is_empty() {
        line.before.into()
    } else {
        " ".repeat(line.before.chars().count())
    };
    let added = scalar::block(key, value, style(text, sibling), &indent, line.end);
    let end = last_byte(text, &sibling.node.span, &sibling.key_span);
    let next = Line::of(text, end).next;
    if text.get(..next).is_some_and(|text| text.ends_with('\n')) {
        Insertion::new(next, format!("{added}{}", line.end))
    } else {
        Insertion::new(next, format!("{}{added}", line.end))
    }
}

/// Where the text of a value ends; a block scalar may have empty lines behind it.
fn last_byte(text: &str, value: &Range<usize>, key: &Range<usize>) -> usize {
    let written = text.get(value.clone()).unwrap_or_default();
    // A value that is left out ends where its key ends.
    if written.is_empty() {
        value.start.max(key.end)
    } else {
        value.start.saturating_add(written.trim_end().len())
    }
}

/// The line in which an offset is.
struct Line<'t> {
    start: usize,
    /// Its text before the offset, and behind it.
    before: &'t str,
    after: &'t str,
    /// How it ends: if it does not, as the first line does.
    end: &'t str,
    /// Where the next one starts.
    next: usize,
}

impl<'t> Line<'t> {
    fn of(text: &'t str, offset: usize) -> Self {
        let (before, after) = text.split_at_checked(offset).unwrap_or((text, ""));
        let start = before.rfind('\n').map_or(0, |newline| newline.saturating_add(1));
        let before = before.get(start..).unwrap_or_default();
        let first = text.split_inclusive('\n').next().unwrap_or_default();
        let whole = after.split_inclusive('\n').next().unwrap_or_default();
        let end_of = |line: &str| {
            if line.ends_with("\r\n") { Some("\r\n") } else { line.ends_with('\n').then_some("\n") }
        };
        Self {
            start,
            before: before.trim_start_matches('\u{feff}'),
            after: whole.trim_end_matches(['\r', '\n']),
            end: end_of(whole).or_else(|| end_of(first)).unwrap_or("\n"),
            next: offset.saturating_add(whole.len()),
        }
    }
}
