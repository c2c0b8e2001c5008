//! Writes a baseline of everything that a report rejects.

use fresh_images_manifests::report::{Entry, Report};

use super::{Baseline, Identity, Known, VERSION, identity};

/// What stands as the reason until somebody writes a better one.
const NO_REASON: &str = "known when the baseline was written; say why it stays";

impl Baseline {
    /// One for this report. Reasons and dates of entries that still hold stay; so do entries of files that were not judged.
    pub(in crate::cli) fn of(report: &Report, old: &Self, path: &std::path::Path) -> Self {
        let mut new = Self::new(path);
        let mut judged = Vec::new();
        for entry in report.entries() {
            judged.push(new.relative(entry.file()));
            let Entry::Judged(document) = entry else { continue };
            for problem in document.findings.iter().filter(|_| !document.accepted) {
                let identity = identity(&new.relative(&document.file), &document.title(), problem);
                let before = old.known.iter().find(|known| known.identity == identity);
                let fresh = Known { identity, reason: NO_REASON.into(), until: None, line: None };
                new.known.push(before.cloned().unwrap_or(fresh));
            }
        }
        let others =
            old.known.iter().filter(|known| !judged.contains(&known.identity.file) && old.exists(known));
        new.known.extend(others.cloned());
        new.known.sort_by(|a, b| a.identity.cmp(&b.identity));
        new.known.dedup_by(|a, b| a.identity == b.identity);
        new
    }

    /// As YAML.
    pub(in crate::cli) fn render(&self) -> String {
        let mut text = format!(
            "# Findings that `fresh-images check --baseline` accepts.\nversion: {VERSION}\nfindings:"
        );
        if self.known.is_empty() {
            text.push_str(" []");
        }
        text.push('\n');
        for Known { identity, reason, until, .. } in &self.known {
            let Identity { file, object, code, container, image } = identity;
            let until = until.map(|until| until.to_string()).unwrap_or_default();
            let fields = [
                ("file", file),
                ("object", object),
                ("code", code),
                ("container", container),
                ("image", image),
                ("reason", reason),
                ("until", &until),
            ];
            let mut start = "  - ";
            for (key, value) in fields.into_iter().filter(|(_, value)| !value.is_empty()) {
                // JSON strings are YAML too.
                text.push_str(&format!("{start}{key}: {}\n", serde_json::Value::from(value.as_str())));
                start = "    ";
            }
        }
        text
    }
}
