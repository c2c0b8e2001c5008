//! Manifests as YAML, for a person to read.

use fresh_images::settings::Enforcement;

use crate::Options;

/// A variable of a policy.
#[derive(Debug)]
pub(crate) struct Variable {
    pub(crate) name: String,
    /// Lines without `#`; none if it is empty.
    pub(crate) comment: String,
    pub(crate) expression: String,
}

impl Variable {
    pub(crate) fn new(name: &str, comment: impl Into<String>, expression: impl Into<String>) -> Self {
        Self { name: name.into(), comment: comment.into(), expression: expression.into() }
    }
}

/// What a policy demands.
#[derive(Debug)]
pub(crate) struct Validation {
    pub(crate) comment: String,
    pub(crate) expression: String,
    pub(crate) message: String,
}

/// A policy and its binding.
pub(crate) fn write(
    options: &Options,
    enforcement: Enforcement,
    variables: &[Variable],
    validations: &[Validation],
) -> String {
    let mut yaml = Yaml::default();
    let name = &options.name;
    yaml.line(
        0,
        "# Made by `fresh-images export vap`. Change the settings and export again instead of editing this.",
    );
    yaml.line(0, "apiVersion: admissionregistration.k8s.io/v1");
    yaml.line(0, "kind: ValidatingAdmissionPolicy");
    yaml.line(0, &format!("metadata: {{name: \"{name}\"}}"));
    yaml.line(0, "spec:");
    yaml.line(1, "failurePolicy: Fail");
    yaml.line(1, "matchConstraints:");
    yaml.lines(2, MATCH);
    yaml.line(1, "matchConditions:");
    yaml.comment(2, "Refusing the mirror of a static Pod only hides it. Only a node can make one.");
    yaml.line(2, "- name: not-a-mirror-pod");
    yaml.block(3, "expression", MIRROR_POD);
    yaml.comment(
        2,
        "What a controller keeps to go back to and wants no Pods of runs nothing, and nobody can change it.",
    );
    yaml.line(2, "- name: not-an-old-revision");
    yaml.block(3, "expression", OLD_REVISION);
    yaml.line(1, "variables:");
    for variable in variables {
        yaml.comment(2, &variable.comment);
        yaml.line(2, &format!("- name: {}", variable.name));
        yaml.block(3, "expression", &variable.expression);
    }
    yaml.line(1, "validations:");
    for validation in validations {
        yaml.comment(2, &validation.comment);
        yaml.line(2, "- reason: Forbidden");
        yaml.line(3, "message: what names an image breaks this policy");
        yaml.block(3, "expression", &validation.expression);
        yaml.block(3, "messageExpression", &validation.message);
    }
    yaml.line(0, "---");
    yaml.line(0, "apiVersion: admissionregistration.k8s.io/v1");
    yaml.line(0, "kind: ValidatingAdmissionPolicyBinding");
    yaml.line(0, &format!("metadata: {{name: \"{name}\"}}"));
    yaml.line(0, "spec:");
    yaml.line(1, &format!("policyName: \"{name}\""));
    match enforcement {
        Enforcement::Reject => yaml.line(1, "validationActions: [Deny]"),
        Enforcement::Warn => {
            yaml.comment(1, "settings.enforcement: warn");
            yaml.line(1, "validationActions: [Warn, Audit]");
        }
    }
    yaml.text
}

const MATCH: &str = "\
matchPolicy: Equivalent
# kube-system holds what the cluster needs to start. Remove this once nothing there would be refused.
namespaceSelector:
  matchExpressions:
    - {key: kubernetes.io/metadata.name, operator: NotIn, values: [kube-system]}
objectSelector: {}
resourceRules:
  - apiGroups: [\"\"]
    apiVersions: [v1]
    resources: [pods, podtemplates, replicationcontrollers]
    operations: [CREATE, UPDATE]
  - apiGroups: [apps]
    apiVersions: [v1]
    resources: [daemonsets, deployments, replicasets, statefulsets]
    operations: [CREATE, UPDATE]
  - apiGroups: [batch]
    apiVersions: [v1]
    resources: [cronjobs, jobs]
    operations: [CREATE, UPDATE]
  # kubectl debug
  - apiGroups: [\"\"]
    apiVersions: [v1]
    resources: [pods/ephemeralcontainers]
    operations: [UPDATE]";

const MIRROR_POD: &str = "\
!(request.kind.kind == 'Pod' && request.?subResource.orValue('') == ''
  && 'kubernetes.io/config.mirror' in object.metadata.?annotations.orValue({})
  && request.userInfo.?username.orValue('').startsWith('system:node:')
  && 'system:nodes' in request.userInfo.?groups.orValue([]))";

const OLD_REVISION: &str = "\
!(request.kind.kind in ['ReplicaSet', 'ReplicationController'] && dyn(object).spec.?replicas.orValue(1) == 0
  && object.metadata.?ownerReferences.orValue([]).exists(o, o.?controller.orValue(false)))";

/// Text with indents of two blanks.
#[derive(Default)]
struct Yaml {
    text: String,
}

impl Yaml {
    fn line(&mut self, depth: usize, line: &str) {
        for _ in 0..depth {
            self.text.push_str("  ");
        }
        self.text.push_str(line);
        self.text.push('\n');
    }

    fn lines(&mut self, depth: usize, lines: &str) {
        lines.lines().for_each(|line| self.line(depth, line));
    }

    fn comment(&mut self, depth: usize, comment: &str) {
        comment.lines().for_each(|line| self.line(depth, &format!("# {line}")));
    }

    fn block(&mut self, depth: usize, key: &str, text: &str) {
        self.line(depth, &format!("{key}: |-"));
        self.lines(depth.saturating_add(1), text);
    }
}
