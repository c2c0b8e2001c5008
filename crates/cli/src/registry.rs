//! Asks registries for the digests of images, and for [modules](crate::module).
//!
//! ```no_run
//! use std::sync::Arc;
//!
//! use fresh_images_cli::{Engine, Options, POLICY};
//! use fresh_images_cli::registry::{Registry, RegistryOptions};
//!
//! let registry = Registry::new(RegistryOptions {
//!     insecure: vec!["localhost:5000".into()],
//!     ..RegistryOptions::default()
//! });
//! let options = Options { resolver: Arc::new(registry), ..Options::default() };
//! let engine = Engine::new(POLICY, options)?;
//! # Ok::<(), fresh_images_cli::EngineError>(())
//! ```
//!
//! - Nothing is set up before the first look-up: no connection, no thread, no reading of certificates.
//! - A look-up ends after [`RegistryOptions::time_limit`], whatever the registry does. The engine cannot cut it
//!   off, so choose a limit of the engine that has room for as many look-ups as the policy makes.
//! - The manifest itself is fetched, not only the header that names its digest: a proxy that answers everything
//!   with a page of its own is no image. For a multi-architecture image it is the index that is fetched.
//! - Names are used as they are: no mirrors, no search registries. Docker Hub is asked at `index.docker.io`.

mod bounded;
mod client;
mod credentials;
mod error;
mod once;
mod pool;
mod pull_secrets;
mod retry_after;

use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use oci_client::Reference;

use fresh_images::mutate::DigestResolver;

pub use credentials::docker_config;
pub(crate) use error::short;
pub use error::{LookupError, Problem};
pub use once::AskOnce;
pub use pool::Pool;
pub use pull_secrets::PullSecret;

use client::Client;

/// Sets what TLS is made of, for every client of this process.
pub fn use_tls() {
    if rustls::crypto::CryptoProvider::get_default().is_none() {
        // It fails only if another thread was faster, and then there is one.
        let _ = rustls::crypto::ring::default_provider().install_default();
    }
}

/// How registries are asked.
#[derive(Clone, Debug)]
pub struct RegistryOptions {
    /// How long a connection may take to open. 2 seconds by default.
    pub connect_limit: Duration,
    /// How long a look-up may take in all: credentials, connection, answer. Also how long a registry may pause within
    /// an answer. 5 seconds by default.
    pub time_limit: Duration,
    /// How long a layer may take in all, which a module is. 30 seconds by default.
    pub layer_limit: Duration,
    /// Registries (`HOST` or `HOST:PORT`, as images name them) that are asked over plain HTTP. All others are
    /// asked over HTTPS, with the certificates that the system trusts.
    pub insecure: Vec<String>,
    /// The file with the credentials, as `docker login` writes it. By default the one that Docker would read.
    pub docker_config: Option<PathBuf>,
}

impl Default for RegistryOptions {
    fn default() -> Self {
        Self {
            connect_limit: Duration::from_secs(2),
            time_limit: Duration::from_secs(5),
            layer_limit: Duration::from_secs(30),
            insecure: Vec::new(),
            docker_config: docker_config(),
        }
    }
}

/// Asks registries for the digests of images.
#[derive(Debug)]
pub struct Registry {
    options: RegistryOptions,
    /// Made by the first look-up. One look-up at a time: policy-server does it so, too.
    client: Mutex<Option<Client>>,
}

impl Registry {
    /// Does nothing yet.
    pub fn new(options: RegistryOptions) -> Self {
        Self { options, client: Mutex::default() }
    }

    /// The digest of the manifest that the image reference names now.
    ///
    /// # Errors
    ///
    /// Whatever keeps it from being known, with the registry's name, in one short line.
    pub fn look_up(&self, image: &str) -> Result<String, LookupError> {
        let reference: Reference =
            image.parse().map_err(|_| LookupError { asked: image.into(), problem: Problem::NoReference })?;
        self.ask(&reference, |client| client.look_up(&reference))
    }

    /// Whatever stands where the manifest should, and its digest.
    pub(crate) fn manifest(&self, name: &Reference) -> Result<(Vec<u8>, String), LookupError> {
        self.ask(name, |client| client.manifest(name))
    }

    /// A layer of this digest and size, and nothing else.
    pub(crate) fn layer(&self, name: &Reference, digest: &str, size: usize) -> Result<Vec<u8>, LookupError> {
        self.ask(name, |client| client.layer(name, digest, size))
    }

    fn ask<T>(
        &self,
        name: &Reference,
        ask: impl FnOnce(&mut Client) -> Result<T, Problem>,
    ) -> Result<T, LookupError> {
        let failed = |problem| LookupError { asked: name.registry().into(), problem };
        let mut slot = self.client.lock().unwrap_or_else(PoisonError::into_inner);
        let client = match &mut *slot {
            Some(client) => client,
            none => none.insert(Client::new(&self.options).map_err(failed)?),
        };
        ask(client).map_err(failed)
    }
}

impl DigestResolver for Registry {
    fn manifest_digest(&self, image: &str) -> Result<String, String> {
        self.look_up(image).map_err(|error| error.to_string())
    }
}
