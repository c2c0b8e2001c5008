//! Reads policies as administrators apply them: their settings, the modules that they name, and which objects they are
//! asked about.
//!
//! ```
//! use fresh_images_manifests::{document::Source, policy};
//!
//! let policies = policy::read(&Source::new("mine.yaml", "\
//! apiVersion: policies.kubewarden.io/v1
//! kind: ClusterAdmissionPolicy
//! metadata: {name: fresh-images}
//! spec:
//!   module: registry://ghcr.io/fresh-images/policies/fresh-images:v1
//!   settings: {require: digest}
//! "))?;
//! assert_eq!((policies.len(), &*policies[0].name), (1, "fresh-images"));
//! let member = &policies[0].members[0];
//! assert_eq!(member.settings.json, r#"{"require":"digest"}"#);
//! let module = member.module.clone()?.unwrap();
//! assert_eq!(module.name, "registry://ghcr.io/fresh-images/policies/fresh-images:v1");
//! assert_eq!(module.problem("ghcr.io has none").to_string(), "mine.yaml:5:11: ghcr.io has none");
//! # Ok::<(), fresh_images_manifests::report::Unreadable>(())
//! ```

mod group;
mod scope;

use std::sync::Arc;

use crate::conditions;
use crate::document::{self, Node, Source, Value};
use crate::judge::Answer;
use crate::report::{Note, Unreadable};
use crate::settings::{self, Settings};

use group::Expression;
pub use scope::{Asked, NamespaceLabels, Scope, namespace_labels};

/// The API group of policies.
const GROUP: &str = "policies.kubewarden.io/";

/// A policy of a cluster or of a namespace, or a group of such.
#[derive(Debug)]
pub struct Policy {
    /// Its name, with its namespace if it has one: `shop/fresh-images`.
    pub name: Arc<str>,
    /// Who judges: of a group its members, else one.
    pub members: Vec<Member>,
    /// Which objects it is asked about.
    pub scope: Scope,
    /// What a user should know of it, each with its line.
    pub notes: Vec<Note>,
    /// The file and the line that it starts in.
    pub place: Unreadable,
    /// Its namespace, if it is of one and says so.
    pub namespace: Option<Arc<str>>,
    /// Whether it is of a namespace, which a manifest may leave to whoever applies it.
    pub is_namespaced: bool,
    /// Its `spec`, as it is written.
    pub spec: Node,
    /// Whether it may mutate objects, if it says so.
    mutating: Option<bool>,
    group: Option<Group>,
}

/// Settings with the module that is to judge by them.
#[derive(Debug)]
pub struct Member {
    /// Its name in its group, or that of the policy.
    pub name: Arc<str>,
    /// Its `settings`.
    pub settings: Settings,
    /// Its `module`, if it has one, or what is wrong with it: whoever takes the settings alone can do without.
    pub module: Result<Option<Module>, Unreadable>,
}

/// What is made of the answers of members.
#[derive(Debug)]
struct Group {
    expression: Expression,
    text: String,
    /// What a user is told whose object is rejected.
    message: String,
}

/// What `module` says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Module {
    /// Where the module is, in the words of the policy.
    pub name: String,
    place: Unreadable,
}

impl Module {
    /// Something that is wrong with it, at its place.
    pub fn problem(&self, message: impl Into<String>) -> Unreadable {
        Unreadable { message: message.into(), ..self.place.clone() }
    }
}

impl Policy {
    /// Whether it is one that mutates objects in the cluster.
    pub fn mutates(&self) -> bool {
        self.group.is_none()
            && self.mutating != Some(false)
            && self.members.iter().any(|member| member.settings.mutate().is_some())
    }

    /// Whether it is a group, whose answer names its members.
    pub fn is_group(&self) -> bool {
        self.group.is_some()
    }

    /// What the cluster makes of the answers of the members, one for each.
    ///
    /// policy-server refuses what a policy wants to mutate that may not, and a member of a group never may.
    pub fn conclude(&self, answers: Vec<Answer>) -> Answer {
        let Some(group) = &self.group else {
            let answer = answers.into_iter().next().unwrap_or_default();
            return if self.mutating == Some(false) { unmutated(answer, ALONE) } else { answer };
        };
        let answers: Vec<Answer> = answers.into_iter().map(|answer| unmutated(answer, MEMBER)).collect();
        let accepts = |member: usize| answers.get(member).is_some_and(|answer| answer.accepted);
        let accepted = group.expression.holds(&accepts);
        let said = self.members.iter().enumerate().map(|(index, member)| {
            format!("{} {}", member.name, if accepts(index) { "accepts" } else { "rejects" })
        });
        let said = said.collect::<Vec<_>>().join(", ");
        let images = answers.iter().map(|answer| answer.images).max().unwrap_or_default();
        if accepted {
            return Answer { accepted, images, ..Answer::default() };
        }
        let why = format!("policy {}: {}: `{}` does not hold: {said}", self.name, group.message, group.text);
        let mut all = Answer { accepted: true, images, messages: vec![why], ..Answer::default() };
        for (member, answer) in self.members.iter().zip(answers) {
            all.and(answer.by(&format!("{}/{}", self.name, member.name).into()));
        }
        Answer { accepted: false, ..all }
    }
}

