//! The OCI client, and the runtime that it needs.

use std::collections::HashMap;
use std::fmt;
use std::time::{Duration, Instant};

use oci_client::Reference;
use oci_client::client::{ClientConfig, ClientProtocol};
use oci_client::manifest::{
    IMAGE_MANIFEST_LIST_MEDIA_TYPE, IMAGE_MANIFEST_MEDIA_TYPE, OCI_IMAGE_INDEX_MEDIA_TYPE,
    OCI_IMAGE_MEDIA_TYPE,
};
use serde::Deserialize;
use tokio::runtime::{Builder, Runtime};

use super::RegistryOptions;
use super::credentials::{self, Credentials};
use super::error::Problem;

/// What an image can be.
const MANIFESTS: &[&str] = &[
    OCI_IMAGE_INDEX_MEDIA_TYPE,
    OCI_IMAGE_MEDIA_TYPE,
    IMAGE_MANIFEST_LIST_MEDIA_TYPE,
    IMAGE_MANIFEST_MEDIA_TYPE,
];

/// A client that keeps its connections and tokens from one look-up to the next.
pub(super) struct Client {
    options: RegistryOptions,
    oci: oci_client::Client,
    /// By registry. The client would not take others later, anyway.
    credentials: HashMap<String, Credentials>,
    /// Until it is dropped.
    runtime: Option<Runtime>,
}

impl Client {
    pub(super) fn new(options: &RegistryOptions) -> Result<Self, Problem> {
        let setup = |error: &dyn fmt::Display| Problem::Setup { reason: error.to_string() };
        if rustls::crypto::CryptoProvider::get_default().is_none() {
            // It fails only if another thread was faster, and then there is one.
            let _ = rustls::crypto::ring::default_provider().install_default();
        }
        let runtime = Builder::new_current_thread().enable_all().build().map_err(|error| setup(&error))?;
        let config = ClientConfig {
            protocol: ClientProtocol::HttpsExcept(options.insecure.clone()),
            connect_timeout: Some(options.connect_limit),
            read_timeout: Some(options.time_limit),
            user_agent: concat!("fresh-images/", env!("CARGO_PKG_VERSION")),
            ..ClientConfig::default()
        };
        let oci = oci_client::Client::try_from(config).map_err(|error| setup(&error))?;
        Ok(Self { options: options.clone(), oci, credentials: HashMap::new(), runtime: Some(runtime) })
    }

    pub(super) fn look_up(&mut self, image: &Reference) -> Result<String, Problem> {
        let limit = self.options.time_limit;
        let started = Instant::now();
        let credentials = self.credentials(image.resolve_registry())?.clone();
        let fetched = self.fetch(image, &credentials, limit.saturating_sub(started.elapsed()));
        let (manifest, digest) = match fetched {
            None => return Err(Problem::Silent { limit }),
            Some(Err(error)) => return Err(Problem::of(error, image, &credentials, &self.options)),
            Some(Ok(fetched)) => fetched,
        };
        if is_manifest(&manifest) { Ok(digest) } else { Err(Problem::NoManifest) }
    }

    fn credentials(&mut self, registry: &str) -> Result<&Credentials, Problem> {
        let known = self.credentials.get(registry).cloned();
        let credentials = match known {
            Some(credentials) => credentials,
            None => match &self.options.docker_config {
                Some(path) => credentials::read(path, registry, self.options.time_limit)?,
                None => Credentials::None,
            },
        };
        Ok(self.credentials.entry(registry.into()).or_insert(credentials))
    }

    /// The manifest and its digest; nothing if that takes too long.
    fn fetch(
        &self,
        image: &Reference,
        credentials: &Credentials,
        limit: Duration,
    ) -> Option<oci_client::errors::Result<(Vec<u8>, String)>> {
        let auth = credentials.auth();
        let fetch = async {
            let fetching = self.oci.pull_manifest_raw(image, &auth, MANIFESTS);
            tokio::time::timeout(limit, fetching).await
        };
        let fetched = self.runtime.as_ref()?.block_on(fetch).ok()?;
        Some(fetched.map(|(manifest, digest)| (manifest.into(), digest)))
    }
}

impl Drop for Client {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            // Else it would wait for the system to resolve a name that nobody asks for any more.
            runtime.shutdown_background();
        }
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client").field("options", &self.options).finish_non_exhaustive()
    }
}

/// Whether it is what all manifests and indexes are since schema 1, whose digests were of something else.
fn is_manifest(body: &[u8]) -> bool {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Manifest {
        schema_version: u64,
    }
    serde_json::from_slice(body).is_ok_and(|manifest: Manifest| manifest.schema_version == 2)
}
