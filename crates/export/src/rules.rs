//! The variables that judge, one for each rule.

use fresh_images::pattern::{HostCase, ImagePattern, PatternError, RegistryPattern, TagPattern};
use fresh_images::settings::{Override, Require, Rule as Lift, Settings};

use crate::exempt::Lifted;
use crate::manifest::Variable;
use crate::message::{self, Rule};
use crate::refuse::Refusals;
use crate::regex::Pattern;
use crate::{cel, regex};

/// Patterns of a list that a checked policy was made of, so that none fails.
fn parse<P>(texts: &[String], parse: fn(&str) -> Result<P, PatternError>) -> Vec<P> {
    texts.iter().filter_map(|text| parse(text).ok()).collect()
}

fn registries(texts: &[String], case: HostCase) -> Vec<Pattern> {
    parse(texts, RegistryPattern::parse).iter().map(|it| regex::registry(it, case)).collect()
}

pub(crate) fn images(texts: &[String], case: HostCase) -> Vec<Pattern> {
    parse(texts, ImagePattern::parse).iter().map(|it| regex::image(it, case)).collect()
}

/// A test of whether a use matches one of several patterns.
pub(crate) fn matches_any(patterns: &[Pattern], path: &str, refusals: &mut Refusals) -> String {
    let (plain, with_digest): (Vec<&Pattern>, Vec<&Pattern>) =
        patterns.iter().partition(|pattern| pattern.end.is_empty());
    let mut tests = Vec::new();
    if !plain.is_empty() {
        let choices: Vec<&str> = plain.iter().map(|pattern| pattern.regex.as_str()).collect();
        tests.push(matches(&choices));
    }
    for pattern in with_digest {
        let end = cel::text(&pattern.end);
        tests.push(format!("u.image.endsWith({end}) && {}", matches(&[&pattern.regex])));
    }
    let test = tests.join("\n    || ");
    refusals.expect_length(path, &test);
    if tests.len() == 1 && !test.contains("&&") { test } else { format!("({test})") }
}

fn matches(choices: &[&str]) -> String {
    format!("u.ref.matches({})", cel::regex(&regex::any(choices)))
}

/// One variable for each rule that the settings switch on, in the order in which their findings are reported.
pub(crate) fn judge(
    settings: &Settings,
    lifted: &Lifted,
    variables: &mut Vec<Variable>,
    refusals: &mut Refusals,
) -> Vec<Rule> {
    let mut rules = Vec::new();
    variables.push(Variable::new(
        "unreadable",
        "Nothing to judge: no image, or not a reference.",
        "variables.judged.filter(u, u.ref == '')",
    ));
    let mut add = |name: &str, comment: &str, lift: Lift, test: String, message: String| {
        let but = lifted.but(lift);
        let expression = format!("variables.judged.filter(u, u.ref != ''{but}\n  && {test})");
        let comment = format!("{comment}{}", lifted.comments(lift));
        variables.push(Variable::new(name, comment, expression));
        rules.push(Rule { variable: name.into(), message });
    };
    let lists = &settings.registries;
    if !lists.reject.is_empty() {
        let path = "settings.registries.reject";
        let patterns = registries(&lists.reject, HostCase::Ignore);
        let test = matches_any(&patterns, path, refusals);
        add("rejectedRegistries", path, Lift::Registries, test, message::registry_rejected(&patterns));
    }
    if !lists.allow.is_empty() {
        let path = "settings.registries.allow";
        let patterns = registries(&lists.allow, HostCase::Exact);
        let test = format!("!{}", matches_any(&patterns, path, refusals));
        add("otherRegistries", path, Lift::Registries, test, message::registry_not_allowed(&patterns));
    }
    let lists = &settings.images;
    if !lists.reject.is_empty() {
        let path = "settings.images.reject";
        let patterns = images(&lists.reject, HostCase::Ignore);
        let test = matches_any(&patterns, path, refusals);
        add("rejectedImages", path, Lift::Images, test, message::image_rejected(&patterns));
    }
    if !lists.allow.is_empty() {
        let path = "settings.images.allow";
        let patterns = images(&lists.allow, HostCase::Exact);
        let test = format!("!{}", matches_any(&patterns, path, refusals));
        add("otherImages", path, Lift::Images, test, message::image_not_allowed());
    }
    if !settings.tags.reject.is_empty() {
        let path = "settings.tags.reject";
        let ignore_case = settings.tags.ignore_case;
        let parse_tag = if ignore_case { TagPattern::parse_ignoring_case } else { TagPattern::parse };
        let patterns = parse(&settings.tags.reject, parse_tag);
        let test = matches(&[&regex::tags(&patterns)]);
        refusals.expect_length(path, &test);
        add("rejectedTags", path, Lift::Tags, test, message::tag_rejected(&patterns));
    }
    freshness(settings, lifted, variables, &mut rules, refusals);
    rules
}

