//! What a policy of Kubewarden is asked about, so that the exported one is asked about the same.

use fresh_images::request::KINDS;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::manifest;
use crate::refuse::{Refusals, Refused};

/// The part of the `spec` of a policy that says what it is asked about, and what its answer does.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Eq)]
#[serde(default, rename_all = "camelCase")]
pub struct Matching {
    /// The only namespace, of an AdmissionPolicy.
    #[serde(skip)]
    namespace: Option<String>,
    rules: Vec<Rule>,
    namespace_selector: Option<Value>,
    object_selector: Option<Value>,
    match_policy: Option<String>,
    match_conditions: Vec<Condition>,
    failure_policy: Option<String>,
    mode: Option<String>,
    /// What a user is told instead of what the policy says.
    message: Option<String>,
}

#[derive(Clone, Debug, Default, Deserialize, PartialEq, Eq)]
#[serde(default, rename_all = "camelCase")]
struct Rule {
    api_groups: Vec<String>,
    api_versions: Vec<String>,
    resources: Vec<String>,
    operations: Vec<String>,
    scope: Option<String>,
}

#[derive(Clone, Debug, Default, Deserialize, PartialEq, Eq)]
#[serde(default)]
struct Condition {
    name: String,
    expression: String,
}

impl Matching {
    /// Reads the `spec` of a ClusterAdmissionPolicy, or of an AdmissionPolicy in a namespace.
    ///
    /// # Errors
    ///
    /// A part of a wrong type, rules that are missing, a condition with a name that the export gives its own, and what CEL
    /// cannot judge: kinds whose Pods it does not find, and other operations than CREATE and UPDATE. All problems at once,
    /// each with its path.
    pub fn of_policy(spec: Value, namespace: Option<&str>) -> Result<Self, Refused> {
        let read: Self =
            serde_json::from_value(spec).map_err(|error| Refused::from(format!("spec: {error}")))?;
        let mut refusals = Refusals::default();
        if read.rules.is_empty() {
            refusals.add("spec.rules", "there are none, so the policy is asked about nothing");
        }
        for (index, rule) in read.rules.iter().enumerate() {
            rule.check(&format!("spec.rules[{index}]"), &mut refusals);
        }
        for (index, condition) in read.match_conditions.iter().enumerate() {
            if manifest::CONDITIONS.contains(&condition.name.as_str()) {
                refusals.add(
                    &format!("spec.matchConditions[{index}].name"),
                    format_args!(
                        "the export writes a condition {:?} of its own: choose another name",
                        condition.name
                    ),
                );
            }
        }
        refusals.finish(Self { namespace: namespace.map(Into::into), ..read })
    }

    pub(crate) fn failure_policy(&self) -> &str {
        self.failure_policy.as_deref().unwrap_or("Fail")
    }

    /// Whether what the policy says only goes to the log.
    pub(crate) fn only_monitors(&self) -> bool {
        self.mode.as_deref() == Some("monitor")
    }

    /// What a user is told instead of what the policy says, if anything.
    pub(crate) fn message(&self) -> Option<&str> {
        self.message.as_deref().filter(|message| !message.trim().is_empty())
    }

    /// Name and expression of each condition.
    pub(crate) fn conditions(&self) -> impl Iterator<Item = (&str, &str)> {
        self.match_conditions.iter().map(|it| (it.name.as_str(), it.expression.as_str()))
    }

    /// `matchConstraints`, as lines of YAML.
    pub(crate) fn constraints(&self) -> String {
        let mut lines =
            vec![format!("matchPolicy: {}", json(self.match_policy.as_deref().unwrap_or("Equivalent")))];
        match (&self.namespace, &self.namespace_selector) {
            (Some(namespace), _) => lines.push(format!(
                "namespaceSelector: {{matchExpressions: [{{key: kubernetes.io/metadata.name, operator: In, values: [{}]}}]}}",
                json(namespace)
            )),
            (None, Some(selector)) => {
                if selector.get("matchLabels").is_some() {
                    lines.push("# Of this Kubewarden hands only matchExpressions to the API server.".into());
                }
                lines.push(format!("namespaceSelector: {}", json(selector)));
            }
            (None, None) => {}
        }
        lines.extend(
            self.object_selector.as_ref().map(|selector| format!("objectSelector: {}", json(selector))),
        );
        lines.push("resourceRules:".into());
        for Rule { api_groups, api_versions, resources, operations, scope } in &self.rules {
            lines.push(format!("  - apiGroups: {}", json(api_groups)));
            lines.push(format!("    apiVersions: {}", json(api_versions)));
            lines.push(format!("    resources: {}", json(resources)));
            lines.push(format!("    operations: {}", json(operations)));
            lines.extend(scope.as_ref().map(|scope| format!("    scope: {}", json(scope))));
        }
        lines.join("\n")
    }
}

impl Rule {
    fn check(&self, path: &str, refusals: &mut Refusals) {
        for operation in self.operations.iter().filter(|it| !["CREATE", "UPDATE"].contains(&it.as_str())) {
            refusals.add(
                &format!("{path}.operations"),
                format_args!("{operation:?} has no object to judge here: name CREATE and UPDATE"),
            );
        }
        for group in self.api_groups.iter().filter(|group| !is_known_group(group)) {
            refusals.add(&format!("{path}.apiGroups"), format_args!("{group:?}: {UNKNOWN}"));
        }
        for resource in &self.resources {
            let of_group = |group: &String| {
                resource == "pods/ephemeralcontainers" && group.is_empty()
                    || KINDS.iter().any(|kind| kind.group == group && plural(kind.kind) == *resource)
            };
            if self.api_groups.iter().all(is_known_group) && !self.api_groups.iter().any(of_group) {
                refusals.add(&format!("{path}.resources"), format_args!("{resource:?}: {UNKNOWN}"));
            }
        }
    }
}

const UNKNOWN: &str = "CEL cannot look for the Pods in kinds that the export does not know. Keep Kubewarden for it, or remove it from the rules";

fn is_known_group(group: &String) -> bool {
    KINDS.iter().any(|kind| kind.group == group)
}

/// A value as JSON, which is YAML too.
///
/// What YAML would read as another character, or not at all, is escaped.
pub(crate) fn json(value: &(impl Serialize + ?Sized)) -> String {
    let text = serde_json::to_string(value).unwrap_or_default();
    let mut json = String::new();
    for character in text.chars() {
        if manifest::is_plain(character) {
            json.push(character);
        } else {
            let mut units = [0; 2];
            for unit in character.encode_utf16(&mut units) {
                json.push_str(&format!("\\u{unit:04x}"));
            }
        }
    }
    json
}

/// The resource of one of the kinds of Kubernetes.
fn plural(kind: &str) -> String {
    kind.to_ascii_lowercase() + "s"
}
