//! Image patterns: a reference with `*` in the components of its path and in its tag.

use std::fmt;

use super::error::PatternError;
use super::glob::{Glob, TagPattern, has_double_star, probe, without_stars};
use super::host::{Host, HostCase, expect_no_network};
use crate::reference::{Reference, expect_no_scheme, is_registry, parse_path};
use crate::text::has;

/// An image, or many: `nginx`, `ghcr.io/org/*:1.*`, `docker.io/bitnami/**`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImagePattern {
    /// `None` for the pattern `**`, which matches every image.
    host: Option<Host>,
    path: Vec<Glob>,
    /// A last `**`: at least one component more.
    below: bool,
    tag: Option<TagPattern>,
    digest: Option<Box<str>>,
}

/// The canonical form, which matches the same images.
impl fmt::Display for ImagePattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut slash = "";
        if let Some(host) = &self.host {
            write!(f, "{host}")?;
            slash = "/";
        }
        for component in &self.path {
            write!(f, "{slash}{component}")?;
            slash = "/";
        }
        if self.below {
            write!(f, "{slash}**")?;
        }
        if let Some(tag) = &self.tag {
            write!(f, ":{tag}")?;
        }
        if let Some(digest) = &self.digest {
            write!(f, "@{digest}")?;
        }
        Ok(())
    }
}

impl ImagePattern {
    /// Parses a pattern. Without a tag and a digest it matches all of them; a trailing `/` means nothing.
    ///
    /// # Errors
    ///
    /// Blank text, `**` elsewhere than as the last component, a `*` elsewhere in a host than as a whole
    /// label before the last, `*` or a lone host where it is unclear whether a registry is meant, and whatever no image reference
    /// can match.
    pub fn parse(text: &str) -> Result<Self, PatternError> {
        if text.trim().is_empty() {
            return Err(PatternError::Blank);
        }
        expect_no_scheme(text)?;
        let text = text.strip_suffix('/').unwrap_or(text);
        let (host, remainder, start) = match text.split_once('/') {
            Some((first, rest)) if is_registry(first) => {
                expect_no_network(first, rest)?;
                (Some(Host::parse(first)?), rest, first.len().saturating_add(1))
            }
            _ => (None, text, 0),
        };
        let (named, digest) = match remainder.split_once('@') {
            Some((named, digest)) => (named, Some(digest)),
            None => (remainder, None),
        };
        let (path, tag) = match named.split_once(':') {
            Some((path, tag)) => (path, Some(TagPattern::parse(tag)?)),
            None => (named, None),
        };
        let digest = digest.map(parse_digest).transpose()?;

        if path == "**" {
            return Ok(Self { host, path: Vec::new(), below: true, tag, digest });
        }
        let (path, below) = match path.strip_suffix("/**") {
            Some(parent) => (parent, true),
            None => (path, false),
        };
        if has_double_star(path) {
            return Err(PatternError::DoubleStar);
        }
        if host.is_none() && (path == "*" || path.starts_with("*/")) {
            return Err(PatternError::AmbiguousStar);
        }
        if host.is_none() && !has(path, b'/') && has(path, b'.') {
            return Err(PatternError::LooksLikeRegistry);
        }
        parse_path(&probe(path), start)?;

        let host = host.unwrap_or_else(Host::docker_hub);
        let library = host.is_docker_hub() && !below && !has(path, b'/');
        host.expect_image(&without_stars(path))?;
        if library {
            // 64 hex digits are no short name.
            Reference::parse(&probe(path))?;
        }
        let globs = library.then_some("library").into_iter().chain(path.split('/'));
        Ok(Self { path: globs.map(Glob::new).collect(), host: Some(host), below, tag, digest })
    }

    /// Whether the image matches the whole pattern.
    pub fn matches(&self, image: &Reference<'_>, case: HostCase) -> bool {
        self.host.as_ref().is_none_or(|host| host.matches(image.registry(), case))
            && self.matches_path(image)
            && self.tag.as_ref().is_none_or(|tag| image.effective_tag().is_some_and(|t| tag.matches(t)))
            && self.digest.as_ref().is_none_or(|digest| image.digest() == Some(digest))
    }

    /// Whether this matches all that the other matches.
    pub(crate) fn covers(&self, other: &Self) -> bool {
        let has_host = match (&self.host, &other.host) {
            (None, _) => true,
            (Some(host), Some(other)) => host.covers(other),
            (Some(_), None) => false,
        };
        // The other has at least as many components, and exactly as many unless this has more below.
        let mut components = other.path.iter();
        let has_path = self.path.iter().all(|glob| components.next().is_some_and(|other| glob.covers(other)))
            && if self.below {
                components.next().is_some() || other.below
            } else {
                components.next().is_none() && !other.below
            };
        let has_tag =
            self.tag.as_ref().is_none_or(|tag| other.tag.as_ref().is_some_and(|other| tag.covers(other)));
        has_host && has_path && has_tag && (self.digest.is_none() || self.digest == other.digest)
    }

    /// Whether it matches every image, or every one that has a tag.
    pub(crate) fn is_everything(&self) -> bool {
        self.host.is_none()
            && self.digest.is_none()
            && self.tag.as_ref().is_none_or(TagPattern::is_everything)
    }

    fn matches_path(&self, image: &Reference<'_>) -> bool {
        let mut components = image.repository().components();
        self.path.iter().all(|glob| components.next().is_some_and(|c| glob.matches(c, false)))
            && components.next().is_some() == self.below
    }
}

fn parse_digest(digest: &str) -> Result<Box<str>, PatternError> {
    if has(digest, b'*') {
        return Err(PatternError::StarInDigest);
    }
    // Positions in the message then count from the `@`.
    Reference::parse(&format!("a@{digest}"))?;
    Ok(digest.into())
}
