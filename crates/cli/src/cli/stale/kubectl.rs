//! Reads the cluster through kubectl, so that the login of the user works. It only reads.

use std::io::BufReader;
use std::process::{Command, Stdio};

use fresh_images_stale::Cluster;

use super::live::Api;

/// kubectl on the PATH, with its current context.
pub(super) struct Kubectl;

impl Api for Kubectl {
    fn get(&self, path: &str, cluster: &mut Cluster) -> Result<Option<String>, String> {
        let mut kubectl = Command::new("kubectl");
        let kubectl = kubectl
            .args(["get", "--raw", path])
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let mut child = kubectl.spawn().map_err(|error| {
            format!("kubectl cannot be run: {error}. Name a file instead, or - for standard input")
        })?;
        let read = child.stdout.take().map(|text| cluster.read_json(BufReader::new(text)));
        let output = child.wait_with_output().map_err(|error| format!("kubectl: {error}"))?;
        if !output.status.success() {
            let said = String::from_utf8_lossy(&output.stderr);
            let said =
                said.lines().find(|line| !line.trim().is_empty()).unwrap_or("it failed without a message");
            return Err(format!("kubectl get --raw {path}: {said}"));
        }
        match read {
            Some(Ok(next)) => Ok(next),
            Some(Err(error)) => Err(format!("kubectl get --raw {path}: {error}")),
            None => Ok(None),
        }
    }

    /// That of the current context.
    fn namespace(&self) -> Result<String, String> {
        let mut kubectl = Command::new("kubectl");
        kubectl
            .args(["config", "view", "--minify", "--output", "jsonpath={..namespace}"])
            .stdin(Stdio::null());
        let output = kubectl.output().map_err(|error| {
            format!("kubectl cannot be run: {error}. Name a file instead, or - for standard input")
        })?;
        let name = String::from_utf8_lossy(&output.stdout).trim().to_owned();
        Ok(if name.is_empty() { "default".into() } else { name })
    }
}
