//! Names of containers, namespaces, users and groups as tests in CEL.

use crate::cel::{self, Cost, Test};
use crate::regex;

/// Whether a text, an expression, is one of several names. A `*` is any run of characters.
pub(crate) fn is_any(value: &str, names: &[String]) -> Test {
    if names.iter().any(|name| name.trim_matches('*').is_empty()) {
        return Test { cel: "true".into(), cost: Cost::ZERO };
    }
    let (exact, with_star): (Vec<&str>, Vec<&str>) =
        names.iter().map(String::as_str).partition(|name| !name.contains('*'));
    let starts: Vec<&str> = with_star
        .iter()
        .filter_map(|name| name.strip_suffix('*'))
        .filter(|name| !name.contains('*'))
        .collect();
    let mut tests = Vec::new();
    let lengths = exact.iter().chain(&starts).map(|name| name.len());
    let mut cost: Cost = lengths.map(Cost::of_text).sum();
    match exact.as_slice() {
        [] => {}
        [name] => tests.push(format!("{value} == {}", cel::text(name))),
        _ => {
            let names: Vec<String> = exact.iter().map(|name| cel::text(name)).collect();
            tests.push(format!("{value} in [{}]", names.join(", ")));
        }
    }
    tests.extend(starts.iter().map(|start| format!("{value}.startsWith({})", cel::text(start))));
    let others: Vec<String> = with_star
        .iter()
        .filter(|name| name.strip_suffix('*').is_none_or(|start| start.contains('*')))
        .map(|name| regex::glob(name, "[\\s\\S]*"))
        .collect();
    if !others.is_empty() {
        let regex = format!("^({})$", others.join("|"));
        cost = cost.and(Cost::of_regex(regex.len()));
        tests.push(format!("{value}.matches({})", cel::regex(&regex)));
    }
    let cel = if tests.len() == 1 { tests.concat() } else { format!("({})", tests.join("\n    || ")) };
    Test { cel, cost }
}
