//! How many there are of each: `2 documents, 2 images: 1 accepted, 1 rejected, 1 unreadable`.

use std::fmt;

use serde::Serialize;

use super::{Entry, Report};

/// How many there are of each.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Summary {
    /// Those that were judged.
    pub documents: usize,
    /// All image uses in those.
    pub images: usize,
    /// Those that were mended, and those with warnings, included.
    pub accepted: usize,
    /// Those whose text was mended.
    pub mended: usize,
    /// Those that are accepted as they are, with something to know.
    pub warned: usize,
    /// Those that may not be created.
    pub rejected: usize,
    /// What could not be judged.
    pub unreadable: usize,
}

impl Report {
    /// How many there are of each.
    pub fn summary(&self) -> Summary {
        let mut summary = Summary::default();
        for entry in &self.entries {
            let counter = match entry {
                Entry::Unreadable(_) => &mut summary.unreadable,
                Entry::Judged(document) => {
                    summary.documents = summary.documents.saturating_add(1);
                    summary.images = summary.images.saturating_add(document.images);
                    summary.mended = summary.mended.saturating_add(document.mended.into());
                    summary.warned = summary.warned.saturating_add(document.is_warned().into());
                    if document.accepted { &mut summary.accepted } else { &mut summary.rejected }
                }
            };
            *counter = counter.saturating_add(1);
        }
        summary
    }
}

impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let plural =
            |count: usize, word: &str| format!("{count} {word}{}", if count == 1 { "" } else { "s" });
        let mut parts = Vec::new();
        if self.accepted > 0 {
            let mut some = Vec::new();
            for (count, word) in [(self.mended, "mended"), (self.warned, "with warnings")] {
                if count > 0 {
                    some.push(format!("{count} {word}"));
                }
            }
            let some = if some.is_empty() { String::new() } else { format!(" ({})", some.join(", ")) };
            parts.push(format!("{} accepted{some}", self.accepted));
        }
        for (count, word) in [(self.rejected, "rejected"), (self.unreadable, "unreadable")] {
            if count > 0 {
                parts.push(format!("{count} {word}"));
            }
        }
        if parts.is_empty() {
            parts.push("nothing to judge".into());
        }
        let (documents, images) = (plural(self.documents, "document"), plural(self.images, "image"));
        write!(f, "{documents}, {images}: {}", parts.join(", "))
    }
}
