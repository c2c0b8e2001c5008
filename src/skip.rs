//! Why an image, or a whole Pod, is not evaluated.
//!
//! | file | what is skipped |
//! |---|---|
//! | `skip/exemption.rs` | an image that an entry of `exempt` covers, or some of the rules for it |
//! | `skip/unchanged.rs` | an image that an UPDATE leaves as it was |
//! | `skip/old_revision.rs` | the images of an object that remembers an old revision and wants no Pods |
//! | `skip/mirror_pod.rs` | the Pod that represents a static Pod, which runs already |

pub(crate) mod exemption;
pub(crate) mod mirror_pod;
pub(crate) mod old_revision;
mod unchanged;

pub(crate) use exemption::{Exemption, Lifted};
pub(crate) use unchanged::Update;
