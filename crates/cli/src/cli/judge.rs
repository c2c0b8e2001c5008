//! Has the policy judge, and finds out where in the object its findings are.

use fresh_images::Host;
use fresh_images_cli::{Engine, EngineError, Options, Response};
use fresh_images_manifests::settings::Settings;
use fresh_images_manifests::{Answer, Found};

use super::module::Module;

/// Who judges.
pub(super) enum Judge {
    /// The module, in the engine.
    Module(Engine),
    /// The library of which the built-in module is made: where the command is WebAssembly itself, so that no interpreter
    /// is interpreted. Tests hold the two against each other.
    Library(Options),
}

impl Judge {
    /// Takes a module.
    pub(super) fn new(module: &Module, options: Options) -> Result<Self, EngineError> {
        if cfg!(target_family = "wasm") && module.is_built_in() {
            return Ok(Self::Library(options));
        }
        Engine::new(&module.bytes, options).map(Self::Module)
    }

    /// What is wrong with the settings, if anything is.
    fn settings_problem(&self, settings: &str) -> Result<Option<String>, EngineError> {
        let unexplained = || "the policy does not accept these settings".into();
        match self {
            Self::Library(_) => {
                Ok(fresh_images::validate_settings(settings.as_bytes()).err().map(|error| error.to_string()))
            }
            Self::Module(engine) => {
                let response = engine.validate_settings(settings.as_bytes())?;
                Ok((!response.valid).then(|| response.message.unwrap_or_else(unexplained)))
            }
        }
    }

    /// Everything that the policy finds wrong with settings, each with its place.
    ///
    /// ```text
    /// policy.yaml:14:17: settings.require: unknown value "digests"; known values are digestOrAlways, digest, …
    /// ```
    pub(super) fn problems(&self, settings: &Settings) -> Vec<String> {
        match self.settings_problem(&settings.json) {
            Err(error) => vec![error.to_string()],
            Ok(None) => Vec::new(),
            Ok(Some(message)) => settings.problems(&message).iter().map(ToString::to_string).collect(),
        }
    }

    /// What the policy answers, or why it does not.
    pub(super) fn judge(&self, payload: &[u8]) -> Result<Answer, String> {
        match self {
            Self::Library(options) => {
                Ok(fresh_images::evaluate_with(payload, &Host::new(&*options.resolver)).into())
            }
            Self::Module(engine) => by_module(engine, payload),
        }
    }
}

/// The verdict, the warnings and the changed object are the module's. Its message is text for people; the library, of
/// which the built-in module is made, finds the same and knows the places. Where it says something else, the module is
/// another policy, and its message has to do.
fn by_module(engine: &Engine, payload: &[u8]) -> Result<Answer, String> {
    let response = engine.validate(payload).map_err(|error| error.to_string())?;
    let explained = fresh_images::evaluate_with(payload, &Host::new(&*engine.options().resolver));
    let Response { accepted, message, warnings, mutated_object, .. } = response;
    let warnings = warnings.unwrap_or_default();
    let images = explained.images();
    let is_same = message == explained.message() && warnings == explained.warnings();
    let (findings, messages) = match message {
        _ if is_same => (explained.into_findings(), Vec::new()),
        Some(message) if !accepted => (Vec::new(), message.lines().map(String::from).collect()),
        None if !accepted => (Vec::new(), vec!["rejected without a message".into()]),
        _ => (Vec::new(), Vec::new()),
    };
    let findings = findings.into_iter().map(Found::from).collect();
    Ok(Answer { accepted, images, findings, messages, warnings, object: mutated_object })
}
