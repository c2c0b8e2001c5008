//! Image references, parsed exactly as the kubelet and containerd parse them.
//!
//! | input | registry | repository | tag | digest |
//! |---|---|---|---|---|
//! | `nginx` | `docker.io` | `library/nginx` | | |
//! | `bitnami/redis:7` | `docker.io` | `bitnami/redis` | `7` | |
//! | `ghcr.io/org/app@sha256:<64 hex>` | `ghcr.io` | `org/app` | | `sha256:<64 hex>` |
//! | `localhost:5000/app` | `localhost:5000` | `app` | | |
//! | `sha256:<64 hex>` | refused: an image id on the node, not a digest | | | |
//!
//! ```
//! use fresh_images::reference::Reference;
//!
//! let nginx = Reference::parse("nginx")?;
//! assert_eq!(nginx.registry(), "docker.io");
//! assert_eq!(nginx.repository().to_string(), "library/nginx");
//! assert_eq!(nginx.to_string(), "docker.io/library/nginx");
//!
//! let app = Reference::parse("registry.example.com:5000/team-a/app:1.2")?;
//! assert_eq!(app.registry(), "registry.example.com:5000");
//! assert_eq!(app.tag(), Some("1.2"));
//! assert!(!app.is_pinned());
//!
//! let error = Reference::parse("ghcr.io/Org/app").unwrap_err();
//! assert_eq!(
//!     error.to_string(),
//!     "upper-case letter `O` at byte 8: repositories are lower case",
//! );
//! # Ok::<(), fresh_images::reference::ReferenceError>(())
//! ```
//!
//! # Grammar
//!
//! The language of `ParseNormalizedNamed` in distribution/reference v0.6.0 with go-digest v1.0.0, which
//! Kubernetes and containerd both call. Nothing may come before or after; everything is ASCII.
//!
//! ```text
//! reference = name [":" tag] ["@" digest]
//! name      = [domain [":" port] "/"] path
//! path      = comp ("/" comp)*              at most 255 bytes, "library/" included
//! domain    = label ("." label)* | "[" (hex | ":")+ "]"
//! label     = [A-Za-z0-9] | [A-Za-z0-9] [A-Za-z0-9-]* [A-Za-z0-9]
//! port      = [0-9]+
//! comp      = [a-z0-9]+ (("." | "_" | "__" | "-"+) [a-z0-9]+)*
//! tag       = [A-Za-z0-9_] [A-Za-z0-9_.-]{0,127}
//! digest    = "sha256:" hex{64} | "sha384:" hex{96} | "sha512:" hex{128}      hex is lower case
//! ```
//!
//! What comes before the first `/` is a registry if it is `localhost`, or contains `.`, `:` or an
//! upper-case letter; else the registry is Docker Hub. `index.docker.io` is `docker.io`, and there a path of
//! one component gains `library/`.
//!
//! # Refused beyond the grammar
//!
//! - More than 4,096 bytes ([`MAX_LENGTH`]).
//! - `gh_cr.io/x`: distribution/reference answers an *empty* registry, containerd would contact `gh_cr.io`.
//! - `docker.io/library/sha256`, `sha384` and `sha512`: `sha256:<hex>` parses as such a name with a tag, but
//!   containerd resolves it to an image id that happens to be on the node, without any registry.

mod error;
mod name;
mod placeholder;
mod suffix;

use std::fmt;

use error::ErrorKind;
pub use error::ReferenceError;
pub(crate) use name::{expect_no_scheme, is_registry, parse_path, parse_registry};
pub use placeholder::Placeholder;
pub(crate) use suffix::{parse_digest, parse_tag};

/// The longest reference that is read, in bytes. Kubernetes has no limit of its own; a registry host (253),
/// a path (255), a tag (128) and a digest (135) stay far below.
pub const MAX_LENGTH: usize = 4096;

/// The registry of a reference that names none.
pub const DOCKER_HUB: &str = "docker.io";

/// A well-formed image reference that borrows from the text it was parsed from.
///
/// Its [`Display`](fmt::Display) is the canonical form: the registry always there, `library/` spelled out.
/// Parsing the canonical form gives an equal reference.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reference<'a> {
    registry: &'a str,
    repository: Repository<'a>,
    tag: Option<&'a str>,
    digest: Option<&'a str>,
}

/// The path of an image below its registry, `library/` included.
#[derive(Clone, Copy, Debug)]
pub struct Repository<'a> {
    /// Docker Hub's short names leave `library/` out.
    implied_library: bool,
    path: &'a str,
}

impl<'a> Reference<'a> {
    /// Parses a reference as a container's `image` or an image volume's `reference` gives it.
    ///
    /// # Errors
    ///
    /// Anything that is not in the grammar of the [module](self), with the byte where it goes wrong.
    pub fn parse(input: &'a str) -> Result<Self, ReferenceError> {
        // Only who made a mistake waits for the search after the common one.
        Self::parse_grammar(input).map_err(|error| expect_no_scheme(input).err().unwrap_or(error))
    }

