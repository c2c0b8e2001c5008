//! Mutation: what `require` would reject gets the pull policy `Always`, or the digest that its tag has now.
//!
//! ```
//! use fresh_images::{evaluate, response};
//!
//! let payload = br#"{
//!     "request": {
//!         "operation": "CREATE",
//!         "kind": {"group": "", "version": "v1", "kind": "Pod"},
//!         "object": {"spec": {"containers": [{"name": "web", "image": "nginx:1.25"}]}}
//!     },
//!     "settings": {"mutate": {"to": "pullAlways"}}
//! }"#;
//! let verdict = evaluate(payload);
//! assert!(verdict.is_accepted());
//! assert_eq!(
//!     verdict.mutated_object(),
//!     Some(r#"{"spec": {"containers": [{"name": "web", "image": "nginx:1.25","imagePullPolicy":"Always"}]}}"#),
//! );
//! assert_eq!(
//!     verdict.warnings(),
//!     ["container \"web\": image \"nginx:1.25\" now has imagePullPolicy: Always, was IfNotPresent"],
//! );
//! # Ok::<(), serde_json::Error>(())
//! ```
//!
//! [`evaluate`](crate::evaluate_with) finds what is wrong; a plan says which findings can be fixed, and by which edits; the
//! edits are applied to the object; and the result is evaluated again, by the same code. Only what is then accepted is
//! returned. The text is edited, so everything that the policy does not know stays as it is.
//!
//! | file | what it decides |
//! |---|---|
//! | `mutate/plan.rs` | which findings can be fixed, how, and what is never mutated |
//! | `mutate/digests.rs` | what a registry is asked, and which answers count |
//! | `mutate/annotation.rs` | what is recorded |
//! | `mutate/edit.rs` | the new text |

mod annotation;
mod digests;
mod edit;
mod plan;

pub use crate::request::ANNOTATION;
pub(crate) use digests::LookUpError;
pub use digests::{DigestResolver, MAX_LOOK_UPS, Unresolved};
pub(crate) use edit::apply;
pub(crate) use plan::{Outcome, Plan, Target};
