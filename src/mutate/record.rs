//! The annotation on the Pod, or on the pod template, that says which images a digest has replaced.
//!
//! ```text
//! fresh-images.github.io/pinned-from: '{"containers/web":"harbor.example.com/shop/web:1.1"}'
//! ```
//!
//! A list and the name of its entry, with the image that stood there. Entries of earlier runs stay unless the same
//! place is pinned again. In a kind that is not known the list has its whole path.

use std::borrow::Cow;
use std::collections::BinaryHeap;

use crate::image_use::ImageUse;
use fresh_images_json::{Node, read};

/// The key of the annotation.
pub const ANNOTATION: &str = "fresh-images.github.io/pinned-from";

/// The value of the annotation: what it was, with the images that are pinned now.
pub(super) fn write(record: Option<&str>, pinned: Vec<(String, &ImageUse<'_>)>) -> String {
    let mut entries: Vec<(Cow<'_, str>, Cow<'_, str>)> = Vec::new();
    let mut node = Node::NULL;
    // What is not ours to read has no meaning here, and goes.
    if read(record.unwrap_or_default().as_bytes(), "record", &mut node).is_ok()
        && let Node::Object(members) = node
    {
        for (place, image) in members {
            if let Node::Text(image) = image {
                entries.push((place, image));
            }
        }
    }
    for (place, image_use) in pinned {
        entries.push((place.into(), image_use.image.as_deref().unwrap_or_default().into()));
    }
    // In the order of their places, whatever order they come in; a heap is half the code of a map.
    let places = entries.iter().enumerate().map(|(index, (place, _))| (place.as_ref(), index));
    let mut sorted = places.collect::<BinaryHeap<_>>().into_sorted_vec();
    // Of each place the last counts.
    sorted.reverse();
    sorted.dedup_by_key(|(place, _)| *place);
    sorted.reverse();
    let mut text = String::new();
    for (place, image) in sorted.into_iter().filter_map(|(_, index)| entries.get(index)) {
        text.push(if text.is_empty() { '{' } else { ',' });
        push_quoted(&mut text, place);
        text.push(':');
        push_quoted(&mut text, image);
    }
    text.push('}');
    text
}

/// Adds a JSON string.
pub(super) fn push_quoted(out: &mut String, text: &str) {
    // Text always serializes.
    out.push_str(&serde_json::to_string(text).unwrap_or_default());
}
