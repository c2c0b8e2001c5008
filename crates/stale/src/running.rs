//! What `imageID` in the status of a container says.
//!
//! ```
//! use fresh_images_stale::RunningId;
//!
//! let digest = "sha256:1111111111111111111111111111111111111111111111111111111111111111";
//! let hex = &digest["sha256:".len()..];
//! // containerd and CRI-O: a digest in a repository.
//! let id = RunningId::read(&format!("ghcr.io/shop/web@{digest}"));
//! assert_eq!(id, RunningId::Manifest { repository: "ghcr.io/shop/web".into(), digest: digest.into() });
//! // Docker writes a scheme before it.
//! assert_eq!(RunningId::read(&format!("docker-pullable://ghcr.io/shop/web@{digest}")), id);
//! // A bare digest is that of the config, and some versions of CRI-O leave out the algorithm.
//! assert_eq!(RunningId::read(digest), RunningId::Config { digest: digest.into(), may_be_manifest: false });
//! assert_eq!(RunningId::read(hex), RunningId::read(digest));
//! // With Docker's containerd store it may be that of an index or a manifest.
//! assert_eq!(
//!     RunningId::read(&format!("docker://{digest}")),
//!     RunningId::Config { digest: digest.into(), may_be_manifest: true },
//! );
//! // `kind load` and `ctr import` give names that no registry has.
//! assert_eq!(
//!     RunningId::read(&format!("docker.io/library/import-2026-11-20@{digest}")),
//!     RunningId::Imported,
//! );
//! assert_eq!(RunningId::read(""), RunningId::Nothing);
//! ```
//!
//! Sources: kubelet copies `image_ref` of the CRI. containerd gives the first of the repository digests in the order of
//! text, or the config digest (`internal/cri/server/container_status.go`); CRI-O sorts repositories and digests;
//! cri-dockerd writes `docker-pullable://` or `docker://`.

use fresh_images::reference::Reference;

/// What runs, as the runtime names it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RunningId {
    /// An index or a manifest. The repository proves nothing: runtimes name any that has the same content.
    Manifest {
        /// As the runtime names it.
        repository: String,
        /// Such as `sha256:…`.
        digest: String,
    },
    /// The config of an image.
    Config {
        /// Such as `sha256:…`.
        digest: String,
        /// Docker 29 with the containerd store writes the digest of an index or of a manifest here.
        may_be_manifest: bool,
    },
    /// It came from a file, never from a registry.
    Imported,
    /// The container does not run, or has not yet.
    Nothing,
    /// Something that no known runtime writes.
    Unknown,
}

impl RunningId {
    /// Reads an `imageID`.
    pub fn read(id: &str) -> Self {
        let (scheme, rest) = id.split_once("://").unwrap_or(("", id));
        if rest.is_empty() {
            return Self::Nothing;
        }
        match rest.rsplit_once('@') {
            Some((repository, digest)) if is_digest(digest) => {
                let name = repository.rsplit_once('/').map_or(repository, |(_, name)| name);
                if is_import(name) {
                    return Self::Imported;
                }
                Self::Manifest { repository: repository.into(), digest: digest.into() }
            }
            Some(_) => Self::Unknown,
            None => {
                let digest = if is_hex(rest) { format!("sha256:{rest}") } else { rest.into() };
                match is_digest(&digest) {
                    true => Self::Config { digest, may_be_manifest: scheme == "docker" },
                    false => Self::Unknown,
                }
            }
        }
    }

    /// The digest, if there is one.
    pub fn digest(&self) -> Option<&str> {
        match self {
            Self::Manifest { digest, .. } | Self::Config { digest, .. } => Some(digest),
            Self::Imported | Self::Nothing | Self::Unknown => None,
        }
    }
}

/// `import-2026-11-20`, which containerd makes of a tar without a name.
fn is_import(name: &str) -> bool {
    name.strip_prefix("import-").is_some_and(|date| {
        let form = date.bytes().map(|byte| if byte.is_ascii_digit() { b'0' } else { byte });
        form.eq(*b"0000-00-00")
    })
}

fn is_hex(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte))
}

/// Whether a digest is one that registries use, and not longer than one.
pub(crate) fn is_digest(text: &str) -> bool {
    Reference::parse(&format!("a/b@{text}")).is_ok_and(|it| it.digest() == Some(text))
}

/// Whether `status.image` names no tag, but the id of an image: the node's tag does not name what runs.
pub(crate) fn is_bare(image: &str) -> bool {
    matches!(RunningId::read(image), RunningId::Config { .. })
}
