//! Builds images and modules, and pushes them.

use oci_client::client::{ClientConfig, ClientProtocol, Config, ImageLayer};
use oci_client::manifest::{OciImageIndex, WASM_CONFIG_MEDIA_TYPE, WASM_LAYER_MEDIA_TYPE};
use oci_client::secrets::RegistryAuth;
use oci_client::{Client, Reference};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use tokio::runtime::{Builder, Runtime};

use super::server::{PASSWORD, USER};

/// An image that was pushed: the digest of its manifest, its size, and the digest of its config.
pub(crate) struct Built {
    pub(crate) manifest: String,
    size: usize,
    pub(crate) config: String,
}

fn sha256(bytes: &[u8]) -> String {
    let hex: String = Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect();
    format!("sha256:{hex}")
}

/// Pushes to one registry.
pub(crate) struct Pusher {
    host: String,
    client: Client,
    auth: RegistryAuth,
    runtime: Runtime,
}

impl Pusher {
    pub(crate) fn new(host: &str) -> Self {
        // An error says that there is one already.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let config = ClientConfig { protocol: ClientProtocol::Http, ..ClientConfig::default() };
        Self {
            host: host.into(),
            client: Client::try_from(config).expect("a client"),
            auth: RegistryAuth::Basic(USER.into(), PASSWORD.into()),
            runtime: Builder::new_current_thread().enable_all().build().expect("a runtime"),
        }
    }

    fn reference(&self, name: &str) -> Reference {
        format!("{}/{name}", self.host).parse().expect("a reference")
    }

    /// An image whose only file has this content. Gives its digest.
    pub(crate) fn push(&self, name: &str, content: &str) -> String {
        let reference = self.reference(name);
        let layer = ImageLayer::oci_v1(content.as_bytes().to_vec(), None);
        let rootfs = json!({"type": "layers", "diff_ids": [layer.sha256_digest()]});
        let config = json!({"architecture": "amd64", "os": "linux", "config": {}, "rootfs": rootfs});
        let config = Config::oci_v1(config.to_string().into_bytes(), None);
        self.runtime
            .block_on(self.client.push(&reference, &[layer], config, &self.auth, None))
            .expect("the image is pushed");
        self.digest(name)
    }

    /// A module, as `kwctl push` does. Gives the digest of its manifest.
    pub(crate) fn push_module(&self, name: &str, module: &[u8]) -> String {
        self.push_layers(name, &[(module, WASM_LAYER_MEDIA_TYPE)])
    }

    /// An artifact of these layers, each with its type. Gives the digest of its manifest.
    pub(crate) fn push_layers(&self, name: &str, layers: &[(&[u8], &str)]) -> String {
        let layer = |(bytes, media_type): &(&[u8], &str)| {
            ImageLayer::new(bytes.to_vec(), media_type.to_string(), None)
        };
        let layers: Vec<ImageLayer> = layers.iter().map(layer).collect();
        let config = Config::new(b"{}".to_vec(), WASM_CONFIG_MEDIA_TYPE.into(), None);
        let reference = self.reference(name);
        let push = self.client.push(&reference, &layers, config, &self.auth, None);
        self.runtime.block_on(push).expect("the artifact is pushed");
        self.digest(name)
    }

    /// A multi-architecture image of two that were pushed. Gives the digest of its index.
    pub(crate) fn push_index(&self, name: &str, images: [&str; 2]) -> String {
        let entries = images.iter().zip(["amd64", "arm64"]).map(|(image, architecture)| {
            let reference = self.reference(image);
            let accepted = ["application/vnd.oci.image.manifest.v1+json"];
            let pulled = self.client.pull_manifest_raw(&reference, &self.auth, &accepted);
            let (manifest, digest) = self.runtime.block_on(pulled).expect("the image is there");
            json!({
                "mediaType": "application/vnd.oci.image.manifest.v1+json",
                "digest": digest,
                "size": manifest.len(),
                "platform": {"os": "linux", "architecture": architecture},
            })
        });
        let index = json!({
            "schemaVersion": 2,
            "mediaType": "application/vnd.oci.image.index.v1+json",
            "manifests": entries.collect::<Vec<_>>(),
        });
        let index: OciImageIndex = serde_json::from_value(index).expect("an index");
        self.runtime
            .block_on(self.client.push_manifest_list(&self.reference(name), &self.auth, index))
            .expect("the index is pushed");
        self.digest(name)
    }

