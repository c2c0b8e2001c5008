//! The OCI client, and the runtime that it needs.

use std::collections::HashMap;
use std::fmt;
use std::time::{Duration, Instant};

use oci_client::Reference;
use oci_client::client::{ClientConfig, ClientProtocol};
use oci_client::errors::OciDistributionError;
use oci_client::manifest::{
    IMAGE_MANIFEST_LIST_MEDIA_TYPE, IMAGE_MANIFEST_MEDIA_TYPE, OCI_IMAGE_INDEX_MEDIA_TYPE,
    OCI_IMAGE_MEDIA_TYPE,
};
use oci_client::secrets::RegistryAuth;
use serde::Deserialize;
use tokio::runtime::{Builder, Runtime};

use super::RegistryOptions;
use super::bounded::Bounded;
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
    /// Who it is for every registry.
    user: Option<Credentials>,
    /// By registry. The client would not take others later, anyway.
    credentials: HashMap<String, Credentials>,
    /// Until it is dropped.
    runtime: Option<Runtime>,
}

impl Client {
    pub(super) fn new(options: &RegistryOptions) -> Result<Self, Problem> {
        let setup = |error: &dyn fmt::Display| Problem::Setup { reason: error.to_string() };
        super::use_tls();
        let runtime = Builder::new_current_thread().enable_all().build().map_err(|error| setup(&error))?;
        let config = ClientConfig {
            protocol: ClientProtocol::HttpsExcept(options.insecure.clone()),
            connect_timeout: Some(options.connect_limit),
            read_timeout: Some(options.time_limit),
            user_agent: concat!("fresh-images/", env!("CARGO_PKG_VERSION")),
            ..ClientConfig::default()
        };
        let oci = oci_client::Client::try_from(config).map_err(|error| setup(&error))?;
        Ok(Self {
            options: options.clone(),
            oci,
            user: None,
            credentials: HashMap::new(),
            runtime: Some(runtime),
        })
    }

    /// As this user, whatever the Docker config says.
    pub(super) fn with_user(mut self, user: String, password: String) -> Self {
        self.user = Some(Credentials::Password { user, password });
        self
    }

    /// The digest of the manifest that the image names now.
    pub(super) fn look_up(&mut self, image: &Reference) -> Result<String, Problem> {
        let (manifest, digest) = self.manifest(image)?;
        if is_manifest(&manifest) { Ok(digest) } else { Err(Problem::NoManifest) }
    }

    /// Whatever stands where the manifest should, and its digest. The client compares them with each other, and with
    /// the digest that the image names.
    pub(super) fn manifest(&mut self, image: &Reference) -> Result<(Vec<u8>, String), Problem> {
        let fetch = async |oci: &oci_client::Client, auth: &RegistryAuth| {
            oci.pull_manifest_raw(image, auth, MANIFESTS).await
        };
        let (manifest, digest) = self.ask(image, self.options.time_limit, fetch)?;
        Ok((manifest.into(), digest))
    }

    /// The digest of the manifest that the image names now, by a HEAD request, which Docker Hub does not count as a pull.
    /// A registry that answers it without a digest is asked for the manifest.
    pub(super) fn digest(&mut self, image: &Reference) -> Result<String, Problem> {
        let fetch = async |oci: &oci_client::Client, auth: &RegistryAuth| {
            oci.fetch_manifest_digest(image, auth).await
        };
        self.ask(image, self.options.time_limit, fetch)
    }

    /// A blob of this digest, of at most so many bytes.
    pub(super) fn blob(&mut self, image: &Reference, digest: &str, limit: usize) -> Result<Vec<u8>, Problem> {
        let mut blob = Bounded::new(limit);
        let fetch = async |oci: &oci_client::Client, auth: &RegistryAuth| {
            oci.store_auth_if_needed(image.resolve_registry(), auth).await;
            match oci.pull_blob(image, digest, &mut blob).await {
                Err(OciDistributionError::IoError(_) | OciDistributionError::DigestError(_)) => Ok(false),
                pulled => pulled.map(|()| true),
            }
        };
        if self.ask(image, self.options.time_limit, fetch)? {
            return Ok(blob.bytes);
        }
        Err(Problem::Answer {
            reason: "a config is too large, or not the one that its manifest names".into(),
        })
    }

    /// A layer of this digest and size, and nothing else.
    pub(super) fn layer(&mut self, image: &Reference, digest: &str, size: usize) -> Result<Vec<u8>, Problem> {
        let mut layer = Bounded::new(size);
        let fetch = async |oci: &oci_client::Client, auth: &RegistryAuth| {
            oci.store_auth_if_needed(image.resolve_registry(), auth).await;
            match oci.pull_blob(image, digest, &mut layer).await {
                // More than was announced, or something else.
                Err(OciDistributionError::IoError(_) | OciDistributionError::DigestError(_)) => Ok(false),
                pulled => pulled.map(|()| true),
            }
        };
        let same = self.ask(image, self.options.layer_limit, fetch)?;
        if same && layer.bytes.len() == size {
            return Ok(layer.bytes);
        }
        Err(Problem::Answer { reason: "a layer is not the one that its manifest names".into() })
    }

    /// Asks, with the credentials for the registry, and waits for as long.
    fn ask<T>(
        &mut self,
        image: &Reference,
        limit: Duration,
        ask: impl AsyncFnOnce(&oci_client::Client, &RegistryAuth) -> oci_client::errors::Result<T>,
    ) -> Result<T, Problem> {
        let started = Instant::now();
        let credentials = self.credentials(image.resolve_registry())?.clone();
        let auth = credentials.auth();
        let left = limit.saturating_sub(started.elapsed());
        let asking = async { tokio::time::timeout(left, ask(&self.oci, &auth)).await };
        let answer = self.runtime.as_ref().and_then(|runtime| runtime.block_on(asking).ok());
        answer
            .ok_or(Problem::Silent { limit })?
            .map_err(|error| Problem::of(error, image, credentials.in_vain(), &self.options))
    }

    fn credentials(&mut self, registry: &str) -> Result<&Credentials, Problem> {
        let known = self.user.clone().or_else(|| self.credentials.get(registry).cloned());
        let credentials = match known {
            Some(credentials) => credentials,
            None => match &self.options.docker_config {
                Some(path) => credentials::read(path, registry, self.options.time_limit)?,
                None => Credentials::None,
            },
        };
        Ok(self.credentials.entry(registry.into()).or_insert(credentials))
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
