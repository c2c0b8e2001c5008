//! `exempt`: leaves out what no rule judges, and says what lifts certain rules.

use fresh_images::date::Date;
use fresh_images::pattern::HostCase;
use fresh_images::settings::{Exempt, Rule, Settings};

use crate::manifest::{Variable, is_plain};
use crate::refuse::Refusals;
use crate::rules::{images, matches_any};
use crate::{cel, regex};

/// The conditions under which certain rules do not hold for a use `u`.
#[derive(Debug, Default)]
pub(crate) struct Lifted(Vec<Lifting>);

/// One exemption from certain rules.
#[derive(Debug)]
struct Lifting {
    rules: Vec<Rule>,
    comment: String,
    condition: String,
}

impl Lifted {
    /// What stands above a filter that such exemptions are part of.
    pub(crate) fn comments(&self, rule: Rule) -> String {
        let lifting = self.0.iter().filter(|lifting| lifting.rules.contains(&rule));
        lifting.map(|lifting| format!("\n{}", lifting.comment)).collect()
    }

    /// What a filter of the uses that break a rule adds: nothing, or that the rule is not lifted.
    pub(crate) fn but(&self, rule: Rule) -> String {
        let lifting = self.0.iter().filter(|lifting| lifting.rules.contains(&rule));
        let conditions: Vec<&str> = lifting.map(|lifting| lifting.condition.as_str()).collect();
        if conditions.is_empty() {
            String::new()
        } else {
            format!("\n  && !({})", conditions.join("\n  || "))
        }
    }
}

/// Adds the variable of what is judged at all.
pub(crate) fn exempt(
    settings: &Settings,
    at: Option<Date>,
    variables: &mut Vec<Variable>,
    refusals: &mut Refusals,
) -> Lifted {
    let (mut covered, mut lifted) = (Vec::new(), Lifted::default());
    let mut comments = Vec::new();
    for (index, entry) in settings.exempt.iter().enumerate() {
        let last: Option<Date> = entry.until.as_deref().and_then(|text| text.parse().ok());
        match (last, at) {
            (Some(_), None) => refusals.add(
                &format!("settings.exempt[{index}].until"),
                "CEL has no clock. With --at DATE the export leaves out exemptions that have ended on that day, and writes \
                 the others without an end",
            ),
            (Some(last), Some(at)) if last < at => {
                comments.push(format!("settings.exempt[{index}] ended on {last}, so it is left out"));
                continue;
            }
            _ => {}
        }
        let condition = exemption(index, entry, variables, refusals);
        let words: Vec<&str> = entry.rules.iter().map(|rule| rule.word()).collect();
        let mut comment = format!("settings.exempt[{index}]");
        if !words.is_empty() {
            comment.push_str(&format!(" of {}", words.join(", ")));
        }
        if let Some(last) = last {
            comment.push_str(&format!(" until {last} (CEL has no clock: export again after that day)"));
        }
        comment.push_str(&format!(": {}", one_line(&entry.reason)));
        if words.is_empty() {
            covered.push(condition);
            comments.push(comment);
        } else {
            lifted.0.push(Lifting { rules: entry.rules.clone(), comment, condition });
        }
    }
    // All of them may stand in one expression.
    let all = lifted.0.iter().map(|lifting| &lifting.condition).chain(&covered);
    refusals.expect_sum("settings.exempt", all.map(String::len));
    let expression = if covered.is_empty() {
        "variables.read".to_owned()
    } else {
        format!("variables.read.filter(u, !({}))", covered.join("\n  || "))
    };
    variables.push(Variable::new("judged", comments.join("\n"), expression));
    lifted
}

/// The condition of one entry on a use `u`. What it asks of the request is a variable of its own, evaluated once.
fn exemption(index: usize, entry: &Exempt, variables: &mut Vec<Variable>, refusals: &mut Refusals) -> String {
    let path = format!("settings.exempt[{index}]");
    let Exempt { images: of_images, namespaces, users, groups, containers, rules: _, reason: _, until: _ } =
        entry;
    let mut conditions = Vec::new();
    let mut of_request = Vec::new();
    let mut name = |texts: &[String], value: &str, key: &str| {
        let expression = regex::any_name(texts);
        refusals.expect_length(&format!("{path}.{key}"), &expression);
        format!("{value}.matches({})", cel::regex(&expression))
    };
    if !namespaces.is_empty() {
        of_request.push(name(namespaces, "request.?namespace.orValue('')", "namespaces"));
    }
    if !users.is_empty() {
        of_request.push(name(users, "request.userInfo.?username.orValue('')", "users"));
    }
    if !groups.is_empty() {
        let test = name(groups, "g", "groups");
        of_request.push(format!("request.userInfo.?groups.orValue([]).exists(g, {test})"));
    }
    if !of_request.is_empty() {
        let variable = format!("exempt{index}");
        conditions.push(format!("variables.{variable}"));
        let comment = format!("Whether {path} is for this namespace, and for whoever asks.");
        variables.push(Variable::new(&variable, comment, of_request.join("\n&& ")));
    }
    if !containers.is_empty() {
        conditions.push(format!("u.list != 'volumes' && {}", name(containers, "u.name", "containers")));
    }
    if !of_images.is_empty() {
        let patterns = images(of_images, HostCase::Exact);
        conditions.push(matches_any(&patterns, &format!("{path}.images"), refusals));
    }
    conditions.join(" && ")
}

/// A text of the user in a comment.
fn one_line(text: &str) -> String {
    text.chars().map(|character| if is_plain(character) { character } else { ' ' }).take(200).collect()
}
