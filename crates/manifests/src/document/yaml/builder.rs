//! Puts the events of a parser together.

use std::ops::Range;

use granit_parser::{Event, ScalarStyle, StructureStyle, Tag};

use super::super::limits::{MAX_ALIASED, MAX_DEPTH, TOO_DEEP, TOO_MANY_ALIASES};
use super::super::scalar::Scalar;
use super::super::{DocumentError, Node, Value};
use super::mapping::{Key, Mapping};

/// The documents so far, and the lists and mappings that are open.
#[derive(Default)]
pub(super) struct Builder {
    pub(super) documents: Vec<Node>,
    open: Vec<Open>,
    /// By their numbers, which the parser counts from 1.
    anchors: Vec<Option<Anchored>>,
    /// What the aliases of this document stand for so far, in bytes.
    aliased: usize,
    /// The flow collections that are in no other, in the order of the text. The last may be open, and then ends
    /// nowhere.
    flows: Vec<Range<usize>>,
}

/// A list or mapping whose end was not yet read.
struct Open {
    content: Content,
    /// From where it starts to where its last part ends.
    span: Range<usize>,
    /// The number of its anchor, or 0.
    anchor: usize,
    extent: Extent,
    /// Whether it is written in brackets or braces, or within some.
    is_flow: bool,
}

enum Content {
    List(Vec<Node>),
    Mapping(Mapping),
}

/// What stands at an anchor.
struct Anchored {
    /// As a value, and as the key that a scalar would be.
    node: Node,
    key: Result<String, &'static str>,
    extent: Extent,
}

/// How much a value is when its aliases are written out.
#[derive(Clone, Copy, Default)]
struct Extent {
    bytes: usize,
    levels: usize,
}

impl Extent {
    fn of_text(length: usize) -> Self {
        Self { bytes: length.saturating_add(1), levels: 0 }
    }

    fn add(&mut self, part: Self) {
        self.bytes = self.bytes.saturating_add(part.bytes);
        self.levels = self.levels.max(part.levels.saturating_add(1));
    }
}

const NO_KEY: &str = "a key of a mapping must be a scalar";

impl Builder {
    /// Takes an event and the place of its text.
    pub(super) fn add(&mut self, event: Event<'_>, span: Range<usize>) -> Result<(), DocumentError> {
        match event {
            Event::DocumentStart(..) => {
                self.open.clear();
                self.anchors.clear();
                self.aliased = 0;
                Ok(())
            }
            Event::Scalar(text, style, anchor, tag) => {
                self.scalar(&text, style, anchor, tag.as_deref(), span)
            }
            Event::Alias(anchor) => self.alias(anchor, span),
            Event::SequenceStart(style, anchor, _) => {
                self.start(Content::List(Vec::new()), style, anchor, span)
            }
            Event::MappingStart(style, anchor, _) => {
                self.start(Content::Mapping(Mapping::default()), style, anchor, span)
            }
            Event::SequenceEnd | Event::MappingEnd => self.end(&span),
            _ => Ok(()),
        }
    }

    /// The mapping that waits for a key.
    fn waiting(&mut self) -> Option<&mut Mapping> {
        match self.open.last_mut() {
            Some(Open { content: Content::Mapping(mapping), .. }) if mapping.pending.is_none() => {
                Some(mapping)
            }
            _ => None,
        }
    }

    fn scalar(
        &mut self,
        text: &str,
        style: ScalarStyle,
        anchor: usize,
        tag: Option<&Tag>,
        span: Range<usize>,
    ) -> Result<(), DocumentError> {
        let at = |message| DocumentError::new(span.start, message);
        let is_merge = text == "<<" && style == ScalarStyle::Plain && tag.is_none();
        let scalar = Scalar::read(text, style, tag).map_err(at)?;
        let extent = Extent::of_text(text.len());
        let key = scalar.clone().into_key();
        if anchor != 0 {
            // A number that only a key can be is of no use elsewhere.
            let value = scalar.clone().into_value().unwrap_or(Value::Null);
            let node = Node { value, span: span.clone() };
            self.set_anchor(anchor, Anchored { node, key: key.clone(), extent });
        }
        match self.waiting() {
            Some(mapping) if is_merge => {
                mapping.pending = Some(Key::Merge);
                Ok(())
            }
            Some(_) => self.key(key, span, extent),
            None => {
                let value = scalar.into_value().map_err(at)?;
                self.place(Node { value, span }, extent)
            }
        }
    }

