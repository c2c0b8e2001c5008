//! Reads Pods, Nodes, ReplicaSets and Secrets.
//!
//! JSON is read as a stream: of a list of 200 MB no more than an item at a time is in memory as it is written.

mod fields;

use std::fmt;
use std::io::Read;
use std::sync::Arc;

use serde::de::{self, DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

use crate::cluster::{Cluster, Container, DockerConfig, Node, Owner, Platform, Pod, State};

use fields::{Data, ImageVolume, Object, Volume, VolumeMount};

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
