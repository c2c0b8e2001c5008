//! What can be said of a container.

use std::fmt;

use serde::Serialize;

/// What is said of a container.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum Verdict {
    /// It runs other content than its tag names.
    Stale,
    /// The Pods of a workload run different contents.
    Split,
    /// Somebody should have known, and did not.
    Unknown,
    /// Nobody was asked.
    Unchecked,
    /// The spec has a digest, so nothing else can run.
    Pinned,
    /// It runs what its tag names.
    Fresh,
}

/// The stable name of what was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum Code {
    /// The tag names other content for this platform.
    StaleContent,
    /// The tag names another digest, and the registry no longer has the one that runs.
    StaleDigest,
    /// The node's tag names another image than the one that runs.
    StaleOnNode,
    /// The Pods of a workload run different contents.
    SplitContent,
    /// The spec has a digest, and its tag names another one now.
    TagMoved,
    /// The spec has a digest.
    Pinned,
    /// The digest is that of the tag.
    SameDigest,
    /// The digest is another, the content is the same.
    SameContent,
    /// The registry has no such tag.
    TagGone,
    /// The registry did not say what the tag names.
    DigestUnresolved,
    /// The tag has no image for the platform of the node.
    NoPlatform,
    /// The platform of the node is not known, and the content is the same for some platforms only.
    PlatformUnknown,
    /// The image of the spec is no reference.
    InvalidReference,
    /// The container does not run.
    NotRunning,
    /// The image came from a file.
    Imported,
    /// The status does not say which digest the volume has.
    ImageVolume,
    /// The runtime names what runs in a form that nobody knows.
    ImageIdUnknown,
    /// The node's tag no longer names what runs, and the node does not say what it names.
    UntaggedOnNode,
    /// Registries are not asked.
    Offline,
    /// This registry is not on the list of those that may be asked.
    RegistryNotListed,
}

impl Code {
    /// Every code.
    pub const ALL: [Self; 20] = [
        Self::StaleContent,
        Self::StaleDigest,
        Self::StaleOnNode,
        Self::SplitContent,
        Self::TagMoved,
        Self::Pinned,
        Self::SameDigest,
        Self::SameContent,
        Self::TagGone,
        Self::DigestUnresolved,
        Self::NoPlatform,
        Self::PlatformUnknown,
        Self::InvalidReference,
        Self::NotRunning,
        Self::Imported,
        Self::ImageVolume,
        Self::ImageIdUnknown,
        Self::UntaggedOnNode,
        Self::Offline,
        Self::RegistryNotListed,
    ];

    /// As it is written: `stale-content`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::StaleContent => "stale-content",
            Self::StaleDigest => "stale-digest",
            Self::StaleOnNode => "stale-on-node",
            Self::SplitContent => "split-content",
            Self::TagMoved => "tag-moved",
            Self::Pinned => "pinned",
            Self::SameDigest => "same-digest",
            Self::SameContent => "same-content",
            Self::TagGone => "tag-gone",
            Self::DigestUnresolved => "digest-unresolved",
            Self::NoPlatform => "no-platform",
            Self::PlatformUnknown => "platform-unknown",
            Self::InvalidReference => "invalid-reference",
            Self::NotRunning => "not-running",
            Self::Imported => "imported",
            Self::ImageVolume => "image-volume",
            Self::ImageIdUnknown => "image-id-unknown",
            Self::UntaggedOnNode => "untagged-on-node",
            Self::Offline => "offline",
            Self::RegistryNotListed => "registry-not-listed",
        }
    }

    /// Whether a question of the user has no answer; a container that does not run is none.
    pub fn is_undecided(self) -> bool {
        matches!(
            self,
            Self::TagGone
                | Self::DigestUnresolved
                | Self::NoPlatform
                | Self::PlatformUnknown
                | Self::InvalidReference
                | Self::ImageIdUnknown
                | Self::UntaggedOnNode
        )
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
