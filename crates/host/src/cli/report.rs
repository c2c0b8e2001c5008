//! What there is to tell, before it is put into words.

pub(super) mod json;
pub(super) mod text;

use std::fmt;

use fresh_images_host::document::{DocumentError, Source};
use serde::Serialize;

/// Everything that was found, in the order in which it was read.
#[derive(Debug, Default)]
pub(super) struct Report {
    entries: Vec<Entry>,
}

/// What became of one document, or of something that is none.
#[derive(Debug)]
pub(super) enum Entry {
    Judged(Document),
    Unreadable(Unreadable),
}

/// A document that was judged.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Document {
    pub(super) file: String,
    pub(super) line: usize,
    pub(super) api_version: Option<String>,
    pub(super) kind: Option<String>,
    pub(super) namespace: Option<String>,
    pub(super) name: Option<String>,
    /// Kind, namespace and name for people.
    #[serde(skip)]
    pub(super) title: String,
    pub(super) accepted: bool,
    /// Whether its text was mended.
    pub(super) mended: bool,
    pub(super) images: usize,
    pub(super) findings: Vec<Problem>,
    pub(super) warnings: Vec<String>,
}

/// One thing that is wrong with a document. Only a message if it comes from another module than the built-in one.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Problem {
    pub(super) code: Option<&'static str>,
    pub(super) path: Option<String>,
    pub(super) image: Option<String>,
    pub(super) message: String,
    pub(super) line: Option<usize>,
    pub(super) column: Option<usize>,
}

impl Problem {
    pub(super) fn unlocated(message: &str) -> Self {
        Self { code: None, path: None, image: None, message: message.into(), line: None, column: None }
    }
}

/// What could not be judged.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Unreadable {
    pub(super) file: String,
    pub(super) line: Option<usize>,
    pub(super) column: Option<usize>,
    pub(super) message: String,
}

impl Unreadable {
    /// A whole file.
    pub(super) fn file(file: impl Into<String>, message: impl Into<String>) -> Self {
        Self { file: file.into(), line: None, column: None, message: message.into() }
    }

    /// A place in a text.
    pub(super) fn at(source: &Source, offset: usize, message: impl Into<String>) -> Self {
        let position = source.position(offset);
        Self {
            line: Some(position.line),
            column: Some(position.column),
            ..Self::file(source.name(), message)
        }
    }

    /// A document of a text.
    pub(super) fn document(source: &Source, error: &DocumentError) -> Self {
        Self::at(source, error.offset, error.to_string())
    }
}

/// `web.yaml:3:1: expected a Kubernetes object, found a list`.
impl fmt::Display for Unreadable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", text::place(&self.file, self.line, self.column), self.message)
    }
}

/// How many there are of each.
#[derive(Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Summary {
    /// Those that were judged.
    documents: usize,
    images: usize,
    /// Those that were mended, and those with warnings, included.
    accepted: usize,
    mended: usize,
    warned: usize,
    rejected: usize,
    unreadable: usize,
}

impl Report {
    pub(super) fn add(&mut self, entry: Entry) {
        self.entries.push(entry);
    }

    pub(super) fn extend(&mut self, entries: Vec<Entry>) {
        self.entries.extend(entries);
    }

    pub(super) fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// What is to be printed.
    fn shown(&self, quiet: bool) -> impl Iterator<Item = &Entry> {
        self.entries.iter().filter(move |entry| !(quiet && entry.is_plainly_accepted()))
    }

    pub(super) fn summary(&self) -> Summary {
        let mut summary = Summary::default();
        for entry in &self.entries {
            let counter = match entry {
                Entry::Unreadable(_) => &mut summary.unreadable,
                Entry::Judged(document) => {
                    summary.documents = summary.documents.saturating_add(1);
                    summary.images = summary.images.saturating_add(document.images);
                    summary.mended = summary.mended.saturating_add(document.mended.into());
                    summary.warned = summary.warned.saturating_add(document.is_warned().into());
                    if document.accepted { &mut summary.accepted } else { &mut summary.rejected }
                }
            };
            *counter = counter.saturating_add(1);
        }
        summary
    }

    /// 0 all accepted, 1 something rejected, 2 something unreadable.
    pub(super) fn exit_code(&self) -> u8 {
        let codes = self.entries.iter().map(|entry| match entry {
            Entry::Judged(document) => u8::from(!document.accepted),
            Entry::Unreadable(_) => 2,
        });
        codes.max().unwrap_or_default()
    }
}

impl Entry {
    fn file(&self) -> &str {
        match self {
            Self::Judged(document) => &document.file,
            Self::Unreadable(problem) => &problem.file,
        }
    }

    /// Whether there is nothing to say about it.
    fn is_plainly_accepted(&self) -> bool {
        matches!(self, Self::Judged(document) if document.accepted && !document.mended && !document.is_warned())
    }

    /// Takes back that it was mended.
    pub(super) fn not_mended(&mut self) {
        if let Self::Judged(document) = self {
            document.mended = false;
        }
    }

    pub(super) fn is_unreadable(&self) -> bool {
        matches!(self, Self::Unreadable(_))
    }
}

impl Document {
    /// Whether it is accepted as it is, but the user should know something.
    fn is_warned(&self) -> bool {
        self.accepted && !self.mended && !(self.findings.is_empty() && self.warnings.is_empty())
    }
}
