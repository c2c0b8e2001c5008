//! Reads Pods, Nodes and ReplicaSets, and keeps only what counts.
//!
//! JSON is read as a stream: of a list of 200 MB no more than an item at a time is in memory as it is written.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::io::Read;
use std::sync::Arc;

use serde::Deserialize;
use serde::de::{self, DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

use fresh_images::reference::Reference;

/// What is known of a cluster.
#[derive(Debug, Default)]
pub struct Cluster {
    /// Every container that has a status, in the order of the input.
    pub containers: Vec<Container>,
    /// By name.
    pub nodes: BTreeMap<String, Node>,
    /// The Deployment of a ReplicaSet, by namespace and name.
    owners: BTreeMap<(String, String), Owner>,
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

/// Why an input cannot be read.
#[derive(Debug)]
pub struct ReadError(String);

impl ReadError {
    /// For callers that read in other forms.
    pub fn new(problem: impl Into<String>) -> Self {
        Self(problem.into())
    }
}

impl fmt::Display for ReadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for ReadError {}

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

    /// Takes the objects of a JSON text: objects and Lists, one after the other. Gives the name of the next page, if the last
    /// list has one.
    ///
    /// # Errors
    ///
    /// A text that is not JSON, with line and column, and a Pod or Node whose fields have wrong types. What came before is
    /// kept.
    pub fn read_json(&mut self, text: impl Read) -> Result<Option<String>, ReadError> {
        let mut next = None;
        let mut deserializer = serde_json::Deserializer::from_reader(text);
        loop {
            if deserializer.end().is_ok() {
                return Ok(next);
            }
            next =
                Objects { cluster: self, list: None }.deserialize(&mut deserializer).map_err(json_error)?;
        }
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

    fn add(&mut self, object: Object, list: Option<&str>) {
        let kind = object.kind.as_deref().or(list).unwrap_or_default();
        match kind {
            "Pod" => self.add_pod(object),
            "Node" => self.add_node(object),
            "ReplicaSet" => self.add_replica_set(object),
            "Secret" => self.add_secret(object),
            _ => self.others = self.others.saturating_add(1),
        }
    }

    fn add_node(&mut self, object: Object) {
        let status = object.status.unwrap_or_default();
        let info = status.node_info.unwrap_or_default();
        let platform = match (info.operating_system, info.architecture) {
            (Some(os), Some(architecture)) => Some(Platform { os, architecture }),
            _ => None,
        };
        let name = object.metadata.unwrap_or_default().name;
        self.nodes.insert(name, Node { platform, images: status.images.unwrap_or_default() });
    }

    fn add_replica_set(&mut self, object: Object) {
        let metadata = object.metadata.unwrap_or_default();
        if let Some(owner) = metadata.controller() {
            self.owners.insert((metadata.namespace(), metadata.name), owner);
        }
    }

    fn add_secret(&mut self, object: Object) {
        let metadata = object.metadata.unwrap_or_default();
        if let Some(Data::Json { config } | Data::Old { config }) = object.data {
            self.secrets.insert((metadata.namespace(), metadata.name), DockerConfig(config));
        }
    }

    fn add_pod(&mut self, object: Object) {
        self.pods = self.pods.saturating_add(1);
        let metadata = object.metadata.unwrap_or_default();
        let (spec, status) = (object.spec.unwrap_or_default(), object.status.unwrap_or_default());
        if matches!(status.phase.as_deref(), Some("Succeeded" | "Failed")) {
            return;
        }
        for secret in spec.image_pull_secrets.unwrap_or_default() {
            self.pull_secrets.insert((metadata.namespace(), secret.name));
        }
        let mut owner = metadata.controller();
        let labels = metadata.labels.as_ref();
        if let (Some(owner), Some(hash)) = (&mut owner, labels.and_then(|it| it.pod_template_hash.as_ref()))
            && owner.kind == "ReplicaSet"
            && let Some(name) = owner.name.strip_suffix(hash.as_str()).and_then(|name| name.strip_suffix('-'))
        {
            let key = (metadata.namespace(), owner.name.clone());
            let deployment = Owner { kind: "Deployment".into(), name: name.into() };
            // What a ReplicaSet says itself counts more, whichever comes first.
            self.owners.entry(key).or_insert(deployment);
        }
        let pod = Arc::new(Pod {
            namespace: metadata.namespace(),
            name: metadata.name,
            node: spec.node_name.unwrap_or_default(),
            owner: owner.take(),
        });
        let statuses = [
            ("container", spec.containers, &status.container_statuses),
            ("init container", spec.init_containers, &status.init_container_statuses),
            ("ephemeral container", spec.ephemeral_containers, &status.ephemeral_container_statuses),
        ];
        for (noun, written, statuses) in statuses {
            let statuses = statuses.as_deref().unwrap_or_default();
            for container in written.unwrap_or_default() {
                let Some(status) = statuses.iter().find(|status| status.name == container.name) else {
                    continue;
                };
                let Some(state) = status.state() else { continue };
                if noun == "init container" && !matches!(state, State::Running(_)) {
                    continue;
                }
                self.containers.push(Container {
                    pod: Arc::clone(&pod),
                    noun,
                    name: container.name,
                    image: container.image.unwrap_or_default(),
                    pull_policy: container.image_pull_policy,
                    status_image: status.image.clone().unwrap_or_default(),
                    image_id: status.image_id.clone().unwrap_or_default(),
                    state,
                });
            }
        }
        let mounts = status
            .container_statuses
            .iter()
            .flatten()
            .flat_map(|status| status.volume_mounts.iter().flatten());
        let mounts: Vec<&VolumeMount> = mounts.collect();
        for Volume { name, image } in spec.volumes.unwrap_or_default() {
            let Some(ImageVolume { reference: Some(reference), pull_policy }) = image else { continue };
            let mount = mounts.iter().find(|mount| mount.name == name);
            let of_status =
                mount.and_then(|mount| mount.volume_status.as_ref()?.image.as_ref()?.image_ref.clone());
            self.containers.push(Container {
                pod: Arc::clone(&pod),
                noun: "image volume",
                name,
                image: reference,
                pull_policy,
                status_image: String::new(),
                image_id: of_status.unwrap_or_default(),
                state: State::Mounted,
            });
        }
    }
}

fn json_error(error: serde_json::Error) -> ReadError {
    ReadError(format!("invalid JSON: {error}"))
}

/// An object, or the items of a list, which are taken one by one.
struct Objects<'c> {
    cluster: &'c mut Cluster,
    list: Option<String>,
}

impl<'de> DeserializeSeed<'de> for Objects<'_> {
    type Value = Option<String>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Objects<'_> {
    type Value = Option<String>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object of Kubernetes, or a List")
    }

    fn visit_map<M: MapAccess<'de>>(mut self, mut members: M) -> Result<Self::Value, M::Error> {
        let mut object = Object::default();
        while let Some(key) = members.next_key::<String>()? {
            match key.as_str() {
                "kind" => object.kind = members.next_value()?,
                "metadata" => object.metadata = members.next_value()?,
                // Other kinds have fields of the same names and other types.
                "spec" if self.is_a(&object, &["Pod"]) => object.spec = members.next_value()?,
                "status" if self.is_a(&object, &["Pod", "Node"]) => object.status = members.next_value()?,
                "data" if self.is_a(&object, &["Secret"]) => object.data = members.next_value()?,
                "items" => {
                    // The API server writes the kind of a list before its items, and leaves it out in them.
                    let list = object.kind.as_deref().and_then(|kind| kind.strip_suffix("List"));
                    self.list = list.filter(|kind| !kind.is_empty()).map(Into::into);
                    members.next_value_seed(Items(&mut self))?;
                }
                _ => {
                    members.next_value::<IgnoredAny>()?;
                }
            }
        }
        let is_list = object.kind.as_deref().is_some_and(|kind| kind.ends_with("List"));
        if is_list {
            let next = object.metadata.and_then(|metadata| metadata.next);
            return Ok(next.filter(|next| !next.is_empty()));
        }
        let list = self.list.take();
        self.cluster.add(object, list.as_deref());
        Ok(None)
    }
}

