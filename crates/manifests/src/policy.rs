//! Reads policies as administrators apply them: their settings, and the module that they name.
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

use crate::document::{Node, Source, Value};
use crate::report::Unreadable;
use crate::settings::{self, Settings};

/// The API group of policies.
const GROUP: &str = "policies.kubewarden.io/";

/// A ClusterAdmissionPolicy or AdmissionPolicy.
#[derive(Debug)]
pub struct Policy {
    /// Its `spec.settings`.
    pub settings: Settings,
    /// Its `spec.module`, if it has one, or what is wrong with it: whoever takes the settings alone can do without.
    pub module: Result<Option<Module>, Unreadable>,
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

/// Reads a policy.
///
/// # Errors
///
/// A text that is no YAML or JSON, more than one document, or one that is no ClusterAdmissionPolicy or AdmissionPolicy.
pub fn read(source: Source) -> Result<Policy, Unreadable> {
    let policy = settings::read_one(&source, "policy")?;
    let policy = policy.ok_or_else(|| Unreadable::file(source.name(), "the file is empty"))?;
    let module = spec(&source, &policy).and_then(|spec| module(&source, spec));
    Ok(Policy { settings: settings(source, &policy)?, module })
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
