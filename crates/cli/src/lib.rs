//! An engine that runs policies, and what the command line tool `fresh-images` needs to judge files with it.
//!
//! ```
//! use fresh_images_cli::{Engine, Options, POLICY};
//! use fresh_images_manifests::document::{self, Source};
//! use fresh_images_manifests::subject;
//!
//! let source = Source::new("web.yaml", "\
//! apiVersion: v1
//! kind: Pod
//! metadata: {name: web}
//! spec:
//!   containers:
//!   - name: web
//!     image: nginx:1.25
//! ");
//! let engine = Engine::new(POLICY, Options::default())?;
//! for document in document::read(&source) {
//!     for subject in subject::subjects(&document?) {
//!         let subject = subject?;
//!         let response = engine.validate(&subject.payload("{}"))?;
//!         assert!(!response.accepted);
//!     }
//! }
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

#![forbid(unsafe_code)]

pub mod engine;
#[cfg(feature = "registry")]
pub mod module;
#[cfg(feature = "registry")]
pub mod registry;

pub use engine::{Engine, EngineError, LogEvent, LogSink, Options, Response, SettingsResponse};

/// The policy, compiled to WebAssembly: the file that clusters run.
pub const POLICY: &[u8] = include_bytes!(concat!(env!("CARGO_MANIFEST_DIR"), "/../../policy.wasm"));
