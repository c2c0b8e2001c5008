//! The line that the user reads about a finding: where, what, why, what to do about it, and the code.
//!
//! ```text
//! container "web" at spec.containers[0]: image "nginx:1.25" can go stale: it has no digest and … [mutable-image]
//! spec.containers: expected an array, found a string [malformed-object]
//! ```

use std::fmt::{self, Write as _};

use super::Finding;
use super::finding::{About, Existing, Reason, Subject};
use crate::pull_policy::{NEVER, PullPolicy};
use crate::reference::Placeholder;
use crate::request::{Defect, ListKind};
use crate::text::Quoted;

/// The longest image or name that a message repeats, in bytes.
const MAX_QUOTED: usize = 256;
/// The longest name, `registry/repository`, that a line has a second time.
const MAX_REPEATED: usize = 96;

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write(f, self)
    }
}

fn write(f: &mut fmt::Formatter<'_>, finding: &Finding) -> fmt::Result {
    let Finding { path, about } = finding;
    match about {
        About::ImageUse(subject, reason) => {
            f.write_str(subject.list.noun())?;
            if let Some(name) = &subject.name {
                write!(f, " {}", Quoted::new(name, MAX_QUOTED))?;
            }
            write!(f, " at {path}: ")?;
            write_reason(f, subject, reason)?;
            if subject.existing == Existing::Job {
                f.write_str(
                    "; because the template of a Job cannot change, delete the Job and create it again",
                )?;
            }
            if subject.existing == Existing::MirrorPod {
                f.write_str(
                    ". This is the mirror Pod of a static Pod, which runs regardless of admission: change its manifest on \
                     the node",
                )?;
            }
            if let Some(day) = subject.exempt_until {
                write!(f, ". It was exempt until {day}")?;
            }
        }
        About::Malformed(defect) => {
            write!(f, "{path}: ")?;
            write_defect(f, defect)?;
        }
        About::Settings(problem) => write!(f, "{path}: {problem}")?,
    }
    write!(f, " [{}]", finding.code())
}

/// The same for a reader who has just read it of another entry of the list: `container "db": image "db:1" [mutable-image]`.
pub(super) fn in_one_line(finding: &Finding) -> String {
    const MAX_IMAGE: usize = 128;
    let Some(Subject { list, name, image, .. }) = finding.subject() else {
        return finding.to_string();
    };
    let mut line = String::from(list.noun());
    // Writing to a string cannot fail.
    let _ = match name.as_deref() {
        Some(name) if !name.is_empty() => write!(line, " {}", Quoted::new(name, MAX_QUOTED)),
        _ => write!(line, " at {}", finding.path),
    };
    if !image.is_empty() {
        let _ = write!(line, ": image {}", Quoted::new(image, MAX_IMAGE));
    }
    let _ = write!(line, " [{}]", finding.code());
    line
}

