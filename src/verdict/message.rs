//! The message of a rejection. The first finding in a list is whole. Those after it in the same list, for the same reason,
//! have one short line each.
//!
//! ```
//! let payload = br#"{
//!     "request": {
//!         "operation": "CREATE",
//!         "kind": {"group": "", "version": "v1", "kind": "Pod"},
//!         "object": {"spec": {"containers": [
//!             {"name": "web", "image": "nginx:1.25"},
//!             {"name": "db", "image": "postgres:17"}
//!         ]}}
//!     },
//!     "settings": {}
//! }"#;
//! assert_eq!(
//!     fresh_images::evaluate(payload).message().as_deref(),
//!     Some(
//!         "container \"web\" at spec.containers[0]: image \"nginx:1.25\" can go stale: it has no digest and its pull \
//!          policy defaults to IfNotPresent, so a node that holds this tag keeps running the old content. Set \
//!          imagePullPolicy: Always, or pin the image as docker.io/library/nginx@sha256:… [mutable-image]\n\
//!          container \"db\": image \"postgres:17\" [mutable-image]",
//!     ),
//! );
//! ```

use std::fmt::Write as _;

use super::Finding;
use super::explain::in_one_line;
use super::finding::About;
use fresh_images_json::{PathBuf, Step};

/// The longest message, in bytes. A status is not limited by Kubernetes, but people have to read it.
const MAX_MESSAGE: usize = 4096;
/// Room for `\nand 4294967295 more`.
const REST: usize = 20;

/// One line for each finding, in their order; what does not fit is counted.
pub(super) fn message(findings: &[Finding], more: usize) -> String {
    let mut message = String::new();
    for (index, finding) in findings.iter().enumerate() {
        let is_explained = findings.iter().take(index).any(|earlier| explains(earlier, finding));
        let line = if is_explained { in_one_line(finding) } else { finding.to_string() };
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

/// Whether a reader of the first knows what is wrong with the second, where it is, and what to do about it.
fn explains(first: &Finding, second: &Finding) -> bool {
    match (&first.about, &second.about) {
        (About::ImageUse(subject, reason), About::ImageUse(other_subject, other)) => {
            let list = list_of(&first.path);
            let ended = subject.exempt_until == other_subject.exempt_until;
            reason == other && ended && list.is_some() && list == list_of(&second.path)
        }
        _ => false,
    }
}

/// The path of the list that has an image use, unless one object is in the place of a list.
fn list_of(path: &PathBuf) -> Option<Vec<&Step>> {
    let mut steps = path.steps();
    let entry = steps.iter().rposition(|step| matches!(step, Step::Index(_)))?;
    // An image volume has its image one step further.
    let is_entry = match steps.get(entry.saturating_add(1)..) {
        Some([]) | None => true,
        Some([Step::Key(key)]) => key.as_ref() == "image",
        Some(_) => false,
    };
    steps.truncate(entry);
    is_entry.then_some(steps)
}

fn with_rest(mut message: String, count: usize) -> String {
    // Writing to a string cannot fail.
    let _ = write!(message, "\nand {count} more");
    message
}
