//! The stable names of everything that can be wrong.

use std::fmt;

/// The kind of a [`Finding`](super::Finding). Its [`Display`](fmt::Display) is in kebab-case and never
/// changes its meaning; new codes may be added.
///
/// ```
/// use fresh_images::verdict::Code;
///
/// assert_eq!(Code::MutableImage.as_str(), "mutable-image");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Code {
    /// The pull policy is not `Always`, which `require` asks for.
    AlwaysRequired,
    /// The image has no digest, which `require` asks for.
    DigestRequired,
    /// The image should have been pinned, but its digest could not be looked up.
    DigestUnresolved,
    /// A key appears twice in one JSON object.
    DuplicateKey,
    /// The image is not on `images.allow`.
    ImageNotAllowed,
    /// The image is on `images.reject`.
    ImageRejected,
    /// The image is not an image reference.
    InvalidReference,
    /// The settings are no policy.
    InvalidSettings,
    /// A value of the object has a wrong type or is missing.
    MalformedObject,
    /// The admission request cannot be read.
    MalformedRequest,
    /// A container, or an image volume of a Pod, names no image.
    MissingImage,
    /// The image has neither a digest nor `Always` as its effective pull policy.
    MutableImage,
    /// A Pod has no containers.
    NoContainers,
    /// The image is in no registry of `registries.allow`.
    RegistryNotAllowed,
    /// The image is in a registry of `registries.reject`.
    RegistryRejected,
    /// The tag is on `tags.reject`.
    TagRejected,
}

impl Code {
    /// Every code, in alphabetical order.
    pub const ALL: [Self; 16] = [
        Self::AlwaysRequired,
        Self::DigestRequired,
        Self::DigestUnresolved,
        Self::DuplicateKey,
        Self::ImageNotAllowed,
        Self::ImageRejected,
        Self::InvalidReference,
        Self::InvalidSettings,
        Self::MalformedObject,
        Self::MalformedRequest,
        Self::MissingImage,
        Self::MutableImage,
        Self::NoContainers,
        Self::RegistryNotAllowed,
        Self::RegistryRejected,
        Self::TagRejected,
    ];

    /// The code in kebab-case.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::AlwaysRequired => "always-required",
            Self::DigestRequired => "digest-required",
            Self::DigestUnresolved => "digest-unresolved",
            Self::DuplicateKey => "duplicate-key",
            Self::ImageNotAllowed => "image-not-allowed",
            Self::ImageRejected => "image-rejected",
            Self::InvalidReference => "invalid-reference",
            Self::InvalidSettings => "invalid-settings",
            Self::MalformedObject => "malformed-object",
            Self::MalformedRequest => "malformed-request",
            Self::MissingImage => "missing-image",
            Self::MutableImage => "mutable-image",
            Self::NoContainers => "no-containers",
            Self::RegistryNotAllowed => "registry-not-allowed",
            Self::RegistryRejected => "registry-rejected",
            Self::TagRejected => "tag-rejected",
        }
    }

    /// The HTTP status of a rejection for this reason.
    pub(super) fn status(self) -> u16 {
        match self {
            Self::InvalidSettings => 500,
            Self::DuplicateKey | Self::MalformedObject | Self::MalformedRequest | Self::NoContainers => 400,
            _ => 403,
        }
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
