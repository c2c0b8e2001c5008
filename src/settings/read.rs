//! Reading settings from JSON, with every problem and its path.

use std::borrow::Cow;

use super::problem::MAX_QUOTED;
use super::{
    AllowOrReject, Enforcement, Exempt, IfUnresolved, Mutate, MutateTo, OnUpdate, Override, Require, Rule,
    Settings, SettingsProblems, Tags,
};
use crate::text::{Quoted, enumerated};
use fresh_images_json::{Node, Path, Type};

/// What paths call settings.
pub(crate) const SETTINGS: &str = "settings";

pub(crate) fn from_json(text: &[u8], problems: &mut SettingsProblems) -> Settings {
    let mut node = Node::NULL;
    match fresh_images_json::read(text, SETTINGS, &mut node) {
        Ok(()) => read(Some(&node), problems),
        Err(error) => {
            problems.add_at(error.path().clone(), format_args!("invalid JSON: {error}"));
            Settings::default()
        }
    }
}

/// Reads what is under `settings`. Absent and null mean the same as `{}`.
pub(crate) fn read(node: Option<&Node<'_>>, problems: &mut SettingsProblems) -> Settings {
    let path = Path::root(SETTINGS);
    let mut settings = Settings::default();
    let Some(node) = node.filter(|node| node.kind() != Type::Null) else {
        return settings;
    };
    const KEYS: &[&str] = &[
        "require",
        "registries",
        "tags",
        "images",
        "overrides",
        "exempt",
        "enforcement",
        "onUpdate",
        "mutate",
    ];
    for (key, node, path) in members(node, &path, KEYS, problems) {
        match key {
            "require" => settings.require = choice(node, &path, REQUIRE, problems),
            "registries" => settings.registries = allow_or_reject(node, &path, problems),
            "tags" => settings.tags = tags(node, &path, problems),
            "images" => settings.images = allow_or_reject(node, &path, problems),
            "overrides" => settings.overrides = each(node, &path, problems, read_override),
            "exempt" => settings.exempt = each(node, &path, problems, read_exempt),
            "enforcement" => settings.enforcement = choice(node, &path, ENFORCEMENT, problems),
            "mutate" => settings.mutate = Some(mutate(node, &path, problems)),
            _ => settings.on_update = choice(node, &path, ON_UPDATE, problems),
        }
    }
    settings
}

const REQUIRE: &[(&str, Require)] = &[
    ("digestOrAlways", Require::DigestOrAlways),
    ("digest", Require::Digest),
    ("always", Require::Always),
    ("digestAndAlways", Require::DigestAndAlways),
    ("none", Require::None),
];
const ENFORCEMENT: &[(&str, Enforcement)] = &[("reject", Enforcement::Reject), ("warn", Enforcement::Warn)];
const ON_UPDATE: &[(&str, OnUpdate)] = &[("changed", OnUpdate::Changed), ("all", OnUpdate::All)];
const RULES: &[(&str, Rule)] = &[
    ("registries", Rule::Registries),
    ("images", Rule::Images),
    ("tags", Rule::Tags),
    ("freshness", Rule::Freshness),
];
const MUTATE_TO: &[(&str, MutateTo)] =
    &[("pullAlways", MutateTo::PullAlways), ("pinDigest", MutateTo::PinDigest)];
const IF_UNRESOLVED: &[(&str, IfUnresolved)] =
    &[("reject", IfUnresolved::Reject), ("pullAlways", IfUnresolved::PullAlways)];

fn allow_or_reject(node: &Node<'_>, path: &Path<'_>, problems: &mut SettingsProblems) -> AllowOrReject {
    let mut lists = AllowOrReject::default();
    for (key, node, path) in members(node, path, &["allow", "reject"], problems) {
        let texts = each(node, &path, problems, read_text);
        if key == "allow" { lists.allow = texts } else { lists.reject = texts }
    }
    lists
}

fn tags(node: &Node<'_>, path: &Path<'_>, problems: &mut SettingsProblems) -> Tags {
    let mut tags = Tags::default();
    for (key, node, path) in members(node, path, &["reject", "ignoreCase"], problems) {
        match key {
            "reject" => tags.reject = each(node, &path, problems, read_text),
            _ => tags.ignore_case = read_boolean(node, &path, problems),
        }
    }
    tags
}

fn read_override(node: &Node<'_>, path: &Path<'_>, problems: &mut SettingsProblems) -> Override {
    let mut entry = Override::default();
    let mut has_require = false;
    for (key, node, path) in members(node, path, &["images", "require"], problems) {
        if key == "images" {
            entry.images = each(node, &path, problems, read_text);
        } else {
            has_require = true;
            entry.require = choice(node, &path, REQUIRE, problems);
        }
    }
    if !has_require && node.kind() == Type::Object {
        problems.add(&path.key("require"), "missing; set what these images must have");
    }
    entry
}

fn read_exempt(node: &Node<'_>, path: &Path<'_>, problems: &mut SettingsProblems) -> Exempt {
    let mut entry = Exempt::default();
    const KEYS: &[&str] =
        &["images", "namespaces", "users", "groups", "containers", "rules", "until", "reason"];
    for (key, node, path) in members(node, path, KEYS, problems) {
        match key {
            "containers" => entry.containers = each(node, &path, problems, read_text),
            "groups" => entry.groups = each(node, &path, problems, read_text),
            "images" => entry.images = each(node, &path, problems, read_text),
            "namespaces" => entry.namespaces = each(node, &path, problems, read_text),
            "rules" => {
                entry.rules =
                    each(node, &path, problems, |node, path, problems| choice(node, path, RULES, problems));
            }
            "until" => entry.until = Some(read_text(node, &path, problems)),
            "users" => entry.users = each(node, &path, problems, read_text),
            _ => entry.reason = read_text(node, &path, problems),
        }
    }
    entry
}

