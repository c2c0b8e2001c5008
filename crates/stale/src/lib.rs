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
//! | `cluster.rs` | what is known of Pods, Nodes and workloads |
//! | `read.rs`, `read/fields.rs` | reads Pods, Nodes, ReplicaSets, and the Secrets with credentials |
//! | `running.rs` | what an `imageID` says, on each runtime |
//! | `content.rs` | what a registry says: indexes, manifests, configs; each is asked for once |
//! | `code.rs` | the verdicts and their codes |
//! | `verdict.rs` | how the verdict on a container is found |
//! | `help.rs` | what would make a container fresh |
//! | `split.rs` | whether the Pods of a workload run different contents |
//! | `judge.rs` | groups containers, asks in parallel, makes the report |
//! | `report.rs`, `describe.rs` | what is told, and in which words |
//!
//! Content is the digest of the image's config for the platform of the node. The digest of an index differs without a
//! difference in content: BuildKit writes a new one at each build. What is not known is never stale.

#![forbid(unsafe_code)]

mod cluster;
mod code;
mod content;
mod describe;
mod help;
mod judge;
mod read;
mod report;
mod running;
mod split;
mod verdict;

pub use cluster::{Cluster, Container, DockerConfig, Node, NodeImage, Owner, Platform, Pod, State};
pub use code::{Code, Verdict};
pub use content::{Registry, RegistryError};
pub use help::Help;
pub use judge::Judge;
pub use read::ReadError;
pub use report::{Current, Finding, Instance, Report, Summary};
pub use running::RunningId;
