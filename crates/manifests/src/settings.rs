//! Reads settings as people write them, and says where in the text a problem is.
//!
//! ```
//! use fresh_images_manifests::{document::Source, settings};
//!
//! let settings = settings::read(Source::new("mine.yaml", "require: digest\ntags: {reject: latest}\n"))?;
//! assert_eq!(settings.json, r#"{"require":"digest","tags":{"reject":"latest"}}"#);
//! let message = fresh_images::validate_settings(settings.json.as_bytes()).unwrap_err().to_string();
//! let problems: Vec<_> = settings.problems(&message).iter().map(ToString::to_string).collect();
//! assert_eq!(problems, ["mine.yaml:2:16: settings.tags.reject: expected a list, found a string"]);
//! # Ok::<(), fresh_images_manifests::report::Unreadable>(())
//! ```

use crate::document::{self, Node, Source};
use crate::order::order;
use crate::policy;
use crate::report::Unreadable;

/// Settings, and where they were written.
#[derive(Clone, Debug)]
pub struct Settings {
    /// As the policy takes them: JSON text.
    pub json: String,
    written: Option<(Source, Node)>,
}

/// Nobody wrote any.
impl Default for Settings {
    fn default() -> Self {
        Self { json: "{}".into(), written: None }
    }
}

/// Reads a text that holds settings. An empty one says as much as an empty mapping.
///
/// # Errors
///
/// A text that is no YAML or JSON, or more than one document.
pub fn read(source: Source) -> Result<Settings, Unreadable> {
    let node = read_one(&source, "settings")?;
    Ok(Settings::of(source, node))
}

/// Reads settings, or a policy with settings, whichever the text holds.
///
/// # Errors
///
/// As those of [`read`] and [`policy::read`].
pub fn read_either(source: Source) -> Result<Settings, Unreadable> {
    match read_one(&source, "settings")? {
        Some(policy) if policy.get("apiVersion").is_some() => policy::settings(source, &policy),
        settings => Ok(Settings::of(source, settings)),
    }
}

/// The document of a text that should hold one.
pub(crate) fn read_one(source: &Source, what: &str) -> Result<Option<Node>, Unreadable> {
    let mut documents = document::read(source).into_iter();
    let first = documents.next().transpose().map_err(|error| Unreadable::document(source, &error))?;
    match documents.next() {
        None => Ok(first),
        Some(Err(error)) => Err(Unreadable::document(source, &error)),
        Some(Ok(second)) => {
            let problem = format!("a second document; a {what} file must hold only one");
            Err(Unreadable::at(source, second.span.start, problem))
        }
    }
}

impl Settings {
    pub(crate) fn of(source: Source, node: Option<Node>) -> Self {
        let json = node.as_ref().map_or_else(|| "{}".into(), Node::json_text);
        Self { json, written: node.map(|node| (source, node)) }
    }

    /// How objects are to be mended, if they are.
    pub fn mutate(&self) -> Option<&Node> {
        let (_, settings) = self.written.as_ref()?;
        settings.get("mutate").filter(|mutate| !mutate.is_null())
    }

    /// The lines of a message about them, each with its place, in the order of the text. Without a text they have no
    /// place, and the name of their file is empty.
    pub fn problems(&self, message: &str) -> Vec<Unreadable> {
        let Some((source, settings)) = &self.written else {
            return message.lines().map(|line| Unreadable::file("", line)).collect();
        };
        let at = |line: &str| Unreadable::at(source, settings.nearest(path(line)).span.start, line);
        let problems: Vec<Unreadable> = message.lines().map(at).collect();
        let places = problems.iter().map(|it| (it.line.unwrap_or_default(), it.column.unwrap_or_default()));
        order(places).into_iter().filter_map(|index| problems.get(index).cloned()).collect()
    }
}

/// The path within the settings that a problem starts with, as in `settings.require: …`.
fn path(problem: &str) -> &str {
    let path = problem.strip_prefix("settings").unwrap_or_default();
    path.split_once(": ").map_or(path, |(path, _)| path)
}
