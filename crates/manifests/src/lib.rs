//! Judges manifests as their authors write them, and fixes them: YAML and JSON, with several documents, lists and
//! admission requests. Whatever is wrong has its place in the text.
//!
//! ```
//! use fresh_images_manifests::document::Source;
//! use fresh_images_manifests::{Answer, Options, check};
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
//! let settings = r#"{"mutate": {"to": "pullAlways"}}"#;
//! let judge = |payload: &[u8]| Ok(Answer::from(fresh_images::evaluate(payload)));
//! let checked = check(&source, Options::default().fixing(), settings, &judge);
//! assert_eq!(checked.report.summary().to_string(), "1 document, 1 image: 1 accepted (1 fixed)");
//! let fixed = checked.fixed.unwrap_or_default();
//! assert!(fixed.ends_with("image: nginx:1.25\n    imagePullPolicy: Always\n"), "{fixed}");
//! ```
//!
//! The command line tool and the browser both use it. It knows no engine: whoever calls it brings what judges.

#![forbid(unsafe_code)]

mod check;
pub mod conditions;
pub mod document;
pub mod fix;
mod fixable;
mod judge;
mod lasting;
mod order;
mod parallel;
pub mod policy;
pub mod report;
pub mod settings;
pub mod subject;

pub use check::{Checked, Options, check, check_by};
pub use judge::{Answer, Found, Judge, Question};
pub use parallel::in_parallel;
