//! Which objects the cluster sends to a policy: its rules and its selectors.
//!
//! ```
//! use fresh_images_manifests::document::{self, Source};
//! use fresh_images_manifests::policy::{self, Asked, NamespaceLabels};
//! use fresh_images_manifests::subject;
//!
//! let policy = policy::read(&Source::new("mine.yaml", "\
//! apiVersion: policies.kubewarden.io/v1
//! kind: ClusterAdmissionPolicy
//! spec:
//!   rules: [{apiGroups: [''], apiVersions: [v1], resources: [pods], operations: [CREATE]}]
//!   namespaceSelector: {matchExpressions: [{key: team, operator: In, values: [shop]}]}
//! "))?.remove(0);
//! let asked = |manifest: &str, labels: &NamespaceLabels| {
//!     let document = document::read(&Source::new("x", manifest)).remove(0).unwrap();
//!     policy.scope.asked(&subject::subjects(&document).remove(0).unwrap(), labels)
//! };
//! let pod = "{apiVersion: v1, kind: Pod, metadata: {namespace: web}}";
//! assert_eq!(asked("{apiVersion: v1, kind: PodTemplate}", &NamespaceLabels::new()), Asked::No);
//! assert_eq!(asked(pod, &NamespaceLabels::new()), Asked::Perhaps { label: "team".into() });
//! let labels = policy::namespace_labels("web:team=shop").unwrap();
//! assert_eq!(asked(pod, &NamespaceLabels::from([labels])), Asked::Yes);
//! # Ok::<(), fresh_images_manifests::report::Unreadable>(())
//! ```
//!
//! A manifest is a request to create its object. What the API server matches it with:
//! <https://kubernetes.io/docs/reference/access-authn-authz/extensible-admission-controllers/>. Whatever cannot be known is
//! taken as a match, so that nothing is left out that the cluster would ask about.

use std::collections::BTreeMap;

use fresh_images::request::Kind;

use crate::document::{Node, Source, Value};
use crate::report::Unreadable;
use crate::subject::Subject;

/// The label that Kubernetes gives each namespace: its name.
const NAME: &str = "kubernetes.io/metadata.name";

/// Labels of namespaces, by namespace. Of one that is named here all labels are known.
pub type NamespaceLabels = BTreeMap<String, BTreeMap<String, String>>;

/// Whether the cluster sends an object to a policy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Asked {
    /// It does not.
    No,
    /// That depends on a label of a namespace, which is not known.
    Perhaps {
        /// The key of the label.
        label: String,
    },
    /// It does.
    Yes,
}

/// Which objects the cluster sends to a policy.
#[derive(Clone, Debug, Default)]
pub struct Scope {
    /// Without any, it is not known which.
    rules: Vec<Rule>,
    /// The only namespace, if there is one.
    namespace: Option<String>,
    namespaces: Selector,
    objects: Selector,
}

#[derive(Clone, Debug)]
struct Rule {
    groups: Option<Vec<String>>,
    /// Nothing where the API server converts versions before it compares them.
    versions: Option<Vec<String>>,
    resources: Option<Vec<String>>,
    creates: bool,
    /// Whether it is about objects without a namespace only.
    is_cluster: bool,
}

/// What every label has to be.
#[derive(Clone, Debug, Default)]
struct Selector(Vec<Requirement>);

#[derive(Clone, Debug)]
struct Requirement {
    key: String,
    operator: Operator,
    values: Vec<String>,
}

#[derive(Clone, Copy, Debug)]
enum Operator {
    DoesNotExist,
    Exists,
    In,
    NotIn,
}

/// What is known of a label.
enum Label<'a> {
    Absent,
    Is(&'a str),
    Unknown,
}

