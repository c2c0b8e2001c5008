//! `mutate: {to: pullAlways}`: what gets the pull policy `Always`, and the patch that gives it.
//!
//! | what is not patched | why |
//! |---|---|
//! | what an UPDATE leaves, what is exempt | no rule judges it |
//! | an object that a controller owns, unless it is a Pod | the controller would change it back; its Pods are patched |
//! | a Pod or the template of a Job on UPDATE, unless it had `Always` | the pull policy is immutable |
//! | an ephemeral container that exists already | it is immutable |
//! | what breaks another rule as well | it stays wrong, so nothing is changed |

use crate::manifest::Variable;
use crate::message::Rule;
use crate::uses::{LISTS, entries};

/// The rules that `Always` cures.
const CURED: [&str; 2] = ["mutableImages", "notAlways"];

fn is_cured(rule: &&Rule) -> bool {
    CURED.contains(&rule.variable.as_str())
}

/// Whether a use `u` breaks a rule that `Always` does not cure; nothing if there is no such rule.
fn breaks_other(rules: &[Rule]) -> Option<String> {
    let others: Vec<String> = rules
        .iter()
        .filter(|rule| !is_cured(rule))
        .map(|rule| format!("variables.{}", rule.variable))
        .collect();
    (!others.is_empty()).then(|| {
        format!("[{}].exists(l, l.exists(o, o.list == u.list && o.name == u.name))", others.join(", "))
    })
}

/// Adds the variables of what is patched, and gives the patch.
pub(crate) fn patch(rules: &[Rule], variables: &mut Vec<Variable>) -> String {
    variables.push(Variable::new(
        "pointer",
        "",
        "request.kind.kind == 'Pod' ? '/spec' : request.kind.kind == 'PodTemplate' ? '/template/spec'\n\
         : request.kind.kind == 'CronJob' ? '/spec/jobTemplate/spec/template/spec' : '/spec/template/spec'",
    ));
    variables.push(Variable::new(
        "immutable",
        "Whether no pull policy can change. What had Always gets it back, as a manifest that is applied again wants.",
        "request.operation == 'UPDATE' && (request.kind.kind == 'Job'\n  \
         || request.kind.kind == 'Pod' && request.?subResource.orValue('') == '')",
    ));
    variables.push(Variable::new(
        "hadAlways",
        "",
        "variables.before.map(b, b.split(' ')).filter(b, b[2] == 'Always').map(b, b[0] + ' ' + b[1])",
    ));
    let cured: Vec<String> =
        rules.iter().filter(is_cured).map(|rule| format!("variables.{}", rule.variable)).collect();
    let broken = breaks_other(rules).map(|breaks| format!("\n  && !{breaks}")).unwrap_or_default();
    let cured = if cured.is_empty() { "[]".into() } else { cured.join(" + ") };
    variables.push(Variable::new(
        "toAlways",
        "settings.mutate.to: pullAlways. List and name of what Always cures and may be changed.",
        format!(
            "({cured})\n.filter(u, (!variables.immutable || (u.list + ' ' + u.name) in variables.hadAlways)\n  \
             && (u.list != 'ephemeralContainers' || request.kind.kind != 'Pod' || request.operation != 'UPDATE'\n    \
             || request.?subResource.orValue('') == 'ephemeralcontainers'\n      \
             && !variables.before.exists(b, b.startsWith(u.list + ' ' + u.name + ' '))){broken})\n\
             .map(u, u.list + ' ' + u.name)"
        ),
    ));
    let lists = LISTS.iter().map(|list| {
        let key = list.key;
        let member = if key == "volumes" { "image/pullPolicy" } else { "imagePullPolicy" };
        format!(
            "{}\n  .transformList(i, c, ('{key} ' + string(c.?name.orValue(''))) in variables.toAlways,\n    \
             JSONPatch{{op: 'add', path: variables.pointer + '/{key}/' + string(i) + '/{member}', value: 'Always'}})",
            entries("variables.pod", key),
        )
    });
    lists.collect::<Vec<_>>().join("\n+ ")
}

/// Leaves to its Pods what mutation would cure in an object that a controller owns: what they get when they come is not
/// this object's fault.
pub(crate) fn leave_to_pods(rules: &[Rule], variables: &mut Vec<Variable>) {
    let broken = breaks_other(rules).map(|breaks| format!("\n  || {breaks}")).unwrap_or_default();
    // After the rules that they name.
    variables.sort_by_key(|variable| CURED.contains(&variable.name.as_str()));
    for variable in variables.iter_mut().filter(|it| CURED.contains(&it.name.as_str())) {
        variable.expression.push_str(&format!("\n.filter(u, !variables.leftToPods{broken})"));
    }
    let first = variables.iter().position(|it| it.name == "unreadable").unwrap_or_default();
    variables.insert(
        first,
        Variable::new(
            "leftToPods",
            "settings.mutate: what a controller owns is not mutated, but its Pods are.",
            "request.kind.kind != 'Pod'\n\
             && object.metadata.?ownerReferences.orValue([]).exists(o, o.?controller.orValue(false))",
        ),
    );
}
