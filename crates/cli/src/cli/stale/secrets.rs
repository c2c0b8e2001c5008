//! The pull secrets of Pods.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use fresh_images_cli::registry::PullSecret;
use fresh_images_stale::{Cluster, DockerConfig};

use super::live::Api;

/// Gets the Secrets that Pods name. A Secret that may not be read is a note.
pub(super) fn get(api: &dyn Api, cluster: &mut Cluster) {
    for (namespace, name) in cluster.pull_secrets.clone() {
        let path = format!("/api/v1/namespaces/{namespace}/secrets/{name}");
        if let Err(problem) = api.get(&path, cluster) {
            cluster.notes.push(problem);
        }
    }
}

/// The credentials in the Secrets that Pods name. One that cannot be used is a note.
pub(super) fn credentials(cluster: &mut Cluster) -> Vec<PullSecret> {
    let (mut credentials, mut notes) = (Vec::new(), Vec::new());
    for key in &cluster.pull_secrets {
        let read = match cluster.secrets.get(key) {
            Some(DockerConfig(text)) => decode(text),
            None => Err("it is not there, or has no credentials for registries".into()),
        };
        let (namespace, name) = key;
        match read {
            Ok(read) => credentials.extend(read),
            Err(problem) => notes.push(format!("Secret {namespace}/{name}: {problem}")),
        }
    }
    cluster.notes.extend(notes);
    credentials
}

fn decode(text: &str) -> Result<Vec<PullSecret>, String> {
    let json = STANDARD.decode(text).map_err(|_| "it is not in Base64")?;
    PullSecret::read(&json)
}
