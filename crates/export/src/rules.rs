//! The variables that judge, one for each rule.

use fresh_images::pattern::HostCase;
use fresh_images::settings::{Override, Require, Rule as Lift, Settings};

use crate::cel::Test;
use crate::exempt::Lifted;
use crate::manifest::Variable;
use crate::message::{self, Rule};
use crate::pattern::{self, images, matches_any, matches_any_tag, registries};
use crate::refuse::Refusals;
use crate::uses::USE;

/// Whether a rule asks which server a host is: what rejects cannot be passed by another spelling of it.
pub(crate) fn asks_for_servers(settings: &Settings) -> bool {
    !settings.registries.reject.is_empty()
        || !settings.images.reject.is_empty()
        || settings.overrides.iter().any(|it| case_of(it, settings) == HostCase::Ignore)
}

/// What asks for more cannot be passed by another spelling of the host, nor what asks for less be had by it.
fn case_of(entry: &Override, settings: &Settings) -> HostCase {
    if entry.require.is_stricter_than(settings.require) { HostCase::Ignore } else { HostCase::Exact }
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
    let mut add = |name: &str, path: &str, lift: Lift, test: Test, message: String| {
        let mut costs = lifted.costs(lift);
        costs.push((path, test.cost));
        refusals.expect_cost(path, &costs);
        let but = lifted.but(lift);
        let expression = format!("variables.judged.filter(u, u.ref != ''{but}\n  && {})", test.cel);
        let comment = format!("{path}{}", lifted.comments(lift));
        variables.push(Variable::new(name, comment, expression));
        rules.push(Rule { variable: name.into(), message });
    };
    let lists = &settings.registries;
    if !lists.reject.is_empty() {
        let patterns = registries(&lists.reject, HostCase::Ignore);
        let message = message::registry_rejected(&patterns);
        let path = "settings.registries.reject";
        add("rejectedRegistries", path, Lift::Registries, matches_any(&patterns), message);
    }
    if !lists.allow.is_empty() {
        let patterns = registries(&lists.allow, HostCase::Exact);
        let message = message::registry_not_allowed(&patterns);
        let path = "settings.registries.allow";
        add("otherRegistries", path, Lift::Registries, matches_any(&patterns).negated(), message);
    }
    let lists = &settings.images;
    if !lists.reject.is_empty() {
        let patterns = images(&lists.reject, HostCase::Ignore);
        let message = message::image_rejected(&patterns);
        add("rejectedImages", "settings.images.reject", Lift::Images, matches_any(&patterns), message);
    }
    if !lists.allow.is_empty() {
        let patterns = images(&lists.allow, HostCase::Exact);
        let message = message::image_not_allowed();
        add("otherImages", "settings.images.allow", Lift::Images, matches_any(&patterns).negated(), message);
    }
    if !settings.tags.reject.is_empty() {
        let ignore_case = settings.tags.ignore_case;
        let patterns = pattern::tags(&settings.tags.reject, ignore_case);
        let message = message::tag_rejected(&patterns);
        add("rejectedTags", "settings.tags.reject", Lift::Tags, matches_any_tag(&patterns), message);
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
    let mut costs = Vec::new();
    for (index, entry) in settings.overrides.iter().enumerate() {
        let test = matches_any(&images(&entry.images, case_of(entry, settings)));
        choices.push_str(&format!("{} ? '{}'\n  : ", test.cel, entry.require.word()));
        costs.push((format!("settings.overrides[{index}].images"), test.cost));
        used.push(entry.require);
    }
    let costs: Vec<_> = costs.iter().map(|(path, cost)| (path.as_str(), *cost)).collect();
    refusals.expect_cost("settings.overrides", &costs);
    let from = if settings.overrides.is_empty() {
        "variables.judged"
    } else {
        variables.push(Variable::new(
            "required",
            "settings.overrides: the first match counts, else settings.require.",
            format!(
                "variables.judged.map(u, {{{USE}, 'ref': u.ref,\n  'require': {choices}'{}'}})",
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
        refusals.expect_cost("settings.exempt", &lifted.costs(Lift::Freshness));
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
