//! What is wrong with a pattern.

use std::fmt;

use crate::reference::ReferenceError;

/// Why a text is not a pattern. Its [`Display`](fmt::Display) is one line in lower case that completes
/// "the pattern …".
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum PatternError {
    /// `*` alone before the first `/`: a registry, or a user of Docker Hub?
    AmbiguousStar,
    /// Nothing but white space.
    Blank,
    /// `**` elsewhere than as the last component.
    DoubleStar,
    /// A registry pattern that is only `*`.
    EveryRegistry,
    /// A host in brackets where one is to be asked.
    Ipv6Host,
    /// A host without a path where an image is meant.
    LooksLikeRegistry,
    /// No reference matches, for this reason.
    NeverMatches(ReferenceError),
    /// No DNS label matches.
    NotALabel,
    /// Something else than the name of one host.
    NotOneHost,
    /// `*` in a digest.
    StarInDigest,
    /// `*` in a host that is not a leading `*.`.
    StarInHost,
    /// A tag or digest where a registry is meant.
    TagOrDigest,
    /// A host in upper case, which matches nothing.
    UppercaseHost,
}

impl From<ReferenceError> for PatternError {
    fn from(error: ReferenceError) -> Self {
        Self::NeverMatches(error)
    }
}

impl std::error::Error for PatternError {}

impl fmt::Display for PatternError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::AmbiguousStar => {
                "is unclear: write `docker.io/*/…` for Docker Hub, or `**` for every image"
            }
            Self::Blank => "is blank",
            Self::DoubleStar => "has `**` elsewhere than as its last component",
            Self::EveryRegistry => "matches every registry: leave the list out instead",
            Self::Ipv6Host => "cannot be asked: Kubewarden looks up no image of an IPv6 host",
            Self::LooksLikeRegistry => {
                "is unclear: write `…/**` for all images of a registry, or `docker.io/library/…` for one on Docker Hub"
            }
            Self::NeverMatches(error) => return write!(f, "can never match: {error}"),
            Self::NotALabel => {
                "can never match: a name has at most 63 lower-case letters, digits and `-`, and no `-` at its ends"
            }
            Self::NotOneHost => "is not one host: write `ghcr.io` or `localhost:5000`, without a path or a pattern",
            Self::StarInDigest => "can never match: a digest is compared whole, without `*`",
            Self::StarInHost => "has `*` in its host elsewhere than as a leading `*.`",
            Self::TagOrDigest => "has a tag or digest, but names a registry; use `images` instead",
            Self::UppercaseHost => "can never match: a host in upper case matches nothing",
        })
    }
}
