//! The policy: settings whose every pattern is understood, and nothing else can judge.
//!
//! ```
//! use fresh_images::policy::Policy;
//! use fresh_images::settings::Settings;
//!
//! let settings = Settings::from_json(br#"{"registries": {"allow": ["ghcr.io", "GHCR.io", "ghcr.io/"]}}"#)?;
//! let error = Policy::new(&settings).unwrap_err();
//! assert_eq!(
//!     error.to_string(),
//!     "settings.registries.allow[1]: \"GHCR.io\" can never match: a host in upper case matches nothing\n\
//!      settings.registries.allow[2]: \"ghcr.io/\" stands there already",
//! );
//! # Ok::<(), fresh_images::settings::SettingsError>(())
//! ```

mod exemption;
mod mutation;
mod patterns;

use fresh_images_json::Quoted;

use crate::pattern::{ImagePattern, PatternError, RegistryPattern, TagPattern};
use crate::settings::{AllowOrReject, Enforcement, OnUpdate, Problems, Require, Settings, SettingsError};

pub(crate) use exemption::{Exemption, Requester};
pub(crate) use mutation::{Mutation, PinDigest};
use patterns::{MAX_COMPARED, MAX_QUOTED, parse_list};

/// A policy in force.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Policy {
    pub(crate) require: Require,
    pub(crate) registries: Lists<RegistryPattern>,
    pub(crate) rejected_tags: Vec<TagPattern>,
    pub(crate) images: Lists<ImagePattern>,
    pub(crate) overrides: Vec<(Vec<ImagePattern>, Require)>,
    pub(crate) exempt: Vec<Exemption>,
    pub(crate) enforcement: Enforcement,
    pub(crate) on_update: OnUpdate,
    /// `None` to judge only.
    pub(crate) mutation: Option<Mutation>,
}

/// What is allowed, if anything is listed, and what is rejected.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Lists<P> {
    pub(crate) allow: Vec<P>,
    pub(crate) reject: Vec<P>,
}

impl Policy {
    /// Checks settings.
    ///
    /// # Errors
    ///
    /// Blank patterns, patterns that can never match, duplicates, `allow` beside `reject`, entries of `overrides` and
    /// `exempt` that name nothing, and a `mutate` that does nothing: all of them at once.
    pub fn new(settings: &Settings) -> Result<Self, SettingsError> {
        let mut problems = Problems::default();
        let policy = Self::check(settings, &mut problems);
        problems.finish(policy)
    }

    /// A policy that leaves out whatever is a problem; not to be used if there is one.
    pub(crate) fn check(settings: &Settings, problems: &mut Problems) -> Self {
        Self {
            require: settings.require,
            registries: lists(&settings.registries, "settings.registries", problems, RegistryPattern::parse),
            rejected_tags: parse_list(
                &settings.tags.reject,
                format_args!("settings.tags.reject"),
                problems,
                TagPattern::parse,
            ),
            images: lists(&settings.images, "settings.images", problems, ImagePattern::parse),
            overrides: overrides(settings, problems),
            exempt: exemption::parse(&settings.exempt, problems),
            enforcement: settings.enforcement,
            on_update: settings.on_update,
            mutation: mutation::parse(settings, problems),
        }
    }
}

fn lists<P: PartialEq>(
    settings: &AllowOrReject,
    path: &str,
    problems: &mut Problems,
    parse: fn(&str) -> Result<P, PatternError>,
) -> Lists<P> {
    let lists = Lists {
        allow: parse_list(&settings.allow, format_args!("{path}.allow"), problems, parse),
        reject: parse_list(&settings.reject, format_args!("{path}.reject"), problems, parse),
    };
    if !settings.allow.is_empty() && !settings.reject.is_empty() {
        problems.add_at(
            path.into(),
            "`allow` and `reject` exclude each other: what is not allowed is rejected already",
        );
    }
    lists
}

fn overrides(settings: &Settings, problems: &mut Problems) -> Vec<(Vec<ImagePattern>, Require)> {
    let mut overrides: Vec<(Vec<ImagePattern>, Require)> = Vec::new();
    for (index, entry) in settings.overrides.iter().enumerate() {
        let path = format!("settings.overrides[{index}]");
        let images = parse_list(&entry.images, format_args!("{path}.images"), problems, ImagePattern::parse);
        if entry.images.is_empty() && !problems.has_below(&path) {
            problems.add_at(path.clone(), "names no images, so it can never match");
        }
        let compared = if index < MAX_COMPARED { entry.images.as_slice() } else { &[] };
        for (place, text) in compared.iter().enumerate() {
            let Ok(pattern) = ImagePattern::parse(text) else {
                continue;
            };
            if let Some(first) = overrides.iter().position(|(earlier, _)| earlier.contains(&pattern)) {
                let pattern = pattern.to_string();
                problems.add_at(
                    format!("{path}.images[{place}]"),
                    format_args!(
                        "{} can never match here: entry {first} has it, and the first match counts",
                        Quoted::new(&pattern, MAX_QUOTED)
                    ),
                );
            }
        }
        overrides.push((images, entry.require));
    }
    overrides
}
