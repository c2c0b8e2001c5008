//! Looking digests up: each image once, only so many images a request, and only an answer that is a digest counts.
//!
//! policy-server asks the registry, one image after the other for all policies and without a time limit, so a
//! request must not make it ask much. Source: Kubewarden's `oci/v1/manifest_digest`. Who asks by itself, as the command
//! line does, sets its own limit.

use std::collections::BTreeMap;

use crate::reference::{Reference, parse_digest};
use crate::text::after;

/// The most images that are looked up for one request, unless the resolver has another limit.
pub const MAX_LOOK_UPS: usize = 3;

/// Words in reasons that trying again does not remove: of policy-server, of registries, and of our own command line.
const LASTING: [&str; 7] =
    ["not found", "unknown", "authorized", "denied", "credentials", "has no ", "refused the"];

/// Finds out which digest a tag has now.
pub trait DigestResolver {
    /// The digest of an image, such as `sha256:…`. `image` is canonical, with a tag. An answer that is not a digest
    /// counts as none.
    ///
    /// # Errors
    ///
    /// Why there is no answer; the user will read it.
    fn manifest_digest(&self, image: &str) -> Result<String, String>;

    /// The most images that may be looked up for one request. With more, none is.
    fn max_look_ups(&self) -> usize {
        MAX_LOOK_UPS
    }
}

/// Resolves nothing.
#[derive(Clone, Copy, Debug)]
pub struct Unresolved;

impl DigestResolver for Unresolved {
    fn manifest_digest(&self, image: &str) -> Result<String, String> {
        Err(format!("no registry is available to look up {image}"))
    }
}

/// Knows these digests, by the image exactly as the policy asks for it.
///
/// ```
/// use std::collections::BTreeMap;
///
/// use fresh_images::mutate::DigestResolver;
///
/// let digests = BTreeMap::from([("ghcr.io/shop/web:1.1".to_string(), "sha256:aa…".to_string())]);
/// assert_eq!(digests.manifest_digest("ghcr.io/shop/web:1.1"), Ok("sha256:aa…".into()));
/// assert_eq!(
///     digests.manifest_digest("ghcr.io/shop/web:1.2"),
///     Err("no digest is known for ghcr.io/shop/web:1.2".into()),
/// );
/// ```
impl DigestResolver for BTreeMap<String, String> {
    fn manifest_digest(&self, image: &str) -> Result<String, String> {
        self.get(image).cloned().ok_or_else(|| format!("no digest is known for {image}"))
    }
}

/// Why a digest is not known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct LookUpError {
    pub(crate) reason: String,
    /// Whether the same request may succeed later.
    pub(crate) may_pass: bool,
}

impl LookUpError {
    fn lasting(reason: impl Into<String>) -> Self {
        Self { reason: reason.into(), may_pass: false }
    }
}

/// The images to look up, each with the answer once it was asked for.
pub(super) struct LookUps<'r> {
    resolver: &'r dyn DigestResolver,
    /// In their order as text.
    images: Vec<(String, Option<Result<String, LookUpError>>)>,
}

impl<'r> LookUps<'r> {
    pub(super) fn new<'i>(
        references: impl Iterator<Item = Reference<'i>>,
        resolver: &'r dyn DigestResolver,
    ) -> Self {
        let mut images: Vec<(String, _)> = Vec::new();
        for reference in references {
            let image = reference.with_tag().to_string();
            if let Err(place) = images.binary_search_by(|(known, _)| known.cmp(&image)) {
                images.insert(place, (image, None));
            }
            // One more than is looked up says that they are too many.
            if images.len() > resolver.max_look_ups() {
                break;
            }
        }
        Self { resolver, images }
    }

    /// The digest of an image, or why there is none.
    pub(super) fn get(&mut self, reference: Reference<'_>) -> Result<String, LookUpError> {
        let limit = self.resolver.max_look_ups();
        let image = reference.with_tag().to_string();
        let place = self.images.binary_search_by(|(known, _)| known.cmp(&image));
        let are_too_many = self.images.len() > limit;
        let known = place.ok().and_then(|place| self.images.get_mut(place)).filter(|_| !are_too_many);
        match known {
            Some((_, answer)) => answer.get_or_insert_with(|| ask(&image, self.resolver)).clone(),
            None => Err(LookUpError::lasting(format!("this object has more than {limit} images to look up"))),
        }
    }
}

fn ask(image: &str, resolver: &dyn DigestResolver) -> Result<String, LookUpError> {
    match resolver.manifest_digest(image) {
        Ok(answer) => digest(answer),
        Err(reason) => {
            let lower = reason.to_ascii_lowercase();
            let may_pass = LASTING.iter().all(|lasting| after(&lower, lasting).is_none());
            Err(LookUpError { reason, may_pass })
        }
    }
}

/// The answer, if it is a digest. sha384 is not what registries use.
fn digest(answer: String) -> Result<String, LookUpError> {
    match parse_digest(&answer, 0) {
        Ok(digest) if !digest.starts_with("sha384:") => Ok(answer),
        _ => Err(LookUpError::lasting("the registry's answer is not a digest")),
    }
}

#[cfg(test)]
mod tests {
    use super::{LookUpError, digest};

    #[test]
    fn only_a_digest_is_an_answer() {
        let sha256 = format!("sha256:{}", "a".repeat(64));
        let sha512 = format!("sha512:{}", "0".repeat(128));
        for good in [&sha256, &sha512] {
            assert_eq!(digest(good.clone()).as_ref(), Ok(good));
        }
        for bad in [
            String::new(),
            sha256.to_uppercase(),
            sha256.strip_suffix('a').unwrap_or_default().into(),
            format!("{sha256}a"),
            format!(" {sha256}"),
            format!("{sha256}\n"),
            format!("sha384:{}", "a".repeat(96)),
            format!("md5:{}", "a".repeat(32)),
            format!("nginx@{sha256}"),
            format!(r#"{{"digest": "{sha256}"}}"#),
        ] {
            assert_eq!(
                digest(bad.clone()),
                Err(LookUpError::lasting("the registry's answer is not a digest")),
                "{bad}"
            );
        }
    }
}
