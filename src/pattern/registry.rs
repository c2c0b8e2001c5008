//! `registries.allow` and `registries.reject`: a host, and below it a path whose components are a prefix.

use super::error::PatternError;
use super::glob::{Glob, has_double_star, probe, without_stars};
use super::host::{Host, HostCase, expect_no_network};
use crate::reference::{Reference, expect_no_scheme, is_registry, parse_path};
use crate::text::has;

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
    /// Parses a pattern. A trailing `/` or `/**` means nothing. Its first component is a host, for `nginx` might
    /// mean `docker.io/nginx` or `docker.io/library/nginx`.
    ///
    /// # Errors
    ///
    /// Blank text, a path without a host, a network such as `10.0.0.0/8`, a tag or a digest, a `*` elsewhere in a
    /// host than as a whole label before the last, and whatever no image reference can match.
    pub fn parse(text: &str) -> Result<Self, PatternError> {
        if text.trim().is_empty() {
            return Err(PatternError::Blank);
        }
        expect_no_scheme(text)?;
        let text = text.strip_suffix('/').unwrap_or(text);
        let text = text.strip_suffix("/**").unwrap_or(text);
        if matches!(text, "*" | "**") {
            return Err(PatternError::EveryRegistry);
        }
        if has(text, b'@') {
            return Err(PatternError::TagOrDigest);
        }
        let (host, path, start) = match text.split_once('/') {
            Some((first, path)) if is_registry(first) => {
                expect_no_network(first, path)?;
                (Host::parse(first)?, Some(path), first.len().saturating_add(1))
            }
            None if is_registry(text) => (Host::parse(text)?, None, 0),
            _ => {
                if has(text, b':') {
                    return Err(PatternError::TagOrDigest);
                }
                parse_path(&probe(text), 0)?;
                return Err(PatternError::NoHost(text.into()));
            }
        };
        let mut prefix = Vec::new();
        if let Some(path) = path {
            if has(path, b':') {
                return Err(PatternError::TagOrDigest);
            }
            if has_double_star(path) {
                return Err(PatternError::DoubleStar);
            }
            parse_path(&probe(path), start)?;
            host.expect_image(&without_stars(path))?;
            prefix.extend(path.split('/').map(Glob::new));
        }
        Ok(Self { host, prefix })
    }

    /// Whether the image is in this registry, at or below the path.
    pub fn matches(&self, image: &Reference<'_>, case: HostCase) -> bool {
        let mut components = image.repository().components();
        self.host.matches(image.registry(), case)
            && self.prefix.iter().all(|glob| components.next().is_some_and(|c| glob.matches(c, false)))
    }
}
