//! What a registry says: which content a digest has. Each tag, manifest and config is asked for once.
//!
//! A tag costs one HEAD request. Only where its digest is not the one that runs, manifests and configs are fetched. The
//! registry is asked for the repository of the spec alone: a status could name any host.

use std::collections::BTreeMap;
use std::fmt;
use std::hash::Hash;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use serde::Deserialize;

use crate::cluster::Platform;

/// Asks registries. Answers may take long, and are kept by the caller.
pub trait Registry: Sync {
    /// The digest that a tag names now. `image` is canonical, such as `docker.io/library/nginx:1.25`.
    ///
    /// # Errors
    ///
    /// [`RegistryError::NotFound`] if there is no such tag, or why nobody knows.
    fn tag(&self, image: &str) -> Result<String, RegistryError>;

    /// The index or manifest of this digest. `repository` is canonical, such as `docker.io/library/nginx`.
    ///
    /// # Errors
    ///
    /// As those of [`tag`](Self::tag).
    fn manifest(&self, repository: &str, digest: &str) -> Result<Vec<u8>, RegistryError>;

    /// The blob of this digest, which is a config.
    ///
    /// # Errors
    ///
    /// As those of [`tag`](Self::tag).
    fn config(&self, repository: &str, digest: &str) -> Result<Vec<u8>, RegistryError>;
}

/// Why a registry gives no answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RegistryError {
    /// It has no such tag or digest.
    NotFound,
    /// Anything else, in one short line.
    Failed(String),
}

impl fmt::Display for RegistryError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotFound => f.write_str("not found"),
            Self::Failed(reason) => f.write_str(reason),
        }
    }
}

/// What a digest is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Manifest {
    /// One manifest for each platform.
    Index(Vec<Child>),
    /// The image of one platform.
    Image {
        /// The digest of its config.
        config: String,
    },
}

/// An image in an index.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Child {
    pub(crate) digest: String,
    pub(crate) platform: Option<Platform>,
    /// Such as `v7`.
    variant: Option<String>,
}

/// What an image was built for, and when.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Config {
    pub(crate) created: Option<String>,
    pub(crate) platform: Option<Platform>,
}

/// Answers that were given.
pub(crate) struct Contents<'r> {
    registry: &'r dyn Registry,
    tags: Once<String, Result<String, RegistryError>>,
    manifests: Once<(String, String), Result<Arc<Manifest>, RegistryError>>,
    configs: Once<(String, String), Result<Arc<Config>, RegistryError>>,
}

/// A map whose values are made once, even if two threads ask at the same time.
struct Once<K, V>(Mutex<BTreeMap<K, Arc<OnceLock<V>>>>);

impl<K: Ord + Hash, V: Clone> Once<K, V> {
    fn get(&self, key: K, make: impl FnOnce() -> V) -> V {
        let cell = Arc::clone(self.0.lock().unwrap_or_else(PoisonError::into_inner).entry(key).or_default());
        cell.get_or_init(make).clone()
    }

    fn len(&self) -> usize {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).len()
    }
}

/// What is read of an index or a manifest, and no more: both may be of other versions.
#[derive(Deserialize)]
struct Document {
    manifests: Option<Vec<Descriptor>>,
    config: Option<Descriptor>,
}

#[derive(Deserialize)]
struct Descriptor {
    digest: String,
    platform: Option<Described>,
    #[serde(default)]
    annotations: BTreeMap<String, serde_json::Value>,
}

#[derive(Deserialize)]
struct Described {
    os: Option<String>,
    architecture: Option<String>,
    variant: Option<String>,
}

/// The most entries of an index that are looked at.
const MAX_CHILDREN: usize = 1_000;

impl<'r> Contents<'r> {
    pub(crate) fn new(registry: &'r dyn Registry) -> Self {
        let (tags, manifests, configs) = (Mutex::default(), Mutex::default(), Mutex::default());
        Self { registry, tags: Once(tags), manifests: Once(manifests), configs: Once(configs) }
    }

