//! `exempt`: leaves out what no rule judges, and says what lifts certain rules.

use fresh_images::date::Date;
use fresh_images::pattern::HostCase;
use fresh_images::settings::{Exempt, Rule, Settings};

use crate::cel::{Cost, Test};
use crate::manifest::{Variable, is_plain};
use crate::name::is_any;
use crate::pattern::{images, matches_any};
use crate::refuse::Refusals;

/// The conditions under which certain rules do not hold for a use `u`.
#[derive(Debug, Default)]
pub(crate) struct Lifted(Vec<Lifting>);

/// One exemption from certain rules.
#[derive(Debug)]
struct Lifting {
    /// The path of the setting.
    path: String,
    rules: Vec<Rule>,
    comment: String,
    condition: Test,
}

impl Lifted {
    /// What stands above a filter that such exemptions are part of.
    pub(crate) fn comments(&self, rule: Rule) -> String {
        self.of(rule).map(|lifting| format!("\n{}", lifting.comment)).collect()
    }

    /// What a filter of the uses that break a rule adds: nothing, or that the rule is not lifted.
    pub(crate) fn but(&self, rule: Rule) -> String {
        let conditions: Vec<&str> = self.of(rule).map(|lifting| lifting.condition.cel.as_str()).collect();
        if conditions.is_empty() {
            String::new()
        } else {
            format!("\n  && !({})", conditions.join("\n  || "))
        }
    }

    /// What that costs, each exemption with its path.
    pub(crate) fn costs(&self, rule: Rule) -> Vec<(&str, Cost)> {
        self.of(rule).map(|lifting| (lifting.path.as_str(), lifting.condition.cost)).collect()
    }

    fn of(&self, rule: Rule) -> impl Iterator<Item = &Lifting> {
        self.0.iter().filter(move |lifting| lifting.rules.contains(&rule))
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
        let path = format!("settings.exempt[{index}]");
        let last: Option<Date> = entry.until.as_deref().and_then(|text| text.parse().ok());
        match (last, at) {
            (Some(_), None) => refusals.add(
                &format!("{path}.until"),
                "CEL has no clock. With --at DATE the export leaves out exemptions that have ended on that day, and writes \
                 the others without an end",
            ),
            (Some(last), Some(at)) if last < at => {
                comments.push(format!("{path} ended on {last}, so it is left out"));
                continue;
            }
            _ => {}
        }
        let condition = exemption(index, &path, entry, variables, refusals);
        let words: Vec<&str> = entry.rules.iter().map(|rule| rule.word()).collect();
        let mut comment = path.clone();
        if !words.is_empty() {
            comment.push_str(&format!(" of {}", words.join(", ")));
        }
        if let Some(last) = last {
            comment.push_str(&format!(" until {last} (CEL has no clock: export again after that day)"));
        }
        comment.push_str(&format!(": {}", one_line(&entry.reason)));
        if words.is_empty() {
            covered.push((path, condition));
            comments.push(comment);
        } else {
            lifted.0.push(Lifting { path, rules: entry.rules.clone(), comment, condition });
        }
    }
    let costs: Vec<_> = covered.iter().map(|(path, condition)| (path.as_str(), condition.cost)).collect();
    refusals.expect_cost("settings.exempt", &costs);
    let conditions: Vec<&str> = covered.iter().map(|(_, condition)| condition.cel.as_str()).collect();
    let expression = if conditions.is_empty() {
        "variables.read".to_owned()
    } else {
        format!("variables.read.filter(u, !({}))", conditions.join("\n  || "))
    };
    variables.push(Variable::new("judged", comments.join("\n"), expression));
    lifted
}

/// The condition of one entry on a use `u`. What it asks of the request is a variable of its own, evaluated once.
fn exemption(
    index: usize,
    path: &str,
    entry: &Exempt,
    variables: &mut Vec<Variable>,
    refusals: &mut Refusals,
) -> Test {
    let Exempt { images: of_images, namespaces, users, groups, containers, rules: _, reason: _, until: _ } =
        entry;
    let mut conditions = Vec::new();
    let mut cost = Cost::ZERO;
    let mut of_request = Vec::new();
    if !namespaces.is_empty() {
        of_request.push(is_any("request.?namespace.orValue('')", namespaces).cel);
    }
    if !users.is_empty() {
        let test = is_any("n", users);
        of_request.push(format!("[request.userInfo.?username.orValue('')].exists(n, {})", test.cel));
    }
    if !groups.is_empty() {
        let test = is_any("g", groups);
        let path = format!("{path}.groups");
        refusals.expect_cost(&path, &[(&path, test.cost)]);
        of_request.push(format!("request.userInfo.?groups.orValue([]).exists(g, {})", test.cel));
    }
    if !of_request.is_empty() {
        let variable = format!("exempt{index}");
        conditions.push(format!("variables.{variable}"));
        let comment = format!("Whether {path} is for this namespace, and for whoever asks.");
        variables.push(Variable::new(&variable, comment, of_request.join("\n&& ")));
    }
    if !containers.is_empty() {
        let test = is_any("u.name", containers);
        cost = cost.and(test.cost);
        conditions.push(format!("u.list != 'volumes' && {}", test.cel));
    }
    if !of_images.is_empty() {
        let test = matches_any(&images(of_images, HostCase::Exact));
        cost = cost.and(test.cost);
        conditions.push(test.cel);
    }
    Test { cel: conditions.join(" && "), cost }
}

/// A text of the user in a comment.
fn one_line(text: &str) -> String {
    text.chars().map(|character| if is_plain(character) { character } else { ' ' }).take(200).collect()
}