    /// An image with this content for a platform, without a tag. `layers` is how its layers were compressed, which changes
    /// the manifest and not the config.
    pub(crate) fn build(&self, repository: &str, content: &str, architecture: &str, layers: &str) -> Built {
        let day = if content == "new" { "2026-11-24" } else { "2026-11-20" };
        let config = json!({
            "architecture": architecture,
            "os": "linux",
            "created": format!("{day}T00:00:00Z"),
            "rootfs": {"type": "layers", "diff_ids": [sha256(content.as_bytes())]},
        });
        let (config, layer) = (config.to_string().into_bytes(), format!("{layers} {content}").into_bytes());
        let reference = self.reference(repository);
        for blob in [&config, &layer] {
            let digest = sha256(blob);
            let push = self.client.push_blob(&reference, blob.clone(), &digest);
            self.runtime.block_on(push).expect("the blob is pushed");
        }
        let manifest = json!({
            "schemaVersion": 2,
            "mediaType": "application/vnd.oci.image.manifest.v1+json",
            "config": {
                "mediaType": "application/vnd.oci.image.config.v1+json",
                "digest": sha256(&config),
                "size": config.len(),
            },
            "layers": [{
                "mediaType": "application/vnd.oci.image.layer.v1.tar+gzip",
                "digest": sha256(&layer),
                "size": layer.len(),
            }],
        });
        let (digest, size) =
            self.push_raw(repository, &manifest, "application/vnd.oci.image.manifest.v1+json");
        Built { manifest: digest, size, config: sha256(&config) }
    }

    /// An index of images that were built, each with its architecture; `salt` makes it another one, as an attestation would.
    pub(crate) fn push_built_index(&self, name: &str, images: &[(&Built, &str)], salt: &str) -> String {
        let entries: Vec<Value> = images
            .iter()
            .map(|(image, architecture)| {
                json!({
                    "mediaType": "application/vnd.oci.image.manifest.v1+json",
                    "digest": image.manifest,
                    "size": image.size,
                    "platform": {"os": "linux", "architecture": architecture},
                })
            })
            .collect();
        let index = json!({
            "schemaVersion": 2,
            "mediaType": "application/vnd.oci.image.index.v1+json",
            "manifests": entries,
            "annotations": {"build": salt},
        });
        self.push_raw(name, &index, "application/vnd.oci.image.index.v1+json").0
    }

    /// Pushes a manifest under its digest, and under the tag of the name if it has one.
    fn push_raw(&self, name: &str, manifest: &Value, media_type: &str) -> (String, usize) {
        let body = manifest.to_string().into_bytes();
        let (digest, size) = (sha256(&body), body.len());
        let (repository, tag) = name.split_once(':').map_or((name, None), |(name, tag)| (name, Some(tag)));
        let target =
            tag.map_or_else(|| format!("{repository}@{digest}"), |tag| format!("{repository}:{tag}"));
        let media_type = media_type.parse().expect("a media type");
        let reference = self.reference(&target);
        let push = self.client.push_manifest_raw(&reference, body, media_type);
        self.runtime.block_on(push).expect("the manifest is pushed");
        (digest, size)
    }

    /// What the registry says in a header.
    fn digest(&self, name: &str) -> String {
        let reference = self.reference(name);
        let fetched = self.client.fetch_manifest_digest(&reference, &self.auth);
        self.runtime.block_on(fetched).expect("the registry has it")
    }
}
