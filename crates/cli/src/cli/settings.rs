//! Reads what the user names, and has the policy check its settings.
//!
//! ```text
//! error: policy.yaml:12:7: settings.registry: unknown key; known keys are require, registries, …
//! error: policy.yaml:14:17: settings.require: unknown value "digests"; known values are digestOrAlways, digest, …
//! ```

use std::path::Path;

use fresh_images_manifests::document::Source;
use fresh_images_manifests::report::Unreadable;
use fresh_images_manifests::settings::Settings;

use super::files::{self, Input};
use super::judge::Judge;

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
