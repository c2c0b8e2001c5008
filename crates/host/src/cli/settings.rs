//! Finds the settings that the user wants, and has the policy check them.
//!
//! ```text
//! error: policy.yaml:12:7: settings.registry: unknown key; known are require, registries, …
//! error: policy.yaml:14:17: settings.require: "digests" is none of digestOrAlways, digest, …
//! ```

use std::path::Path;

use fresh_images_host::Engine;
use fresh_images_host::document::{self, Node, Position, Source, Value};
use serde_json::{Value as Json, json};

use super::args::Check;
use super::files::{self, Input};
use super::report::Unreadable;

/// The API group of policies.
const GROUP: &str = "policies.kubewarden.io/";

/// Settings, and where they were written.
pub(super) struct Settings {
    pub(super) json: Json,
    written: Option<(Source, Node)>,
}

/// The settings that the user named, or none.
pub(super) fn load(args: &Check) -> Result<Settings, Unreadable> {
    let (source, node) = match (&args.settings, &args.policy) {
        (Some(path), _) => {
            let (source, node) = read_one(path, "settings")?;
            (source, node)
        }
        (None, Some(path)) => {
            let (source, node) = read_one(path, "policy")?;
            let document = node.ok_or_else(|| Unreadable::file(source.name(), "the file is empty"))?;
            let settings = of_policy(&source, &document)?;
            (source, settings)
        }
        (None, None) => return Ok(Settings { json: json!({}), written: None }),
    };
    // An empty file says as much as an empty mapping.
    let json = node.as_ref().map_or_else(|| json!({}), Node::to_json);
    Ok(Settings { json, written: node.map(|node| (source, node)) })
}

/// Reads a file that should hold one document.
fn read_one(path: &Path, what: &str) -> Result<(Source, Option<Node>), Unreadable> {
    let input = if path == Path::new("-") { Input::Stdin } else { Input::File(path.into()) };
    let source = files::read(&input)?;
    let mut documents = document::read(&source).into_iter();
    let first = documents.next().transpose().map_err(|error| Unreadable::document(&source, &error))?;
    match documents.next() {
        None => Ok((source, first)),
        Some(Err(error)) => Err(Unreadable::document(&source, &error)),
        Some(Ok(second)) => {
            let problem = format!("a second document; a {what} file must hold only one");
            Err(Unreadable::at(&source, second.span.start, problem))
        }
    }
}

/// `spec.settings` of a policy.
fn of_policy(source: &Source, document: &Node) -> Result<Option<Node>, Unreadable> {
    let text = |key| document.get(key).and_then(Node::as_str).unwrap_or_default();
    let (api_version, kind) = (text("apiVersion"), text("kind"));
    if !api_version.starts_with(GROUP) || !matches!(kind, "ClusterAdmissionPolicy" | "AdmissionPolicy") {
        let problem = format!(
            "expected a ClusterAdmissionPolicy or AdmissionPolicy of policies.kubewarden.io, found {}",
            if kind.is_empty() { "no kind".into() } else { format!("{kind} of {api_version:?}") },
        );
        return Err(Unreadable::at(source, document.span.start, problem));
    }
    let spec = document.get("spec").filter(|spec| matches!(spec.value, Value::Object(_)));
    let spec = spec.ok_or_else(|| Unreadable::at(source, document.span.start, "the policy has no spec"))?;
    Ok(spec.get("settings").filter(|settings| settings.value != Value::Null).cloned())
}

impl Settings {
    /// How objects are to be mended, if they are.
    pub(super) fn mutate(&self) -> Option<&Json> {
        self.json.get("mutate").filter(|mutate| !mutate.is_null())
    }

    /// Everything that the policy finds wrong with them.
    pub(super) fn problems(&self, engine: &Engine) -> Vec<String> {
        let response = match engine.validate_settings(self.json.to_string().as_bytes()) {
            Ok(response) => response,
            Err(error) => return vec![error.to_string()],
        };
        if response.valid {
            return Vec::new();
        }
        let message = response.message.unwrap_or_else(|| "the policy does not accept these settings".into());
        let Some((source, settings)) = &self.written else {
            return message.lines().map(String::from).collect();
        };
        let mut problems: Vec<(Position, &str)> = message
            .lines()
            .map(|line| (source.position(settings.nearest(path(line)).span.start), line))
            .collect();
        problems.sort_by_key(|(position, _)| *position);
        problems.iter().map(|(position, line)| format!("{}:{position}: {line}", source.name())).collect()
    }
}

/// The path within the settings that a problem starts with, as in `settings.require: …`.
fn path(problem: &str) -> &str {
    let path = problem.strip_prefix("settings").unwrap_or_default();
    path.split_once(": ").map_or(path, |(path, _)| path)
}
