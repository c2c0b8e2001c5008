//! The edits of a text.

use std::ops::Range;

use super::diff::{Change, Tree};
use super::scalar::{self, Style};
use super::{Replacement, insert};
use crate::document::{DocumentError, Member, Node, Source, Value};
use crate::order::order;

const SEVERAL_LINES: &str = "cannot be fixed here: the value spans several lines; write it on one line";

/// A piece of the text, and what stands there instead.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Edit {
    range: Range<usize>,
    text: String,
    /// Whether an alias stands there now.
    is_alias: bool,
    /// Where the object begins that it changes.
    object: usize,
}

impl Edit {
    fn insert(offset: usize, text: String) -> Self {
        Self { range: offset..offset, text, is_alias: false, object: offset }
    }

    /// Whether it does the same to the text.
    fn is_same(&self, other: &Self) -> bool {
        self.range == other.range && self.text == other.text
    }
}

/// The edits of a text.
#[derive(Debug)]
pub(super) struct Edits<'s> {
    text: &'s str,
    /// The outermost objects in braces, in the order of the text.
    flows: Vec<Range<usize>>,
    edits: Vec<Edit>,
}

impl<'s> Edits<'s> {
    pub(super) fn new(source: &'s Source, documents: &[Node]) -> Self {
        let text = source.text();
        let mut all = Vec::new();
        for document in documents {
            collect_flows(text, document, &mut all);
        }
        let places = all.iter().map(|flow| (flow.start, usize::MAX.saturating_sub(flow.end)));
        let mut flows: Vec<Range<usize>> = Vec::new();
        for flow in order(places).into_iter().filter_map(|index| all.get(index)) {
            if flows.last().is_none_or(|last| last.end <= flow.start) {
                flows.push(flow.clone());
            }
        }
        Self { text, flows, edits: Vec::new() }
    }

    pub(super) fn add(&mut self, change: &Change<'_>) -> Result<(), DocumentError> {
        let edit = match change {
            Change::Replace { member, value } => self.replace(member, value)?,
            Change::Add { object, key, value } if object.members().is_empty() => {
                let value = Tree::Object(vec![((*key).into(), value.clone())]);
                Edit { text: scalar::flow(&value, self.style_of(object)), ..self.instead_of(object) }
            }
            Change::Add { object, key, value } => {
                let flows = &self.flows;
                let is_flow = |offset| is_inside(flows, offset);
                insert::member(self.text, is_flow, object, key, value)
                    .map(|it| Edit::insert(it.offset, it.text))
                    .ok_or_else(|| {
                        DocumentError::new(object.span.start, "cannot be fixed here: nothing can be added")
                    })?
            }
        };
        let object = match change {
            Change::Replace { member, .. } => member.key_span.start,
            Change::Add { object, .. } => object.span.start,
        };
        self.edits.push(Edit { object, ..edit });
        Ok(())
    }

    fn replace(&self, member: &Member, value: &Tree) -> Result<Edit, DocumentError> {
        let node = &member.node;
        let key = self.text.get(member.key_span.clone()).unwrap_or_default();
        let style = if key.starts_with('"') { Style::Json } else { Style::Yaml };
        let old = self.text.get(node.span.clone()).unwrap_or_default();
        let edit = self.instead_of(node);
        if edit.is_alias {
            return Ok(Edit { text: scalar::flow(value, Style::Yaml), ..edit });
        }
        if old.is_empty() {
            // The value is left out.
            let rest = self.text.get(member.key_span.end..).unwrap_or_default();
            let spaces = rest.len().saturating_sub(rest.trim_start_matches(' ').len());
            let behind = member.key_span.end.saturating_add(spaces).saturating_add(1);
            return Ok(Edit::insert(behind, format!(" {}", scalar::flow(value, style))));
        }
        let text = match value {
            Tree::Text(new) if node.as_str().is_some() => {
                scalar::like(old, new).ok_or_else(|| DocumentError::new(node.span.start, SEVERAL_LINES))?
            }
            value => scalar::flow(value, style),
        };
        Ok(Edit { text, ..edit })
    }

    fn instead_of(&self, node: &Node) -> Edit {
        let old = self.text.get(node.span.clone()).unwrap_or_default();
        Edit {
            range: node.span.clone(),
            text: String::new(),
            object: node.span.start,
            is_alias: old.starts_with('*') && !old.contains('\n'),
        }
    }

    /// As the rest of a document in JSON.
    fn style_of(&self, object: &Node) -> Style {
        let before = self.text.get(..object.span.start).unwrap_or_default().trim_end();
        if before.trim_end_matches(':').trim_end().ends_with('"') { Style::Json } else { Style::Yaml }
    }

    /// The edits in the order of the text, each once; aliases are replaced only if they are to be written out.
    pub(super) fn sorted(&self, write_out: bool) -> Result<Vec<Replacement>, DocumentError> {
        let sorted = order(self.edits.iter().map(|edit| (edit.range.start, 0)));
        let mut replacements = Vec::new();
        let mut offset = 0;
        let mut here: Vec<&Edit> = Vec::new();
        for edit in sorted.into_iter().filter_map(|index| self.edits.get(index)) {
            here.retain(|before| before.range.start == edit.range.start);
            // Aliases lead to the same place more than once.
            if here.iter().any(|before| before.is_same(edit)) || edit.is_alias && !write_out {
                continue;
            }
            here.push(edit);
            if edit.range.start < offset {
                let message =
                    "cannot be fixed here: the same text would need two different values; write it out";
                return Err(DocumentError::new(edit.range.start, message));
            }
            offset = edit.range.end;
            let Edit { range, text, object, .. } = edit.clone();
            replacements.push(Replacement { range, text, object });
        }
        Ok(replacements)
    }

    /// The new text.
    pub(super) fn apply(&self, replacements: &[Replacement]) -> String {
        let mut text = String::new();
        let mut offset = 0;
        for replacement in replacements {
            text.push_str(self.text.get(offset..replacement.range.start).unwrap_or_default());
            text.push_str(&replacement.text);
            offset = replacement.range.end;
        }
        text.push_str(self.text.get(offset..).unwrap_or_default());
        text
    }
}

fn collect_flows(text: &str, node: &Node, flows: &mut Vec<Range<usize>>) {
    // Members stand in objects; the span of a list may start like its first item.
    if let Value::Object(_) = node.value
        && text.get(node.span.clone()).is_some_and(|text| text.starts_with('{'))
    {
        flows.push(node.span.clone());
    }
    let parts = node.items().iter().chain(node.members().iter().map(|member| &member.node));
    for part in parts {
        collect_flows(text, part, flows);
    }
}

fn is_inside(flows: &[Range<usize>], offset: usize) -> bool {
    let index = flows.partition_point(|flow| flow.start <= offset);
    index.checked_sub(1).and_then(|index| flows.get(index)).is_some_and(|flow| flow.contains(&offset))
}
