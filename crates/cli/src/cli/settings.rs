//! Finds the settings that the user wants, and has the policy check them.
//!
//! ```text
//! error: policy.yaml:12:7: settings.registry: unknown key; known keys are require, registries, …
//! error: policy.yaml:14:17: settings.require: unknown value "digests"; known values are digestOrAlways, digest, …
//! ```

use std::path::Path;

use fresh_images_manifests::document::Source;
use fresh_images_manifests::policy::{self, Policy};
use fresh_images_manifests::report::Unreadable;
use fresh_images_manifests::settings::{self, Settings};

use super::args::Check;
use super::files::{self, Input};
use super::judge::Judge;

/// What the user wants objects judged with.
pub(super) struct Loaded {
    pub(super) settings: Settings,
    /// The policy that they are from, if they are from one.
    pub(super) policy: Option<Policy>,
}

/// The settings or the policy that the user named, or nothing but the defaults.
pub(super) fn load(args: &Check) -> Result<Loaded, Unreadable> {
    match (&args.settings, &args.policy) {
        (Some(path), _) => Ok(Loaded { settings: settings::read(read(path)?)?, policy: None }),
        (None, Some(path)) => {
            let policy = policy::read(read(path)?)?;
            Ok(Loaded { settings: policy.settings.clone(), policy: Some(policy) })
        }
        (None, None) => Ok(Loaded { settings: Settings::default(), policy: None }),
    }
}

/// The module that the policy names, if it is to judge.
pub(super) fn module(args: &Check, policy: Option<&Policy>) -> Result<Option<policy::Module>, Unreadable> {
    match policy {
        Some(policy) if !args.built_in && args.module.is_none() => policy.module.clone(),
        _ => Ok(None),
    }
}

pub(super) fn read(path: &Path) -> Result<Source, Unreadable> {
    files::read(&if path == Path::new("-") { Input::Stdin } else { Input::File(path.into()) })
}

/// Everything that the policy finds wrong with them.
pub(super) fn problems(settings: &Settings, policy: &Judge) -> Vec<String> {
    match policy.settings_problem(&settings.json) {
        Err(error) => vec![error.to_string()],
        Ok(None) => Vec::new(),
        Ok(Some(message)) => settings.problems(&message).iter().map(ToString::to_string).collect(),
    }
}
