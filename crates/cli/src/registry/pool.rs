//! Asks several registries at the same time, each with a limit.
//!
//! A registry that cannot be reached is not waited for again and again. A request waits while four others to the same host
//! are on their way.

use std::collections::HashMap;
use std::sync::{Condvar, Mutex, PoisonError};

use fresh_images_stale::{Registry as Contents, RegistryError};
use oci_client::Reference;

use super::client::Client;
use super::{LookupError, Problem, RegistryOptions};

/// The most requests to one host at a time.
const MAX_AT_A_TIME: usize = 4;
/// The largest config that is read, in bytes. Real ones have some KiB.
const MAX_CONFIG: usize = 8 * 1024 * 1024;

/// Clients for threads.
#[derive(Debug)]
pub struct Pool {
    options: RegistryOptions,
    /// Those that nobody uses now.
    idle: Mutex<Vec<Client>>,
    hosts: Mutex<HashMap<String, Host>>,
    freed: Condvar,
}

#[derive(Debug, Default)]
struct Host {
    busy: usize,
    /// Why it cannot be asked.
    failed: Option<LookupError>,
}

impl Pool {
    /// Does nothing yet.
    pub fn new(options: RegistryOptions) -> Self {
        Self { options, idle: Mutex::default(), hosts: Mutex::default(), freed: Condvar::new() }
    }

    fn ask<T>(
        &self,
        image: &str,
        ask: impl FnOnce(&mut Client, &Reference) -> Result<T, Problem>,
    ) -> Result<T, RegistryError> {
        let name: Reference = image.parse().map_err(|_| failed(image, Problem::NoReference))?;
        let host = name.registry().to_owned();
        self.enter(&host)?;
        let answer = self.client().and_then(|mut client| {
            let answer = ask(&mut client, &name);
            self.idle.lock().unwrap_or_else(PoisonError::into_inner).push(client);
            answer
        });
        let answer = answer.map_err(|problem| LookupError { asked: host.clone(), problem });
        self.leave(&host, answer.as_ref().err());
        answer.map_err(|error| match error.problem {
            Problem::NotFound { .. } => RegistryError::NotFound,
            _ => RegistryError::Failed(error.to_string()),
        })
    }

    fn client(&self) -> Result<Client, Problem> {
        let idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
        idle.map_or_else(|| Client::new(&self.options), Ok)
    }

    /// Waits until the host has less to do.
    fn enter(&self, host: &str) -> Result<(), RegistryError> {
        let mut hosts = self.hosts.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            let state = hosts.entry(host.into()).or_default();
            if let Some(error) = &state.failed {
                return Err(RegistryError::Failed(error.to_string()));
            }
            if state.busy < MAX_AT_A_TIME {
                state.busy = state.busy.saturating_add(1);
                return Ok(());
            }
            hosts = self.freed.wait(hosts).unwrap_or_else(PoisonError::into_inner);
        }
    }

    fn leave(&self, host: &str, error: Option<&LookupError>) {
        let mut hosts = self.hosts.lock().unwrap_or_else(PoisonError::into_inner);
        let state = hosts.entry(host.into()).or_default();
        state.busy = state.busy.saturating_sub(1);
        if let Some(error) = error.filter(|error| error.concerns_registry()) {
            state.failed = Some(error.clone());
        }
        self.freed.notify_all();
    }
}

fn failed(image: &str, problem: Problem) -> RegistryError {
    RegistryError::Failed(LookupError { asked: image.into(), problem }.to_string())
}

impl Contents for Pool {
    fn tag(&self, image: &str) -> Result<String, RegistryError> {
        self.ask(image, Client::digest)
    }

    fn manifest(&self, repository: &str, digest: &str) -> Result<Vec<u8>, RegistryError> {
        self.ask(&format!("{repository}@{digest}"), |client, name| {
            client.manifest(name).map(|(body, _)| body)
        })
    }

    fn config(&self, repository: &str, digest: &str) -> Result<Vec<u8>, RegistryError> {
        self.ask(repository, |client, name| client.blob(name, digest, MAX_CONFIG))
    }
}
