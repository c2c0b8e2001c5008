//! Manifests as YAML, for a person to read.

use fresh_images::settings::Enforcement;
use serde::Serialize;

use crate::matching::{MIRROR_POD, NOT_OWNED, OLD_REVISION, OwnCondition, Rule};
use crate::{ApiVersion, Matching, Options};

/// A variable of a policy.
#[derive(Clone, Debug)]
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
    /// What is said if the message cannot be evaluated.
    pub(crate) fallback: &'static str,
    pub(crate) message: String,
}

/// A policy that validates, and its binding.
pub(crate) fn validating(
    options: &Options,
    command: &str,
    enforcement: Enforcement,
    variables: &[Variable],
    validations: &[Validation],
) -> String {
    let mut yaml = Yaml::default();
    yaml.head(options, command, "admissionregistration.k8s.io/v1", "ValidatingAdmissionPolicy");
    yaml.matching(options, &[MIRROR_POD, OLD_REVISION]);
    yaml.variables(variables);
    yaml.line(1, "validations:");
    for validation in validations {
        yaml.comment(2, &validation.comment);
        yaml.line(2, "- reason: Forbidden");
        // As policy-server does: in the place of what a rejection says, and of that alone.
        let rejects = enforcement == Enforcement::Reject;
        let matching = options.matching.as_ref().filter(|matching| rejects && !matching.only_monitors());
        // The API takes one line.
        let own = matching
            .and_then(Matching::message)
            .map(|text| text.split_whitespace().collect::<Vec<_>>().join(" "));
        yaml.line(3, &format!("message: {}", json(own.as_deref().unwrap_or(validation.fallback))));
        yaml.block(3, "expression", &validation.expression);
        if own.is_none() {
            yaml.block(3, "messageExpression", &validation.message);
        }
    }
    yaml.binding(options, "admissionregistration.k8s.io/v1", "ValidatingAdmissionPolicy");
    match enforcement {
        _ if options.matching.as_ref().is_some_and(Matching::only_monitors) => {
            yaml.comment(1, "spec.mode: monitor");
            yaml.line(1, "validationActions: [Audit]");
        }
        Enforcement::Reject => yaml.line(1, "validationActions: [Deny]"),
        Enforcement::Warn => {
            yaml.comment(1, "settings.enforcement: warn");
            yaml.line(1, "validationActions: [Warn, Audit]");
        }
    }
    yaml.text
}

