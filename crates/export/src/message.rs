//! The message: the first finding in the words of the policy, and how many more there are.

use fresh_images::pattern::TagPattern;

use crate::cel;
use crate::manifest::{Validation, Variable};
use crate::pattern::{Pattern, first_match, first_tag_match};
use crate::uses::LISTS;

/// A rule that may have findings.
#[derive(Debug)]
pub(crate) struct Rule {
    /// The variable that has the uses which break it.
    pub(crate) variable: String,
    /// What follows the image in the message, an expression over `variables.first`.
    pub(crate) message: String,
}

/// The registry and the repository of the first finding, and whether they are too long to be said again.
const NAME: &str = "variables.name";
const IS_LONG: &str = "variables.name.size() > 96";
const PIN: &str = "variables.pin";
/// What ends every finding in the template of a Job, which cannot change.
const JOB: &str = "variables.job";

fn text(text: &str) -> String {
    cel::text(text)
}

/// A text of the user, short enough for a message: Kubernetes drops one of more than 5 KiB.
fn cut(text: &str) -> String {
    format!("({text}.size() > 256 ? {text}.substring(0, 256) + '…' : {text})")
}

pub(crate) fn registry_rejected(patterns: &[Pattern]) -> String {
    format!(
        "({IS_LONG} ? 'is from the rejected registry ' : 'comes from ' + {NAME} + ', which is in the rejected registry ')\n    \
         + {} + '. Use an image from another registry' + {JOB} + ' [registry-rejected]'",
        first_match(patterns)
    )
}

pub(crate) fn registry_not_allowed(patterns: &[Pattern]) -> String {
    /// How many a message names.
    const NAMED: usize = 4;
    let mut names: Vec<String> = patterns.iter().take(NAMED).map(|pattern| pattern.text.clone()).collect();
    let rest = patterns.len().saturating_sub(NAMED);
    if rest > 0 {
        names.push(format!("{rest} more"));
    }
    let last = names.pop().unwrap_or_default();
    let names = if names.is_empty() { last } else { format!("{} or {last}", names.join(", ")) };
    format!(
        "({IS_LONG} ? 'is not from an allowed registry' : 'comes from ' + {NAME} + ', which is not in an allowed registry')\n    \
         + {} + {JOB} + ' [registry-not-allowed]'",
        text(&format!(". Use an image from {names}"))
    )
}

pub(crate) fn image_rejected(patterns: &[Pattern]) -> String {
    format!(
        "'matches ' + {}\n    + ' on the list of rejected images. Use another image' + {JOB} + ' [image-rejected]'",
        first_match(patterns)
    )
}

pub(crate) fn image_not_allowed() -> String {
    format!("'is not on the list of allowed images. Use one that is' + {JOB} + ' [image-not-allowed]'")
}

pub(crate) fn tag_rejected(patterns: &[TagPattern]) -> String {
    format!(
        "(variables.first.ref.matches(r'^[^/]+/[^:@]*$') ? 'has neither tag nor digest, so its tag is latest'\n    \
         : 'has the tag ' + variables.first.ref.split('@')[0].find(r'[^:]*$'))\n    \
         + ', which matches the rejected tag ' + {} + '. Use another tag' + {JOB} + ' [tag-rejected]'",
        first_tag_match(patterns)
    )
}

/// The pull policy of the first finding, which the API server has filled in.
const PULL_POLICY: &str = "(variables.first.policy in ['IfNotPresent', 'Never'] ? 'its pull policy is ' + variables.first.policy\n      \
    : 'its pull policy ' + strings.quote(variables.first.policy) + ' is not Always')";
const IS_IMMUTABLE: &str =
    "(request.kind.kind == 'Pod' && request.operation == 'UPDATE' && request.?subResource.orValue('') == '')";
const ALWAYS: &str = "(variables.first.list == 'volumes' ? 'pullPolicy: Always' : variables.first.list == 'ephemeralContainers'\n      \
    ? 'imagePullPolicy: Always (kubectl debug --image-pull-policy=Always)' : 'imagePullPolicy: Always')";

pub(crate) fn mutable_image() -> String {
    format!(
        "'can go stale: it has no digest and ' + {PULL_POLICY}\n    \
         + ', so a node that holds this tag keeps running the old content. '\n    \
         + ({IS_IMMUTABLE} ? 'Pin the image ' + {PIN} + '; the pull policy of an existing Pod cannot change'\n      \
         : 'Set ' + {ALWAYS} + ', or pin the image ' + {PIN}) + {JOB} + ' [mutable-image]'"
    )
}

