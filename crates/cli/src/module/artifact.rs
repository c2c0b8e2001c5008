//! What a registry holds for a policy: a manifest whose only layer is the module.
//!
//! ```json
//! {
//!   "schemaVersion": 2,
//!   "config": {"mediaType": "application/vnd.wasm.config.v1+json", "digest": "sha256:…", "size": 2},
//!   "layers": [{"mediaType": "application/vnd.wasm.content.layer.v1+wasm", "digest": "sha256:…", "size": 217576}]
//! }
//! ```
//!
//! So `kwctl push` makes it. The configuration says nothing, and is not read.

use oci_client::Reference;
use oci_client::manifest::WASM_LAYER_MEDIA_TYPE;
use serde::Deserialize;
use serde::de::IgnoredAny;

use super::digest::Digest;
use super::error::{MAX_SIZE, PullError};
use crate::registry::short;

/// The module, as its manifest names it.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Artifact {
    pub(super) digest: Digest,
    pub(super) size: usize,
}

/// Why there is none.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Problem {
    Index,
    NoManifest,
    NoModule(String),
    TooLarge(u64),
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Manifest {
    schema_version: u64,
    layers: Option<Vec<Layer>>,
    /// What an index has instead.
    manifests: Option<IgnoredAny>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Layer {
    media_type: String,
    digest: String,
    size: u64,
}

impl Artifact {
    pub(super) fn read(manifest: &[u8]) -> Result<Self, Problem> {
        let manifest: Manifest = serde_json::from_slice(manifest).map_err(|_| Problem::NoManifest)?;
        if manifest.schema_version != 2 {
            return Err(Problem::NoManifest);
        }
        // Whoever reads a manifest that is both must not choose.
        if manifest.manifests.is_some() {
            return Err(Problem::Index);
        }
        let layers = manifest.layers.ok_or(Problem::NoManifest)?;
        let [layer] = layers.as_slice() else {
            let count =
                if layers.is_empty() { "no layer".into() } else { format!("{} layers", layers.len()) };
            return Err(Problem::NoModule(count));
        };
        if layer.media_type != WASM_LAYER_MEDIA_TYPE {
            return Err(Problem::NoModule(format!("a layer of the type {}", short(&layer.media_type))));
        }
        let size = usize::try_from(layer.size).ok().filter(|size| *size <= MAX_SIZE);
        let size = size.ok_or(Problem::TooLarge(layer.size))?;
        let digest = Digest::parse(&layer.digest).ok_or(Problem::NoManifest)?;
        Ok(Self { digest, size })
    }
}

impl Problem {
    /// The same, with the name of the module.
    pub(super) fn of(self, reference: &Reference) -> PullError {
        let name = reference.whole();
        match self {
            Self::Index => PullError::Index { name },
            Self::NoManifest => PullError::NoManifest { name },
            Self::NoModule(found) => PullError::NoModule { name, found },
            Self::TooLarge(size) => PullError::TooLarge { name, size },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(manifest: &str) -> Result<Artifact, Problem> {
        let layer = |media_type: &str, size: &str| {
            format!(r#"{{"mediaType":"{media_type}","digest":"sha256:{}","size":{size}}}"#, "0".repeat(64))
        };
        let manifest = manifest
            .replace("HUGE", &layer(WASM_LAYER_MEDIA_TYPE, "67108865"))
            .replace("LARGE", &layer(WASM_LAYER_MEDIA_TYPE, "67108864"))
            .replace("WASM", &layer(WASM_LAYER_MEDIA_TYPE, "3"))
            .replace("TAR", &layer("application/vnd.oci.image.layer.v1.tar", "3"));
        Artifact::read(manifest.as_bytes())
    }

    #[test]
    fn a_module_is_the_only_layer() {
        let digest = Digest::parse(&format!("sha256:{}", "0".repeat(64))).expect("a digest");
        for (manifest, size) in [
            (r#"{"schemaVersion":2,"layers":[WASM]}"#, 3),
            (r#"{"schemaVersion":2,"layers":[LARGE]}"#, MAX_SIZE),
            (r#"{"schemaVersion":2,"mediaType":"x","config":null,"layers":[WASM],"annotations":{}}"#, 3),
        ] {
            assert_eq!(read(manifest), Ok(Artifact { digest: digest.clone(), size }), "{manifest}");
        }
        let tar = "a layer of the type application/vnd.oci.image.layer.v1.tar";
        for (manifest, problem) in [
            (r#"{"schemaVersion":2,"layers":[HUGE]}"#, Problem::TooLarge(67_108_865)),
            (r#"{"schemaVersion":2,"layers":[]}"#, Problem::NoModule("no layer".into())),
            (r#"{"schemaVersion":2,"layers":[WASM,WASM]}"#, Problem::NoModule("2 layers".into())),
            (r#"{"schemaVersion":2,"layers":[WASM,TAR]}"#, Problem::NoModule("2 layers".into())),
            (r#"{"schemaVersion":2,"layers":[TAR]}"#, Problem::NoModule(tar.into())),
            (r#"{"schemaVersion":2,"manifests":[]}"#, Problem::Index),
            (r#"{"schemaVersion":2,"manifests":[],"layers":[WASM]}"#, Problem::Index),
            (r#"{"schemaVersion":2}"#, Problem::NoManifest),
            (r#"{"schemaVersion":1,"layers":[WASM]}"#, Problem::NoManifest),
            (r#"{"layers":[WASM]}"#, Problem::NoManifest),
            (r#"{"schemaVersion":2,"layers":[TAR],"layers":[WASM]}"#, Problem::NoManifest),
            (
                r#"{"schemaVersion":2,"layers":[{"mediaType":"application/vnd.wasm.content.layer.v1+wasm","digest":"sha256:0","size":3}]}"#,
                Problem::NoManifest,
            ),
            (r#"{"schemaVersion":2,"layers":[{"size":-1}]}"#, Problem::NoManifest),
            ("[]", Problem::NoManifest),
            ("", Problem::NoManifest),
        ] {
            assert_eq!(read(manifest), Err(problem), "{manifest}");
        }
    }
}
