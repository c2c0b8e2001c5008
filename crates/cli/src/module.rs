//! Pulls the module that a policy names, as Kubewarden does.
//!
//! ```no_run
//! use fresh_images_cli::module::{Cache, Module};
//! use fresh_images_cli::registry::{Registry, RegistryOptions};
//! use fresh_images_cli::{Engine, Options};
//!
//! let module: Module = "registry://ghcr.io/fresh-images/policies/fresh-images:v0.1.0".parse()?;
//! let registry = Registry::new(RegistryOptions::default());
//! let bytes = module.pull(&registry, Cache::of_user().as_ref())?;
//! let engine = Engine::new(&bytes, Options::default())?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! | what | compared with |
//! |---|---|
//! | the manifest | the digest in the name, and the digest that the registry says |
//! | the module | the digest and the size in the manifest |
//!
//! What is in the cache is compared again whenever it is read. A tag is asked for each time, its module only if the
//! cache has none; for a digest that the cache knows nobody is asked.

mod artifact;
mod cache;
mod digest;
mod error;

use std::str::FromStr;

use oci_client::Reference;

use crate::registry::Registry;

pub use cache::Cache;
pub use error::{NameError, PullError};

use artifact::Artifact;
use cache::Kind;
use digest::Digest;

/// A module in a registry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Module {
    reference: Reference,
    /// The one in its name.
    digest: Option<Digest>,
}

/// As `spec.module` of a policy names it. Without a scheme it is in a registry, without a registry on Docker Hub, and
/// without tag and digest it is `latest`.
impl FromStr for Module {
    type Err = NameError;

    fn from_str(text: &str) -> Result<Self, NameError> {
        let name = match text.split_once("://") {
            None => text,
            Some(("registry", name)) => name,
            Some(_) => return Err(NameError::Elsewhere(text.into())),
        };
        let no_reference = || NameError::NoReference(text.into());
        let reference: Reference = name.parse().map_err(|_| no_reference())?;
        let digest = match reference.digest() {
            None => None,
            Some(digest) => Some(Digest::parse(digest).ok_or_else(no_reference)?),
        };
        Ok(Self { reference, digest })
    }
}

impl Module {
    /// Its bytes, from the cache or from the registry. Where the cache cannot be written, they are pulled each time.
    ///
    /// # Errors
    ///
    /// Whatever keeps it from being pulled, or makes it another than was named, in one line.
    pub fn pull(&self, registry: &Registry, cache: Option<&Cache>) -> Result<Vec<u8>, PullError> {
        let manifest = self.manifest(registry, cache)?;
        let artifact = Artifact::read(&manifest).map_err(|problem| problem.of(&self.reference))?;
        if let Some(module) = cache.and_then(|cache| cache.read(&artifact.digest, Kind::Module)) {
            return Ok(module);
        }
        let module = registry.layer(&self.reference, &artifact.digest.to_string(), artifact.size)?;
        if let Some(cache) = cache {
            cache.keep(&artifact.digest, Kind::Module, &module);
        }
        Ok(module)
    }

    fn manifest(&self, registry: &Registry, cache: Option<&Cache>) -> Result<Vec<u8>, PullError> {
        let known = self.digest.as_ref().zip(cache);
        if let Some(manifest) = known.and_then(|(digest, cache)| cache.read(digest, Kind::Manifest)) {
            return Ok(manifest);
        }
        let (manifest, digest) = registry.manifest(&self.reference)?;
        // What the registry calls it may be of another algorithm than its name.
        let digest = self.digest.clone().or_else(|| Digest::parse(&digest));
        if let (Some(cache), Some(digest)) = (cache, digest) {
            cache.keep(&digest, Kind::Manifest, &manifest);
        }
        Ok(manifest)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(text: &str) -> Result<String, String> {
        let module = text.parse::<Module>();
        module.map(|module| module.reference.whole()).map_err(|error| error.to_string())
    }

    #[test]
    fn names_are_read_as_kubewarden_reads_them() {
        let sha256 = format!("@sha256:{}", "0a".repeat(32));
        for (text, name) in [
            ("registry://ghcr.io/org/policy:v1", "ghcr.io/org/policy:v1"),
            ("ghcr.io/org/policy:v1", "ghcr.io/org/policy:v1"),
            ("localhost:5000/policy:v1", "localhost:5000/policy:v1"),
            ("registry://localhost:5000/policy", "localhost:5000/policy:latest"),
            ("policy:v1", "docker.io/library/policy:v1"),
            (&format!("registry://ghcr.io/org/policy{sha256}"), &format!("ghcr.io/org/policy{sha256}")),
            (&format!("ghcr.io/org/policy:v1{sha256}"), &format!("ghcr.io/org/policy:v1{sha256}")),
        ] {
            assert_eq!(parsed(text), Ok(name.into()));
        }
    }

    #[test]
    fn what_names_no_module_in_a_registry_is_an_error() {
        for text in ["file:///policy.wasm", "https://example.com/policy.wasm", "REGISTRY://a/b"] {
            assert_eq!(parsed(text), Err(format!("{text:?} is not in a registry")));
        }
        let digest = |algorithm: &str, digits: &str| format!("registry://a.b/c@{algorithm}:{digits}");
        for text in [
            "",
            "registry://",
            "registry:///policy:v1",
            "registry://ghcr.io/Org/policy:v1",
            "ghcr.io/org/policy:v1 ",
            &digest("sha256", &"0A".repeat(32)),
            &digest("sha256", &"0a".repeat(31)),
            &digest("sha384", &"0a".repeat(48)),
            &digest("md5", &"0a".repeat(16)),
        ] {
            let error = format!("{text:?} names no module, as registry://HOST/REPOSITORY:TAG does");
            assert_eq!(parsed(text), Err(error));
        }
    }
}
