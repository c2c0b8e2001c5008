//! An admission policy that rejects every container image which can go stale.
//!
//! ```
//! let payload = br#"{
//!     "request": {
//!         "operation": "CREATE",
//!         "kind": {"group": "apps", "version": "v1", "kind": "Deployment"},
//!         "object": {"spec": {"template": {"spec": {"containers": [
//!             {"name": "web", "image": "harbor.example.com/shop/web:1.1", "imagePullPolicy": "IfNotPresent"}
//!         ]}}}}
//!     },
//!     "settings": {}
//! }"#;
//! let verdict = fresh_images::evaluate(payload);
//! assert_eq!(
//!     verdict.message().as_deref(),
//!     Some(
//!         "container \"web\" at spec.template.spec.containers[0]: image \"harbor.example.com/shop/web:1.1\" can \
//!          go stale: it has no digest and its pull policy is IfNotPresent, so a node that holds this tag keeps \
//!          running the old content. Set imagePullPolicy: Always, or pin the image as \
//!          harbor.example.com/shop/web@sha256:… [mutable-image]"
//!     ),
//! );
//! ```
//!
//! # How it is built
//!
//! ```text
//! payload ─▶ request ─▶ workload ─▶ image uses ─▶ rules (policy) ─▶ verdict ─▶ response
//!                                    reference, pull_policy        └▶ mutate
//! ```
//!
//! The library decides; whatever runs it translates: the waPC guest for Kubewarden (`guest.rs`), the embedded
//! engine and the command line (`crates/host`). [`evaluate`] is all that they call.
//!
//! policy-server starts a fresh instance for every request, so nothing here is built lazily or kept: no regular
//! expressions, no statics, no global set-up.

mod evaluate;
#[cfg(all(target_arch = "wasm32", target_os = "wasi", not(test)))]
mod guest;
pub mod image_use;
mod mirror_pod;
pub mod mutate;
pub mod pattern;
pub mod policy;
pub mod pull_policy;
pub mod reference;
mod request;
pub mod response;
mod rules;
pub mod settings;
mod update;
pub mod verdict;
pub mod workload;

pub use evaluate::{evaluate, evaluate_with};
pub use settings::{SettingsError, validate_settings};
pub use verdict::{Code, Finding, Verdict};
