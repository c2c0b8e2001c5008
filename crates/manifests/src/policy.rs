//! Reads policies as administrators apply them: their settings, the module that they name, and which objects they are
//! asked about.
//!
//! ```
//! use fresh_images_manifests::{document::Source, policy};
//!
//! let policy = policy::read(Source::new("mine.yaml", "\
//! apiVersion: policies.kubewarden.io/v1
//! kind: ClusterAdmissionPolicy
//! spec:
//!   module: registry://ghcr.io/fresh-images/policies/fresh-images:v1
//!   settings: {require: digest}
//! "))?;
//! assert_eq!(policy.settings.json, r#"{"require":"digest"}"#);
//! let module = policy.module?.unwrap();
//! assert_eq!(module.name, "registry://ghcr.io/fresh-images/policies/fresh-images:v1");
//! assert_eq!(module.problem("ghcr.io has none").to_string(), "mine.yaml:4:11: ghcr.io has none");
//! # Ok::<(), fresh_images_manifests::report::Unreadable>(())
//! ```

mod scope;

use crate::check::Answer;
use crate::document::{Node, Source, Value};
use crate::report::{Note, Unreadable};
use crate::settings::{self, Settings};

pub use scope::{Asked, NamespaceLabels, Scope, namespace_labels};

/// The API group of policies.
const GROUP: &str = "policies.kubewarden.io/";

/// A ClusterAdmissionPolicy or AdmissionPolicy.
#[derive(Debug)]
pub struct Policy {
    /// Its `spec.settings`.
    pub settings: Settings,
    /// Its `spec.module`, if it has one, or what is wrong with it: whoever takes the settings alone can do without.
    pub module: Result<Option<Module>, Unreadable>,
    /// Which objects it is asked about.
    pub scope: Scope,
    /// Whether it may mutate objects, if it says so.
    pub mutating: Option<bool>,
    /// What a user should know of it, each with its line.
    pub notes: Vec<Note>,
    /// The file and the line that it starts in.
    pub place: Unreadable,
}

/// What `spec.module` says.
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
    /// What the cluster makes of an answer: policy-server refuses what a policy wants to mutate that may not.
    #[must_use]
    pub fn allowed(&self, mut answer: Answer) -> Answer {
        if self.mutating == Some(false) && answer.accepted && answer.object.take().is_some() {
            answer.accepted = false;
            answer.warnings.clear();
            answer.messages.push(
                "the policy wants to mutate the object and has `mutating: false`, so the cluster refuses the object: set \
                 `mutating: true` in the policy, or remove `mutate` from its settings"
                    .into(),
            );
        }
        answer
    }
}

/// Reads a policy.
///
/// # Errors
///
/// A text that is no YAML or JSON, more than one document, one that is no ClusterAdmissionPolicy or AdmissionPolicy, or one
/// with rules or selectors of a wrong type.
pub fn read(source: Source) -> Result<Policy, Unreadable> {
    let policy = settings::read_one(&source, "policy")?;
    let policy = policy.ok_or_else(|| Unreadable::file(source.name(), "the file is empty"))?;
    let spec = spec(&source, &policy)?;
    let scope = Scope::read(&source, &policy, spec)?;
    let mutating = match spec.get("mutating").map(|mutating| &mutating.value) {
        Some(Value::Boolean(mutating)) => Some(*mutating),
        _ => None,
    };
    let (module, notes) = (module(&source, spec), notes(&source, spec));
    let place = Unreadable::at(&source, policy.span.start, "");
    Ok(Policy { settings: settings(source, &policy)?, module, scope, mutating, notes, place })
}

/// What cannot be told from a manifest, or is different in the cluster.
fn notes(source: &Source, spec: &Node) -> Vec<Note> {
    let mut notes = Vec::new();
    let mut note = |node: &Node, message: &str| {
        let line = Some(source.position(node.span.start).line);
        notes.push(Note { file: source.name().into(), line, message: message.into() });
    };
    if let Some(conditions) = spec.get("matchConditions").filter(|it| !it.items().is_empty()) {
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

/// The settings of a policy.
pub(crate) fn settings(source: Source, policy: &Node) -> Result<Settings, Unreadable> {
    let settings = spec(&source, policy)?.get("settings").filter(|it| !it.is_null()).cloned();
    Ok(Settings::of(source, settings))
}

fn spec<'n>(source: &Source, policy: &'n Node) -> Result<&'n Node, Unreadable> {
    let text = |key| policy.get(key).and_then(Node::as_str).unwrap_or_default();
    let (api_version, kind) = (text("apiVersion"), text("kind"));
    if !api_version.starts_with(GROUP) || !matches!(kind, "ClusterAdmissionPolicy" | "AdmissionPolicy") {
        let problem = format!(
            "expected a ClusterAdmissionPolicy or AdmissionPolicy of policies.kubewarden.io, found {}",
            if kind.is_empty() { "no kind".into() } else { format!("{kind} of {api_version:?}") },
        );
        return Err(Unreadable::at(source, policy.span.start, problem));
    }
    let spec = policy.get("spec").filter(|spec| matches!(spec.value, Value::Object(_)));
    spec.ok_or_else(|| Unreadable::at(source, policy.span.start, "the policy has no spec"))
}

fn module(source: &Source, spec: &Node) -> Result<Option<Module>, Unreadable> {
    let module = spec.get("module").filter(|module| !module.is_null());
    let Some(module) = module else { return Ok(None) };
    let at = |message: String| Unreadable::at(source, module.span.start, message);
    match module.as_str() {
        Some(name) => Ok(Some(Module { name: name.into(), place: at(String::new()) })),
        None => Err(at(format!("spec.module: expected a string, found {}", module.noun()))),
    }
}
