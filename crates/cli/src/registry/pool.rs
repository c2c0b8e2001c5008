//! Asks several registries at the same time, each with a limit.
//!
//! - A registry that cannot be reached is not waited for again and again.
//! - A request waits while four others to the same host are on their way.
//! - A registry that gets too many requests is left alone three times: as long as it says, or for some seconds.
//! - Who may not read with the credentials of `docker login` tries the pull secrets for that image, one after the other.

use std::collections::HashMap;
use std::sync::{Condvar, Mutex, PoisonError};
use std::time::{Duration, Instant};

use fresh_images_stale::{Registry as Contents, RegistryError};
use oci_client::Reference;

use super::client::Client;
use super::retry_after;
use super::{LookupError, Problem, PullSecret, RegistryOptions};

/// The most requests to one host at a time.
const MAX_AT_A_TIME: usize = 4;
/// The largest config that is read, in bytes. Real ones have some KiB.
const MAX_CONFIG: usize = 8 * 1024 * 1024;
/// How long a host is left alone that gets too many requests and does not say how long, in seconds: first, second and third
/// time.
const PAUSES: [u64; 3] = [1, 3, 9];

/// Clients for threads.
#[derive(Debug)]
pub struct Pool {
    options: RegistryOptions,
    /// None if the user does not want them.
    secrets: Option<Vec<PullSecret>>,
    /// Those that nobody uses now, by the place of their secret.
    idle: Mutex<HashMap<Option<usize>, Vec<Client>>>,
    /// The secret that could read a repository.
    readers: Mutex<HashMap<String, Option<usize>>>,
    hosts: Mutex<HashMap<String, Host>>,
    freed: Condvar,
}

#[derive(Debug, Default)]
struct Host {
    busy: usize,
    /// How often it got too many requests, and when it may be asked again.
    pauses: usize,
    rests_until: Option<Instant>,
    /// Why it cannot be asked.
    failed: Option<LookupError>,
}

impl Pool {
    /// Does nothing yet.
    pub fn new(options: RegistryOptions) -> Self {
        Self {
            options,
            secrets: None,
            idle: Mutex::default(),
            readers: Mutex::default(),
            hosts: Mutex::default(),
            freed: Condvar::new(),
        }
    }

    /// Tries these as well.
    #[must_use]
    pub fn with_pull_secrets(self, secrets: Vec<PullSecret>) -> Self {
        Self { secrets: Some(secrets), ..self }
    }

    fn ask<T>(
        &self,
        image: &str,
        ask: impl Fn(&mut Client, &Reference) -> Result<T, Problem>,
    ) -> Result<T, RegistryError> {
        let name: Reference = image.parse().map_err(|_| failed(image, Problem::NoReference))?;
        let answer = self.ask_as_any(&name, &ask);
        answer.map_err(|error| match error.problem {
            Problem::NotFound { .. } => RegistryError::NotFound,
            Problem::Unauthorized { .. } if self.secrets.is_none() => {
                RegistryError::Failed(format!("{error}: run `docker login`, or see --pull-secrets"))
            }
            _ => RegistryError::Failed(error.to_string()),
        })
    }

    /// As the user of `docker login`, or as one of the pull secrets.
    fn ask_as_any<T>(
        &self,
        name: &Reference,
        ask: &impl Fn(&mut Client, &Reference) -> Result<T, Problem>,
    ) -> Result<T, LookupError> {
        let repository = format!("{}/{}", name.registry(), name.repository());
        let reader = self.readers.lock().unwrap_or_else(PoisonError::into_inner).get(&repository).copied();
        let is_for = |secret: &PullSecret| secret.is_for(name.registry(), name.repository());
        let fitting = self.secrets.iter().flatten().enumerate().filter(|(_, secret)| is_for(secret));
        let known = reader.is_some();
        let others = fitting.map(|(place, _)| Some(place)).filter(|_| !known);
        let mut first = None;
        for user in std::iter::once(reader.flatten()).chain(others) {
            match self.ask_as(user, name, ask) {
                Err(error) if matches!(error.problem, Problem::Unauthorized { .. } | Problem::Forbidden) => {
                    first.get_or_insert(error);
                }
                answer => {
                    if answer.is_ok() {
                        let mut readers = self.readers.lock().unwrap_or_else(PoisonError::into_inner);
                        readers.insert(repository, user);
                    }
                    return answer;
                }
            }
        }
        // What `docker login` gave is what the user can change.
        Err(first.unwrap_or(LookupError { asked: name.registry().into(), problem: Problem::Forbidden }))
    }

