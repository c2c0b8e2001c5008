//! What a policy of Kubewarden is asked about, so that the exported one is asked about the same.

use fresh_images::request::KINDS;
use serde::{Deserialize, Serialize};
use serde_json::Value;

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
    /// A part of a wrong type, rules that are missing, and what CEL cannot judge: kinds that are not of Kubernetes itself, and
    /// other operations than CREATE and UPDATE. All problems at once, each with its path.
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
        refusals.finish(Self { namespace: namespace.map(Into::into), ..read })
    }

    pub(crate) fn failure_policy(&self) -> &str {
        self.failure_policy.as_deref().unwrap_or("Fail")
    }

    /// Whether what the policy says only goes to the log.
    pub(crate) fn only_monitors(&self) -> bool {
        self.mode.as_deref() == Some("monitor")
    }

    /// Name and expression of each condition.
    pub(crate) fn conditions(&self) -> impl Iterator<Item = (&str, &str)> {
        self.match_conditions.iter().map(|it| (it.name.as_str(), it.expression.as_str()))
    }

    /// `matchConstraints`, as lines of YAML.
    pub(crate) fn constraints(&self) -> String {
        let mut lines =
            vec![format!("matchPolicy: {}", self.match_policy.as_deref().unwrap_or("Equivalent"))];
        match (&self.namespace, &self.namespace_selector) {
            (Some(namespace), _) => lines.push(format!(
                "namespaceSelector: {{matchExpressions: [{{key: kubernetes.io/metadata.name, operator: In, values: [{}]}}]}}",
                json(namespace)
            )),
            (None, Some(selector)) => lines.push(format!("namespaceSelector: {}", json(selector))),
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
            refusals.add(
                &format!("{path}.apiGroups"),
                format_args!("{group:?} is not of Kubernetes itself, and {UNKNOWN}"),
            );
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

const UNKNOWN: &str =
    "CEL cannot look for the Pods in kinds that it does not know. Keep Kubewarden for it, or leave it out";

fn is_known_group(group: &String) -> bool {
    KINDS.iter().any(|kind| kind.group == group)
}

/// A value as JSON, which is YAML too.
fn json(value: &impl Serialize) -> String {
    serde_json::to_string(value).unwrap_or_default()
}

/// The resource of one of the kinds of Kubernetes.
fn plural(kind: &str) -> String {
    kind.to_ascii_lowercase() + "s"
}
