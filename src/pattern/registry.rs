//! `registries.allow` and `registries.reject`: a host, and below it a path whose components are a prefix.

use super::error::PatternError;
use super::glob::{Glob, has_double_star, probe};
use super::host::{Host, HostCase};
use crate::reference::{Reference, expect_no_scheme, is_registry, parse_path};

/// A registry, or a part of one: `ghcr.io`, `registry.example.com:5000/team-a`, `*.corp.example`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RegistryPattern {
    host: Host,
    prefix: Vec<Glob>,
}

/// The canonical form, which matches the same images.
impl std::fmt::Display for RegistryPattern {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.host.fmt(f)?;
        self.prefix.iter().try_for_each(|component| write!(f, "/{component}"))
    }
}

impl RegistryPattern {
    /// Parses a pattern. A trailing `/` or `/**` means nothing. What is not a registry is a name on Docker
    /// Hub, as in an image: `nginx` is `docker.io/library/nginx`.
    ///
    /// # Errors
    ///
    /// Blank text, a tag or a digest, a `*` elsewhere in a host than as a leading `*.`, and whatever no image
    /// reference can match.
    pub fn parse(text: &str) -> Result<Self, PatternError> {
        if text.trim().is_empty() {
            return Err(PatternError::Blank);
        }
        expect_no_scheme(text)?;
        let text = text.strip_suffix('/').unwrap_or(text);
        let is_short = !text.contains('/');
        let text = text.strip_suffix("/**").unwrap_or(text);
        if matches!(text, "*" | "**") {
            return Err(PatternError::EveryRegistry);
        }
        if text.contains('@') {
            return Err(PatternError::TagOrDigest);
        }
        let (host, path, start) = match text.split_once('/') {
            Some((first, path)) if is_registry(first) => {
                (Host::parse(first)?, Some(path), first.len().saturating_add(1))
            }
            None if is_registry(text) => (Host::parse(text)?, None, 0),
            _ => (Host::docker_hub(), Some(text), 0),
        };
        let mut prefix = Vec::new();
        if let Some(path) = path {
            if path.contains(':') {
                return Err(PatternError::TagOrDigest);
            }
            if has_double_star(path) {
                return Err(PatternError::DoubleStar);
            }
            parse_path(&probe(path), start)?;
            host.expect_image(&path.replace('*', ""))?;
            if is_short {
                prefix.push(Glob::new("library"));
            }
            prefix.extend(path.split('/').map(Glob::new));
        }
        Ok(Self { host, prefix })
    }

    /// Whether the image is in this registry, at or below the path.
    pub fn matches(&self, image: &Reference<'_>, case: HostCase) -> bool {
        let mut components = image.repository().components();
        self.host.matches(image.registry(), case)
            && self.prefix.iter().all(|glob| components.next().is_some_and(|c| glob.matches(c)))
    }
}
