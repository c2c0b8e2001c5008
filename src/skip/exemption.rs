//! `exempt`: what is not judged at all, or not by certain rules.

use crate::date::Date;
use crate::pattern::{HostCase, ImagePattern, NamePattern, PatternError};
use crate::reference::Reference;
use crate::request::{ListKind, Request};
use crate::settings::{Exempt, MAX_COMPARED, MAX_QUOTED, Rule, SettingsProblems, parse_list};
use crate::text::Quoted;
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
    /// The last day on which it holds, if there is one.
    pub(crate) until: Option<Date>,
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

/// An image use, as exemptions see it. One whose image does not parse matches no pattern of images, and the name of a
/// volume is not that of a container.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Candidate<'a> {
    request: &'a Request<'a>,
    container: Option<&'a str>,
    reference: Option<&'a Reference<'a>>,
}

impl<'a> Candidate<'a> {
    pub(crate) fn new(
        request: &'a Request<'a>,
        list: ListKind,
        name: Option<&'a str>,
        reference: Option<&'a Reference<'a>>,
    ) -> Self {
        Self { request, container: if list == ListKind::ImageVolumes { None } else { name }, reference }
    }

    /// What exemptions lift on this day. Without a day, those that end hold for nothing.
    pub(crate) fn lifted(&self, exemptions: &[Exemption], today: Option<Date>) -> Lifted {
        let holding =
            exemptions.iter().filter(|it| it.until.is_none_or(|last| Some(last) >= today && today.is_some()));
        let covering = holding.filter(|it| it.covers(self));
        covering.fold(Lifted::default(), |lifted, it| Lifted(lifted.0 | it.lifts.0))
    }

    /// The last day on which one of these exemptions lifted the rule, or everything if there is none.
    pub(crate) fn lifted_until(&self, exemptions: &[Exemption], rule: Option<Rule>) -> Option<Date> {
        let lifting = |it: &&Exemption| match rule {
            Some(rule) => it.lifts.has(rule),
            None => it.lifts.is_everything(),
        };
        let ending = exemptions.iter().filter(|it| it.until.is_some()).filter(lifting);
        ending.filter(|it| it.covers(self)).filter_map(|it| it.until).max()
    }
}

/// One of the lists of an entry.
#[derive(Clone, Copy, Debug)]
pub(crate) enum List {
    Containers,
    Groups,
    Images,
    Namespaces,
    Users,
}

impl List {
    /// Its key in the settings.
    pub(crate) fn key(self) -> &'static str {
        match self {
            Self::Containers => "containers",
            Self::Groups => "groups",
            Self::Images => "images",
            Self::Namespaces => "namespaces",
            Self::Users => "users",
        }
    }
}

impl Exemption {
    /// Whether this pattern of a list matches.
    pub(crate) fn has_match(&self, list: List, index: usize, candidate: &Candidate<'_>) -> bool {
        let Candidate { request, container, reference } = *candidate;
        let matches = |patterns: &[NamePattern], name: Option<&str>| {
            patterns.get(index).zip(name).is_some_and(|(pattern, name)| pattern.matches(name))
        };
        match list {
            List::Containers => matches(&self.containers, container),
            List::Groups => request.groups.iter().any(|group| matches(&self.groups, Some(group))),
            List::Images => self
                .images
                .get(index)
                .zip(reference)
                .is_some_and(|(pattern, image)| pattern.matches(image, HostCase::Exact)),
            List::Namespaces => matches(&self.namespaces, request.namespace.as_deref()),
            List::Users => matches(&self.users, request.username.as_deref()),
        }
    }

    // Not inlined: two places call it.
    #[inline(never)]
    pub(crate) fn covers(&self, candidate: &Candidate<'_>) -> bool {
        let Candidate { request, container, reference } = *candidate;
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

fn last_day(text: &str, path: &Path<'_>, problems: &mut SettingsProblems) -> Option<Date> {
    let day = text.parse();
    if let Err(error) = day {
        problems.add(path, format_args!("{} {error}", Quoted::new(text, MAX_QUOTED)));
    }
    day.ok()
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
            until: entry.until.as_deref().and_then(|text| last_day(text, &path.key("until"), problems)),
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