/// Reads `NAMESPACE:KEY=VALUE,…`; nothing behind the colon says that the namespace has no labels.
///
/// ```
/// use fresh_images_manifests::policy::namespace_labels;
///
/// let (namespace, labels) = namespace_labels("shop:team=web,environment=production").unwrap();
/// assert_eq!((namespace.as_str(), labels.len()), ("shop", 2));
/// assert_eq!(namespace_labels("shop:").unwrap().1.len(), 0);
/// assert!(namespace_labels("shop").is_err() && namespace_labels("shop:team").is_err());
/// ```
///
/// # Errors
///
/// What is expected.
pub fn namespace_labels(text: &str) -> Result<(String, BTreeMap<String, String>), String> {
    let expected =
        || "expected NAMESPACE:KEY=VALUE,KEY=VALUE, such as shop:environment=production".to_string();
    let (namespace, labels) = text.split_once(':').ok_or_else(expected)?;
    let labels = labels.split(',').filter(|label| !label.is_empty()).map(|label| {
        let (key, value) = label.split_once('=').filter(|(key, _)| !key.is_empty())?;
        Some((key.to_string(), value.to_string()))
    });
    let labels = labels.collect::<Option<BTreeMap<_, _>>>().ok_or_else(expected)?;
    if namespace.is_empty() { Err(expected()) } else { Ok((namespace.into(), labels)) }
}

impl Scope {
    /// Reads it from a policy, of which `spec` is a part.
    pub(super) fn read(source: &Source, policy: &Node, spec: &Node) -> Result<Self, Unreadable> {
        let reader = Reader { source };
        let exact = reader.text(spec, "spec.matchPolicy")?.is_some_and(|policy| policy == "Exact");
        let rules = reader.list(spec, "spec.rules")?.unwrap_or_default();
        let rules = rules.iter().enumerate().map(|(index, rule)| reader.rule(rule, index, exact));
        let (rules, objects) =
            (rules.collect::<Result<_, _>>()?, reader.selector(spec, "spec.objectSelector")?);
        let scope = Self { rules, objects, ..Self::default() };
        // The API knows no `namespaceSelector` in a policy of a namespace.
        if policy.get("kind").and_then(Node::as_str).is_some_and(|kind| kind.starts_with("Cluster")) {
            return Ok(Self { namespaces: reader.selector(spec, "spec.namespaceSelector")?, ..scope });
        }
        let own = policy.get("metadata").and_then(|metadata| metadata.get("namespace")?.as_str());
        Ok(Self { namespace: own.map(Into::into), ..scope })
    }

    /// Whether the cluster sends an object to the policy. Whoever has an admission request already knows that it does.
    pub fn asked(&self, subject: &Subject, labels: &NamespaceLabels) -> Asked {
        if subject.given.is_some() {
            return Asked::Yes;
        }
        let sent = self.rules.is_empty() || self.rules.iter().any(|rule| rule.sends(subject));
        if !sent || self.objects.selects(&|key| object_label(subject, key)) == Asked::No {
            return Asked::No;
        }
        let in_namespace = self.namespaces.selects(&|key| namespace_label(subject, labels, key));
        match (&self.namespace, &subject.namespace) {
            (Some(own), Some(namespace)) if own != namespace => Asked::No,
            (Some(_), None) => Asked::Perhaps { label: NAME.into() },
            _ => in_namespace,
        }
    }
}

impl Asked {
    /// Whether it is the namespace itself that is not known, and not what it is labelled with.
    pub fn depends_on_name(&self) -> bool {
        matches!(self, Self::Perhaps { label } if label == NAME)
    }
}

fn object_label<'a>(subject: &'a Subject, key: &str) -> Label<'a> {
    let labels = subject.object.get("metadata").and_then(|metadata| metadata.get("labels"));
    labels.and_then(|labels| labels.get(key)?.as_str()).map_or(Label::Absent, Label::Is)
}