/// A policy that mutates, and its binding.
pub(crate) fn mutating(
    options: &Options,
    command: &str,
    api: ApiVersion,
    variables: &[Variable],
    patch: &str,
) -> String {
    let mut yaml = Yaml::default();
    let api = format!("admissionregistration.k8s.io/{}", api.as_str());
    yaml.head(options, command, &api, "MutatingAdmissionPolicy");
    yaml.comment(1, "Again, if a later policy or webhook has added a container.");
    yaml.line(1, "reinvocationPolicy: IfNeeded");
    yaml.matching(options, &[MIRROR_POD, NOT_OWNED]);
    yaml.variables(variables);
    yaml.line(1, "mutations:");
    yaml.line(2, "- patchType: JSONPatch");
    yaml.line(3, "jsonPatch:");
    yaml.block(4, "expression", patch);
    yaml.binding(options, &api, "MutatingAdmissionPolicy");
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

/// What `failurePolicy: Ignore` means where nobody can be down.
const IGNORE: &str = "\
spec.failurePolicy. A request that costs more than Kubernetes grants is then accepted without a verdict, and whoever writes
a Pod with hundreds of containers can cause that. With Fail it is refused.";

/// How the variables follow from each other.
const VARIABLES: &str = "\
Each variable starts from one above it. `uses` is everything that names an image. `changed` leaves out what an UPDATE does not
change. `read` adds the canonical reference. `judged` leaves out what is exempt. Then each rule has the uses that break it.";

/// Whether a character is the same for a person and for every reader of YAML: no end of a line, nothing that reverses or hides
/// text.
pub(crate) fn is_plain(character: char) -> bool {
    !(character.is_control()
        || matches!(character, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}'..))
}

/// A value as JSON, which is YAML too.
///
/// What YAML would read as another character, or not at all, is escaped.
fn json(value: &(impl Serialize + ?Sized)) -> String {
    let text = serde_json::to_string(value).unwrap_or_default();
    let mut json = String::new();
    for character in text.chars() {
        if is_plain(character) {
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

/// `matchConstraints` of a policy, as lines of YAML.
fn constraints(matching: &Matching) -> String {
    let mut lines =
        vec![format!("matchPolicy: {}", json(matching.match_policy.as_deref().unwrap_or("Equivalent")))];
    match (&matching.namespace, &matching.namespace_selector) {
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
        matching.object_selector.as_ref().map(|selector| format!("objectSelector: {}", json(selector))),
    );
    lines.push("resourceRules:".into());
    for Rule { api_groups, api_versions, resources, operations, scope } in &matching.rules {
        lines.push(format!("  - apiGroups: {}", json(api_groups)));
        lines.push(format!("    apiVersions: {}", json(api_versions)));
        lines.push(format!("    resources: {}", json(resources)));
        lines.push(format!("    operations: {}", json(operations)));
        lines.extend(scope.as_ref().map(|scope| format!("    scope: {}", json(scope))));
    }
    lines.join("\n")
}

/// Text with indents of two blanks.
#[derive(Default)]
struct Yaml {
    text: String,
}

impl Yaml {
    fn head(&mut self, options: &Options, command: &str, api: &str, kind: &str) {
        self.line(
            0,
            &format!(
                "# Made by `fresh-images export {command}`. Change the settings and export again instead of editing this."
            ),
        );
        self.line(0, &format!("apiVersion: {api}"));
        self.line(0, &format!("kind: {kind}"));
        self.line(0, &format!("metadata: {{name: {}}}", json(&options.name)));
        self.line(0, "spec:");
        let failure_policy = options.matching.as_ref().map_or("Fail", Matching::failure_policy);
        if failure_policy != "Fail" {
            self.comment(1, IGNORE);
        }
        self.line(1, &format!("failurePolicy: {}", json(failure_policy)));
    }

    /// What the API server evaluates the policy on.
    fn matching(&mut self, options: &Options, conditions: &[OwnCondition]) {
        self.line(1, "matchConstraints:");
        match &options.matching {
            Some(matching) => self.lines(2, &constraints(matching)),
            None => self.lines(2, MATCH),
        }
        self.line(1, "matchConditions:");
        for OwnCondition { comment, name, expression } in conditions {
            self.comment(2, comment);
            self.line(2, &format!("- name: {name}"));
            self.block(3, "expression", expression);
        }
        for (name, expression) in options.matching.iter().flat_map(Matching::conditions) {
            self.comment(2, "spec.matchConditions");
            self.line(2, &format!("- name: {}", json(name)));
            // A block may not start with a blank, and ends lines as YAML does.
            let is_block = |character| character == '\n' || is_plain(character);
            if expression.starts_with(char::is_whitespace) || !expression.chars().all(is_block) {
                self.line(3, &format!("expression: {}", json(expression)));
            } else {
                self.block(3, "expression", expression);
            }
        }
    }

    fn variables(&mut self, variables: &[Variable]) {
        self.comment(1, VARIABLES);
        self.line(1, "variables:");
        for variable in variables {
            self.comment(2, &variable.comment);
            self.line(2, &format!("- name: {}", variable.name));
            self.block(3, "expression", &variable.expression);
        }
    }

    fn binding(&mut self, options: &Options, api: &str, kind: &str) {
        let name = json(&options.name);
        self.line(0, "---");
        self.line(0, &format!("apiVersion: {api}"));
        self.line(0, &format!("kind: {kind}Binding"));
        self.line(0, &format!("metadata: {{name: {name}}}"));
        self.line(0, "spec:");
        self.line(1, &format!("policyName: {name}"));
    }

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
