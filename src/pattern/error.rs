//! What is wrong with a pattern.

use std::fmt;

use crate::reference::ReferenceError;
use crate::text::Quoted;

/// The longest path that a message repeats, in bytes.
const MAX_QUOTED: usize = 64;

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
    /// A group that every user is in.
    Everybody,
    /// What matches everything where that means the same as no pattern.
    Everything,
    /// A registry pattern that is only `*`.
    EveryRegistry,
    /// A host in brackets where one is to be asked.
    Ipv6Host,
    /// A host without a path where an image is meant.
    LooksLikeRegistry,
    /// An address with the length of a prefix.
    Network,
    /// No reference matches, for this reason.
    NeverMatches(ReferenceError),
    /// A path without a host where a registry is meant.
    NoHost(Box<str>),
    /// No DNS label matches.
    NotALabel,
    /// Something else than the name of one host.
    NotOneHost,
    /// `*` in a digest.
    StarInDigest,
    /// `*` in a host that is neither a leading `*.` nor a label before the last.
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
                "is ambiguous: write `docker.io/*/…` for Docker Hub, or `**` for every image"
            }
            Self::Blank => "is blank",
            Self::DoubleStar => "may have `**` only as its last component",
            Self::Everybody => "matches system:authenticated, the group of every user: name another group",
            Self::Everything => "matches everything: name what is meant, or leave the list out",
            Self::EveryRegistry => "matches every registry; remove the list instead",
            Self::Ipv6Host => "cannot be used: Kubewarden looks up no images on IPv6 hosts",
            Self::LooksLikeRegistry => {
                "is ambiguous: write `…/**` for all images of a registry, or `docker.io/library/…` for one on Docker Hub"
            }
            Self::Network => "is a network, not a registry: name each registry with its host and port",
            Self::NeverMatches(error) => return write!(f, "can never match: {error}"),
            Self::NoHost(path) => {
                let path = Quoted::bare(path, MAX_QUOTED);
                return write!(
                    f,
                    "names no host, with which a registry starts: write `docker.io/{path}` for Docker Hub"
                );
            }
            Self::NotALabel => {
                "can never match: a name has at most 63 lower-case letters, digits and `-`, and no `-` at its ends"
            }
            Self::NotOneHost => "is not one host: write `ghcr.io` or `localhost:5000`, without a path or a pattern",
            Self::StarInDigest => "can never match: a digest must be complete, without `*`",
            Self::StarInHost => "may have `*` in its host only as a whole label before the last",
            Self::TagOrDigest => "has a tag or digest, but names a registry; use `images` instead",
            Self::UppercaseHost => "can never match: a host in upper case matches nothing",
        })
    }
}
