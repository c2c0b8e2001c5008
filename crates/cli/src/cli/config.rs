//! The configuration that is found by itself: `fresh-images.yaml` in the directory of the first path, or above.
//!
//! ```yaml
//! # yaml-language-server: $schema=https://raw.githubusercontent.com/fresh-images/fresh-images/main/fresh-images.schema.json
//! policy: policies/fresh-images.yml      # or a list of files, or `settings:` in its place
//! exclude: [testdata/**]                 # relative to this file, as is every path here
//! baseline: baseline.yaml
//! namespace: shop
//! namespaceLabels: {shop: {environment: production}}
//! ```
//!
//! The command line wins; its `--exclude` is added. The search ends where a repository of git begins, so that nobody's home
//! directory decides about a clone. A Kubernetes object in a file of that name is no configuration.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use fresh_images_manifests::document::{self, Member, Node, Source, Value};
use fresh_images_manifests::report::{Note, Report, Unreadable};
use fresh_images_manifests::settings::Settings;
use ignore::overrides::{Override, OverrideBuilder};

use super::args::{Check, object_name};
use super::files::{self, Input};

/// What the file is called.
const NAME: &str = "fresh-images.yaml";

/// Every key. `fresh-images.schema.json` describes them.
const KEYS: [&str; 6] = ["settings", "policy", "exclude", "baseline", "namespace", "namespaceLabels"];

/// What a configuration says that the command line cannot.
#[derive(Clone, Debug, Default)]
pub(super) struct Config {
    /// The settings, unless the command line has some.
    pub(super) settings: Option<Settings>,
    /// What is left out in directories; its root is absolute.
    pub(super) excluded: Option<Override>,
    /// The file, as the user may name it.
    file: Option<PathBuf>,
    keys: Vec<String>,
}

impl Config {
    /// The file itself, which is nothing to judge.
    pub(super) fn file(&self) -> Option<&Path> {
        self.file.as_deref()
    }

    /// Tells that it was found, and what it says.
    pub(super) fn note(&self, report: &mut Report) {
        if let Some(file) = &self.file {
            let keys = if self.keys.is_empty() { "nothing".into() } else { self.keys.join(", ") };
            let message = format!("the configuration, which says {keys}; --no-config ignores it");
            report.note(Note { file: file.display().to_string(), line: None, message, is_to_do: false });
        }
    }
}

/// Completes what the user typed with what a configuration says.
///
/// # Errors
///
/// A configuration that cannot be used: each problem with its place.
pub(super) fn complete(args: &mut Check) -> Result<Config, Vec<String>> {
    if args.no_config {
        return Ok(Config::default());
    }
    let first = args.paths.first().map_or(Path::new(""), PathBuf::as_path);
    for directory in files::normal(&directory_of(first)).ancestors() {
        let path = directory.join(NAME);
        if path.is_file() {
            let here = std::env::current_dir().unwrap_or_default();
            let shown = path.strip_prefix(&here).unwrap_or(&path).to_path_buf();
            let source =
                files::read(&Input::File(shown.clone())).map_err(|problem| vec![problem.to_string()])?;
            let reader = Reader { source: &source, directory, problems: Vec::new() };
            if let Some(config) = reader.read(args, shown)? {
                return Ok(config);
            }
        }
        if directory.join(".git").exists() {
            break;
        }
    }
    Ok(Config::default())
}

/// The directory of a path that the user named; that of standard input is the working directory.
fn directory_of(path: &Path) -> PathBuf {
    if path.is_dir() {
        return path.into();
    }
    path.parent().map_or_else(PathBuf::new, Path::to_path_buf)
}

struct Reader<'s> {
    source: &'s Source,
    /// Absolute.
    directory: &'s Path,
    problems: Vec<Unreadable>,
}