impl Objects<'_> {
    /// Whether an object may be of one of these kinds, by what is known so far.
    fn is_a(&self, object: &Object, kinds: &[&str]) -> bool {
        let kind = object.kind.as_deref().or(self.list.as_deref());
        kind.is_none_or(|kind| kinds.contains(&kind))
    }
}

struct Items<'o, 'c>(&'o mut Objects<'c>);

impl<'de> DeserializeSeed<'de> for Items<'_, '_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Items<'_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of objects")
    }

    fn visit_unit<E: de::Error>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_seq<S: SeqAccess<'de>>(self, mut items: S) -> Result<(), S::Error> {
        loop {
            let objects = Objects { cluster: &mut *self.0.cluster, list: self.0.list.clone() };
            if items.next_element_seed(objects)?.is_none() {
                return Ok(());
            }
        }
    }
}

#[derive(Default)]
struct Object {
    kind: Option<String>,
    metadata: Option<Metadata>,
    spec: Option<Spec>,
    status: Option<Status>,
    data: Option<Data>,
}

/// What a Secret holds. It is read before the kind, and other kinds have anything there.
#[derive(Deserialize)]
#[serde(untagged)]
enum Data {
    Json {
        #[serde(rename = ".dockerconfigjson")]
        config: String,
    },
    Old {
        #[serde(rename = ".dockercfg")]
        config: String,
    },
    Other(IgnoredAny),
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Metadata {
    name: String,
    namespace: Option<String>,
    owner_references: Option<Vec<OwnerReference>>,
    labels: Option<Labels>,
    /// Of a list: the next page.
    #[serde(rename = "continue")]
    next: Option<String>,
}

/// The one that counts.
#[derive(Debug, Default, Deserialize)]
struct Labels {
    #[serde(default, rename = "pod-template-hash")]
    pod_template_hash: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct OwnerReference {
    kind: String,
    name: String,
    controller: Option<bool>,
}

impl Metadata {
    fn namespace(&self) -> String {
        self.namespace.clone().unwrap_or_else(|| "default".into())
    }