    /// How many requests were made.
    pub(crate) fn requests(&self) -> usize {
        self.tags.len().saturating_add(self.manifests.len()).saturating_add(self.configs.len())
    }

    pub(crate) fn tag(&self, image: &str) -> Result<String, RegistryError> {
        self.tags.get(image.into(), || self.registry.tag(image))
    }

    pub(crate) fn manifest(&self, repository: &str, digest: &str) -> Result<Arc<Manifest>, RegistryError> {
        let key = (repository.into(), digest.into());
        self.manifests.get(key, || {
            let body = self.registry.manifest(repository, digest)?;
            read_manifest(&body).map(Arc::new).map_err(RegistryError::Failed)
        })
    }

    pub(crate) fn config(&self, repository: &str, digest: &str) -> Result<Arc<Config>, RegistryError> {
        let key = (repository.into(), digest.into());
        self.configs.get(key, || {
            let body = self.registry.config(repository, digest)?;
            Ok(Arc::new(read_config(&body)))
        })
    }

    /// The config digests that an index or manifest has for this platform; for all of them if it is not known. None if
    /// the index has no image for it.
    pub(crate) fn configs_of(
        &self,
        repository: &str,
        digest: &str,
        platform: Option<&Platform>,
    ) -> Result<Vec<String>, RegistryError> {
        let manifest = self.manifest(repository, digest)?;
        let children = match &*manifest {
            Manifest::Image { config } => return Ok(vec![config.clone()]),
            Manifest::Index(children) => children,
        };
        let mut configs = Vec::new();
        for child in children_for(children, platform) {
            match &*self.manifest(repository, &child.digest)? {
                Manifest::Image { config } => configs.push(config.clone()),
                Manifest::Index(_) => {
                    return Err(RegistryError::Failed("the index contains another index".into()));
                }
            }
        }
        Ok(configs)
    }
}

/// The images for a platform. Where several variants of it are listed, any of them may be what the node takes.
fn children_for<'c>(children: &'c [Child], platform: Option<&Platform>) -> Vec<&'c Child> {
    let fits = |child: &&Child| match (platform, &child.platform) {
        (Some(wanted), Some(offered)) => wanted == offered,
        _ => true,
    };
    children.iter().filter(fits).collect()
}

fn read_manifest(body: &[u8]) -> Result<Manifest, String> {
    let document: Document =
        serde_json::from_slice(body).map_err(|_| "the answer is not an image manifest".to_owned())?;
    match document {
        Document { manifests: Some(entries), .. } => {
            if entries.len() > MAX_CHILDREN {
                return Err(format!("the index has more than {MAX_CHILDREN} manifests"));
            }
            Ok(Manifest::Index(entries.into_iter().filter_map(child).collect()))
        }
        Document { config: Some(config), .. } => Ok(Manifest::Image { config: config.digest }),
        _ => Err("the answer is not an image manifest".into()),
    }
}

/// An entry of an index, unless it attests something about another: BuildKit writes `unknown/unknown` there.
fn child(entry: Descriptor) -> Option<Child> {
    if entry.annotations.contains_key("vnd.docker.reference.type") {
        return None;
    }
    let mut variant = None;
    let platform = entry.platform.and_then(|platform| {
        variant = platform.variant;
        Some(Platform { os: platform.os?, architecture: platform.architecture? })
    });
    if platform.as_ref().is_some_and(|it| it.os == "unknown" || it.architecture == "unknown") {
        return None;
    }
    Some(Child { digest: entry.digest, platform, variant })
}

fn read_config(body: &[u8]) -> Config {
    #[derive(Default, Deserialize)]
    #[serde(default)]
    struct Body {
        created: Option<String>,
        os: Option<String>,
        architecture: Option<String>,
    }
    let Body { created, os, architecture } = serde_json::from_slice(body).unwrap_or_default();
    let platform = os.zip(architecture).map(|(os, architecture)| Platform { os, architecture });
    Config { created, platform }
}
