//! From the payload to the image uses in it.
//!
//! | file | what it reads |
//! |---|---|
//! | `request/payload.rs` | the admission request and the settings |
//! | `request/object.rs` | an object, down to its pod spec |
//! | `request/metadata.rs` | its metadata |
//! | `request/pod_spec.rs` | the lists of a pod spec |
//! | `request/group.rs` | which API groups name images |
//! | `request/discovery.rs` | such lists in kinds that the policy does not know |
//! | `request/image_fields.rs` | the fields of one container or volume |
//! | `request/scale.rs` | what decides how many Pods an object starts |
//! | `request/kind.rs` | where the kinds of Kubernetes have their pod spec |
//! | `request/workload.rs` | everything that was found in an object |
//! | `request/image_use.rs` | one image that was found, and the list that it is in |
//! | `request/malformed.rs` | what is wrong where something cannot be read |

mod discovery;
mod group;
mod image_fields;
mod image_use;
mod kind;
mod malformed;
mod metadata;
mod object;
mod payload;
mod pod_spec;
mod scale;
mod workload;

pub(crate) use group::{fills_in, names_images};
pub use image_use::ListKind;
pub(crate) use image_use::{ImageList, ImageUse};
pub use kind::{KINDS, Kind};
pub(crate) use malformed::{Defect, Malformed};
pub use metadata::ANNOTATION;
pub(crate) use payload::{ObjectField, Payload, Request, read};
pub(crate) use workload::Workload;