/// Why a policy is refused that wants to mutate.
const ALONE: &str = "the policy wants to mutate the object and has `mutating: false`, so the cluster refuses the object: set \
                     `mutating: true` in the policy, or remove `mutate` from its settings";

/// Why a member of a group is refused that wants to mutate.
const MEMBER: &str = "the member wants to mutate the object, which nothing in a group may, so it counts as a rejection: remove \
                      `mutate` from its settings";

fn unmutated(mut answer: Answer, problem: &str) -> Answer {
    if answer.accepted && answer.object.take().is_some() {
        answer.accepted = false;
        answer.warnings.clear();
        answer.messages.push(problem.into());
    }
    answer
}

/// Reads all policies of a text; what else it holds is passed over, unless it holds no policy.
///
/// # Errors
///
/// A text that is no YAML or JSON, one without a policy, and a policy with a part of a wrong type.
pub fn read(source: &Source) -> Result<Vec<Policy>, Unreadable> {
    let mut nodes = Vec::new();
    for document in document::read(source) {
        let document = document.map_err(|error| Unreadable::document(source, &error))?;
        // As `kubectl get -o yaml` prints them.
        match document.get("items").filter(|_| text(&document, "kind").ends_with("List")) {
            Some(items) => nodes.extend_from_slice(items.items()),
            None => nodes.push(document),
        }
    }
    let is_policy = |node: &&Node| expected(source, node, &ALL).is_ok();
    if !nodes.iter().any(|node| is_policy(&node)) {
        let first = nodes.first().ok_or_else(|| Unreadable::file(source.name(), "the file is empty"))?;
        expected(source, first, &ALL)?;
    }
    nodes.iter().filter(is_policy).map(|policy| read_one(source, policy)).collect()
}

fn read_one(source: &Source, policy: &Node) -> Result<Policy, Unreadable> {
    let spec = spec(source, policy)?;
    let metadata = |key| policy.get("metadata").and_then(|metadata| metadata.get(key)?.as_str());
    let kind = text(policy, "kind");
    let name: Arc<str> = match (metadata("namespace"), metadata("name").unwrap_or("(no name)")) {
        (Some(namespace), name) if !kind.starts_with("Cluster") => format!("{namespace}/{name}").into(),
        (_, name) => name.into(),
    };
    let (members, group) = if kind.ends_with("Group") {
        let members = members(source, spec)?;
        let group = read_group(source, spec, &members)?;
        (members, Some(group))
    } else {
        (vec![member(source, Arc::clone(&name), spec, "spec.")], None)
    };
    let mutating = match spec.get("mutating").map(|mutating| &mutating.value) {
        Some(Value::Boolean(mutating)) => Some(*mutating),
        _ => None,
    };
    let (scope, notes) = (Scope::read(source, policy, spec)?, notes(source, spec));
    let place = Unreadable::at(source, policy.span.start, "");
    let is_namespaced = !kind.starts_with("Cluster");
    let namespace = metadata("namespace").filter(|_| is_namespaced).map(Into::into);
    Ok(Policy {
        name,
        members,
        scope,
        notes,
        place,
        namespace,
        is_namespaced,
        spec: spec.clone(),
        mutating,
        group,
    })
}

/// The members of a group, in the order of the text.
fn members(source: &Source, spec: &Node) -> Result<Vec<Member>, Unreadable> {
    let policies = spec.get("policies").map(Node::members).unwrap_or_default();
    if policies.is_empty() {
        let place = spec.get("policies").unwrap_or(spec).span.start;
        return Err(Unreadable::at(source, place, "spec.policies: the group has no members"));
    }
    Ok(policies
        .iter()
        .map(|policy| {
            let path = format!("spec.policies.{}.", policy.key);
            member(source, Arc::clone(&policy.key), &policy.node, &path)
        })
        .collect())
}

