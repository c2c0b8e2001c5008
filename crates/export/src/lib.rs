//! The policy as Kubernetes' own: settings become a ValidatingAdmissionPolicy, and with `mutate` a MutatingAdmissionPolicy as
//! well, which the API server evaluates itself.
//!
//! ```
//! use fresh_images::settings::Settings;
//! use fresh_images_export::{ApiVersion, Options, map, vap};
//!
//! let settings = Settings::from_json(br#"{"registries": {"allow": ["ghcr.io"]}}"#)?;
//! let manifests = vap(&settings, &Options::default())?;
//! assert!(manifests.contains("kind: ValidatingAdmissionPolicy\n"));
//! assert!(manifests.contains("!u.ref.startsWith('ghcr.io/')"));
//!
//! // What CEL cannot say is refused, never left out.
//! let settings = Settings::from_json(br#"{"mutate": {"to": "pullAlways"}}"#)?;
//! let refused = vap(&settings, &Options::default()).unwrap_err();
//! assert_eq!(
//!     refused.to_string(),
//!     "settings.mutate: a ValidatingAdmissionPolicy changes nothing. Use `export map`, keep Kubewarden for it, or leave it out",
//! );
//! assert!(map(&settings, &Options::default(), ApiVersion::V1)?.mutating.contains("kind: MutatingAdmissionPolicy\n"));
//!
//! // Kubernetes' CEL has no clock, so an exemption that ends is written for a day.
//! let settings = Settings::from_json(
//!     br#"{"exempt": [{"images": ["nginx"], "until": "2027-01-31", "reason": "moves"}]}"#,
//! )?;
//! assert!(vap(&settings, &Options::default()).is_err());
//! let at = |day: &str| Ok::<_, Box<dyn std::error::Error>>(Options { at: Some(day.parse()?), ..Options::default() });
//! assert!(vap(&settings, &at("2027-01-31")?)?.contains("until 2027-01-31 (CEL has no clock: export again after that day)"));
//! assert!(vap(&settings, &at("2027-02-01")?)?.contains("settings.exempt[0] ended on 2027-01-31, so it is left out"));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! `tests/cel` holds what is written against the policy, in the plugin of the API server.

#![forbid(unsafe_code)]

mod always;
mod cel;
mod exempt;
mod manifest;
mod matching;
mod message;
mod name;
mod pattern;
mod refuse;
mod regex;
mod rules;
mod uses;

use fresh_images::date::Date;
use fresh_images::settings::{AllowOrReject, MutateTo, Settings, Tags};

use manifest::{Validation, Variable};
pub use matching::Matching;
use message::Rule;
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
    /// What the policy is asked about. Without it all kinds of Kubernetes in all namespaces but `kube-system`.
    pub matching: Option<Matching>,
}

impl Default for Options {
    fn default() -> Self {
        Self { name: "fresh-images".into(), at: None, matching: None }
    }
}

/// The version of the API that has MutatingAdmissionPolicies: Kubernetes 1.36 has `v1`, and 1.34 has `v1beta1` behind a
/// feature gate.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ApiVersion {
    /// `v1`.
    #[default]
    V1,
    /// `v1beta1`.
    V1beta1,
}

impl ApiVersion {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::V1 => "v1",
            Self::V1beta1 => "v1beta1",
        }
    }
}

/// What [`map`] writes, each with its binding, as YAML.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Map {
    /// The MutatingAdmissionPolicy.
    pub mutating: String,
    /// The ValidatingAdmissionPolicy for what mutation does not cure.
    pub validating: String,
}

/// A ValidatingAdmissionPolicy that judges as the policy does with these settings, and its binding, as YAML.
///
/// # Errors
///
/// Settings that are not a policy, that CEL cannot say, or that cost more than Kubernetes grants: all problems at once.
pub fn vap(settings: &Settings, options: &Options) -> Result<String, Refused> {
    let mut refusals = Refusals::of(settings)?;
    if settings.mutate.is_some() {
        refusals.add(
            "settings.mutate",
            "a ValidatingAdmissionPolicy changes nothing. Use `export map`, keep Kubewarden for it, or leave it out",
        );
    }
    let (mut variables, rules) = judging(settings, options, &mut refusals);
    message::count(&rules, &mut variables);
    let validations = message::validations(&rules);
    expect_lengths(&variables, &validations, &mut refusals);
    refusals.finish(manifest::validating(options, "vap", settings.enforcement, &variables, &validations))
}

/// A MutatingAdmissionPolicy that sets the pull policy `Always` as the policy does with these settings, a
/// ValidatingAdmissionPolicy that judges what comes of it, and their bindings, as YAML.
///
/// # Errors
///
/// As of [`vap`], and settings without `mutate: {to: pullAlways}`.
pub fn map(settings: &Settings, options: &Options, api: ApiVersion) -> Result<Map, Refused> {
    let mut refusals = Refusals::of(settings)?;
    match settings.mutate.as_ref().map(|mutate| mutate.to) {
        Some(MutateTo::PullAlways) => {}
        Some(MutateTo::PinDigest) => refusals.add(
            "settings.mutate.to",
            "pinDigest needs a registry, and CEL cannot ask one. Keep Kubewarden for it, or set it to pullAlways",
        ),
        None => refusals.add("settings.mutate", "is missing, so there is nothing to mutate. Use `export vap`"),
    }
    if options.matching.as_ref().is_some_and(Matching::only_monitors) {
        refusals.add(
            "spec.mode",
            "monitor changes nothing, and a MutatingAdmissionPolicy has no such mode. Set it to protect, or export a policy \
             without mutate",
        );
    }
    let (mut variables, rules) = judging(settings, options, &mut refusals);
    let mut mutating = variables.clone();
    // What is no image can only be refused, and only messages name paths.
    mutating.retain(|variable| !["unreadable", "path"].contains(&variable.name.as_str()));
    let patch = always::patch(&rules, &mut mutating);
    always::leave_to_pods(&rules, &mut variables);
    message::count(&rules, &mut variables);
    let validations = message::validations(&rules);
    expect_lengths(&variables, &validations, &mut refusals);
    refusals.finish(Map {
        mutating: manifest::mutating(options, "map", api, &mutating, &patch),
        validating: manifest::validating(options, "map", settings.enforcement, &variables, &validations),
    })
}

fn expect_lengths(variables: &[Variable], validations: &[Validation], refusals: &mut Refusals) {
    let messages = validations.iter().map(|validation| &validation.message);
    variables.iter().map(|it| &it.expression).chain(messages).for_each(|it| refusals.expect_length(it));
}

/// The variables that find and judge what names images, and the rules.
fn judging(settings: &Settings, options: &Options, refusals: &mut Refusals) -> (Vec<Variable>, Vec<Rule>) {
    // Each setting is read below or refused here: one that is added later does not compile until somebody decides.
    let Settings {
        require: _,
        registries: AllowOrReject { allow: _, reject: _ },
        tags: Tags { reject: _, ignore_case: _ },
        images: AllowOrReject { allow: _, reject: _ },
        overrides: _,
        exempt: _,
        enforcement: _,
        on_update,
        mutate: _,
    } = settings;
    let mut variables = Vec::new();
    uses::find(&mut variables);
    uses::compare(*on_update, &mut variables);
    uses::read(rules::asks_for_servers(settings), &mut variables);
    let lifted = exempt::exempt(settings, options.at, &mut variables, refusals);
    let rules = rules::judge(settings, &lifted, &mut variables, refusals);
    (variables, rules)
}