fn mutate(node: &Node<'_>, path: &Path<'_>, problems: &mut SettingsProblems) -> Mutate {
    let mut mutate = Mutate::default();
    let mut has_to = false;
    for (key, node, path) in members(node, path, &["to", "registries", "ifUnresolved", "keepTag"], problems) {
        match key {
            "to" => {
                has_to = true;
                mutate.to = choice(node, &path, MUTATE_TO, problems);
            }
            "registries" => mutate.registries = each(node, &path, problems, read_text),
            "ifUnresolved" => mutate.if_unresolved = Some(choice(node, &path, IF_UNRESOLVED, problems)),
            _ => mutate.keep_tag = Some(read_boolean(node, &path, problems)),
        }
    }
    if !has_to && node.kind() == Type::Object {
        problems.add(&path.key("to"), "missing; set pullAlways or pinDigest");
    }
    mutate
}

/// The members of an object whose keys are known. Null means the same as absent, as in a manifest.
fn members<'n, 'p>(
    node: &'n Node<'_>,
    path: &'p Path<'p>,
    known: &[&'static str],
    problems: &mut SettingsProblems,
) -> Vec<(&'static str, &'n Node<'n>, Path<'p>)>
where
    'n: 'p,
{
    let Node::Object(members) = node else {
        if node.kind() != Type::Null {
            wrong_type(node, path, "an object", problems);
        }
        return Vec::new();
    };
    let mut found: Vec<(&'static str, &Node<'_>, Path<'p>)> = Vec::new();
    for (key, node) in members {
        let at = path.key(key);
        match known.iter().find(|known| **known == *key) {
            None => {
                problems.add(&at, format_args!("unknown key; known keys are {}", enumerated(known, ", ")))
            }
            Some(known) if found.iter().any(|(seen, ..)| seen == known) => {
                problems.add(&at, "duplicate key; remove one of them");
            }
            Some(known) => found.push((*known, node, at)),
        }
    }
    found.retain(|(_, node, _)| node.kind() != Type::Null);
    found
}

/// The nodes of a list.
fn entries<'n>(node: &'n Node<'_>, path: &Path<'_>, problems: &mut SettingsProblems) -> &'n [Node<'n>] {
    let Node::List(nodes) = node else {
        wrong_type(node, path, "a list", problems);
        return &[];
    };
    nodes
}

/// The entries of a list.
fn each<T>(
    node: &Node<'_>,
    path: &Path<'_>,
    problems: &mut SettingsProblems,
    read: fn(&Node<'_>, &Path<'_>, &mut SettingsProblems) -> T,
) -> Vec<T> {
    entries(node, path, problems)
        .iter()
        .enumerate()
        .map(|(index, node)| read(node, &path.index(index), problems))
        .collect()
}

fn read_text(node: &Node<'_>, path: &Path<'_>, problems: &mut SettingsProblems) -> String {
    match node {
        Node::Text(text) => Cow::clone(text).into_owned(),
        Node::Other(Type::Number | Type::Boolean(_)) => {
            let noun = node.kind().noun();
            // A program that reads YAML has lost the zero of 1.10 by now, so the text cannot be repeated.
            problems.add(path, format_args!("expected a string, found {noun}: quote it, as in \"1.10\""));
            String::new()
        }
        _ => {
            wrong_type(node, path, "a string", problems);
            String::new()
        }
    }
}

fn read_boolean(node: &Node<'_>, path: &Path<'_>, problems: &mut SettingsProblems) -> bool {
    if let Node::Other(Type::Boolean(value)) = node {
        return *value;
    }
    wrong_type(node, path, "a boolean", problems);
    false
}

fn choice<T: Copy + Default>(
    node: &Node<'_>,
    path: &Path<'_>,
    choices: &[(&str, T)],
    problems: &mut SettingsProblems,
) -> T {
    let chosen = match node {
        Node::Text(text) => choices.iter().find(|(name, _)| name == text),
        _ => None,
    };
    if chosen.is_none() {
        not_a_choice(node, path, &mut choices.iter().map(|(name, _)| *name), problems);
    }
    chosen.map(|(_, value)| *value).unwrap_or_default()
}

fn not_a_choice(
    node: &Node<'_>,
    path: &Path<'_>,
    names: &mut dyn Iterator<Item = &str>,
    problems: &mut SettingsProblems,
) {
    let Node::Text(text) = node else {
        return wrong_type(node, path, "a string", problems);
    };
    let names: Vec<&str> = names.collect();
    let names = enumerated(&names, ", ");
    let text = Quoted::new(text, MAX_QUOTED);
    problems.add(path, format_args!("unknown value {text}; known values are {names}"));
}

fn wrong_type(node: &Node<'_>, path: &Path<'_>, expected: &str, problems: &mut SettingsProblems) {
    problems.add(path, format_args!("expected {expected}, found {}", node.kind().noun()));
}
