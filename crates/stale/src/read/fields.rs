//! The fields of Kubernetes that count. Everything else is passed over.

use serde::Deserialize;
use serde::de::IgnoredAny;

use crate::cluster::{NodeImage, Owner, State};

#[derive(Default)]
pub(super) struct Object {
    pub(super) kind: Option<String>,
    pub(super) metadata: Option<Metadata>,
    pub(super) spec: Option<Spec>,
    pub(super) status: Option<Status>,
    pub(super) data: Option<Data>,
}

/// What a Secret holds. It is read before the kind, and other kinds have anything there.
#[derive(Deserialize)]
#[serde(untagged)]
pub(super) enum Data {
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
pub(super) struct Metadata {
    pub(super) name: String,
    pub(super) namespace: Option<String>,
    pub(super) owner_references: Option<Vec<OwnerReference>>,
    pub(super) labels: Option<Labels>,
    /// Of a list: the next page.
    #[serde(rename = "continue")]
    pub(super) next: Option<String>,
}

/// The one that counts.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Labels {
    #[serde(default, rename = "pod-template-hash")]
    pub(super) pod_template_hash: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct OwnerReference {
    pub(super) kind: String,
    pub(super) name: String,
    pub(super) controller: Option<bool>,
}

impl Metadata {
    pub(super) fn namespace(&self) -> String {
        self.namespace.clone().unwrap_or_else(|| "default".into())
    }

    pub(super) fn controller(&self) -> Option<Owner> {
        let owners = self.owner_references.as_deref().unwrap_or_default();
        let owner = owners.iter().find(|owner| owner.controller == Some(true))?;
        Some(Owner { kind: owner.kind.clone(), name: owner.name.clone() })
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Spec {
    pub(super) node_name: Option<String>,
    pub(super) containers: Option<Vec<Written>>,
    pub(super) init_containers: Option<Vec<Written>>,
    pub(super) ephemeral_containers: Option<Vec<Written>>,
    pub(super) volumes: Option<Vec<Volume>>,
    pub(super) image_pull_secrets: Option<Vec<SecretReference>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct SecretReference {
    pub(super) name: String,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Written {
    pub(super) name: String,
    pub(super) image: Option<String>,
    pub(super) image_pull_policy: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Volume {
    pub(super) name: String,
    pub(super) image: Option<ImageVolume>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct ImageVolume {
    pub(super) reference: Option<String>,
    pub(super) pull_policy: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Status {
    pub(super) phase: Option<String>,
    pub(super) container_statuses: Option<Vec<ContainerStatus>>,
    pub(super) init_container_statuses: Option<Vec<ContainerStatus>>,
    pub(super) ephemeral_container_statuses: Option<Vec<ContainerStatus>>,
    pub(super) node_info: Option<NodeInfo>,
    pub(super) images: Option<Vec<NodeImage>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct ContainerStatus {
    pub(super) name: String,
    pub(super) image: Option<String>,
    #[serde(rename = "imageID")]
    pub(super) image_id: Option<String>,
    pub(super) state: Option<ContainerState>,
    pub(super) volume_mounts: Option<Vec<VolumeMount>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct VolumeMount {
    pub(super) name: String,
    pub(super) volume_status: Option<VolumeStatus>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct VolumeStatus {
    pub(super) image: Option<VolumeImage>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct VolumeImage {
    pub(super) image_ref: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct ContainerState {
    pub(super) running: Option<Running>,
    pub(super) waiting: Option<Waiting>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Running {
    pub(super) started_at: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Waiting {
    pub(super) reason: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct NodeInfo {
    pub(super) operating_system: Option<String>,
    pub(super) architecture: Option<String>,
}

impl ContainerStatus {
    /// `None` if it has ended.
    pub(super) fn state(&self) -> Option<State> {
        let state = self.state.as_ref()?;
        match (&state.running, &state.waiting) {
            (Some(running), _) => Some(State::Running(running.started_at.clone().unwrap_or_default())),
            (None, Some(waiting)) => Some(State::Waiting(waiting.reason.clone().unwrap_or_default())),
            (None, None) => None,
        }
    }
}
