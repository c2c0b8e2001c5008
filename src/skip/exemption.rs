//! `exempt`: what is not judged at all, or not by certain rules.

use crate::pattern::{HostCase, ImagePattern, NamePattern, PatternError};
use crate::reference::Reference;
use crate::request::{ListKind, Request};
use crate::settings::{Exempt, MAX_COMPARED, Rule, SettingsProblems, parse_list};
use fresh_images_json::Path;

/// One entry. Every list that has entries must match; nothing in the judged object but the image and the name
/// of its container counts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Exemption {
    containers: Vec<NamePattern>,
    groups: Vec<NamePattern>,
    images: Vec<ImagePattern>,
    namespaces: Vec<NamePattern>,
    users: Vec<NamePattern>,
    lifts: Lifted,
}

/// Which rules do not hold for an image use.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Lifted(u8);

impl Lifted {
    /// All rules, and that what stands there must be an image.
    const EVERYTHING: Self = Self(u8::MAX);

    fn of(rules: &[Rule]) -> Self {
        match rules {
            [] => Self::EVERYTHING,
            rules => Self(rules.iter().fold(0, |lifted, rule| lifted | bit(*rule))),
        }
    }

    pub(crate) fn is_everything(self) -> bool {
        self == Self::EVERYTHING
    }

    pub(crate) fn has(self, rule: Rule) -> bool {
        self.0 & bit(rule) != 0
    }
}

fn bit(rule: Rule) -> u8 {
    match rule {
        Rule::Registries => 1,
        Rule::Images => 2,
        Rule::Tags => 4,
        Rule::Freshness => 8,
    }
}

/// What exemptions lift for an image use. One that does not parse matches no pattern of images, and the name of a
/// volume is not that of a container.
pub(crate) fn lifted(
    exemptions: &[Exemption],
    request: &Request<'_>,
    list: ListKind,
    name: Option<&str>,
    reference: Option<&Reference<'_>>,
) -> Lifted {
    let container = if list == ListKind::ImageVolumes { None } else { name };
    let covering = exemptions.iter().filter(|it| it.covers(request, container, reference));
    covering.fold(Lifted::default(), |lifted, it| Lifted(lifted.0 | it.lifts.0))
}

impl Exemption {
    fn covers(
        &self,
        request: &Request<'_>,
        container: Option<&str>,
        reference: Option<&Reference<'_>>,
    ) -> bool {
        matches_any(&self.namespaces, request.namespace.as_deref())
            && matches_any(&self.users, request.username.as_deref())
            && (self.groups.is_empty()
                || request.groups.iter().any(|group| matches_any(&self.groups, Some(group))))
            && matches_any(&self.containers, container)
            && (self.images.is_empty()
                || reference.is_some_and(|image| {
                    self.images.iter().any(|pattern| pattern.matches(image, HostCase::Exact))
                }))
    }
}

fn some_images(text: &str) -> Result<ImagePattern, PatternError> {
    ImagePattern::parse(text).and_then(|it| narrower(it, ImagePattern::is_everything))
}

fn some_labels(text: &str) -> Result<NamePattern, PatternError> {
    NamePattern::parse_label(text).and_then(|it| narrower(it, NamePattern::is_everything))
}

fn some_users(text: &str) -> Result<NamePattern, PatternError> {
    NamePattern::parse_user(text).and_then(|it| narrower(it, NamePattern::is_everything))
}

/// Every user who has logged in is in this group, and so is every controller. Source: `AllAuthenticated` of Kubernetes'
/// `apiserver/pkg/authentication/user`.
const EVERYBODY: &str = "system:authenticated";

fn some_groups(text: &str) -> Result<NamePattern, PatternError> {
    let pattern = some_users(text)?;
    if pattern.matches(EVERYBODY) { Err(PatternError::Everybody) } else { Ok(pattern) }
}

/// Refuses a pattern that matches everything: an entry of such alone would switch the policy off.
fn narrower<P>(pattern: P, is_everything: fn(&P) -> bool) -> Result<P, PatternError> {
    if is_everything(&pattern) { Err(PatternError::Everything) } else { Ok(pattern) }
}

fn matches_any(patterns: &[NamePattern], name: Option<&str>) -> bool {
    patterns.is_empty() || name.is_some_and(|name| patterns.iter().any(|pattern| pattern.matches(name)))
}

pub(crate) fn parse(entries: &[Exempt], path: &Path<'_>, problems: &mut SettingsProblems) -> Vec<Exemption> {
    let mut exemptions: Vec<Exemption> = Vec::with_capacity(entries.len());
    for (index, entry) in entries.iter().enumerate() {
        let path = &path.index(index);
        let exemption = Exemption {
            containers: parse_list(&entry.containers, &path.key("containers"), problems, some_labels),
            groups: parse_list(&entry.groups, &path.key("groups"), problems, some_groups),
            images: parse_list(&entry.images, &path.key("images"), problems, some_images),
            namespaces: parse_list(&entry.namespaces, &path.key("namespaces"), problems, some_labels),
            users: parse_list(&entry.users, &path.key("users"), problems, some_users),
            lifts: Lifted::of(&entry.rules),
        };
        for (place, rule) in entry.rules.iter().enumerate().take(MAX_COMPARED) {
            if entry.rules.iter().take(place).any(|earlier| earlier == rule) {
                problems.add(&path.key("rules").index(place), "is a duplicate of an earlier entry");
            }
        }
        let lists = [&entry.containers, &entry.groups, &entry.images, &entry.namespaces, &entry.users];
        let is_read = !problems.has_below(path);
        if entry.reason.trim().is_empty() {
            problems.add(&path.key("reason"), "missing; say why, for the people who read this later");
        }
        if is_read && lists.into_iter().all(Vec::is_empty) {
            problems.add(
                path,
                "has no list, so it would exempt everything: add one of images, namespaces, users, groups, containers",
            );
        } else if is_read
            && index < MAX_COMPARED
            && let Some(first) = exemptions.iter().position(|earlier| *earlier == exemption)
        {
            problems.add(path, format_args!("is the same as entry {first}"));
        }
        exemptions.push(exemption);
    }
    exemptions
}