fn namespace_label<'a>(subject: &'a Subject, labels: &'a NamespaceLabels, key: &str) -> Label<'a> {
    let Some(namespace) = &subject.namespace else { return Label::Unknown };
    match labels.get(namespace) {
        _ if key == NAME => Label::Is(namespace),
        Some(labels) => labels.get(key).map_or(Label::Absent, |value| Label::Is(value)),
        None => Label::Unknown,
    }
}

impl Rule {
    fn sends(&self, subject: &Subject) -> bool {
        let api_version = subject.api_version.as_deref().unwrap_or_default();
        let (group, version) = api_version.split_once('/').unwrap_or(("", api_version));
        let kind = subject.kind.as_deref().unwrap_or_default();
        let has = |list: &Option<Vec<String>>, name: &str| {
            list.as_ref().is_none_or(|list| list.iter().any(|it| it == "*" || it == name))
        };
        // The kinds whose pod specs are known have a namespace, even if the manifest does not say which.
        let namespaced = subject.namespace.is_some() || Kind::find(group, kind).is_some();
        self.creates
            && has(&self.groups, group)
            && has(&self.versions, version)
            && self.resources.as_ref().is_none_or(|list| list.iter().any(|it| is_resource(it, kind)))
            && !(self.is_cluster && namespaced)
    }
}

/// Whether a resource of a rule is that of a kind: `pods`, `*`, `pods/*` and `*/*`; any other subresource is not created.
fn is_resource(resource: &str, kind: &str) -> bool {
    let resource = match resource.split_once('/') {
        Some((resource, "*")) => resource,
        Some(_) => return false,
        None => resource,
    };
    let kind = kind.to_ascii_lowercase();
    // Nobody but the API server knows the resources of custom kinds: some are regular where English is not.
    resource == "*" || resource == plural(&kind) || resource.strip_suffix('s') == Some(&kind)
}

/// As kubectl guesses it where it cannot ask (`UnsafeGuessKindToResource` of k8s.io/apimachinery).
fn plural(kind: &str) -> String {
    match kind.strip_suffix('y') {
        _ if kind.ends_with("endpoints") => kind.into(),
        _ if kind.ends_with('s') => format!("{kind}es"),
        Some(stem) => format!("{stem}ies"),
        None => format!("{kind}s"),
    }
}

impl Selector {
    fn selects<'a>(&self, label: &dyn Fn(&str) -> Label<'a>) -> Asked {
        let mut asked = Asked::Yes;
        for requirement in &self.0 {
            match requirement.holds(&label(&requirement.key)) {
                Some(true) => {}
                Some(false) => return Asked::No,
                None if asked == Asked::Yes => asked = Asked::Perhaps { label: requirement.key.clone() },
                None => {}
            }
        }
        asked
    }
}

impl Requirement {
    /// Nothing if that cannot be known.
    fn holds(&self, label: &Label<'_>) -> Option<bool> {
        let value = match label {
            Label::Absent => None,
            Label::Is(value) => Some(*value),
            Label::Unknown => return None,
        };
        let is_one = value.is_some_and(|value| self.values.iter().any(|it| it == value));
        Some(match self.operator {
            Operator::DoesNotExist => value.is_none(),
            Operator::Exists => value.is_some(),
            Operator::In => is_one,
            Operator::NotIn => !is_one,
        })
    }
}

/// Reads parts of a policy. A wrong type is an error, for the API server does not take such a policy.
struct Reader<'s> {
    source: &'s Source,
}

