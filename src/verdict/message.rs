//! How findings are put into the message of a rejection and into warnings.

use std::fmt::{self, Write as _};

use fresh_images_json::Quoted;

use super::finding::Subject;
use super::{Changes, Finding};
use crate::image_use::ListKind;

/// The longest message, in bytes. A status is not limited by Kubernetes, but people have to read it.
const MAX_MESSAGE: usize = 4096;
/// Room for `\nand 4294967295 more`.
const REST: usize = 20;
/// The longest warning, in bytes: the API server cuts a longer one. Source: `k8s.io/apiserver` `warning.go`.
pub(super) const MAX_WARNING: usize = 256;
/// The API server drops warnings beyond 4 KiB in all; sixteen of the longest fit.
pub(super) const MAX_WARNINGS: usize = 15;

/// One line for each finding, in their order; what does not fit is counted.
pub(super) fn message(findings: &[Finding], more: usize) -> String {
    let mut message = String::new();
    for (index, finding) in findings.iter().enumerate() {
        let line = finding.to_string();
        let last = more == 0 && index.saturating_add(1) == findings.len();
        let room = MAX_MESSAGE.saturating_sub(if last { 0 } else { REST });
        if message.len().saturating_add(1).saturating_add(line.len()) > room {
            return with_rest(message, findings.len().saturating_sub(index).saturating_add(more));
        }
        if index > 0 {
            message.push('\n');
        }
        message.push_str(&line);
    }
    // Where some were not kept, a thousand were, and these do not fit.
    message
}

fn with_rest(mut message: String, count: usize) -> String {
    // Writing to a string cannot fail.
    let _ = write!(message, "\nand {count} more");
    message
}

/// One short warning for each change and for each finding; what does not fit is counted.
pub(super) fn warnings(findings: &[Finding], more: usize, changes: &Changes) -> Vec<String> {
    let changed = changes.kept.iter().map(ToString::to_string);
    let mut warnings: Vec<String> = changed.chain(findings.iter().map(warning)).take(MAX_WARNINGS).collect();
    let all = changes.count.saturating_add(findings.len()).saturating_add(more);
    if all > warnings.len() {
        warnings.push(format!("and {} more", all.saturating_sub(warnings.len())));
    }
    debug_assert!(warnings.iter().all(|it| it.is_ascii() && it.len() <= MAX_WARNING), "{warnings:?}");
    warnings
}

/// `would be rejected: container at spec.containers[0]: image "nginx:1.25" [mutable-image]`.
fn warning(finding: &Finding) -> String {
    // With the rest of the text, 150 bytes at most, these stay below `MAX_WARNING`.
    const MAX_PATH: usize = 60;
    const MAX_IMAGE: usize = 100;
    let mut text = String::from("would be rejected: ");
    let code = finding.code();
    let path = Quoted::bare(finding.path(), MAX_PATH).ascii();
    // Writing to a string cannot fail.
    let _ = match &finding.subject {
        Subject::ImageUse { list, image, .. } => write!(
            text,
            "{} at {path}: image {} [{code}]",
            list.noun(),
            Quoted::new(image, MAX_IMAGE).ascii()
        ),
        Subject::Value { .. } => write!(text, "{path} [{code}]"),
    };
    text
}

/// Names with commas between them, and the last with `last`.
pub(crate) fn enumerated<T: fmt::Display>(names: &[T], last: &'static str) -> impl fmt::Display {
    fmt::from_fn(move |f| {
        for (index, name) in names.iter().enumerate() {
            let separator = match index {
                0 => "",
                _ if index.saturating_add(1) == names.len() => last,
                _ => ", ",
            };
            write!(f, "{separator}{name}")?;
        }
        Ok(())
    })
}

/// How to mend an image use.
pub(super) struct Fix {
    pub(super) list: ListKind,
}

impl Fix {
    /// `imagePullPolicy: Always`, under the key that the list has.
    pub(super) fn always(&self) -> impl fmt::Display + use<> {
        let key = self.list.pull_policy_key();
        fmt::from_fn(move |f| write!(f, "{key}: Always"))
    }

    /// `registry/repository@sha256:…`
    pub(super) fn pin(name: &str) -> impl fmt::Display + use<'_> {
        fmt::from_fn(move |f| write!(f, "{}@sha256:…", Quoted::bare(name, 256)))
    }
}
