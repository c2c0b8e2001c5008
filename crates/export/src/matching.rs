//! What a policy of Kubewarden is asked about, so that the exported one is asked about the same.

use fresh_images::request::KINDS;
use serde::Deserialize;
use serde_json::Value;

use crate::refuse::{Refusals, Refused};

/// The part of the `spec` of a policy that says what it is asked about, and what its answer does.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Eq)]
#[serde(default, rename_all = "camelCase")]
pub struct Matching {
    /// The only namespace, of an AdmissionPolicy.
    #[serde(skip)]
    pub(crate) namespace: Option<String>,
    pub(crate) rules: Vec<Rule>,
    pub(crate) namespace_selector: Option<Value>,
    pub(crate) object_selector: Option<Value>,
    pub(crate) match_policy: Option<String>,
    match_conditions: Vec<Condition>,
    failure_policy: Option<String>,
    mode: Option<String>,
    /// What a user is told instead of what the policy says.
    message: Option<String>,
}

#[derive(Clone, Debug, Default, Deserialize, PartialEq, Eq)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct Rule {
    pub(crate) api_groups: Vec<String>,
    pub(crate) api_versions: Vec<String>,
    pub(crate) resources: Vec<String>,
    pub(crate) operations: Vec<String>,
    pub(crate) scope: Option<String>,
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
            if CONDITIONS.contains(&condition.name.as_str()) {
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

/// The resource of one of the kinds of Kubernetes.
fn plural(kind: &str) -> String {
    kind.to_ascii_lowercase() + "s"
}

/// The names of the conditions that are written.
pub(crate) const CONDITIONS: [&str; 3] = [MIRROR_POD.name, OLD_REVISION.name, NOT_OWNED.name];

/// What has to hold of a request.
pub(crate) struct OwnCondition {
    pub(crate) comment: &'static str,
    pub(crate) name: &'static str,
    pub(crate) expression: &'static str,
}

pub(crate) const MIRROR_POD: OwnCondition = OwnCondition {
    comment: "Refusing the mirror of a static Pod only hides it. Only a node can make one.",
    name: "not-a-mirror-pod",
    expression: "\
!(request.kind.kind == 'Pod' && request.?subResource.orValue('') == ''
  && 'kubernetes.io/config.mirror' in object.metadata.?annotations.orValue({})
  && request.userInfo.?username.orValue('').startsWith('system:node:')
  && 'system:nodes' in request.userInfo.?groups.orValue([]))",
};

pub(crate) const OLD_REVISION: OwnCondition = OwnCondition {
    comment: "What a controller keeps to go back to and wants no Pods of runs nothing, and nobody can change it.",
    name: "not-an-old-revision",
    expression: "\
!(request.kind.kind in ['ReplicaSet', 'ReplicationController'] && dyn(object).spec.?replicas.orValue(1) == 0
  && object.metadata.?ownerReferences.orValue([]).exists(o, o.?controller.orValue(false)))",
};

pub(crate) const NOT_OWNED: OwnCondition = OwnCondition {
    comment: "A controller that owns it would see a difference and change it back. Its Pods are mutated when they come.",
    name: "not-owned",
    expression: "\
request.kind.kind == 'Pod'
|| !object.metadata.?ownerReferences.orValue([]).exists(o, o.?controller.orValue(false))",
};
