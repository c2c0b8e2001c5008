//! One thing wrong with one place of a request.

use std::fmt;

use super::Code;
use super::message::Fix;
use crate::image_use::{ImageList, ImageUse, ListKind};
use crate::reference::ReferenceError;
use fresh_images_json::{Quoted, Type};

/// The longest image or name that a message repeats, in bytes.
const MAX_QUOTED: usize = 256;

/// One thing wrong, with the place it is wrong at. Its [`Display`](fmt::Display) is the line that the user
/// reads: where, what, why, how to mend it, and the code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    pub(super) subject: Subject,
    pub(super) problem: Problem,
}

/// What a finding is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Subject {
    ImageUse {
        list: ListKind,
        name: Option<String>,
        image: String,
        path: String,
    },
    /// Any other value of the request or of the settings.
    Value {
        path: String,
    },
}

/// What is wrong, with what the message needs to say so. The text of each message stands once, below.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Problem {
    AlwaysRequired { pull_policy: String, defaulted: bool, immutable: bool },
    DigestRequired { name: String },
    DigestUnresolved { name: String, reason: String },
    DuplicateKey { key: String },
    ImageNotAllowed,
    ImageRejected { pattern: String },
    InvalidReference(ReferenceError),
    InvalidSettings { problem: String },
    MalformedRequest { problem: String },
    MissingImage,
    MutableImage { name: String, pull_policy: String, defaulted: bool, immutable: bool },
    NoContainers,
    RegistryNotAllowed { name: String, allowed: String },
    RegistryRejected { name: String, pattern: String },
    TagRejected { tag: String, implied: bool, pattern: String },
    TooManyImages { limit: usize },
    WrongType { expected: &'static str, found: &'static str, in_request: bool },
}

/// Where a finding is: a list of a pod spec, or anywhere else.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Place {
    /// An image use, in a list of this kind.
    List(ListKind),
    /// Any other value of the request.
    Value,
}

impl Problem {
    /// A value of the object that has another type than Kubernetes gives it.
    pub(crate) fn wrong_type(expected: &'static str, found: Type) -> Self {
        Self::WrongType { expected, found: found.noun(), in_request: false }
    }
}

impl Subject {
    pub(crate) fn of(list: &ImageList, image_use: &ImageUse<'_>) -> Self {
        Self::ImageUse {
            list: list.kind,
            name: image_use.name.as_deref().map(Into::into),
            image: image_use.image.as_deref().unwrap_or_default().into(),
            path: Self::path_of(list, image_use),
        }
    }

    /// The path of what has the image.
    pub(super) fn path_of(list: &ImageList, image_use: &ImageUse<'_>) -> String {
        let field = if list.kind == ListKind::ImageVolumes { ".image" } else { "" };
        format!("{}[{}]{field}", list.path, image_use.index)
    }
}

impl Finding {
    pub(crate) fn new(subject: Subject, problem: Problem) -> Self {
        Self { subject, problem }
    }

    pub(crate) fn at(path: impl Into<String>, problem: Problem) -> Self {
        Self::new(Subject::Value { path: path.into() }, problem)
    }

    /// The stable name of what is wrong.
    pub fn code(&self) -> Code {
        match &self.problem {
            Problem::AlwaysRequired { .. } => Code::AlwaysRequired,
            Problem::DigestRequired { .. } => Code::DigestRequired,
            Problem::DigestUnresolved { .. } => Code::DigestUnresolved,
            Problem::DuplicateKey { .. } => Code::DuplicateKey,
            Problem::ImageNotAllowed => Code::ImageNotAllowed,
            Problem::ImageRejected { .. } => Code::ImageRejected,
            Problem::InvalidReference(_) => Code::InvalidReference,
            Problem::InvalidSettings { .. } => Code::InvalidSettings,
            Problem::MalformedRequest { .. } | Problem::WrongType { in_request: true, .. } => {
                Code::MalformedRequest
            }
            Problem::MissingImage => Code::MissingImage,
            Problem::TooManyImages { .. } | Problem::WrongType { .. } => Code::MalformedObject,
            Problem::MutableImage { .. } => Code::MutableImage,
            Problem::NoContainers => Code::NoContainers,
            Problem::RegistryNotAllowed { .. } => Code::RegistryNotAllowed,
            Problem::RegistryRejected { .. } => Code::RegistryRejected,
            Problem::TagRejected { .. } => Code::TagRejected,
        }
    }

    /// The JSON path within the object, such as `spec.template.spec.containers[0]`; it starts with
    /// `request` or `settings` for what is wrong with those.
    pub fn path(&self) -> &str {
        match &self.subject {
            Subject::ImageUse { path, .. } | Subject::Value { path } => path,
        }
    }

    /// The image as the object has it, if the finding is about an image use.
    pub fn image(&self) -> Option<&str> {
        match &self.subject {
            Subject::ImageUse { image, .. } => Some(image),
            Subject::Value { .. } => None,
        }
    }

    /// Where the finding is.
    pub fn place(&self) -> Place {
        match &self.subject {
            Subject::ImageUse { list, .. } => Place::List(*list),
            Subject::Value { .. } => Place::Value,
        }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{} [{}]", self.subject, Explained(self), self.code())
    }
}

