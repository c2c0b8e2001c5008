//! Reads YAML and JSON so that every value keeps its place in the text.
//!
//! ```
//! use fresh_images_manifests::document::{self, Source};
//!
//! let source = Source::new("two.yaml", "image: nginx:1.25\n---\nimage: [oops\n---\nimage: {a: 1}\n");
//! let documents = document::read(&source);
//!
//! // The document in the middle is broken; the others can still be read.
//! let first = documents[0].as_ref().unwrap();
//! let image = first.get("image").unwrap();
//! assert_eq!(image.as_str(), Some("nginx:1.25"));
//! assert_eq!(source.position(image.span.start).to_string(), "1:8");
//! assert_eq!(source.text().get(image.span.clone()), Some("nginx:1.25"));
//!
//! let error = documents[1].as_ref().unwrap_err();
//! assert_eq!(source.position(error.offset).to_string(), "3:8");
//!
//! assert_eq!(documents[2].as_ref().unwrap().to_json(), serde_json::json!({"image": {"a": 1}}));
//! ```
//!
//! The text is split into documents before anything is parsed, so that an error costs one document. YAML means
//! what it means to kubectl, which reads YAML 1.1: `on` is a boolean, `0777` is octal, and `<<` merges. Unlike
//! kubectl, a key that stands twice in a mapping is an error.

mod json;
mod limits;
mod members;
mod node;
mod number;
mod scalar;
mod source;
mod split;
mod yaml;

use std::ops::Range;

use crate::in_parallel;

pub use limits::{MAX_ALIASED, MAX_DEPTH};
pub(crate) use members::Members;
pub use node::{Member, Node, Value};
pub use source::{Position, Source};

/// Why a text, or a value in it, cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct DocumentError {
    /// Where, in bytes from the start of the text.
    pub offset: usize,
    /// What is wrong, in one line.
    pub message: String,
    /// What it is, so far as that can be told.
    pub what: What,
}

/// What a text is that cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum What {
    /// A Kubernetes object that is broken: it has `apiVersion` and `kind`.
    Manifest,
    /// Something else: values of a chart, a kustomization, a log.
    Foreign,
    /// A template that is not rendered.
    Template,
}

impl DocumentError {
    pub(crate) fn new(offset: usize, message: impl Into<String>) -> Self {
        Self { offset, message: message.into(), what: What::Manifest }
    }

    /// The same of something that is no Kubernetes object.
    pub(crate) fn foreign(offset: usize, message: impl Into<String>) -> Self {
        Self { what: What::Foreign, ..Self::new(offset, message) }
    }
}

/// All documents of a text, in its order. Documents that are empty, or `null`, are left out.
pub fn read(source: &Source) -> Vec<Result<Node, DocumentError>> {
    read_on(source, 1)
}

/// The same as [`read`], on as many threads.
pub fn read_on(source: &Source, threads: usize) -> Vec<Result<Node, DocumentError>> {
    let parts: Vec<Range<usize>> = split::documents(source).into_iter().collect();
    in_parallel(&parts, threads, |part| read_document(source, part.clone())).into_iter().flatten().collect()
}

/// What is in one part of a text: a document, or several of JSON, or none.
fn read_document(source: &Source, range: Range<usize>) -> Vec<Result<Node, DocumentError>> {
    let (nodes, mut error) = read_part(source, range.clone());
    if let Some(error) = &mut error {
        let text = source.text().get(range).unwrap_or_default();
        error.what = match error.what {
            What::Manifest if !(text.contains("apiVersion") && text.contains("kind")) => What::Foreign,
            what => what,
        };
    }
    nodes.into_iter().filter(|node| !node.is_null()).map(Ok).chain(error.map(Err)).collect()
}

/// Reads JSON text that holds one value.
pub fn read_json(text: &str) -> Option<Node> {
    match json::read(text, 0) {
        (mut values, None) if values.len() == 1 => values.pop(),
        _ => None,
    }
}

/// Reads one part of a text: everything before an error, and the error.
fn read_part(source: &Source, range: Range<usize>) -> (Vec<Node>, Option<DocumentError>) {
    let text = source.text().get(range.clone()).unwrap_or_default();
    // All JSON that is written by hand is YAML too, but not the escapes that programs write ("\/", "\ud83d").
    let content = text.strip_prefix("---").unwrap_or(text).trim_start();
    if !content.starts_with(['{', '[']) {
        return read_yaml(text, range.start);
    }
    let (values, json_error) = json::read(text, range.start);
    let Some(json_error) = json_error else { return (values, None) };
    if !values.is_empty() {
        // Several JSON values, one after the other, are no YAML.
        return (values, Some(json_error));
    }
    let (values, yaml_error) = read_yaml(text, range.start);
    // Whoever writes the first key in quotes most likely meant JSON, and is told what is wrong with that.
    let meant_json = content.trim_start_matches(['{', '[']).trim_start().starts_with('"');
    (values, yaml_error.map(|yaml_error| if meant_json { json_error } else { yaml_error }))
}

fn read_yaml(text: &str, base: usize) -> (Vec<Node>, Option<DocumentError>) {
    let (values, mut error) = yaml::read(text, base);
    if let Some(error) = &mut error
        && text.contains("{{")
    {
        error.message.push_str("; is this a template that must be rendered first?");
        error.what = What::Template;
    }
    (values, error)
}

#[cfg(test)]
mod tests;
