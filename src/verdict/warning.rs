//! Warnings: what the user reads although the request is accepted, one short line each.
//!
//! ```text
//! container "web": image "nginx:1.25" can go stale (no digest, IfNotPresent). Set imagePullPolicy: Always or pin it [mutable-image]
//! container "web": image "nginx:1.25" now has imagePullPolicy: Always, was IfNotPresent
//! ```
//!
//! A warning is ASCII, because it travels as an HTTP header.

use std::fmt;

use super::explain::{first_line, write_defect};
use super::finding::{About, Reason, Subject};
use super::{Changes, Finding};
use crate::reference::Placeholder;
use crate::request::ListKind;
use crate::text::Quoted;
use fresh_images_json::PathBuf;

/// The longest warning, in bytes: a line of a terminal or two. The API server cuts what is longer than 256. Source:
/// `k8s.io/apiserver` `warning.go`.
pub(super) const MAX_WARNING: usize = 200;
/// The API server drops warnings beyond 4 KiB in all; sixteen of the longest fit.
pub(super) const MAX_WARNINGS: usize = 15;
/// The longest reason or problem that a warning repeats, in bytes.
const MAX_ALL: usize = 90;

/// One warning for each change and for each finding; what does not fit is counted.
pub(super) fn all(findings: &[Finding], more: usize, changes: &Changes) -> Vec<String> {
    let changed = changes.kept.iter().map(ToString::to_string);
    let mut warnings: Vec<String> = changed.chain(findings.iter().map(of)).take(MAX_WARNINGS).collect();
    let all = changes.count.saturating_add(findings.len()).saturating_add(more);
    if all > warnings.len() {
        warnings.push(format!("and {} more", all.saturating_sub(warnings.len())));
    }
    debug_assert!(warnings.iter().all(|it| it.is_ascii() && it.len() <= MAX_WARNING), "{warnings:?}");
    warnings
}

/// One warning for each finding of the Pods that an update starts; what does not fit is counted. Few, because there may
/// be other warnings.
pub(super) fn of_new_pods(findings: &[Finding], more: usize) -> Vec<String> {
    const MAX_NEW_PODS: usize = 3;
    const MAX_NAME: usize = 30;
    const MAX_IMAGE: usize = 40;
    let line = |finding: &Finding| {
        let (noun, name, image) = finding.subject().map_or(("value", "", ""), |it| {
            (it.list.noun(), it.name.as_deref().unwrap_or_default(), &it.image)
        });
        format!(
            "new Pods will be rejected unless another policy mutates them: {noun} {}, image {} [{}]",
            Quoted::new(name, MAX_NAME).ascii(),
            Quoted::new(image, MAX_IMAGE).ascii(),
            finding.code()
        )
    };
    let mut warnings: Vec<String> = findings.iter().take(MAX_NEW_PODS).map(line).collect();
    let rest = findings.len().saturating_sub(warnings.len()).saturating_add(more);
    if rest > 0 {
        warnings.push(format!("and {rest} more images of new Pods"));
    }
    debug_assert!(warnings.iter().all(|it| it.is_ascii() && it.len() <= MAX_WARNING), "{warnings:?}");
    warnings
}

fn of(finding: &Finding) -> String {
    const MAX_PATH: usize = 80;
    let Finding { path, about } = finding;
    let code = finding.code();
    let of_value = |problem: &str| {
        let path = path.to_string();
        let (path, problem) = (Quoted::bare(&path, MAX_PATH).ascii(), Quoted::bare(problem, MAX_ALL).ascii());
        format!("{path}: {problem} [{code}]")
    };
    match about {
        About::ImageUse(subject, reason) => {
            let ended = subject.exempt_until.map(|day| format!(", exempt until {day}")).unwrap_or_default();
            let rest = format!(" {} [{code}{ended}]", in_short(path, subject, reason));
            about_image(subject, path, &rest)
        }
        About::Malformed(defect) => of_value(&fmt::from_fn(|f| write_defect(f, defect)).to_string()),
        About::Settings(problem) => of_value(problem),
    }
}

/// `container "web": image "nginx:1.25"` and the rest, with the image in as many bytes as there is room for. Where there
/// is no name, it has the path.
pub(super) fn about_image(subject: &Subject, path: &PathBuf, rest: &str) -> String {
    const MAX_NAME: usize = 30;
    const MAX_PATH: usize = 45;
    /// Quotes and the dots of a cut.
    const AROUND: usize = 5;
    let Subject { list, name, image, .. } = subject;
    let name = match name.as_deref() {
        Some(name) if !name.is_empty() => format!(" {}", Quoted::new(name, MAX_NAME).ascii()),
        _ => format!(" at {}", Quoted::bare(&path.to_string(), MAX_PATH).ascii()),
    };
    let start = format!("{}{name}: image ", list.noun());
    let room = MAX_WARNING.saturating_sub(rest.len()).saturating_sub(start.len()).saturating_sub(AROUND);
    format!("{start}{}{rest}", Quoted::new(image, room).ascii())
}

/// What is wrong, why, and what to do about it: some 110 bytes.
fn in_short(path: &PathBuf, subject: &Subject, reason: &Reason) -> String {
    const MAX_PART: usize = 40;
    let list = subject.list;
    let key = list.pull_policy_key();
    let part = |text: &str| Quoted::bare(text, MAX_PART).ascii().to_string();
    let pull_policy = || part(subject.effective_pull_policy().as_str());
    match reason {
        Reason::AlwaysRequired => {
            format!("may run what the node holds ({}). Set {key}: Always", pull_policy())
        }
        Reason::DigestRequired => "has no digest, and needs one. Pin it".into(),
        Reason::DigestUnresolved(error) => {
            format!("could not be pinned: {}", first_line(&error.reason, MAX_ALL).ascii())
        }
        Reason::ImageNotAllowed => "is not on the list of allowed images. Use one that is".into(),
        Reason::ImageRejected { pattern } => {
            format!("matches the rejected image {}. Use another image", part(pattern))
        }
        Reason::InvalidReference(_) if Placeholder::find(&subject.image).is_some() => {
            "is a placeholder. Replace it first".into()
        }
        Reason::InvalidReference(_) => {
            "is not an image. Write it as [registry/]repository[:tag][@digest]".into()
        }
        Reason::MissingImage => format!("is missing. Set {}", list.image_key()),
        Reason::MutableImage => {
            let unless = if is_in_pod(path, list) { "" } else { " unless its Pods are mutated" };
            format!("can go stale (no digest, {}){unless}. Set {key}: Always or pin it", pull_policy())
        }
        Reason::RegistryNotAllowed { allowed } => {
            format!("is not from an allowed registry. Use one of {}", part(allowed))
        }
        Reason::RegistryRejected { pattern } => {
            format!("is from the rejected registry {}. Use another", part(pattern))
        }
        Reason::TagRejected { .. } => {
            let reference = subject.reference();
            let tag = reference.and_then(|it| it.effective_tag()).unwrap_or_default();
            format!("has the rejected tag {}. Use another", part(tag))
        }
    }
}

/// Whether the list is in a Pod, and not in a template.
fn is_in_pod(path: &PathBuf, list: ListKind) -> bool {
    path.to_string().strip_prefix("spec.").is_some_and(|rest| rest.starts_with(list.key()))
}