/// `container "web" at spec.containers[0]: `, or `spec.containers: `.
impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::ImageUse { list, name, path, .. } => {
                f.write_str(list.noun())?;
                if let Some(name) = name {
                    write!(f, " {}", Quoted::new(name, MAX_QUOTED))?;
                }
                write!(f, " at {path}: ")
            }
            Self::Value { path } => write!(f, "{path}: "),
        }
    }
}

/// What is wrong, why, and how to mend it.
struct Explained<'a>(&'a Finding);

impl fmt::Display for Explained<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let list = match &self.0.subject {
            Subject::ImageUse { list, image, .. } => {
                if !matches!(self.0.problem, Problem::MissingImage) {
                    write!(f, "image {} ", Quoted::new(image, MAX_QUOTED))?;
                }
                *list
            }
            Subject::Value { .. } => ListKind::Containers,
        };
        let fix = Fix { list };
        match &self.0.problem {
            Problem::AlwaysRequired { pull_policy, defaulted, immutable } => {
                let clause = PullPolicyClause { pull_policy, defaulted: *defaulted };
                write!(f, "may come from what a node holds: {clause}, and this policy requires Always. ")?;
                if *immutable {
                    return f
                        .write_str("Create the Pod anew: the pull policy of an existing one cannot change");
                }
                write!(f, "Set {}", fix.always())
            }
            Problem::DigestRequired { name } => {
                write!(f, "has no digest, and this policy requires one. Pin the image as {}", Fix::pin(name))
            }
            Problem::DigestUnresolved { name, reason } => write!(
                f,
                "could not be pinned: {}. Pin it as {}, or try again",
                // The first line tells what happened; the others tell it again, with its causes.
                Quoted::bare(reason.lines().next().unwrap_or_default().trim_end_matches('.'), MAX_QUOTED),
                Fix::pin(name),
            ),
            Problem::DuplicateKey { key } => write!(
                f,
                "the key {} stands twice, so it is unclear which one counts. Remove one",
                Quoted::new(key, MAX_QUOTED)
            ),
            Problem::ImageNotAllowed => f.write_str("is not on the list of allowed images. Use one that is"),
            Problem::ImageRejected { pattern } => write!(
                f,
                "is on the list of rejected images, as {}. Use another image",
                Quoted::bare(pattern, MAX_QUOTED)
            ),
            Problem::InvalidReference(error) => write!(
                f,
                "is not an image reference: {error}. Write it as [registry/]repository[:tag][@digest]"
            ),
            Problem::InvalidSettings { problem } => f.write_str(problem),
            Problem::MalformedRequest { problem } => f.write_str(problem),
            Problem::MissingImage => {
                let key = list.image_key();
                write!(f, "it names no image, so there is nothing to judge. Set {key}")
            }
            Problem::MutableImage { name, pull_policy, defaulted, immutable } => {
                let clause = PullPolicyClause { pull_policy, defaulted: *defaulted };
                write!(
                    f,
                    "can go stale: it has no digest and {clause}, so a node that holds this tag keeps running the \
                     old content. "
                )?;
                let pin = Fix::pin(name);
                if *immutable {
                    write!(f, "Pin the image as {pin}; the pull policy of an existing Pod cannot change")
                } else {
                    write!(f, "Set {}, or pin the image as {pin}", fix.always())
                }
            }
            Problem::NoContainers => f.write_str("a Pod needs at least one container"),
            Problem::RegistryNotAllowed { name, allowed } => write!(
                f,
                "comes from {}, which is in no allowed registry. Use an image from {allowed}",
                Quoted::bare(name, MAX_QUOTED)
            ),
            Problem::RegistryRejected { name, pattern } => write!(
                f,
                "comes from {}, which is in the rejected registry {}. Use an image from another registry",
                Quoted::bare(name, MAX_QUOTED),
                Quoted::bare(pattern, MAX_QUOTED),
            ),
            Problem::TagRejected { tag, implied, pattern } => {
                let tag = Quoted::bare(tag, MAX_QUOTED);
                let pattern = Quoted::bare(pattern, MAX_QUOTED);
                if *implied {
                    write!(f, "names neither tag nor digest, so its tag is {tag}")?;
                } else {
                    write!(f, "has the tag {tag}")?;
                }
                write!(f, ", which is rejected as {pattern}. Use another tag")
            }
            Problem::TooManyImages { limit } => {
                write!(f, "it names {limit} images or more, too many to judge")
            }
            Problem::WrongType { expected, found, .. } => write!(f, "expected {expected}, found {found}"),
        }
    }
}

struct PullPolicyClause<'a> {
    pull_policy: &'a str,
    defaulted: bool,
}

impl fmt::Display for PullPolicyClause<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.pull_policy {
            policy if self.defaulted => write!(f, "its pull policy defaults to {policy}"),
            policy @ ("IfNotPresent" | crate::pull_policy::NEVER) => write!(f, "its pull policy is {policy}"),
            other => write!(f, "its pull policy {} is not Always", Quoted::new(other, MAX_QUOTED)),
        }
    }
}
