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
//! payload ─▶ request ─▶ image uses ─▶ skip ─▶ rules ─▶ findings ─▶ verdict ─▶ response
//!        └─▶ settings ─▶ policy ────────┴───────┘         └▶ mutate ─▶ evaluated again
//! ```
//!
//! Each module uses only those in the rows below it:
//!
//! | module | what it does |
//! |---|---|
//! | `guest` | converts for policy-server |
//! | [`evaluate`], [`response`] | from a payload to a verdict, and to its JSON |
//! | [`usage`] | which entries of settings nothing matches |
//! | [`mutate`] | plans edits that fix findings, and applies them |
//! | `rules` | what is wrong with an image |
//! | [`policy`] | settings that are understood |
//! | `skip` | why an image is not evaluated |
//! | [`verdict`] | findings, messages, warnings |
//! | [`request`] | reads a payload, down to its image uses |
//! | [`settings`] | reads settings |
//! | [`pattern`] | registries, images, tags and names with `*` |
//! | [`date`] | days, for exemptions that end |
//! | [`pull_policy`] | the pull policy that takes effect |
//! | [`reference`](mod@reference) | image references |
//!
//! The library makes every decision. The guest, the command line (`crates/cli`) and the page (`crates/playground`) only
//! convert data.
//!
//! policy-server starts a fresh instance for every request, so nothing here is built lazily or kept: no regular
//! expressions, no statics, no global set-up.

pub mod date;
mod evaluate;
#[cfg(all(feature = "guest", target_arch = "wasm32", target_os = "wasi", not(test)))]
mod guest;
pub mod mutate;
pub mod pattern;
pub mod policy;
pub mod pull_policy;
pub mod reference;
pub mod request;
pub mod response;
mod rules;
pub mod settings;
mod skip;
mod text;
pub mod usage;
pub mod verdict;

pub use evaluate::{Host, evaluate, evaluate_with};
pub use policy::validate_settings;
pub use settings::SettingsError;
pub use verdict::{Code, Finding, Verdict};
