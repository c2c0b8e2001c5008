//! What the user is told of a change.

use std::fmt;

use crate::image_use::{ImageList, ImageUse, ListKind};
use fresh_images_json::Quoted;

use super::Subject;
use super::message::MAX_WARNINGS;

/// The longest path and image that a warning repeats, in bytes; with the rest, 100 bytes at most, it stays below
/// [`MAX_WARNING`](super::message::MAX_WARNING).
const MAX_PATH: usize = 50;
const MAX_IMAGE: usize = 90;

/// One image use that was mended. Its [`Display`](fmt::Display) is a warning: ASCII of at most 256 bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Change {
    list: ListKind,
    path: String,
    /// The image and its digest, or `None` for the pull policy.
    pinned: Option<(String, String)>,
}

/// Changes as they are made; those that no warning has room for are only counted.
#[derive(Debug, Default)]
pub(crate) struct Changes {
    pub(super) kept: Vec<Change>,
    pub(super) count: usize,
}

impl Changes {
    pub(crate) fn add(&mut self, change: impl FnOnce() -> Change) {
        self.count = self.count.saturating_add(1);
        if self.kept.len() < MAX_WARNINGS {
            self.kept.push(change());
        }
    }
}

impl Change {
    pub(crate) fn always(list: &ImageList, image_use: &ImageUse<'_>) -> Self {
        Self { list: list.kind, path: Subject::path_of(list, image_use), pinned: None }
    }

    pub(crate) fn pinned(list: &ImageList, image_use: &ImageUse<'_>, digest: &str) -> Self {
        let image = image_use.image.as_deref().unwrap_or_default().to_owned();
        Self { pinned: Some((image, digest.to_owned())), ..Self::always(list, image_use) }
    }
}

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let path = Quoted::bare(&self.path, MAX_PATH);
        write!(f, "{} at {}: ", self.list.noun(), path.ascii())?;
        match &self.pinned {
            None => write!(f, "set {}: Always", self.list.pull_policy_key()),
            Some((image, digest)) => {
                // Enough to recognize it; the object has all of it.
                let short = digest.get(..19).unwrap_or(digest);
                write!(f, "pinned {} as {short}...", Quoted::new(image, MAX_IMAGE).ascii())
            }
        }
    }
}
