//! The policy as Kubernetes' own: settings become a ValidatingAdmissionPolicy, which the API server evaluates itself.
//!
//! ```
//! use fresh_images::settings::Settings;
//! use fresh_images_export::{Options, vap};
//!
//! let settings = Settings::from_json(br#"{"registries": {"allow": ["ghcr.io"]}}"#)?;
//! let manifests = vap(&settings, &Options::default())?;
//! assert!(manifests.contains("kind: ValidatingAdmissionPolicy\n"));
//! assert!(manifests.contains(r"u.ref.matches(r'^ghcr\.io/')"));
//!
//! // What CEL cannot say is refused, never left out.
//! let settings = Settings::from_json(br#"{"mutate": {"to": "pullAlways"}}"#)?;
//! let refused = vap(&settings, &Options::default()).unwrap_err();
//! assert_eq!(
//!     refused.to_string(),
//!     "settings.mutate: a ValidatingAdmissionPolicy changes nothing. Keep Kubewarden for it, or leave it out",
//! );
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! `tests/cel` holds what is written against the policy, in the plugin of the API server.

#![forbid(unsafe_code)]

mod cel;
mod exempt;
mod manifest;
mod message;
mod refuse;
mod regex;
mod rules;
mod uses;

use fresh_images::policy::Policy;
use fresh_images::settings::Settings;

use refuse::Refusals;
pub use refuse::Refused;

/// What the settings do not say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Options {
    /// The name of the policy and of its binding.
    pub name: String,
}

impl Default for Options {
    fn default() -> Self {
        Self { name: "fresh-images".into() }
    }
}

/// A ValidatingAdmissionPolicy that judges as the policy does with these settings, and its binding, as YAML.
///
/// # Errors
///
/// Settings that are not a policy, that CEL cannot say, or that cost more than Kubernetes grants: all problems at once.
pub fn vap(settings: &Settings, options: &Options) -> Result<String, Refused> {
    let mut refusals = Refusals::default();
    if let Err(error) = Policy::new(settings) {
        error.problems().iter().for_each(|problem| refusals.add(&problem.path().to_string(), problem.text()));
        return refusals.finish(String::new());
    }
    // Each setting is read below or refused here: one that is added later does not compile until somebody decides.
    let Settings {
        require: _,
        registries: _,
        tags: _,
        images: _,
        overrides: _,
        exempt: _,
        enforcement,
        on_update,
        mutate,
    } = settings;
    if mutate.is_some() {
        refusals.add(
            "settings.mutate",
            "a ValidatingAdmissionPolicy changes nothing. Keep Kubewarden for it, or leave it out",
        );
    }
    let mut variables = Vec::new();
    uses::find(&mut variables);
    uses::compare(*on_update, &mut variables);
    uses::read(&mut variables);
    let lifted = exempt::exempt(settings, &mut variables, &mut refusals);
    let rules = rules::judge(settings, &lifted, &mut variables, &mut refusals);
    message::count(&rules, &mut variables);
    let validations = message::validations(&rules);
    refusals.finish(manifest::write(options, *enforcement, &variables, &validations))
}
