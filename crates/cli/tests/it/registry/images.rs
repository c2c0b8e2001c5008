//! Builds images and modules, and pushes them.

use oci_client::client::{ClientConfig, ClientProtocol, Config, ImageLayer};
use oci_client::manifest::{OciImageIndex, WASM_CONFIG_MEDIA_TYPE, WASM_LAYER_MEDIA_TYPE};
use oci_client::secrets::RegistryAuth;
use oci_client::{Client, Reference};
use serde_json::json;
use tokio::runtime::{Builder, Runtime};

use super::server::{PASSWORD, USER};

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

    /// What the registry says in a header.
    fn digest(&self, name: &str) -> String {
        let reference = self.reference(name);
        let fetched = self.client.fetch_manifest_digest(&reference, &self.auth);
        self.runtime.block_on(fetched).expect("the registry has it")
    }
}