/// `require` and `overrides`.
fn freshness(
    settings: &Settings,
    lifted: &Lifted,
    variables: &mut Vec<Variable>,
    rules: &mut Vec<Rule>,
    refusals: &mut Refusals,
) {
    let mut choices = String::new();
    let mut used = vec![settings.require];
    let mut lengths = Vec::new();
    for (index, Override { images: texts, require }) in settings.overrides.iter().enumerate() {
        // What asks for more cannot be passed by another spelling of the host, nor what asks for less be had by it.
        let stricter = require.is_stricter_than(settings.require);
        let case = if stricter { HostCase::Ignore } else { HostCase::Exact };
        let test =
            matches_any(&images(texts, case), &format!("settings.overrides[{index}].images"), refusals);
        lengths.push(test.len());
        choices.push_str(&format!("{test} ? '{}'\n  : ", require.word()));
        used.push(*require);
    }
    // All of them stand in one expression.
    refusals.expect_sum("settings.overrides", lengths.into_iter());
    let from = if settings.overrides.is_empty() {
        "variables.judged"
    } else {
        variables.push(Variable::new(
            "required",
            "settings.overrides: the first match counts, else settings.require.",
            format!(
                "variables.judged.map(u, {{'list': u.list, 'noun': u.noun, 'name': u.name, 'image': u.image, \
                 'policy': u.policy, 'ref': u.ref,\n  'require': {choices}'{}'}})",
                settings.require.word()
            ),
        ));
        "variables.required"
    };
    let mut add = |name: &str, requires: &[Require], lacks: &str, message: String| {
        let requires: Vec<Require> = requires.iter().copied().filter(|it| used.contains(it)).collect();
        if requires.is_empty() {
            return;
        }
        let words: Vec<&str> = requires.iter().map(|it| it.word()).collect();
        let setting = if settings.overrides.is_empty() {
            "settings.require"
        } else {
            "settings.require, settings.overrides"
        };
        let digest = if lacks.contains('@') { "\n`ref` ends with @ if the image has a digest." } else { "" };
        let comment = format!("{setting}: {}{digest}{}", words.join(", "), lifted.comments(Lift::Freshness));
        let required = if settings.overrides.is_empty() {
            String::new()
        } else {
            let words: Vec<String> = requires.iter().map(|it| format!("'{}'", it.word())).collect();
            format!(" && u.require in [{}]", words.join(", "))
        };
        let but = lifted.but(Lift::Freshness);
        let expression = format!("{from}.filter(u, u.ref != ''{required}{but}\n  && {lacks})");
        variables.push(Variable::new(name, comment, expression));
        rules.push(Rule { variable: name.into(), message });
    };
    add(
        "mutableImages",
        &[Require::DigestOrAlways],
        "!u.ref.endsWith('@') && u.policy != 'Always'",
        message::mutable_image(),
    );
    add(
        "withoutDigest",
        &[Require::Digest, Require::DigestAndAlways],
        "!u.ref.endsWith('@')",
        message::digest_required(),
    );
    add(
        "notAlways",
        &[Require::Always, Require::DigestAndAlways],
        "u.policy != 'Always'",
        message::always_required(),
    );
}
