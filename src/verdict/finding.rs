//! One thing wrong with one place of a request.
//!
//! A finding keeps what it is about. The texts that people read are made when they are asked for: the whole line is in
//! `verdict/explain.rs`, the short one in `verdict/warning.rs`. A request whose findings are all fixed by mutation
//! needs none of them.

use super::Code;
use crate::date::Date;
use crate::mutate::LookUpError;
use crate::pull_policy::PullPolicy;
use crate::reference::{Reference, ReferenceError};
use crate::request::{Defect, ImageList, ImageUse, ListKind, Malformed};
use crate::settings::Rule;
use fresh_images_json::PathBuf;

/// One thing wrong, with the place it is wrong at. Its [`Display`](std::fmt::Display) is the line that the user
/// reads: where, what, why, what to do about it, and the code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    pub(super) path: PathBuf,
    pub(super) about: About,
}

/// What a finding is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum About {
    ImageUse(Subject, Reason),
    Malformed(Defect),
    Settings(String),
}

/// An image use that a finding is about, as the object has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Subject {
    pub(super) list: ListKind,
    pub(super) name: Option<String>,
    pub(super) image: String,
    pub(super) pull_policy: Option<String>,
    pub(super) existing: Existing,
    /// The last day on which an exemption lifted what the finding is about.
    pub(super) exempt_until: Option<Date>,
}

/// What exists already, and limits what can be changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Existing {
    /// Nothing that limits it.
    Nothing,
    /// A Pod: no pull policy of it can change.
    Pod,
    /// A Job: nothing of its template can change.
    Job,
    /// A mirror Pod, in an audit: its author wrote a file on the node.
    MirrorPod,
}

/// What is wrong with an image use.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Reason {
    AlwaysRequired,
    DigestRequired,
    DigestUnresolved(LookUpError),
    ImageNotAllowed,
    ImageRejected { pattern: String },
    InvalidReference(ReferenceError),
    MissingImage,
    MutableImage,
    RegistryNotAllowed { allowed: String },
    RegistryRejected { pattern: String },
    TagRejected { pattern: String },
}

impl Subject {
    pub(super) fn new(list: &ImageList<'_>, image_use: &ImageUse<'_>, existing: Existing) -> Self {
        Self {
            list: list.kind,
            name: image_use.name.as_deref().map(Into::into),
            image: image_use.image.as_deref().unwrap_or_default().into(),
            pull_policy: image_use.pull_policy.as_deref().map(Into::into),
            existing,
            exempt_until: None,
        }
    }

    pub(super) fn reference(&self) -> Option<Reference<'_>> {
        Reference::parse(&self.image).ok()
    }

    pub(super) fn effective_pull_policy(&self) -> PullPolicy<'_> {
        PullPolicy::effective(self.pull_policy.as_deref(), self.reference().as_ref())
    }
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

impl Finding {
    pub(crate) fn new(
        list: &ImageList<'_>,
        image_use: &ImageUse<'_>,
        existing: Existing,
        reason: Reason,
    ) -> Self {
        let subject = Subject::new(list, image_use, existing);
        Self { path: list.path_of(image_use), about: About::ImageUse(subject, reason) }
    }

    /// Says that an exemption lifted it until this day.
    pub(crate) fn exempt_until(mut self, day: Option<Date>) -> Self {
        if let About::ImageUse(subject, _) = &mut self.about {
            subject.exempt_until = day;
        }
        self
    }

    pub(crate) fn of_settings(path: PathBuf, problem: &str) -> Self {
        Self { path, about: About::Settings(problem.into()) }
    }

    /// The stable name of what is wrong.
    pub fn code(&self) -> Code {
        match &self.about {
            About::ImageUse(_, reason) => reason.code(),
            About::Malformed(defect) => match defect {
                Defect::DuplicateKey { .. } => Code::DuplicateKey,
                Defect::Missing { .. }
                | Defect::NotJson { .. }
                | Defect::WrongType { in_request: true, .. } => Code::MalformedRequest,
                Defect::NoContainers => Code::NoContainers,
                Defect::TooManyImages { .. } | Defect::WrongType { .. } => Code::MalformedObject,
            },
            About::Settings(_) => Code::InvalidSettings,
        }
    }

    /// The JSON path within the object, such as `spec.template.spec.containers[0]`. Its root is not empty for what is
    /// wrong with the request or the settings.
    pub fn path(&self) -> &PathBuf {
        &self.path
    }

    /// The image as the object has it, if the finding is about an image use.
    pub fn image(&self) -> Option<&str> {
        self.subject().map(|it| it.image.as_str())
    }

    /// The name of the container or volume, if the finding is about an image use that has one.
    pub fn name(&self) -> Option<&str> {
        self.subject()?.name.as_deref()
    }

    /// Where the finding is.
    pub fn place(&self) -> Place {
        self.subject().map_or(Place::Value, |it| Place::List(it.list))
    }

    pub(super) fn subject(&self) -> Option<&Subject> {
        if let About::ImageUse(subject, _) = &self.about { Some(subject) } else { None }
    }
}

impl Reason {
    /// The rule that it breaks, unless it is no image at all.
    pub(crate) fn rule(&self) -> Option<Rule> {
        match self {
            Self::AlwaysRequired | Self::DigestRequired | Self::DigestUnresolved(_) | Self::MutableImage => {
                Some(Rule::Freshness)
            }
            Self::ImageNotAllowed | Self::ImageRejected { .. } => Some(Rule::Images),
            Self::InvalidReference(_) | Self::MissingImage => None,
            Self::RegistryNotAllowed { .. } | Self::RegistryRejected { .. } => Some(Rule::Registries),
            Self::TagRejected { .. } => Some(Rule::Tags),
        }
    }

    fn code(&self) -> Code {
        match self {
            Self::AlwaysRequired => Code::AlwaysRequired,
            Self::DigestRequired => Code::DigestRequired,
            Self::DigestUnresolved(_) => Code::DigestUnresolved,
            Self::ImageNotAllowed => Code::ImageNotAllowed,
            Self::ImageRejected { .. } => Code::ImageRejected,
            Self::InvalidReference(_) => Code::InvalidReference,
            Self::MissingImage => Code::MissingImage,
            Self::MutableImage => Code::MutableImage,
            Self::RegistryNotAllowed { .. } => Code::RegistryNotAllowed,
            Self::RegistryRejected { .. } => Code::RegistryRejected,
            Self::TagRejected { .. } => Code::TagRejected,
        }
    }
}

impl From<Malformed> for Finding {
    fn from(Malformed { path, defect }: Malformed) -> Self {
        Self { path, about: About::Malformed(defect) }
    }
}
