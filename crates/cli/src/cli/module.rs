//! Finds the module that judges.
//!
//! ```text
//! error: policy.yaml:6:11: the module cannot be pulled: ghcr.io has no org/fresh-images:v2
//! ```

use std::fmt;

use fresh_images_cli::POLICY;
#[cfg(feature = "registry")]
use fresh_images_cli::module::{self, Cache, NameError, PullError};
#[cfg(feature = "registry")]
use fresh_images_cli::registry::{Problem, Registry};
use fresh_images_manifests::policy;
use fresh_images_manifests::report::Unreadable;

use super::args::Check;
use super::files;

/// Where the built-in module is published; a release is never published again.
const OWN: &str = concat!("ghcr.io/fresh-images/policies/fresh-images:v", env!("CARGO_PKG_VERSION"));

/// Whether a policy names the built-in module.
fn is_own(name: &str) -> bool {
    name.strip_prefix("registry://").unwrap_or(name) == OWN
}

/// A module, and where it is from.
pub(super) struct Module {
    pub(super) bytes: Vec<u8>,
    /// What a problem is told of; nothing for the built-in module.
    origin: Option<Unreadable>,
}

impl Module {
    /// The one that a policy names, or else the one that the user names, or else the built-in one.
    pub(super) fn load(args: &Check, named: Option<policy::Module>) -> Result<Self, Unreadable> {
        if let Some(named) = named {
            if is_own(&named.name) {
                return Ok(Self::built_in());
            }
            return Ok(Self { bytes: pull(args, &named)?, origin: Some(named.problem("")) });
        }
        let Some(path) = &args.module else { return Ok(Self::built_in()) };
        let origin = Unreadable::file(path.display().to_string(), "");
        Ok(Self { bytes: files::read_bytes(path)?, origin: Some(origin) })
    }

    fn built_in() -> Self {
        Self { bytes: POLICY.to_vec(), origin: None }
    }

    /// Whether nothing else was asked for.
    pub(super) fn is_built_in(&self) -> bool {
        self.origin.is_none()
    }

    /// Something that is wrong with it.
    pub(super) fn problem(&self, problem: &dyn fmt::Display) -> Unreadable {
        let origin = self.origin.clone().unwrap_or_else(|| Unreadable::file("", ""));
        Unreadable { message: problem.to_string(), ..origin }
    }
}

#[cfg(not(feature = "registry"))]
fn pull(_: &Check, named: &policy::Module) -> Result<Vec<u8>, Unreadable> {
    let problem = "this build of the command asks no registries, so it cannot pull the module. Use --built-in to judge \
                   with the built-in module, or the command of a release";
    Err(named.problem(problem))
}

#[cfg(feature = "registry")]
fn pull(args: &Check, named: &policy::Module) -> Result<Vec<u8>, Unreadable> {
    let module: module::Module = named.name.parse().map_err(|error| match error {
        NameError::Elsewhere(_) => {
            named.problem(format!("{error}: get the file, and use --module FILE, or use --built-in"))
        }
        _ => named.problem(error.to_string()),
    })?;
    let registry = Registry::new(args.registry_options());
    module
        .pull(&registry, Cache::of_user().as_ref())
        .map_err(|error| named.problem(format!("the module cannot be pulled: {error}{}", advice(&error))))
}

/// What the user can do about it, where that is not plain.
#[cfg(feature = "registry")]
fn advice(error: &PullError) -> String {
    let PullError::Registry(error) = error else { return String::new() };
    match &error.problem {
        Problem::NoTls => format!(". If that is intended, use --insecure-registry {}", error.asked),
        Problem::Unauthorized { .. } => format!(". Use docker login {}", error.asked),
        _ if error.concerns_registry() => ". Use --built-in to judge with the built-in module".into(),
        _ => String::new(),
    }
}
