//! How many there are of each: `2 documents, 2 images: 1 accepted, 1 rejected, 1 unreadable`.

use std::collections::BTreeSet;
use std::fmt;

use serde::Serialize;

use super::{Entry, Report};

/// How many there are of each.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Summary {
    /// Those that were judged.
    pub documents: usize,
    /// All image uses in those.
    pub images: usize,
    /// Those that were fixed, and those with warnings, included.
    pub accepted: usize,
    /// Those whose text was fixed.
    pub fixed: usize,
    /// Those that are accepted as they are, with something to know.
    pub warned: usize,
    /// Those that may not be created.
    pub rejected: usize,
    /// Of the rejected ones, those that a baseline knows.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub known: usize,
    /// What could not be judged.
    pub unreadable: usize,
    /// Of the accepted ones, those that name no image.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub without_images: usize,
    /// Of the accepted ones, those that the cluster does not send to the policy.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub not_asked: usize,
    /// Files that were come across, and have something that is no Kubernetes object.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub passed_over: usize,
    /// Files that were come across, and have templates that are not rendered.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub templates: usize,
    /// Hidden files and folders that were not looked into.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub hidden: usize,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes fields by reference")]
fn is_zero(count: &usize) -> bool {
    *count == 0
}

impl Report {
    /// How many there are of each.
    pub fn summary(&self) -> Summary {
        let files = |template: bool| {
            let of_kind = self.passed_over.iter().filter(|it| it.template == template);
            of_kind.map(|it| it.file.as_str()).collect::<BTreeSet<_>>().len()
        };
        let mut summary = Summary {
            passed_over: files(false),
            templates: files(true),
            hidden: self.hidden,
            ..Summary::default()
        };
        for entry in &self.entries {
            let counter = match entry {
                Entry::Unreadable(_) => &mut summary.unreadable,
                Entry::Judged(document) => {
                    summary.documents = summary.documents.saturating_add(1);
                    summary.images = summary.images.saturating_add(document.images);
                    summary.fixed = summary.fixed.saturating_add(document.fixed.into());
                    summary.warned = summary.warned.saturating_add(document.is_warned().into());
                    summary.without_images =
                        summary.without_images.saturating_add(entry.is_without_images().into());
                    summary.not_asked = summary.not_asked.saturating_add((!document.asked).into());
                    summary.known = summary.known.saturating_add(document.is_known().into());
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
        let with = |count: usize, word: &str, of_it: &[(usize, &str)]| {
            let of_it = of_it.iter().filter(|(count, _)| *count > 0);
            let of_it: Vec<String> = of_it.map(|(count, word)| format!("{count} {word}")).collect();
            let of_it = if of_it.is_empty() { String::new() } else { format!(" ({})", of_it.join(", ")) };
            (count > 0).then(|| format!("{count} {word}{of_it}"))
        };
        let nothing = self.without_images.saturating_add(self.not_asked);
        let parts = [
            with(
                self.accepted.saturating_sub(nothing),
                "accepted",
                &[(self.fixed, "fixed"), (self.warned, "with warnings")],
            ),
            with(self.rejected, "rejected", &[(self.known, "known")]),
            with(self.unreadable, "unreadable", &[]),
            with(self.without_images, "without images", &[]),
            with(self.not_asked, "not asked about", &[]),
        ];
        let mut parts: Vec<String> = parts.into_iter().flatten().collect();
        if parts.is_empty() {
            parts.push("nothing to judge".into());
        }
        let (documents, images) = (plural(self.documents, "document"), plural(self.images, "image"));
        write!(f, "{documents}, {images}: {}", parts.join(", "))?;
        let files = |count: usize, words: &str, word: &str| {
            (count > 0).then(|| if count == 1 { format!("1 {word}") } else { format!("{count} {words}") })
        };
        let passed_over = [
            files(
                self.passed_over,
                "files that are no Kubernetes objects",
                "file that is no Kubernetes object",
            ),
            files(self.templates, "templates", "template"),
            files(self.hidden, "hidden files and folders", "hidden file or folder"),
        ];
        let passed_over: Vec<String> = passed_over.into_iter().flatten().collect();
        if !passed_over.is_empty() {
            write!(f, "\npassed over: {}", passed_over.join(", "))?;
        }
        if self.templates > 0 {
            write!(f, "\nTo judge charts, use --render, or helm template CHART | fresh-images check -")?;
        }
        Ok(())
    }
}
