//! Names of containers, namespaces, users and groups as tests in CEL.

use crate::cel::{self, Cost, Test};
use crate::regex;

/// Whether `value`, an expression for a text, is one of several names. A `*` is any run of characters.
pub(crate) fn is_any(value: &str, names: &[String]) -> Test {
    let (mut exact, mut starts, mut others) = (Vec::new(), Vec::new(), Vec::new());
    let mut cost = Cost::ZERO;
    for name in names {
        match name.split_once('*') {
            _ if name.trim_matches('*').is_empty() => return Test { cel: "true".into(), cost: Cost::ZERO },
            None => exact.push(cel::text(name)),
            Some((start, "")) => starts.push(format!("{value}.startsWith({})", cel::text(start))),
            Some(_) => {
                others.push(regex::glob(name, "[\\s\\S]*"));
                continue;
            }
        }
        cost = cost.and(Cost::of_text(name.len()));
    }
    let mut tests = Vec::new();
    match exact.as_slice() {
        [] => {}
        [name] => tests.push(format!("{value} == {name}")),
        _ => tests.push(format!("{value} in [{}]", exact.join(", "))),
    }
    tests.append(&mut starts);
    if !others.is_empty() {
        let regex = format!("^({})$", others.join("|"));
        cost = cost.and(Cost::of_regex(regex.len()));
        tests.push(format!("{value}.matches({})", cel::regex(&regex)));
    }
    let cel = if tests.len() == 1 { tests.concat() } else { format!("({})", tests.join("\n    || ")) };
    Test { cel, cost }
}