impl Reader<'_> {
    /// What stands at the last key of the path, if it is not null.
    fn member<'n>(node: &'n Node, path: &str) -> Option<&'n Node> {
        let key = path.rsplit_once('.').map_or(path, |(_, key)| key);
        node.get(key).filter(|member| !member.is_null())
    }

    fn wrong(&self, node: &Node, path: &str, expected: &str) -> Unreadable {
        let found = node.noun();
        Unreadable::at(self.source, node.span.start, format!("{path}: expected {expected}, found {found}"))
    }

    fn text<'n>(&self, node: &'n Node, path: &str) -> Result<Option<&'n str>, Unreadable> {
        let Some(member) = Self::member(node, path) else { return Ok(None) };
        member.as_str().map(Some).ok_or_else(|| self.wrong(member, path, "a string"))
    }

    fn list<'n>(&self, node: &'n Node, path: &str) -> Result<Option<&'n [Node]>, Unreadable> {
        match Self::member(node, path) {
            None => Ok(None),
            Some(member) if matches!(member.value, Value::List(_)) => Ok(Some(member.items())),
            Some(member) => Err(self.wrong(member, path, "a list")),
        }
    }

    fn texts(&self, node: &Node, path: &str) -> Result<Option<Vec<String>>, Unreadable> {
        let Some(items) = self.list(node, path)? else { return Ok(None) };
        let text =
            |item: &Node| item.as_str().map(Into::into).ok_or_else(|| self.wrong(item, path, "strings"));
        items.iter().map(text).collect::<Result<_, _>>().map(Some)
    }

    fn rule(&self, rule: &Node, index: usize, exact: bool) -> Result<Rule, Unreadable> {
        let at = |key: &str| format!("spec.rules[{index}].{key}");
        if !matches!(rule.value, Value::Object(_)) {
            return Err(self.wrong(rule, &format!("spec.rules[{index}]"), "a mapping"));
        }
        let operations = self.texts(rule, &at("operations"))?;
        Ok(Rule {
            groups: self.texts(rule, &at("apiGroups"))?,
            versions: self.texts(rule, &at("apiVersions"))?.filter(|_| exact),
            resources: self.texts(rule, &at("resources"))?,
            creates: operations.is_none_or(|list| list.iter().any(|it| it == "*" || it == "CREATE")),
            is_cluster: self.text(rule, &at("scope"))? == Some("Cluster"),
        })
    }

    fn selector(&self, spec: &Node, path: &str) -> Result<Selector, Unreadable> {
        let Some(selector) = Self::member(spec, path) else { return Ok(Selector::default()) };
        if !matches!(selector.value, Value::Object(_)) {
            return Err(self.wrong(selector, path, "a mapping"));
        }
        let mut requirements = Vec::new();
        for member in selector.get("matchLabels").map(Node::members).unwrap_or_default() {
            let path = format!("{path}.matchLabels");
            let value = member.node.as_str().ok_or_else(|| self.wrong(&member.node, &path, "strings"))?;
            let (key, values) = (member.key.to_string(), vec![value.into()]);
            requirements.push(Requirement { key, operator: Operator::In, values });
        }
        let path = format!("{path}.matchExpressions");
        for expression in self.list(selector, &path)?.unwrap_or_default() {
            requirements.push(self.requirement(expression, &path)?);
        }
        Ok(Selector(requirements))
    }

    fn requirement(&self, expression: &Node, path: &str) -> Result<Requirement, Unreadable> {
        let at = |key: &str| format!("{path}.{key}");
        let missing = |key: &str| {
            let problem = format!("{path}: {key} is missing");
            Unreadable::at(self.source, expression.span.start, problem)
        };
        let key = self.text(expression, &at("key"))?.ok_or_else(|| missing("key"))?;
        let operator = match self.text(expression, &at("operator"))? {
            Some("DoesNotExist") => Operator::DoesNotExist,
            Some("Exists") => Operator::Exists,
            Some("In") => Operator::In,
            Some("NotIn") => Operator::NotIn,
            Some(other) => {
                let node = expression.get("operator").unwrap_or(expression);
                let expected = "expected In, NotIn, Exists or DoesNotExist";
                let problem = format!("{path}.operator: {expected}, found {other:?}");
                return Err(Unreadable::at(self.source, node.span.start, problem));
            }
            None => return Err(missing("operator")),
        };
        let values = self.texts(expression, &at("values"))?.unwrap_or_default();
        Ok(Requirement { key: key.into(), operator, values })
    }
}

#[cfg(test)]
mod tests;