    fn parse_grammar(input: &'a str) -> Result<Self, ReferenceError> {
        if input.is_empty() {
            return Err(ErrorKind::Empty.into());
        }
        expect_length(input)?;
        // The bare form of an image id: refused by the grammar itself.
        if input.len() == 64 && input.bytes().all(suffix::is_lower_hex) {
            return Err(ErrorKind::ImageId.into());
        }

        let (first, rest) = split_before(input, |byte| byte == b'/');
        let (registry, remainder, start) = match rest.strip_prefix('/') {
            Some(rest) if is_registry(first) => {
                (parse_registry(first, 0)?, rest, first.len().saturating_add(1))
            }
            _ => (DOCKER_HUB, input, 0),
        };
        // No path contains what starts a tag or a digest, and no tag what starts a digest.
        let (path, suffix) = split_before(remainder, |byte| matches!(byte, b':' | b'@'));
        let (tag, digest) = split_before(suffix, |byte| byte == b'@');
        let tag_start = start.saturating_add(path.len());
        let digest_start = tag_start.saturating_add(tag.len());

        parse_path(path, start)?;
        let repository = Repository { implied_library: registry == DOCKER_HUB && !path.contains('/'), path };
        if repository.len() > name::MAX_PATH_LENGTH {
            return Err(ErrorKind::PathTooLong { length: repository.len() }.into());
        }
        let tag = match tag.strip_prefix(':') {
            Some(tag) => Some(parse_tag(tag, tag_start.saturating_add(1))?),
            None => None,
        };
        let digest = match digest.strip_prefix('@') {
            Some(digest) => Some(parse_digest(digest, digest_start.saturating_add(1))?),
            None => None,
        };
        let reference = Self { registry, repository, tag, digest };
        if registry == DOCKER_HUB && reference.names_image_id() {
            return Err(ErrorKind::ImageId.into());
        }
        Ok(reference)
    }

    /// The host with its port, as written, but `docker.io` for `index.docker.io` and for short names.
    pub fn registry(&self) -> &'a str {
        self.registry
    }

    /// The path below the registry, `library/` included.
    pub fn repository(&self) -> Repository<'a> {
        self.repository
    }

    /// The tag as written; `None` where there is none, even though a registry would then serve `latest`.
    pub fn tag(&self) -> Option<&'a str> {
        self.tag
    }

    /// The tag that is pulled: the explicit one, or `latest` where there is neither tag nor digest.
    ///
    /// `None` for a digest alone, which has no tag. Source: Kubernetes `pkg/util/parsers/parsers.go`.
    pub fn effective_tag(&self) -> Option<&'a str> {
        match (self.tag, self.digest) {
            (None, None) => Some("latest"),
            (tag, _) => tag,
        }
    }

    /// `algorithm:hex`, well-formed.
    pub fn digest(&self) -> Option<&'a str> {
        self.digest
    }

    /// Whether the reference has a digest, so that it always names the same content.
    pub fn is_pinned(&self) -> bool {
        self.digest.is_some()
    }

    /// The same image by digest, with its explicit tag or without.
    pub(crate) fn with_digest(self, digest: &'a str, keep_tag: bool) -> Self {
        Self { tag: self.tag.filter(|_| keep_tag), digest: Some(digest), ..self }
    }

    /// `registry/repository:tag`, with the tag that is pulled: what to look the digest up by.
    pub(crate) fn with_tag(self) -> Self {
        Self { tag: self.effective_tag(), digest: None, ..self }
    }

    fn names_image_id(&self) -> bool {
        let mut components = self.repository.components();
        let (library, name, more) = (components.next(), components.next(), components.next());
        library == Some("library")
            && more.is_none()
            && suffix::ALGORITHMS.iter().any(|(algorithm, _)| name == Some(*algorithm))
    }
}

impl fmt::Display for Reference<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.registry, self.repository)?;
        if let Some(tag) = self.tag {
            write!(f, ":{tag}")?;
        }
        if let Some(digest) = self.digest {
            write!(f, "@{digest}")?;
        }
        Ok(())
    }
}

impl<'a> Repository<'a> {
    /// The components between the slashes, `library` included.
    ///
    /// ```
    /// use fresh_images::reference::Reference;
    ///
    /// let nginx = Reference::parse("nginx:1")?.repository();
    /// assert_eq!(nginx.components().collect::<Vec<_>>(), ["library", "nginx"]);
    /// # Ok::<(), fresh_images::reference::ReferenceError>(())
    /// ```
    pub fn components(&self) -> impl Iterator<Item = &'a str> + use<'a> {
        self.implied_library.then_some("library").into_iter().chain(self.path.split('/'))
    }

    fn len(&self) -> usize {
        let library = if self.implied_library { "library/".len() } else { 0 };
        self.path.len().saturating_add(library)
    }
}

/// `nginx` and `library/nginx` on Docker Hub are the same repository.
impl PartialEq for Repository<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.components().eq(other.components())
    }
}

impl Eq for Repository<'_> {}

impl fmt::Display for Repository<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.implied_library { "library/" } else { "" })?;
        f.write_str(self.path)
    }
}

/// Refuses what is longer than [`MAX_LENGTH`].
pub(crate) fn expect_length(text: &str) -> Result<(), ReferenceError> {
    if text.len() > MAX_LENGTH {
        return Err(ErrorKind::TooLong { length: text.len() }.into());
    }
    Ok(())
}

/// Splits before the first byte that is ASCII and looked for.
fn split_before(text: &str, is_start: impl Fn(u8) -> bool) -> (&str, &str) {
    let at = text.bytes().position(is_start).unwrap_or(text.len());
    text.split_at_checked(at).unwrap_or((text, ""))
}

#[cfg(test)]
mod tests {
    use super::Reference;

    #[test]
    fn a_digest_is_looked_up_by_the_tag_that_is_pulled() {
        let digest = format!("sha256:{}", "0".repeat(64));
        for (text, expected) in [
            ("a".to_owned(), "docker.io/library/a:latest"),
            ("a:1".to_owned(), "docker.io/library/a:1"),
            (format!("a:1@{digest}"), "docker.io/library/a:1"),
            (format!("a@{digest}"), "docker.io/library/a"),
        ] {
            assert_eq!(Reference::parse(&text).unwrap().with_tag().to_string(), expected, "{text}");
        }
    }
}
