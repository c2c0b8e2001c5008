//! Patterns that settings name registries, images, tags and names with.
//!
//! | pattern | matches | does not match |
//! |---|---|---|
//! | registry `ghcr.io` | `ghcr.io/org/app:1` | `ghcr.io:5000/app`, `ghcr.io.evil.com/app` |
//! | registry `ghcr.io/org` | `ghcr.io/org`, `ghcr.io/org/app` | `ghcr.io/org-evil/app` |
//! | registry `*.corp.example` | `eu.corp.example/app`, `a.b.corp.example/app` | `corp.example/app` |
//! | image `nginx` | `docker.io/library/nginx:1`, `nginx@sha256:…` | `ghcr.io/library/nginx` |
//! | image `ghcr.io/org/*` | `ghcr.io/org/app` | `ghcr.io/org/team/app` |
//! | image `ghcr.io/org/**` | `ghcr.io/org/app`, `ghcr.io/org/team/app` | `ghcr.io/org` |
//! | image `**` | every image | |
//! | tag `*-SNAPSHOT` | `1.0-SNAPSHOT` | `1.0-snapshot` |
//!
//! ```
//! use fresh_images::pattern::{HostCase, ImagePattern, RegistryPattern};
//! use fresh_images::reference::Reference;
//!
//! let org = RegistryPattern::parse("ghcr.io/org")?;
//! let image = |text| Reference::parse(text).unwrap();
//! assert!(org.matches(&image("ghcr.io/org/app:1"), HostCase::Exact));
//! assert!(!org.matches(&image("ghcr.io/org-evil/app:1"), HostCase::Exact));
//!
//! let bitnami = ImagePattern::parse("bitnami/**")?;
//! assert!(bitnami.matches(&image("docker.io/bitnami/redis:7"), HostCase::Exact));
//!
//! assert_eq!(
//!     RegistryPattern::parse("https://ghcr.io").unwrap_err().to_string(),
//!     "can never match: `://` at byte 5: an image reference has no scheme",
//! );
//! # Ok::<(), fresh_images::pattern::PatternError>(())
//! ```
//!
//! Patterns are parsed with the parser of [references](crate::reference), each `*` standing for a letter: what
//! is not a reference then can never match one. Matching is by whole components, `*` never crosses `/`, and
//! a host in upper case matches nothing, because allow-lists, mirrors and credentials compare it exactly.

mod error;
mod glob;
mod host;
mod image;
mod registry;

pub use error::PatternError;
pub use glob::{NamePattern, TagPattern};
pub(crate) use host::Host;
pub use host::{HostCase, server};
pub use image::ImagePattern;
pub use registry::RegistryPattern;