pub(crate) fn digest_required() -> String {
    format!(
        "'has no digest, and this policy requires one. Pin the image ' + {PIN} + {JOB} + ' [digest-required]'"
    )
}

pub(crate) fn always_required() -> String {
    format!(
        "'may run content that the node already holds: ' + {PULL_POLICY} + ', and this policy requires Always. '\n    \
         + ({IS_IMMUTABLE} ? 'Recreate the Pod, because the pull policy of an existing Pod cannot change'\n      \
         : 'Set ' + {ALWAYS}) + {JOB} + ' [always-required]'"
    )
}

/// Counts the findings, and finds the first.
pub(crate) fn count(rules: &[Rule], variables: &mut Vec<Variable>) {
    let lists: Vec<String> = std::iter::once("unreadable")
        .chain(rules.iter().map(|rule| rule.variable.as_str()))
        .map(|name| format!("variables.{name}"))
        .collect();
    let sizes: Vec<String> = lists.iter().map(|list| format!("{list}.size()")).collect();
    variables.push(Variable::new("findings", "How many findings there are.", sizes.join("\n+ ")));
    let firsts: Vec<String> =
        lists.iter().map(|list| format!("{list}.map(u, u.list + ' ' + u.name)")).collect();
    variables.push(Variable::new(
        "first",
        "The first use with a finding, for the message.",
        format!(
            "variables.judged.filter(u, [{}]\n  .exists(l, l.size() > 0 && l[0] == u.list + ' ' + u.name))[0]",
            firsts.join(",\n  ")
        ),
    ));
    // A port has a colon as well.
    variables.push(Variable::new("name", "", "variables.first.ref.find(r'^[^/]+/[^:@]+')"));
    variables.push(Variable::new(
        "pin",
        "",
        format!("{IS_LONG} ? 'by its digest, …@sha256:…' : 'as ' + {NAME} + '@sha256:…'"),
    ));
    variables.push(Variable::new(
        "job",
        "",
        "request.kind.kind == 'Job' && request.operation == 'UPDATE'\n\
         ? '; because the template of a Job cannot change, delete the Job and create it again' : ''",
    ));
}

/// What a policy demands, and what it answers. Kubernetes evaluates a message even where nothing is refused.
pub(crate) fn validations(rules: &[Rule]) -> Vec<Validation> {
    let mut reason = String::new();
    for rule in rules {
        reason.push_str(&format!(
            "variables.{0}.exists(u, u.list == variables.first.list && u.name == variables.first.name)\n    ? {1}\n  : ",
            rule.variable, rule.message
        ));
    }
    reason.push_str("''");
    let image = format!("strings.quote({})", cut("variables.first.image"));
    let nouns: Vec<String> = LISTS.iter().map(|list| format!("'{}': '{}'", list.key, list.noun)).collect();
    let message = format!(
        "variables.findings == 0 ? ''\n: {{{}}}[variables.first.list]\n+ (variables.first.name == '' ? '' : ' ' + strings.quote(variables.first.name))\n\
         + ' at ' + variables.path + '.' + variables.first.list + '['\n\
         + string(variables.pod[variables.first.list].map(c, c.?name.orValue('')).indexOf(variables.first.name))\n\
         + (variables.first.list == 'volumes' ? '].image: ' : ']: ')\n\
         + (variables.first.image == ''\n    ? 'it has no image. Set '\n      \
         + (variables.first.list == 'volumes' ? 'reference' : 'image') + {JOB} + ' [missing-image]'\n  \
         : 'image ' + {image} + ' '\n  + (variables.first.ref == ''\n    \
         ? 'is not an image reference. Write it as [registry/]repository[:tag][@digest]' + {JOB} + ' [invalid-reference]'\n  : {reason}))\n\
         + (variables.findings > 1 ? ' (and ' + string(variables.findings - 1) + ' more)' : '')",
        nouns.join(", ")
    );
    vec![
        Validation {
            comment: String::new(),
            expression: "variables.findings == 0".into(),
            fallback: "an image breaks this policy",
            message,
        },
        Validation {
            comment: "A Pod without containers runs nothing.".into(),
            expression: "request.kind.kind != 'Pod' || request.?subResource.orValue('') != ''\n\
                         || variables.containers.size() > 0"
                .into(),
            fallback: "a Pod needs at least one container",
            message: "'spec.containers: a Pod needs at least one container [no-containers]'".into(),
        },
    ]
}
