//! `exempt`: what is not judged at all.

use super::patterns::{MAX_COMPARED, parse_list};
use crate::image_use::ListKind;
use crate::pattern::{HostCase, ImagePattern, NamePattern};
use crate::reference::Reference;
use crate::settings::{Exempt, Problems};

/// One entry. Every list that has entries must match; nothing in the judged object but the image and the name
/// of its container counts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Exemption {
    containers: Vec<NamePattern>,
    images: Vec<ImagePattern>,
    namespaces: Vec<NamePattern>,
    users: Vec<NamePattern>,
}

/// Who sends a request, and where to.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Requester<'a> {
    pub(crate) namespace: Option<&'a str>,
    pub(crate) username: Option<&'a str>,
}

impl Exemption {
    /// Whether an image use is exempt. One that does not parse matches no pattern of images, and the name of a
    /// volume is not that of a container.
    pub(crate) fn covers(
        &self,
        requester: Requester<'_>,
        list: ListKind,
        name: Option<&str>,
        reference: Option<&Reference<'_>>,
    ) -> bool {
        let container = if list == ListKind::ImageVolumes { None } else { name };
        matches_any(&self.namespaces, requester.namespace)
            && matches_any(&self.users, requester.username)
            && matches_any(&self.containers, container)
            && (self.images.is_empty()
                || reference.is_some_and(|image| {
                    self.images.iter().any(|pattern| pattern.matches(image, HostCase::Exact))
                }))
    }
}

fn matches_any(patterns: &[NamePattern], name: Option<&str>) -> bool {
    patterns.is_empty() || name.is_some_and(|name| patterns.iter().any(|pattern| pattern.matches(name)))
}

pub(super) fn parse(entries: &[Exempt], problems: &mut Problems) -> Vec<Exemption> {
    let mut exemptions: Vec<Exemption> = Vec::with_capacity(entries.len());
    for (index, entry) in entries.iter().enumerate() {
        let path = format!("settings.exempt[{index}]");
        let exemption = Exemption {
            containers: parse_list(
                &entry.containers,
                format_args!("{path}.containers"),
                problems,
                NamePattern::parse_label,
            ),
            images: parse_list(&entry.images, format_args!("{path}.images"), problems, ImagePattern::parse),
            namespaces: parse_list(
                &entry.namespaces,
                format_args!("{path}.namespaces"),
                problems,
                NamePattern::parse_label,
            ),
            users: parse_list(&entry.users, format_args!("{path}.users"), problems, NamePattern::parse_user),
        };
        let lists = [&entry.containers, &entry.images, &entry.namespaces, &entry.users];
        let has_no_list = lists.into_iter().all(Vec::is_empty) && !problems.has_below(&path);
        if entry.reason.trim().is_empty() {
            problems.add_at(format!("{path}.reason"), "missing: say why, for whoever reads this later");
        }
        if has_no_list {
            problems.add_at(
                path.clone(),
                "has no list, so it would exempt everything: add one of images, namespaces, users, containers",
            );
        } else if index < MAX_COMPARED
            && let Some(first) = exemptions.iter().position(|earlier| *earlier == exemption)
        {
            problems.add_at(path.clone(), format_args!("is the same as entry {first}"));
        }
        exemptions.push(exemption);
    }
    exemptions
}
