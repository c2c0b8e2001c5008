//! Finds the settings that the user wants, and has the policy check them.
//!
//! ```text
//! error: policy.yaml:12:7: settings.registry: unknown key; known keys are require, registries, …
//! error: policy.yaml:14:17: settings.require: unknown value "digests"; known values are digestOrAlways, digest, …
//! ```

use std::path::Path;

use fresh_images_manifests::document::Source;
use fresh_images_manifests::policy;
use fresh_images_manifests::report::Unreadable;
use fresh_images_manifests::settings::{self, Settings};

use super::args::Check;
use super::files::{self, Input};
use super::judge::Judge;

/// The settings that the user named, or none; and the module that stands beside them, if it is to be pulled.
pub(super) fn load(args: &Check) -> Result<(Settings, Option<policy::Module>), Unreadable> {
    match (&args.settings, &args.policy) {
        (Some(path), _) => Ok((settings::read(read(path)?)?, None)),
        (None, Some(path)) => {
            let policy = policy::read(read(path)?)?;
            let is_named = !args.built_in && args.module.is_none();
            let module = if is_named { policy.module? } else { None };
            Ok((policy.settings, module))
        }
        (None, None) => Ok((Settings::default(), None)),
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
