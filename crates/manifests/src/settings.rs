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

use crate::document::{self, Node, Source, Value};
use crate::order::order;
use crate::report::Unreadable;
use fresh_images_json::PathBuf;

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

/// Reads a text that holds settings, alone or all below the key `settings`. An empty one says as much as an empty
/// mapping.
///
/// ```
/// use fresh_images_manifests::{document::Source, settings};
///
/// let json = |text: &str| settings::read(Source::new("mine.yaml", text)).map(|settings| settings.json);
/// assert_eq!(json("settings:\n  require: digest\n")?, r#"{"require":"digest"}"#);
/// assert_eq!(json("settings:\n")?, "{}");
/// // Beside other keys it is one that is not known.
/// assert_eq!(json("settings: {}\nrequire: digest\n")?, r#"{"require":"digest","settings":{}}"#);
/// # Ok::<(), fresh_images_manifests::report::Unreadable>(())
/// ```
///
/// # Errors
///
/// A text that is no YAML or JSON, or more than one document.
pub fn read(source: Source) -> Result<Settings, Unreadable> {
    let node = read_one(&source, "settings")?;
    Ok(Settings::of(source, unwrapped(node)))
}

/// The path that a line starts with, such as `settings.exempt[0].until: …`. No key of settings has a dot.
fn path_at_start(line: &str) -> PathBuf {
    let (path, _) = line.split_once(": ").unwrap_or_default();
    let mut steps = path.split(['.', '[']);
    if steps.next() != Some("settings") {
        return PathBuf::default();
    }
    steps.fold(PathBuf::new("settings"), |path, step| match step.strip_suffix(']').map(str::parse) {
        Some(Ok(index)) => path.index(index),
        _ => path.key(step),
    })
}

/// What stands below a lone key `settings`, as in a part of a policy, or the whole.
pub(crate) fn unwrapped(node: Option<Node>) -> Option<Node> {
    let node = node?;
    match &node.value {
        Value::Object(members) if members.len() == 1 => match node.get("settings") {
            Some(settings) if settings.is_null() => None,
            Some(settings) => Some(settings.clone()),
            None => Some(node),
        },
        _ => Some(node),
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
            let problem =
                format!("a second document: a {what} file holds only one, so remove everything from here on");
            Err(Unreadable::at(source, second.span.start, problem))
        }
    }
}

impl Settings {
    /// Those that stand somewhere in a text.
    pub fn of(source: Source, node: Option<Node>) -> Self {
        let json = node.as_ref().map_or_else(|| "{}".into(), Node::json_text);
        Self { json, written: node.map(|node| (source, node)) }
    }

    /// How objects are mutated, if they are.
    pub fn mutate(&self) -> Option<&Node> {
        let (_, settings) = self.written.as_ref()?;
        settings.get("mutate").filter(|mutate| !mutate.is_null())
    }

    /// Something about the place that has this path.
    pub fn at(&self, path: &PathBuf, message: impl Into<String>) -> Unreadable {
        match &self.written {
            Some((source, settings)) => Unreadable::at(source, settings.nearest(path).span.start, message),
            None => Unreadable::file("", message),
        }
    }

    /// The lines of a message about them, each with its place, in the order of the text. Without a text they have no
    /// place, and the name of their file is empty.
    pub fn problems(&self, message: &str) -> Vec<Unreadable> {
        let Some((source, settings)) = &self.written else {
            return message.lines().map(|line| Unreadable::file("", line)).collect();
        };
        // The places of what this library would report too; another module may report something else.
        let known = fresh_images::validate_settings(self.json.as_bytes()).err();
        let known = known.as_ref().map_or(&[][..], |error| error.problems());
        let at = |line: &str| {
            let problem = known.iter().find(|problem| problem.to_string() == line);
            let path = problem.map_or_else(|| path_at_start(line), |problem| problem.path().clone());
            Unreadable::at(source, settings.nearest(&path).span.start, line)
        };
        let problems: Vec<Unreadable> = message.lines().map(at).collect();
        let places = problems.iter().map(|it| (it.line.unwrap_or_default(), it.column.unwrap_or_default()));
        order(places).into_iter().filter_map(|index| problems.get(index).cloned()).collect()
    }
}
