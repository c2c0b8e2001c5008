//! An old revision: a ReplicaSet, or a ReplicationController, that a controller owns and that wants no Pods.
//!
//! A Deployment keeps ten of them by default, and so does an OpenShift DeploymentConfig, to be able to go back. They run
//! nothing and nobody can change their images. Going back changes the owner, which is judged, and so are the Pods
//! that come of it. An audit would report them forever.
//!
//! | object | is it judged? |
//! |---|---|
//! | `replicas: 0`, owned by a controller | no |
//! | `replicas: 0`, owned by nobody | yes: its author can change it |
//! | owned, without `replicas` | yes: it wants one |

use crate::request::{Kind, Workload};

pub(crate) fn is_old_revision(payload: &[u8], kind: Option<&Kind>, workload: &Workload<'_>) -> bool {
    kind.is_some_and(Kind::is_revision)
        && workload.scale.is_zero(payload)
        && workload.metadata.is_owned
        && !workload.metadata.is_unclear
}