    /// As one user, again after a pause if the host wants one.
    fn ask_as<T>(
        &self,
        user: Option<usize>,
        name: &Reference,
        ask: &impl Fn(&mut Client, &Reference) -> Result<T, Problem>,
    ) -> Result<T, LookupError> {
        let host = name.registry();
        loop {
            self.enter(host)?;
            let answer = self.client(user).and_then(|mut client| {
                let answer = ask(&mut client, name);
                let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
                idle.entry(user).or_default().push(client);
                answer
            });
            let answer = answer.map_err(|problem| LookupError { asked: host.into(), problem });
            let is_busy = answer.as_ref().is_err_and(|error| error.problem == Problem::Busy);
            let wanted = if is_busy && !self.rests(host) {
                retry_after::ask(name, self.options.insecure.iter().any(|insecure| insecure == host))
            } else {
                None
            };
            if self.leave(host, answer.as_ref().err(), wanted) {
                return answer;
            }
        }
    }

    fn client(&self, user: Option<usize>) -> Result<Client, Problem> {
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(client) = idle.get_mut(&user).and_then(Vec::pop) {
            return Ok(client);
        }
        drop(idle);
        let client = Client::new(&self.options)?;
        Ok(match user.and_then(|place| self.secrets.as_ref()?.get(place)) {
            Some(secret) => client.with_user(secret.user.clone(), secret.password.clone()),
            None => client,
        })
    }

    /// Waits until the host has less to do.
    fn enter(&self, host: &str) -> Result<(), LookupError> {
        let mut hosts = self.hosts.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            let state = hosts.entry(host.into()).or_default();
            if let Some(error) = &state.failed {
                return Err(error.clone());
            }
            let rest = state.rests_until.and_then(|until| until.checked_duration_since(Instant::now()));
            if rest.is_none() && state.busy < MAX_AT_A_TIME {
                state.busy = state.busy.saturating_add(1);
                return Ok(());
            }
            let limit = rest.unwrap_or(Duration::from_secs(1));
            hosts = self.freed.wait_timeout(hosts, limit).unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    /// Whether the host is left alone now.
    fn rests(&self, host: &str) -> bool {
        let hosts = self.hosts.lock().unwrap_or_else(PoisonError::into_inner);
        hosts.get(host).and_then(|state| state.rests_until).is_some_and(|until| until > Instant::now())
    }

    /// Whether that was the last word of the host, which may want a pause of so many seconds.
    fn leave(&self, host: &str, error: Option<&LookupError>, wanted: Option<u64>) -> bool {
        let mut hosts = self.hosts.lock().unwrap_or_else(PoisonError::into_inner);
        let state = hosts.entry(host.into()).or_default();
        state.busy = state.busy.saturating_sub(1);
        let mut is_last = true;
        if let Some(error) = error.filter(|error| error.concerns_registry()) {
            let pause = PAUSES.get(state.pauses).map(|ours| wanted.unwrap_or(*ours));
            match pause.filter(|seconds| error.problem == Problem::Busy && *seconds <= retry_after::LONGEST) {
                Some(seconds) => {
                    is_last = false;
                    let now = Instant::now();
                    // Requests that were on their way together want one pause together.
                    if state.rests_until.is_none_or(|until| until <= now) {
                        state.pauses = state.pauses.saturating_add(1);
                        state.rests_until = now.checked_add(Duration::from_secs(seconds));
                    }
                }
                None => state.failed = Some(error.clone()),
            }
        }
        self.freed.notify_all();
        is_last
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
