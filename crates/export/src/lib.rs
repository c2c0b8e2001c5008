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
//!
//! // Kubernetes' CEL has no clock, so an exemption that ends is written for a day.
//! let settings = Settings::from_json(
//!     br#"{"exempt": [{"images": ["nginx"], "until": "2027-01-31", "reason": "moves"}]}"#,
//! )?;
//! assert!(vap(&settings, &Options::default()).is_err());
//! let at = |day: &str| Ok::<_, Box<dyn std::error::Error>>(Options { at: Some(day.parse()?), ..Options::default() });
//! assert!(vap(&settings, &at("2027-01-31")?)?.contains("until 2027-01-31 (CEL has no clock: export again after that day)"));
//! assert!(vap(&settings, &at("2027-02-01")?)?.contains("settings.exempt[0] has ended on 2027-01-31, so it is left out"));
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

use fresh_images::date::Date;
use fresh_images::policy::Policy;
use fresh_images::settings::Settings;

use refuse::Refusals;
pub use refuse::Refused;

/// What the settings do not say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Options {
    /// The name of the policy and of its binding.
    pub name: String,
    /// The day for which the policy is written: it leaves out exemptions that have ended by then, and writes the others
    /// without an end, because Kubernetes' CEL has no clock. Without a day, exemptions with `until` are refused.
    pub at: Option<Date>,
}

impl Default for Options {
    fn default() -> Self {
        Self { name: "fresh-images".into(), at: None }
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
    let lifted = exempt::exempt(settings, options.at, &mut variables, &mut refusals);
    let rules = rules::judge(settings, &lifted, &mut variables, &mut refusals);
    message::count(&rules, &mut variables);
    let validations = message::validations(&rules);
    refusals.finish(manifest::write(options, *enforcement, &variables, &validations))
}
