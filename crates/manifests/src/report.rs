//! What there is to tell, before it is put into words; [`json`] is the form for programs.
//!
//! ```
//! use fresh_images_manifests::{Answer, Options, check, document::Source};
//!
//! let source = Source::new("web.yaml", "{apiVersion: v1, kind: Pod, spec: {containers: [{name: a, image: 'b:1', imagePullPolicy: Always}]}}\n--- x");
//! let judge = |payload: &[u8]| Ok(Answer::from(fresh_images::evaluate(payload)));
//! let report = check(&source, Options::default(), "{}", &judge).report;
//! assert_eq!(report.exit_code(), 2);
//! assert_eq!(report.summary().to_string(), "1 document, 1 image: 1 accepted, 1 unreadable");
//! let problem = report.entries().iter().find_map(|entry| entry.unreadable()).unwrap();
//! assert_eq!(problem.to_string(), "web.yaml:2:5: expected a Kubernetes object, found a string");
//! ```

pub mod json;
mod summary;

use std::fmt::{self, Write as _};

use serde::Serialize;

use crate::document::{DocumentError, Source, What};
use crate::subject;

pub use summary::Summary;

/// Everything that was found, in the order in which it was read.
#[derive(Debug, Default)]
pub struct Report {
    entries: Vec<Entry>,
    notes: Vec<Note>,
    passed_over: Vec<PassedOver>,
    /// Hidden files and folders that were not looked into.
    hidden: usize,
}

/// Something that was come across, and is not judged.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct PassedOver {
    /// The file.
    pub file: String,
    /// The line, if there is one; from 1.
    pub line: Option<usize>,
    /// Why.
    pub message: String,
    /// Whether it is a template, which somebody can render.
    pub template: bool,
}

/// What the user should know of something other than a manifest.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct Note {
    /// The file that it is about.
    pub file: String,
    /// The line, if there is one; from 1.
    pub line: Option<usize>,
    /// What there is to know.
    pub message: String,
    /// Whether something has to be changed, or merely known.
    #[serde(skip)]
    pub is_to_do: bool,
}

/// What became of one document, or of something that is none.
#[derive(Debug)]
pub enum Entry {
    /// It was judged.
    Judged(Document),
    /// It could not be judged.
    Unreadable(Unreadable),
}

/// A document that was judged.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Document {
    /// The name of the text that it stands in.
    pub file: String,
    /// The line that it starts in, from 1.
    pub line: usize,
    /// Such as `apps/v1`.
    pub api_version: Option<String>,
    /// Such as `Deployment`.
    pub kind: Option<String>,
    /// The namespace, if it says one.
    pub namespace: Option<String>,
    /// The name, if it has one.
    pub name: Option<String>,
    /// The template that it was made of, as Helm names it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub template: Option<String>,
    /// What made the text that was judged, if that is in no file: then lines and columns are not known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rendered: Option<String>,
    /// Whether it may be created.
    pub accepted: bool,
    /// Whether the cluster asks the policy about it: only with a policy can that be false.
    #[serde(default = "yes", skip_serializing_if = "is_true")]
    pub asked: bool,
    /// Whether its text was fixed.
    pub fixed: bool,
    /// How many image uses it has.
    pub images: usize,
    /// What is wrong with it.
    pub findings: Vec<Problem>,
    /// What would be wrong with it if the policy did not mutate it: what a fix of the text cures.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub fixable: Vec<Problem>,
    /// What the user should know nevertheless.
    pub warnings: Vec<String>,
}

/// One thing that is wrong with a document. Lines and columns count from 1.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Problem {
    /// The stable name of what is wrong; nothing if only the message is known.
    pub code: Option<&'static str>,
    /// The JSON path within the object.
    pub path: Option<String>,
    /// The image, if it is about one.
    pub image: Option<String>,
    /// The name of the container or volume, if it is about one that has a name.
    pub name: Option<String>,
    /// The line for the user.
    pub message: String,
    /// Where the text of what is wrong starts.
    pub line: Option<usize>,
    /// Where the text of what is wrong starts.
    pub column: Option<usize>,
    /// Where the text of what is wrong ends: what it does not have any more.
    pub end_line: Option<usize>,
    /// Where the text of what is wrong ends: what it does not have any more.
    pub end_column: Option<usize>,
    /// The edits of the text that cure it, if it is fixable: all edits of a file together give what `--fix` writes.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub edits: Vec<Edit>,
    /// Why it fails nothing, if a baseline knows it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub known: Option<String>,
    /// The name of the policy that found it, where there are several.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub policy: Option<String>,
}

