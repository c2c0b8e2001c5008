//! Which containers run other content than their tag names now.
//!
//! ```
//! use fresh_images_stale::{Cluster, Judge, Verdict};
//!
//! let mut cluster = Cluster::default();
//! cluster.read_json(
//!     br#"{"kind": "List", "items": [
//!         {"kind": "Pod", "metadata": {"name": "a", "namespace": "shop"},
//!          "spec": {"nodeName": "n1", "containers": [{"name": "web", "image": "ghcr.io/shop/web:1"}]},
//!          "status": {"containerStatuses": [{"name": "web", "state": {"running": {}},
//!              "image": "ghcr.io/shop/web:1",
//!              "imageID": "ghcr.io/shop/web@sha256:1111111111111111111111111111111111111111111111111111111111111111"}]}}
//!     ]}"#
//!     .as_slice(),
//! )?;
//! let report = Judge::offline().judge(&cluster);
//! assert_eq!(report.containers, 1);
//! assert_eq!(report.findings[0].verdict, Verdict::Unchecked);
//! # Ok::<(), fresh_images_stale::ReadError>(())
//! ```
//!
//! The input is what `kubectl get pods,nodes -A -o json` prints. [`Cluster`] reads it, [`Judge`] compares what runs with what
//! a [`Registry`] says, and the [`Report`] has a finding for each workload and container.
//!
//! | file | what it knows |
//! |---|---|
//! | `cluster.rs` | reads Pods, Nodes, ReplicaSets, and the Secrets with credentials |
//! | `running.rs` | what an `imageID` says, on each runtime |
//! | `content.rs` | what a registry says: indexes, manifests, configs; each is asked for once |
//! | `verdict.rs` | the verdicts, and how one is found |
//! | `split.rs` | whether the Pods of a workload run different contents |
//! | `judge.rs` | groups containers, asks in parallel, makes the report |
//!
//! Content is the digest of the image's config for the platform of the node. The digest of an index differs without a
//! difference in content: BuildKit writes a new one at each build. What is not known is never stale.

#![forbid(unsafe_code)]

mod cluster;
mod content;
mod judge;
mod running;
mod split;
mod verdict;

pub use cluster::{
    Cluster, Container, DockerConfig, Node, NodeImage, Owner, Platform, Pod, ReadError, State,
};
pub use content::{Registry, RegistryError};
pub use judge::{Finding, Instance, Judge, Report, Summary};
pub use running::RunningId;
pub use verdict::{Code, Current, Help, Verdict};
