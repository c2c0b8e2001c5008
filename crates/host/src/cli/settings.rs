//! Finds the settings that the user wants, and has the policy check them.
//!
//! ```text
//! error: policy.yaml:12:7: settings.registry: unknown key; known are require, registries, …
//! error: policy.yaml:14:17: settings.require: "digests" is none of digestOrAlways, digest, …
//! ```

use std::path::Path;

use fresh_images_host::Engine;
use fresh_images_manifests::document::Source;
use fresh_images_manifests::policy;
use fresh_images_manifests::report::Unreadable;
use fresh_images_manifests::settings::{self, Settings};

use super::args::Check;
use super::files::{self, Input};

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

fn read(path: &Path) -> Result<Source, Unreadable> {
    files::read(&if path == Path::new("-") { Input::Stdin } else { Input::File(path.into()) })
}

/// Everything that the policy finds wrong with them.
pub(super) fn problems(settings: &Settings, engine: &Engine) -> Vec<String> {
    let response = match engine.validate_settings(settings.json.as_bytes()) {
        Ok(response) => response,
        Err(error) => return vec![error.to_string()],
    };
    if response.valid {
        return Vec::new();
    }
    let message = response.message.unwrap_or_else(|| "the policy does not accept these settings".into());
    settings.problems(&message).iter().map(ToString::to_string).collect()
}