    fn controller(&self) -> Option<Owner> {
        let owners = self.owner_references.as_deref().unwrap_or_default();
        let owner = owners.iter().find(|owner| owner.controller == Some(true))?;
        Some(Owner { kind: owner.kind.clone(), name: owner.name.clone() })
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Spec {
    node_name: Option<String>,
    containers: Option<Vec<Written>>,
    init_containers: Option<Vec<Written>>,
    ephemeral_containers: Option<Vec<Written>>,
    volumes: Option<Vec<Volume>>,
    image_pull_secrets: Option<Vec<SecretReference>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct SecretReference {
    name: String,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Written {
    name: String,
    image: Option<String>,
    image_pull_policy: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Volume {
    name: String,
    image: Option<ImageVolume>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct ImageVolume {
    reference: Option<String>,
    pull_policy: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Status {
    phase: Option<String>,
    container_statuses: Option<Vec<ContainerStatus>>,
    init_container_statuses: Option<Vec<ContainerStatus>>,
    ephemeral_container_statuses: Option<Vec<ContainerStatus>>,
    node_info: Option<NodeInfo>,
    images: Option<Vec<NodeImage>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct ContainerStatus {
    name: String,
    image: Option<String>,
    #[serde(rename = "imageID")]
    image_id: Option<String>,
    state: Option<ContainerState>,
    volume_mounts: Option<Vec<VolumeMount>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct VolumeMount {
    name: String,
    volume_status: Option<VolumeStatus>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct VolumeStatus {
    image: Option<VolumeImage>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct VolumeImage {
    image_ref: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct ContainerState {
    running: Option<Running>,
    waiting: Option<Waiting>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Running {
    started_at: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Waiting {
    reason: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct NodeInfo {
    operating_system: Option<String>,
    architecture: Option<String>,
}

impl ContainerStatus {
    /// `None` if it has ended.
    fn state(&self) -> Option<State> {
        let state = self.state.as_ref()?;
        match (&state.running, &state.waiting) {
            (Some(running), _) => Some(State::Running(running.started_at.clone().unwrap_or_default())),
            (None, Some(waiting)) => Some(State::Waiting(waiting.reason.clone().unwrap_or_default())),
            (None, None) => None,
        }
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