/// One edit of a text. Lines and columns count from 1; where start and end are the same, something is inserted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Edit {
    /// Where the replaced text starts.
    pub line: usize,
    /// Where the replaced text starts.
    pub column: usize,
    /// Where the replaced text ends: what it does not have any more.
    pub end_line: usize,
    /// Where the replaced text ends: what it does not have any more.
    pub end_column: usize,
    /// What is written instead.
    pub text: String,
}

/// What could not be judged.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Unreadable {
    /// The name of the text; empty if it has none.
    pub file: String,
    /// The line, if there is one; from 1.
    pub line: Option<usize>,
    /// The column, if there is one; from 1.
    pub column: Option<usize>,
    /// Why.
    pub message: String,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes fields by reference")]
fn is_true(value: &bool) -> bool {
    *value
}

#[cfg(feature = "schema")]
fn yes() -> bool {
    true
}

impl PassedOver {
    /// A file, or what is in it.
    pub fn file(file: impl Into<String>, message: impl Into<String>) -> Self {
        Self { file: file.into(), line: None, message: message.into(), template: false }
    }

    pub(crate) fn of(source: &Source, error: &DocumentError) -> Self {
        let template = error.what == What::Template;
        let line = Some(source.position(error.offset).line);
        Self { line, template, ..Self::file(source.name(), error.to_string()) }
    }
}

impl Problem {
    /// Where no more than a message is known.
    pub fn unlocated(message: impl Into<String>) -> Self {
        Self { message: message.into(), ..Self::default() }
    }
}

impl Unreadable {
    /// A whole file.
    pub fn file(file: impl Into<String>, message: impl Into<String>) -> Self {
        Self { file: file.into(), line: None, column: None, message: message.into() }
    }

    /// A place in a text.
    pub fn at(source: &Source, offset: usize, message: impl Into<String>) -> Self {
        let position = source.position(offset);
        Self {
            line: Some(position.line),
            column: Some(position.column),
            ..Self::file(source.name(), message)
        }
    }

    /// A document of a text.
    pub fn document(source: &Source, error: &DocumentError) -> Self {
        Self::at(source, error.offset, error.to_string())
    }
}

/// `web.yaml:3:1: expected a Kubernetes object, found a list`.
impl fmt::Display for Unreadable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.file.is_empty() {
            write!(f, "{}: ", place(&self.file, self.line, self.column))?;
        }
        f.write_str(&self.message)
    }
}

/// `web.yaml:3:1`, as editors and terminals understand it.
pub fn place(file: &str, line: Option<usize>, column: Option<usize>) -> String {
    let mut place = printable(file);
    for number in [line, column].into_iter().flatten() {
        // Writing to a string cannot fail.
        let _ = write!(place, ":{number}");
    }
    place
}

/// Control characters written out: names and messages come from files, and must not move the cursor.
///
/// ```
/// assert_eq!(fresh_images_manifests::report::printable("a\u{1b}[2Jb\n\u{9b}é"), "a\\u{1b}[2Jb\\n\\u{9b}é");
/// ```
pub fn printable(text: &str) -> String {
    let mut printable = String::with_capacity(text.len());
    for c in text.chars() {
        if c.is_control() { printable.extend(c.escape_default()) } else { printable.push(c) }
    }
    printable
}

impl Report {
    /// Takes what was found next.
    pub fn add(&mut self, entry: Entry) {
        self.entries.push(entry);
    }

    /// Takes what was found in the next text.
    pub fn extend(&mut self, other: Self) {
        self.entries.extend(other.entries);
        self.notes.extend(other.notes);
        self.passed_over.extend(other.passed_over);
        self.hidden = self.hidden.saturating_add(other.hidden);
    }

    /// Takes something that is not judged.
    pub fn pass_over(&mut self, passed_over: PassedOver) {
        self.passed_over.push(passed_over);
    }

    /// Everything that was come across and is not judged.
    pub fn passed_over(&self) -> &[PassedOver] {
        &self.passed_over
    }

