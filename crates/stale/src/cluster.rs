//! What is known of a cluster: only what counts.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::Arc;

use fresh_images::reference::Reference;
use serde::Deserialize;

/// What is known of a cluster.
#[derive(Debug, Default)]
pub struct Cluster {
    /// Every container that has a status, in the order of the input.
    pub containers: Vec<Container>,
    /// By name.
    pub nodes: BTreeMap<String, Node>,
    /// The Deployment of a ReplicaSet, by namespace and name.
    pub(crate) owners: BTreeMap<(String, String), Owner>,
    /// The `imagePullSecrets` of Pods that run, by namespace and name.
    pub pull_secrets: BTreeSet<(String, String)>,
    /// The Secrets with credentials for registries, by namespace and name.
    pub secrets: BTreeMap<(String, String), DockerConfig>,
    /// How many Pods were read.
    pub pods: usize,
    /// How many objects of other kinds were passed over.
    pub others: usize,
    /// What the reader of a report should know of the input.
    pub notes: Vec<String>,
}

/// A Secret of the type `kubernetes.io/dockerconfigjson` or `kubernetes.io/dockercfg`, in Base64.
#[derive(Clone)]
pub struct DockerConfig(pub String);

/// It is a secret.
impl fmt::Debug for DockerConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("DockerConfig(…)")
    }
}

/// A container that runs, or should.
#[derive(Clone, Debug)]
pub struct Container {
    /// Its Pod.
    pub pod: Arc<Pod>,
    /// `container`, `init container`, `ephemeral container` or `image volume`.
    pub noun: &'static str,
    /// Its name.
    pub name: String,
    /// The image of the spec, never that of the status.
    pub image: String,
    /// `imagePullPolicy`, if it is set. The API server sets it.
    pub pull_policy: Option<String>,
    /// `status.image`.
    pub status_image: String,
    /// `imageID`.
    pub image_id: String,
    /// Whether it runs.
    pub state: State,
}

/// Whether a container runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum State {
    /// Since when, as RFC 3339; empty if the status does not say.
    Running(String),
    /// It waits, with the reason of the status.
    Waiting(String),
    /// The status does not say, as of image volumes.
    Mounted,
}

/// Where a container is.
#[derive(Clone, Debug)]
pub struct Pod {
    /// `default` if the Pod has none.
    pub namespace: String,
    /// Its name.
    pub name: String,
    /// The node that it is bound to; empty if it is not.
    pub node: String,
    /// The controller that made it.
    pub owner: Option<Owner>,
}

/// A workload.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Owner {
    /// Such as `Deployment`.
    pub kind: String,
    /// Its name.
    pub name: String,
}

/// A node.
#[derive(Clone, Debug, Default)]
pub struct Node {
    /// What images it runs, if it says.
    pub platform: Option<Platform>,
    /// What it holds: at most the 50 largest images.
    pub images: Vec<NodeImage>,
}

/// An image that a node holds, with its names: digests, then tags, at most five.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct NodeImage {
    /// `repository@digest` and `repository:tag`.
    #[serde(default)]
    pub names: Vec<String>,
}

/// What a node runs.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Platform {
    /// Such as `linux`.
    pub os: String,
    /// Such as `amd64`.
    pub architecture: String,
}

impl fmt::Display for Platform {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.os, self.architecture)
    }
}

impl Cluster {
    /// Leaves out the containers of other workloads than those that `wanted` takes by kind and name.
    pub fn keep(&mut self, wanted: impl Fn(&str, &str) -> bool) {
        let containers = std::mem::take(&mut self.containers);
        let of_wanted = |container: &Container| match self.owner(&container.pod) {
            Some(owner) => wanted(&owner.kind, &owner.name),
            None => wanted("Pod", &container.pod.name),
        };
        self.containers = containers.into_iter().filter(of_wanted).collect();
    }

    /// The workload that a Pod belongs to, as people name it.
    pub fn owner(&self, pod: &Pod) -> Option<Owner> {
        let owner = pod.owner.clone()?;
        if owner.kind != "ReplicaSet" {
            return Some(owner);
        }
        let key = (pod.namespace.clone(), owner.name.clone());
        Some(self.owners.get(&key).cloned().unwrap_or(owner))
    }

    /// The node of a Pod.
    pub fn node(&self, pod: &Pod) -> Option<&Node> {
        self.nodes.get(&pod.node)
    }
}

impl Node {
    /// The image that this tag names on the node, if the node lists it.
    pub(crate) fn holding(&self, image: &str) -> Option<&NodeImage> {
        self.images.iter().find(|held| held.names.iter().any(|name| is_same_tag(name, image)))
    }
}

impl NodeImage {
    /// Whether this is one of its digests.
    pub(crate) fn has_digest(&self, digest: &str) -> bool {
        !digest.is_empty()
            && self.names.iter().any(|name| name.rsplit_once('@').is_some_and(|(_, it)| it == digest))
    }
}

/// Whether a name of a node is this canonical image: runtimes may leave out `docker.io/library/`.
fn is_same_tag(name: &str, image: &str) -> bool {
    let Ok(reference) = Reference::parse(name) else { return false };
    let tag = if reference.is_pinned() { None } else { reference.effective_tag() };
    tag.is_some_and(|tag| format!("{}/{}:{tag}", reference.registry(), reference.repository()) == image)
}
