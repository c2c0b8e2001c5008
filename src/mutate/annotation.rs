//! The annotation on the Pod, or on the pod template, that says which images a digest has replaced.
//!
//! ```text
//! fresh-images.github.io/pinned-from: '{"containers/web":"harbor.example.com/shop/web:1.1"}'
//! ```
//!
//! A list and the name of its entry, with the image that was there. Entries of earlier runs stay unless the same
//! place is pinned again. In an unknown kind the list has its whole path.

use crate::request::{ImageList, ImageUse, Kind};
use fresh_images_json::{Node, read, sorted};

use super::edit::quoted;

/// Places with their images. Of a place that occurs twice the last image counts.
pub(super) struct Record {
    images: Vec<(String, String)>,
}

impl Record {
    /// What an annotation says. Anything that this policy has not written is dropped.
    pub(super) fn parse(annotation: Option<&str>) -> Self {
        let mut node = Node::NULL;
        let mut images = Vec::new();
        if read(annotation.unwrap_or_default().as_bytes(), "record", &mut node).is_ok()
            && let Node::Object(members) = node
        {
            for (place, image) in members {
                if let Node::Text(image) = image {
                    images.push((place.into_owned(), image.into_owned()));
                }
            }
        }
        Self { images }
    }

    /// Records the image that was in a place.
    pub(super) fn add(&mut self, place: String, image: &str) {
        self.images.push((place, image.into()));
    }

    /// The image that was in a place, as an annotation says. It is found among ten thousand in no time, because this policy
    /// writes them in the order of their places; in another order it may be missed.
    pub(super) fn image(&self, place: &str) -> Option<&str> {
        let after = self.images.partition_point(|(it, _)| it.as_str() <= place);
        let (it, image) = self.images.get(after.checked_sub(1)?)?;
        (it == place).then_some(image.as_str())
    }

    /// The value of the annotation, in the order of the places.
    pub(super) fn to_text(&self) -> String {
        let places = self.images.iter().enumerate().map(|(index, (place, _))| (place.as_str(), index));
        let places = sorted(places);
        let last_of_each =
            places.chunk_by(|(one, _), (other, _)| one == other).filter_map(|same| same.last());
        let members: Vec<String> = last_of_each
            .filter_map(|(_, index)| self.images.get(*index))
            .map(|(place, image)| format!("{}:{}", quoted(place), quoted(image)))
            .collect();
        format!("{{{}}}", members.join(","))
    }
}

/// The place of an image use, as the record names it.
pub(super) fn place_of(kind: Option<&Kind>, list: &ImageList<'_>, image_use: &ImageUse<'_>) -> String {
    let path = if kind.is_some() { list.kind.key().into() } else { list.path.to_string() };
    match image_use.name.as_deref() {
        _ if list.kind.is_single() => path,
        Some(name) if !name.is_empty() => format!("{path}/{name}"),
        _ => format!("{path}[{}]", image_use.index),
    }
}