fn write_reason(f: &mut fmt::Formatter<'_>, subject: &Subject, reason: &Reason) -> fmt::Result {
    let image = Quoted::new(&subject.image, MAX_QUOTED);
    if matches!(reason, Reason::MissingImage) {
        return write!(f, "it has no image. Set {}", subject.list.image_key());
    }
    write!(f, "image {image} ")?;
    match reason {
        Reason::AlwaysRequired => {
            let policy = PullPolicyClause(subject.effective_pull_policy());
            write!(
                f,
                "may run content that the node already holds: {policy}, and this policy requires Always. "
            )?;
            match subject.existing {
                Existing::Pod => {
                    f.write_str("Recreate the Pod, because the pull policy of an existing Pod cannot change")
                }
                _ => write!(f, "Set {}", Always(subject.list)),
            }
        }
        Reason::DigestRequired => {
            write!(f, "has no digest, and this policy requires one. Pin the image {}", Pin(subject))
        }
        Reason::DigestUnresolved(error) => write!(
            f,
            "could not be pinned: {}. Pin it {}{}",
            first_line(&error.reason, MAX_QUOTED),
            Pin(subject),
            if error.may_pass { ", or try again" } else { "" },
        ),
        Reason::ImageNotAllowed => f.write_str("is not on the list of allowed images. Use one that is"),
        Reason::ImageRejected { pattern } => write!(
            f,
            "matches {} on the list of rejected images. Use another image",
            Quoted::bare(pattern, MAX_QUOTED)
        ),
        Reason::InvalidReference(_) if let Some(placeholder) = Placeholder::find(&subject.image) => {
            write!(f, "is a placeholder, not an image. Before you check or apply it, {placeholder}")
        }
        Reason::InvalidReference(error) => {
            write!(f, "is not an image reference: {error}. Write it as [registry/]repository[:tag][@digest]")
        }
        Reason::MissingImage => Ok(()),
        Reason::MutableImage => {
            let policy = PullPolicyClause(subject.effective_pull_policy());
            write!(
                f,
                "can go stale: it has no digest and {policy}, so a node that holds this tag keeps running the old \
                 content. "
            )?;
            let pin = Pin(subject);
            match subject.existing {
                Existing::Pod => {
                    write!(f, "Pin the image {pin}; the pull policy of an existing Pod cannot change")
                }
                _ => write!(f, "Set {}, or pin the image {pin}", Always(subject.list)),
            }
        }
        Reason::RegistryNotAllowed { allowed } => {
            match repository_name(subject).as_str() {
                name if name.len() > MAX_REPEATED => f.write_str("is not from an allowed registry. "),
                name => write!(f, "comes from {name}, which is not in an allowed registry. "),
            }?;
            write!(f, "Use an image from {allowed}")
        }
        Reason::RegistryRejected { pattern } => {
            let pattern = Quoted::bare(pattern, MAX_QUOTED);
            match repository_name(subject).as_str() {
                name if name.len() > MAX_REPEATED => write!(f, "is from the rejected registry {pattern}. "),
                name => write!(f, "comes from {name}, which is in the rejected registry {pattern}. "),
            }?;
            f.write_str("Use an image from another registry")
        }
        Reason::TagRejected { pattern } => {
            let reference = subject.reference();
            let tag = reference.and_then(|it| it.effective_tag()).unwrap_or_default();
            let tag = Quoted::bare(tag, MAX_QUOTED);
            match reference.and_then(|it| it.tag()) {
                Some(_) => write!(f, "has the tag {tag}"),
                None => write!(f, "has neither tag nor digest, so its tag is {tag}"),
            }?;
            write!(
                f,
                ", which matches the rejected tag {}. Use another tag",
                Quoted::bare(pattern, MAX_QUOTED)
            )
        }
    }
}

pub(super) fn write_defect(f: &mut fmt::Formatter<'_>, defect: &Defect) -> fmt::Result {
    match defect {
        Defect::DuplicateKey { key } => {
            write!(f, "duplicate key {}. Remove one of them", Quoted::new(key, MAX_QUOTED))
        }
        Defect::Missing { expected } => write!(f, "expected {expected}, found nothing"),
        Defect::NoContainers => f.write_str("a Pod needs at least one container"),
        Defect::NotJson { reason } => write!(f, "invalid JSON: {reason}"),
        Defect::TooManyImages { limit } => {
            write!(f, "it has {limit} or more images, which is too many to judge")
        }
        Defect::WrongType { expected, found, .. } => write!(f, "expected {expected}, found {found}"),
    }
}

/// The first line of a reason, which tells what happened; the others tell it again, with its causes.
pub(super) fn first_line(reason: &str, limit: usize) -> Quoted<'_> {
    Quoted::bare(reason.lines().next().unwrap_or_default().trim_end_matches('.'), limit)
}

/// `registry/repository`, canonical.
fn repository_name(subject: &Subject) -> String {
    subject.reference().map(|it| format!("{}/{}", it.registry(), it.repository())).unwrap_or_default()
}

/// `as registry/repository@sha256:…`
struct Pin<'a>(&'a Subject);

impl fmt::Display for Pin<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match repository_name(self.0).as_str() {
            name if name.len() > MAX_REPEATED => f.write_str("by its digest, …@sha256:…"),
            name => write!(f, "as {name}@sha256:…"),
        }
    }
}

/// `imagePullPolicy: Always`, under the key that the list has.
struct Always(ListKind);

impl fmt::Display for Always {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: Always", self.0.pull_policy_key())?;
        match self.0 {
            // Nobody writes these into a manifest.
            ListKind::EphemeralContainers => f.write_str(" (kubectl debug --image-pull-policy=Always)"),
            _ => Ok(()),
        }
    }
}

struct PullPolicyClause<'a>(PullPolicy<'a>);

impl fmt::Display for PullPolicyClause<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0.as_str() {
            policy if self.0.is_defaulted() => write!(f, "its pull policy defaults to {policy}"),
            policy @ ("IfNotPresent" | NEVER) => write!(f, "its pull policy is {policy}"),
            other => write!(f, "its pull policy {} is not Always", Quoted::new(other, MAX_QUOTED)),
        }
    }
}