    /// Says that the text was made by a command: its lines and edits are of no use. `file_of` finds the file of a template.
    pub fn rendered(&mut self, by: &str, file_of: &dyn Fn(&str) -> Option<String>) {
        for entry in &mut self.entries {
            match entry {
                Entry::Judged(document) => {
                    document.rendered = Some(by.into());
                    document.line = 1;
                    let file = document.template.as_deref().and_then(file_of);
                    document.file = file.unwrap_or_else(|| std::mem::take(&mut document.file));
                    for problem in document.findings.iter_mut().chain(&mut document.fixable) {
                        (problem.line, problem.column) = (None, None);
                        (problem.end_line, problem.end_column) = (None, None);
                        problem.edits.clear();
                    }
                }
                Entry::Unreadable(problem) => {
                    let place = place("", problem.line, problem.column);
                    problem.message = format!(
                        "in what {by} printed, at {}: {}",
                        place.trim_start_matches(':'),
                        problem.message
                    );
                    (problem.line, problem.column) = (None, None);
                }
            }
        }
    }

    /// Counts hidden files and folders that were not looked into.
    pub fn hide(&mut self, count: usize) {
        self.hidden = self.hidden.saturating_add(count);
    }

    /// Keeps the first entry, and says of it what there is to say of the others.
    pub(crate) fn keep_first(&mut self, of_the_others: &str) {
        self.entries.truncate(1);
        if let Some(Entry::Unreadable(first)) = self.entries.first_mut() {
            first.message.push_str(of_the_others);
        }
    }

    /// Whatever was found.
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// The same, to change them.
    pub fn entries_mut(&mut self) -> &mut [Entry] {
        &mut self.entries
    }

    /// Takes a note.
    pub fn note(&mut self, note: Note) {
        self.notes.push(note);
    }

    /// All notes.
    pub fn notes(&self) -> &[Note] {
        &self.notes
    }

    /// What is worth showing; with `quiet`, only what must be changed, and what was.
    pub fn shown(&self, quiet: bool) -> impl Iterator<Item = &Entry> {
        self.entries.iter().filter(move |entry| {
            !quiet
                || match entry {
                    Entry::Judged(document) => document.fixed || !document.accepted && !document.is_known(),
                    Entry::Unreadable(_) => true,
                }
        })
    }

    /// Takes back that something was fixed, and adds why.
    pub fn not_fixed(&mut self, problem: Option<Unreadable>) {
        for entry in &mut self.entries {
            if let Entry::Judged(document) = entry {
                document.fixed = false;
            }
        }
        self.entries.extend(problem.map(Entry::Unreadable));
    }

    /// Whether something could not be judged.
    pub fn has_unreadable(&self) -> bool {
        self.entries.iter().any(|entry| entry.unreadable().is_some())
    }

    /// 0 all accepted, 1 something rejected, 2 something unreadable.
    pub fn exit_code(&self) -> u8 {
        let codes = self.entries.iter().map(|entry| match entry {
            Entry::Judged(document) => u8::from(!document.accepted && !document.is_known()),
            Entry::Unreadable(_) => 2,
        });
        codes.max().unwrap_or_default()
    }
}

impl Entry {
    /// The name of the text.
    pub fn file(&self) -> &str {
        match self {
            Self::Judged(document) => &document.file,
            Self::Unreadable(problem) => &problem.file,
        }
    }

    /// Why it could not be judged, if so.
    pub fn unreadable(&self) -> Option<&Unreadable> {
        if let Self::Unreadable(problem) = self { Some(problem) } else { None }
    }

    /// Whether there is nothing to say about it.
    pub fn is_plainly_accepted(&self) -> bool {
        matches!(self, Self::Judged(document) if document.is_known()
            || document.accepted && !document.fixed && !document.is_warned())
    }

    /// Whether it is an object in which there is nothing to judge.
    pub fn is_without_images(&self) -> bool {
        matches!(self, Self::Judged(document) if document.asked && document.images == 0)
            && self.is_plainly_accepted()
    }
}

impl Document {
    /// Kind, namespace and name for people: `Deployment shop/web`.
    pub fn title(&self) -> String {
        let Self { kind, namespace, name, .. } = self;
        subject::title(kind.as_deref(), namespace.as_deref(), name.as_deref())
    }

    /// Whether it is rejected only for what a baseline knows.
    pub fn is_known(&self) -> bool {
        !self.accepted
            && !self.findings.is_empty()
            && self.findings.iter().all(|problem| problem.known.is_some())
    }

    /// Whether it is accepted as it is, but the user should know something.
    pub fn is_warned(&self) -> bool {
        self.accepted && !self.fixed && !(self.findings.is_empty() && self.warnings.is_empty())
    }
}
