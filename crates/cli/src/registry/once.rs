//! Asks for the same thing only once.
//!
//! Many manifests name the same image, and one run of a command should pin it to one digest. And a registry that
//! does not answer is not waited for again and again.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use super::{LookupError, Registry};
use fresh_images::mutate::DigestResolver;

/// A registry client that remembers all answers as long as it lives.
#[derive(Debug)]
pub struct AskOnce {
    registry: Registry,
    answers: Mutex<Answers>,
}

#[derive(Debug, Default)]
struct Answers {
    images: HashMap<String, Result<String, LookupError>>,
    /// Those that cannot be asked, by the first part of the image.
    registries: HashMap<String, LookupError>,
}

impl AskOnce {
    /// Remembers nothing yet.
    pub fn new(registry: Registry) -> Self {
        Self { registry, answers: Mutex::default() }
    }
}

impl DigestResolver for AskOnce {
    fn manifest_digest(&self, image: &str) -> Result<String, String> {
        let mut answers = self.answers.lock().unwrap_or_else(PoisonError::into_inner);
        let known = answers.images.get(image).cloned();
        let registry = image.split_once('/').map_or(image, |(registry, _)| registry);
        let failed = answers.registries.get(registry).cloned().map(Err);
        let answer = known.or(failed).unwrap_or_else(|| self.registry.look_up(image));
        if let Err(error) = &answer
            && error.concerns_registry()
        {
            answers.registries.insert(registry.into(), error.clone());
        }
        answers.images.insert(image.into(), answer.clone());
        answer.map_err(|error| error.to_string())
    }

    fn max_look_ups(&self) -> usize {
        usize::MAX
    }
}
