//! The new text of the object: pieces of the old one, with others between them.

use std::borrow::Cow;
use std::collections::BinaryHeap;
use std::ops::Range;

use super::record::{ANNOTATION, push_quoted};
use super::template::Place;
use crate::image_use::{ImageUse, ListKind};

/// Room for the answer around the object, so that a large one need not be moved.
const ANSWER: usize = 1024;

/// What replaces which bytes of the payload.
#[derive(Default)]
pub(super) struct Edits {
    pieces: Vec<(Range<usize>, Cow<'static, str>)>,
}

impl Edits {
    /// `image` is canonical: nothing in it needs an escape.
    pub(super) fn set_image(&mut self, image_use: &ImageUse<'_>, image: &str) {
        self.pieces.push((image_use.image_at.clone(), format!("\"{image}\"").into()));
    }

    pub(super) fn set_always(&mut self, list: ListKind, image_use: &ImageUse<'_>) {
        self.pieces.push(match &image_use.pull_policy_at {
            Some(at) => (at.clone(), "\"Always\"".into()),
            None => {
                let end = image_use.image_at.end;
                let member = match list {
                    ListKind::ImageVolumes => ",\"pullPolicy\":\"Always\"",
                    _ => ",\"imagePullPolicy\":\"Always\"",
                };
                (end..end, member.into())
            }
        });
    }

    /// Sets the annotation to this text.
    pub(super) fn set_annotation(&mut self, place: &Place, text: &str) {
        let mut annotation = String::new();
        match place {
            Place::Value(_) => push_quoted(&mut annotation, text),
            Place::Before { opening, closing, .. } => {
                annotation.push_str(opening);
                push_quoted(&mut annotation, ANNOTATION);
                annotation.push(':');
                push_quoted(&mut annotation, text);
                annotation.push_str(closing);
            }
        }
        self.pieces.push((place.at(), annotation.into()));
    }

    pub(super) fn is_empty(&self) -> bool {
        self.pieces.is_empty()
    }

    /// The text in that part of the payload as it is now; `None` if the places are not in it.
    pub(super) fn apply(self, payload: &[u8], part: Range<usize>) -> Option<String> {
        let payload = std::str::from_utf8(payload).ok()?;
        let rest = payload.get(part.clone())?.trim_ascii_start();
        let added: usize = self.pieces.iter().map(|(_, piece)| piece.len()).sum();
        let mut text = String::with_capacity(part.len().saturating_add(added).saturating_add(ANSWER));
        let mut at = part.end.saturating_sub(rest.len());
        // The standard sort is three kilobytes more.
        let starts = self.pieces.iter().enumerate().map(|(index, (at, _))| (at.start, index));
        let order = starts.collect::<BinaryHeap<_>>().into_sorted_vec();
        for (Range { start, end }, piece) in order.iter().filter_map(|(_, index)| self.pieces.get(*index)) {
            text.push_str(payload.get(at..*start)?);
            text.push_str(piece);
            at = *end;
        }
        text.push_str(payload.get(at..part.end)?);
        Some(text)
    }
}
