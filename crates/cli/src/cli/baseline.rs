//! `--baseline`: findings that are known and fail no pipeline; new ones do.
//!
//! ```yaml
//! version: 1
//! findings:
//!   - file: deploy/web.yaml
//!     object: Deployment shop/web
//!     code: mutable-image
//!     container: web
//!     image: nginx:1.25
//!     reason: moves to digests with the next release
//!     until: 2027-01-31
//! ```
//!
//! - `file` is relative to the directory of the baseline.
//! - `container` is the name, or the JSON path of what has none. Lines are not part of an entry, so they may move.
//! - `until` is the last day on which the entry holds, in UTC. It may be left out.
//!
//! Whatever else stands in the file is an error with its place.

mod read;
mod write;

use std::path::{Path, PathBuf};

use fresh_images_manifests::report::{Document, Entry, Note, Problem, Report};
use jiff::civil::Date;

use super::files::normal;

/// The version of the format.
const VERSION: &str = "1";

/// Known findings, as they were read or are to be written.
#[derive(Debug)]
pub(super) struct Baseline {
    /// As the user named it.
    path: PathBuf,
    known: Vec<Known>,
}

/// One known finding.
#[derive(Clone, Debug)]
struct Known {
    identity: Identity,
    reason: String,
    until: Option<Date>,
    /// Where it was read.
    line: Option<usize>,
}

/// What makes a finding the same one.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
struct Identity {
    file: String,
    object: String,
    code: String,
    container: String,
    image: String,
}

impl Baseline {
    /// An empty one for this path.
    pub(super) fn new(path: &Path) -> Self {
        Self { path: path.into(), known: Vec::new() }
    }

    /// Marks what is known in a report, and notes what is expired or gone. `today` decides about `until`.
    pub(super) fn apply(&self, report: &mut Report, today: Date) {
        let mut found = vec![false; self.known.len()];
        let mut judged = Vec::new();
        for entry in report.entries_mut() {
            if let Entry::Judged(document) = entry {
                let file = self.relative(&document.file);
                self.mark(document, &file, today, &mut found);
                judged.push(file);
            } else {
                judged.push(self.relative(entry.file()));
            }
        }
        for (known, found) in self.known.iter().zip(found) {
            let note = match known.until {
                Some(until) if found && until < today => format!("the entry has expired on {until}: {known}"),
                _ if !found && (judged.contains(&known.identity.file) || !self.exists(known)) => {
                    format!("the finding is gone, remove the entry: {known}")
                }
                _ => continue,
            };
            report.note(Note {
                file: self.path.display().to_string(),
                line: known.line,
                message: note,
                is_to_do: true,
            });
        }
    }

    fn mark(&self, document: &mut Document, file: &str, today: Date, found: &mut [bool]) {
        let object = document.title();
        for problem in &mut document.findings {
            let identity = identity(file, &object, problem);
            for (known, found) in self.known.iter().zip(found.iter_mut()) {
                if known.identity == identity {
                    *found = true;
                    if known.until.is_none_or(|until| today <= until) {
                        problem.known = Some(known.reason.clone());
                    }
                }
            }
        }
    }

    /// The name of a file as the baseline has it.
    fn relative(&self, file: &str) -> String {
        let base = normal(&self.path);
        let path = normal(Path::new(file));
        let path = base.parent().and_then(|base| path.strip_prefix(base).ok()).unwrap_or(&path);
        path.to_string_lossy().replace('\\', "/")
    }

    fn exists(&self, known: &Known) -> bool {
        self.path.parent().is_none_or(|base| base.join(&known.identity.file).exists())
    }
}

/// `mutable-image of container web in Deployment shop/web in deploy/web.yaml`.
impl std::fmt::Display for Known {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Identity { file, object, code, container, image } = &self.identity;
        write!(f, "{code} of {object} in {file}")?;
        for (noun, text) in [("container", container), ("image", image)] {
            if !text.is_empty() {
                write!(f, ", {noun} {text}")?;
            }
        }
        Ok(())
    }
}

fn identity(file: &str, object: &str, problem: &Problem) -> Identity {
    let container = problem.name.as_ref().or(problem.path.as_ref());
    Identity {
        file: file.into(),
        object: object.into(),
        // What has no code has its message.
        code: problem.code.map_or_else(|| problem.message.clone(), Into::into),
        container: container.cloned().unwrap_or_default(),
        image: problem.image.clone().unwrap_or_default(),
    }
}