fn member(source: &Source, name: Arc<str>, node: &Node, path: &str) -> Member {
    let settings = node.get("settings").filter(|it| !it.is_null()).cloned();
    Member { name, settings: Settings::of(source.clone(), settings), module: module(source, node, path) }
}

fn read_group(source: &Source, spec: &Node, members: &[Member]) -> Result<Group, Unreadable> {
    let names: Vec<&str> = members.iter().map(|member| &*member.name).collect();
    let node = spec.get("expression").unwrap_or(spec);
    let Some(text) = node.as_str() else {
        return Err(Unreadable::at(source, node.span.start, "spec.expression: expected a string"));
    };
    let expression = Expression::parse(text, &names).map_err(|problem| {
        let problem =
            format!("spec.expression: only members, &&, ||, ! and parentheses are read here: {problem}");
        Unreadable::at(source, node.span.start, problem)
    })?;
    let message = spec.get("message").and_then(Node::as_str).unwrap_or("the group rejects the object");
    Ok(Group { expression, text: text.trim().into(), message: message.into() })
}

/// What cannot be told from a manifest, or is different in the cluster.
fn notes(source: &Source, spec: &Node) -> Vec<Note> {
    let mut notes = Vec::new();
    let mut note = |node: &Node, message: &str| {
        let line = Some(source.position(node.span.start).line);
        notes.push(Note { file: source.name().into(), line, message: message.into(), is_to_do: false });
    };
    let unknown = |it: &Node| !it.get("expression").and_then(Node::as_str).is_some_and(conditions::is_ours);
    if let Some(conditions) = spec.get("matchConditions").filter(|it| it.items().iter().any(unknown)) {
        note(
            conditions,
            "matchConditions are not evaluated here: the cluster may leave out objects that are judged",
        );
    }
    if let Some(mode) = spec.get("mode").filter(|mode| mode.as_str() == Some("monitor")) {
        note(
            mode,
            "the policy has the mode monitor: the cluster logs what is rejected here, and refuses nothing",
        );
    }
    notes
}

/// Reads settings, or a policy with settings, whichever the text holds.
///
/// # Errors
///
/// As those of [`settings::read`] and [`read`].
pub fn settings(source: Source) -> Result<Settings, Unreadable> {
    match settings::read_one(&source, "settings")? {
        Some(policy) if policy.get("apiVersion").is_some() => {
            expected(&source, &policy, &SINGLE)?;
            let settings = spec(&source, &policy)?.get("settings").filter(|it| !it.is_null()).cloned();
            Ok(Settings::of(source, settings))
        }
        node => Ok(Settings::of(source, settings::unwrapped(node))),
    }
}

/// The kinds that have settings themselves.
const SINGLE: [&str; 2] = ["ClusterAdmissionPolicy", "AdmissionPolicy"];

/// All kinds.
const ALL: [&str; 4] =
    ["ClusterAdmissionPolicy", "AdmissionPolicy", "ClusterAdmissionPolicyGroup", "AdmissionPolicyGroup"];

fn text<'n>(node: &'n Node, key: &str) -> &'n str {
    node.get(key).and_then(Node::as_str).unwrap_or_default()
}

fn expected(source: &Source, policy: &Node, kinds: &[&str]) -> Result<(), Unreadable> {
    let (api_version, kind) = (text(policy, "apiVersion"), text(policy, "kind"));
    if api_version.starts_with(GROUP) && kinds.contains(&kind) {
        return Ok(());
    }
    let problem = format!(
        "expected a ClusterAdmissionPolicy or AdmissionPolicy of policies.kubewarden.io, found {}",
        if kind.is_empty() { "no kind".into() } else { format!("{kind} of {api_version:?}") },
    );
    Err(Unreadable::at(source, policy.span.start, problem))
}

fn spec<'n>(source: &Source, policy: &'n Node) -> Result<&'n Node, Unreadable> {
    let spec = policy.get("spec").filter(|spec| matches!(spec.value, Value::Object(_)));
    spec.ok_or_else(|| Unreadable::at(source, policy.span.start, "the policy has no spec"))
}

fn module(source: &Source, spec: &Node, path: &str) -> Result<Option<Module>, Unreadable> {
    let module = spec.get("module").filter(|module| !module.is_null());
    let Some(module) = module else { return Ok(None) };
    let at = |message: String| Unreadable::at(source, module.span.start, message);
    match module.as_str() {
        Some(name) => Ok(Some(Module { name: name.into(), place: at(String::new()) })),
        None => Err(at(format!("{path}module: expected a string, found {}", module.noun()))),
    }
}

#[cfg(test)]
mod tests {
    use super::{Policy, read};
    use crate::document::Source;
    use crate::judge::Answer;