    fn set_anchor(&mut self, anchor: usize, anchored: Anchored) {
        if self.anchors.len() <= anchor {
            self.anchors.resize_with(anchor.saturating_add(1), || None);
        }
        if let Some(place) = self.anchors.get_mut(anchor) {
            *place = Some(anchored);
        }
    }

    fn alias(&mut self, anchor: usize, span: Range<usize>) -> Result<(), DocumentError> {
        let Some(Some(anchored)) = self.anchors.get(anchor) else {
            return Err(DocumentError::new(span.start, "alias refers to a value that contains it"));
        };
        let extent = anchored.extent;
        self.aliased = self.aliased.saturating_add(extent.bytes);
        if self.aliased > MAX_ALIASED {
            return Err(DocumentError::new(span.start, TOO_MANY_ALIASES));
        }
        if self.open.len().saturating_add(extent.levels) > MAX_DEPTH {
            return Err(DocumentError::new(span.start, TOO_DEEP));
        }
        let node = Node { value: anchored.node.value.clone(), span: span.clone() };
        let key = anchored.key.clone();
        if self.waiting().is_some() { self.key(key, span, extent) } else { self.place(node, extent) }
    }

    fn key(
        &mut self,
        key: Result<String, &'static str>,
        span: Range<usize>,
        extent: Extent,
    ) -> Result<(), DocumentError> {
        let key = key.map_err(|message| DocumentError::new(span.start, message))?;
        if let Some(open) = self.open.last_mut() {
            open.extent.bytes = open.extent.bytes.saturating_add(extent.bytes);
            open.span.end = open.span.end.max(span.end);
        }
        if let Some(mapping) = self.waiting() {
            mapping.key(key, span);
        }
        Ok(())
    }

    /// Whether the offset is within a flow collection.
    pub(super) fn is_in_flow(&self, offset: usize) -> bool {
        self.flows.iter().any(|flow| flow.contains(&offset))
    }

    fn start(
        &mut self,
        content: Content,
        style: StructureStyle,
        anchor: usize,
        span: Range<usize>,
    ) -> Result<(), DocumentError> {
        if self.waiting().is_some() {
            return Err(DocumentError::new(span.start, NO_KEY));
        }
        if self.open.len() >= MAX_DEPTH {
            return Err(DocumentError::new(span.start, TOO_DEEP));
        }
        let is_inside = self.open.last().is_some_and(|open| open.is_flow);
        let is_flow = is_inside || style == StructureStyle::Flow;
        if is_flow && !is_inside {
            self.flows.push(span.start..usize::MAX);
        }
        self.open.push(Open { content, span, anchor, extent: Extent { bytes: 2, levels: 1 }, is_flow });
        Ok(())
    }

    fn end(&mut self, span: &Range<usize>) -> Result<(), DocumentError> {
        let Some(open) = self.open.pop() else { return Ok(()) };
        if open.is_flow
            && self.open.last().is_none_or(|outer| !outer.is_flow)
            && let Some(flow) = self.flows.last_mut()
        {
            flow.end = span.end;
        }
        let value = match open.content {
            Content::List(items) => Value::List(items.into()),
            Content::Mapping(mapping) => mapping.into_value()?,
        };
        // A block has no closing bracket; what ends it is the start of what comes next.
        // Behind a bracket the parser looks for a colon, and counts what it passes.
        let end = if span.is_empty() { open.span.end } else { span.start.saturating_add(1) };
        let node = Node { value, span: open.span.start..end };
        if open.anchor != 0 {
            let anchored = Anchored { node: node.clone(), key: Err(NO_KEY), extent: open.extent };
            self.set_anchor(open.anchor, anchored);
        }
        self.place(node, open.extent)
    }

    /// Puts a value where it belongs.
    fn place(&mut self, node: Node, extent: Extent) -> Result<(), DocumentError> {
        let Some(open) = self.open.last_mut() else {
            self.documents.push(node);
            return Ok(());
        };
        open.extent.add(extent);
        open.span.end = open.span.end.max(node.span.end);
        match &mut open.content {
            Content::List(items) => {
                items.push(node);
                Ok(())
            }
            Content::Mapping(mapping) => mapping.value(node),
        }
    }
}