impl Reader<'_> {
    /// The configuration, if the file is one. All problems are reported at once.
    fn read(mut self, args: &mut Check, file: PathBuf) -> Result<Option<Config>, Vec<String>> {
        let mut documents = document::read(self.source).into_iter();
        let (first, second) = (documents.next(), documents.next());
        let node = match (first, second) {
            (None, _) => None,
            (Some(Ok(node)), _) if node.get("apiVersion").is_some() => return Ok(None),
            (Some(Ok(node)), None) => Some(node),
            (Some(Err(error)), _) | (Some(Ok(_)), Some(Err(error))) => {
                return Err(vec![Unreadable::document(self.source, &error).to_string()]);
            }
            (Some(Ok(_)), Some(Ok(second))) => {
                self.problem(&second, "a second document; a configuration must hold only one");
                None
            }
        };
        let mut config = Config { file: Some(file), ..Config::default() };
        match node {
            Some(node) if matches!(node.value, Value::Object(_)) => self.take(&node, args, &mut config),
            Some(node) if !node.is_null() => {
                self.problem(&node, format!("expected a mapping, found {}", node.noun()));
            }
            _ => {}
        }
        if self.problems.is_empty() {
            return Ok(Some(config));
        }
        Err(self.problems.iter().map(ToString::to_string).collect())
    }

    fn take(&mut self, node: &Node, args: &mut Check, config: &mut Config) {
        if let (Some(_), Some(policy)) = (node.get("settings"), node.get("policy")) {
            self.problem(policy, "policy: there are settings as well; one of the two is enough");
        }
        // With one of them on the command line, neither counts here.
        let is_judged_otherwise = args.settings.is_some() || !args.policy.is_empty();
        for Member { key, key_span, node } in node.members() {
            config.keys.push(key.to_string());
            match &**key {
                "settings" if matches!(node.value, Value::Object(_) | Value::Null) => {
                    let settings = Some(node.clone()).filter(|node| !node.is_null());
                    config.settings = Some(Settings::of(self.source.clone(), settings));
                }
                "settings" => self.wrong(node, key, "a mapping"),
                "policy" => {
                    let paths = self.texts(node, key, true);
                    if !is_judged_otherwise {
                        args.policy = paths.iter().map(|path| self.path(path)).collect();
                    }
                }
                "exclude" => config.excluded = self.excluded(node),
                "baseline" => {
                    if let Some(path) = self.text(node, key)
                        && args.baseline.is_none()
                        && args.write_baseline.is_none()
                    {
                        args.baseline = Some(self.path(&path));
                    }
                }
                "namespace" => {
                    if let Some(namespace) = self.text(node, key) {
                        match object_name(&namespace) {
                            Ok(name) => args.namespace = args.namespace.take().or(Some(name)),
                            Err(problem) => self.problem(node, format!("{key}: {problem}")),
                        }
                    }
                }
                "namespaceLabels" => self.labels(node, args),
                _ => {
                    let problem = format!("{key}: unknown key; known keys are {}", KEYS.join(", "));
                    self.problems.push(Unreadable::at(self.source, key_span.start, problem));
                }
            }
        }
    }

    /// Those of the command line come last, so that they win.
    fn labels(&mut self, node: &Node, args: &mut Check) {
        if !matches!(node.value, Value::Object(_)) {
            return self.wrong(node, "namespaceLabels", "a mapping");
        }
        let mut all = Vec::new();
        for Member { key: namespace, node, .. } in node.members() {
            if !matches!(node.value, Value::Object(_)) {
                self.wrong(node, &format!("namespaceLabels.{namespace}"), "a mapping");
            }
            let mut labels = BTreeMap::new();
            for Member { key, node, .. } in node.members() {
                match node.as_str() {
                    Some(value) => {
                        labels.insert(key.to_string(), value.to_owned());
                    }
                    None => self.wrong(node, &format!("namespaceLabels.{namespace}.{key}"), "a string"),
                }
            }
            all.push((namespace.to_string(), labels));
        }
        all.append(&mut args.namespace_labels);
        args.namespace_labels = all;
    }

    fn excluded(&mut self, node: &Node) -> Option<Override> {
        let mut builder = OverrideBuilder::new(self.directory);
        for (index, pattern) in self.texts(node, "exclude", false).iter().enumerate() {
            if let Err(problem) = files::is_glob(pattern) {
                let at = node.items().get(index).unwrap_or(node);
                self.problem(at, format!("exclude: {problem}"));
            }
            let _ = builder.add(&format!("!{pattern}"));
        }
        builder.build().ok()
    }

    /// A path is relative to the file.
    fn path(&self, path: &str) -> PathBuf {
        let path = self.directory.join(path);
        let here = std::env::current_dir().unwrap_or_default();
        path.strip_prefix(&here).map_or_else(|_| path.clone(), Path::to_path_buf)
    }

    fn text(&mut self, node: &Node, key: &str) -> Option<String> {
        let text = node.as_str().filter(|text| !text.is_empty());
        if text.is_none() {
            self.wrong(node, key, "a string");
        }
        text.map(Into::into)
    }

    /// A list of strings; with `or_one`, one string may stand for a list of one.
    fn texts(&mut self, node: &Node, key: &str, or_one: bool) -> Vec<String> {
        if or_one && node.as_str().is_some() {
            return self.text(node, key).into_iter().collect();
        }
        if !matches!(node.value, Value::List(_)) {
            self.wrong(
                node,
                key,
                if or_one { "a string, or a list of strings" } else { "a list of strings" },
            );
        }
        node.items().iter().filter_map(|item| self.text(item, key)).collect()
    }

    fn wrong(&mut self, node: &Node, key: &str, expected: &str) {
        let found = if node.as_str() == Some("") { "an empty one" } else { node.noun() };
        self.problem(node, format!("{key}: expected {expected}, found {found}"));
    }

    fn problem(&mut self, node: &Node, problem: impl Into<String>) {
        self.problems.push(Unreadable::at(self.source, node.span.start, problem));
    }
}