    /// The names of all policies in a text, with those of their members; or what is wrong with it.
    fn names(text: &str) -> String {
        let name = |policy: &Policy| {
            let members: Vec<&str> = policy.members.iter().map(|member| &*member.name).collect();
            format!("{}: {}", policy.name, members.join(", "))
        };
        match read(&Source::new("p", text)) {
            Ok(policies) => policies.iter().map(name).collect::<Vec<_>>().join("; "),
            Err(problem) => problem.to_string(),
        }
    }

    #[test]
    fn policies_are_found_wherever_they_stand() {
        let head = "apiVersion: policies.kubewarden.io/v1, kind";
        let cluster = format!("{{{head}: ClusterAdmissionPolicy, metadata: {{name: a}}, spec: {{}}}}");
        let own = format!("{{{head}: AdmissionPolicy, metadata: {{name: b, namespace: shop}}, spec: {{}}}}");
        let group = format!(
            "{{{head}: AdmissionPolicyGroup, metadata: {{name: c, namespace: shop}}, spec: {{expression: 'x() || z()', policies: \
             {{x: {{}}, z: {{}}}}}}}}"
        );
        let server = format!("{{{head}: PolicyServer, metadata: {{name: d}}}}");
        for (text, expected) in [
            (cluster.clone(), "a: a"),
            (format!("{cluster}\n---\n{own}\n---\n{group}"), "a: a; shop/b: shop/b; shop/c: x, z"),
            (format!("{{apiVersion: v1, kind: List, items: [{server}, {own}]}}"), "shop/b: shop/b"),
            (format!("{{{head}: ClusterAdmissionPolicyList, items: [{cluster}]}}\n---\n{server}"), "a: a"),
            (
                server.clone(),
                "p:1:1: expected a ClusterAdmissionPolicy or AdmissionPolicy of policies.kubewarden.io, found PolicyServer of \
                 \"policies.kubewarden.io/v1\"",
            ),
            (String::new(), "p: the file is empty"),
            (group.replace("{x: {}, z: {}}", "{}"), "p:1:150: spec.policies: the group has no members"),
            (group.replace("'x() || z()'", "[]"), "p:1:126: spec.expression: expected a string"),
        ] {
            assert_eq!(names(&text), expected, "{text}");
        }
    }

    /// What a policy with this `spec` makes of answers: whether it accepts, whether it mutates, and its messages.
    fn concluded(kind: &str, spec: &str, answers: &[(bool, bool)]) -> (bool, bool, String) {
        let text = format!(
            "{{apiVersion: policies.kubewarden.io/v1, kind: {kind}, metadata: {{name: p}}, spec: {{{spec}}}}}"
        );
        let policy = read(&Source::new("p", text)).expect("a policy").remove(0);
        let answers = answers.iter().map(|(accepted, mutates)| Answer {
            accepted: *accepted,
            object: mutates.then(|| "{}".into()),
            ..Answer::default()
        });
        let answer = policy.conclude(answers.collect());
        (answer.accepted, answer.object.is_some(), answer.messages.join("\n"))
    }

    #[test]
    fn only_who_may_mutates() {
        let alone = "ClusterAdmissionPolicy";
        let plain = |accepted, mutates| (accepted, mutates, String::new());
        assert_eq!(concluded(alone, "mutating: true", &[(true, true)]), plain(true, true));
        // Whoever leaves it out gets no policy, so nothing is known of what it may.
        assert_eq!(concluded(alone, "module: m", &[(true, true)]), plain(true, true));
        assert_eq!(concluded(alone, "mutating: false", &[(true, false)]), plain(true, false));
        assert_eq!(concluded(alone, "mutating: false", &[(false, false)]), plain(false, false));
        let (accepted, mutates, message) = concluded(alone, "mutating: false", &[(true, true)]);
        assert!(!accepted && !mutates && message.contains("set `mutating: true`"), "{message}");

        let group = "expression: a() && !b(), message: not so, policies: {a: {}, b: {}}";
        let kind = "ClusterAdmissionPolicyGroup";
        assert_eq!(concluded(kind, group, &[(true, false), (false, false)]), plain(true, false));
        // A member that wants to mutate counts as one that rejects.
        assert_eq!(concluded(kind, group, &[(true, false), (true, true)]), plain(true, false));
        let (accepted, _, message) = concluded(kind, group, &[(true, false), (true, false)]);
        assert!(!accepted);
        assert_eq!(message, "policy p: not so: `a() && !b()` does not hold: a accepts, b accepts");
    }
}
