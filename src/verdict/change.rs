//! What the user reads about a change.

use std::fmt::{self, Write as _};

use crate::request::{ImageList, ImageUse};
use crate::text::Quoted;
use fresh_images_json::PathBuf;

use super::explain::first_line;
use super::finding::{Existing, Subject};
use super::warning::{MAX_WARNINGS, about_image};

/// The longest reason of a registry that a warning repeats, in bytes.
const MAX_REASON: usize = 70;

/// One image use that was mutated, or whose Pods will be. Its [`Display`](fmt::Display) is a warning: ASCII of at most
/// [`MAX_WARNING`](super::warning::MAX_WARNING) bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Change {
    subject: Subject,
    path: PathBuf,
    what: What,
}

/// What became of an image use.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum What {
    /// It has the pull policy `Always`; `failed` says why it has no digest.
    Always { failed: Option<String> },
    /// It has the digest of its tag.
    Pinned { digest: String },
    /// Nothing: its Pods will have the pull policy `Always`.
    PodsAlways,
    /// Nothing: its Pods will have the digest of its tag, or what `ifUnresolved` says.
    PodsPinned,
    /// It has the image of the old object again.
    PutBack { image: String, failed: Option<String> },
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
    pub(crate) fn new(list: &ImageList<'_>, image_use: &ImageUse<'_>, what: What) -> Self {
        Self {
            subject: Subject::new(list, image_use, Existing::Nothing),
            path: list.path_of(image_use),
            what,
        }
    }
}

/// Enough of a digest to recognize it; the object has all of it.
fn short(digest: &str) -> &str {
    digest.get(..19).unwrap_or(digest)
}

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut rest = String::new();
        let key = self.subject.list.pull_policy_key();
        // Writing to a string cannot fail.
        let _ = match &self.what {
            What::Always { failed } => {
                let before = self.subject.effective_pull_policy();
                let _ =
                    write!(rest, " now has {key}: Always, was {}", Quoted::bare(before.as_str(), 20).ascii());
                match failed {
                    Some(reason) => write!(rest, "; no digest: {}", first_line(reason, MAX_REASON).ascii()),
                    None => Ok(()),
                }
            }
            What::Pinned { digest } => write!(rest, " is now pinned as {}...", short(digest)),
            What::PodsAlways => {
                write!(
                    rest,
                    " stays here, because a controller owns this object; its Pods will get {key}: Always"
                )
            }
            What::PodsPinned => {
                write!(rest, " stays here, because a controller owns this object; its Pods will be pinned")
            }
            What::PutBack { image, failed } => {
                let (_, digest) = image.rsplit_once('@').unwrap_or_default();
                let _ = write!(rest, " goes back to {}..., ", short(digest));
                match failed {
                    Some(reason) => write!(
                        rest,
                        "because its tag cannot be looked up: {}",
                        first_line(reason, MAX_REASON).ascii()
                    ),
                    None => rest.write_str("because it cannot change"),
                }
            }
        };
        f.write_str(&about_image(&self.subject, &self.path, &rest))
    }
}
