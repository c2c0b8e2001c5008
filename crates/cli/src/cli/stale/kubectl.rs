//! Reads the cluster through kubectl, so that the login of the user works. It only reads.

use std::io::BufReader;
use std::process::{Command, Stdio};

use fresh_images_stale::Cluster;

use super::super::args::Stale;

/// How many objects a page has.
const PAGE: usize = 500;

/// Reads Pods, Nodes and ReplicaSets. Nodes and ReplicaSets may be forbidden; then less is known, and the report says so.
pub(super) fn read(args: &Stale, cluster: &mut Cluster) -> Result<(), Vec<String>> {
    let namespace = match (&args.kubectl_namespace, args.all_namespaces) {
        (_, true) => None,
        (Some(name), false) => Some(name.clone()),
        (None, false) => Some(current_namespace().map_err(|problem| vec![problem])?),
    };
    let within = namespace.map(|name| format!("namespaces/{name}/")).unwrap_or_default();
    pages(&format!("/api/v1/{within}pods"), cluster).map_err(|problem| vec![problem])?;
    for path in [format!("/apis/apps/v1/{within}replicasets"), "/api/v1/nodes".into()] {
        if let Err(problem) = pages(&path, cluster) {
            cluster.notes.push(problem);
        }
    }
    Ok(())
}

fn pages(path: &str, cluster: &mut Cluster) -> Result<(), String> {
    let mut next = Some(String::new());
    while let Some(page) = next.take() {
        let query = if page.is_empty() { String::new() } else { format!("&continue={page}") };
        next = get(&format!("{path}?limit={PAGE}{query}"), cluster)?;
    }
    Ok(())
}

/// One page or object, and the name of the next page.
pub(super) fn get(path: &str, cluster: &mut Cluster) -> Result<Option<String>, String> {
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
        let said = said.lines().find(|line| !line.trim().is_empty()).unwrap_or("it failed without a message");
        return Err(format!("kubectl get --raw {path}: {said}"));
    }
    match read {
        Some(Ok(next)) => Ok(next),
        Some(Err(error)) => Err(format!("kubectl get --raw {path}: {error}")),
        None => Ok(None),
    }
}

/// That of the current context.
fn current_namespace() -> Result<String, String> {
    let mut kubectl = Command::new("kubectl");
    kubectl.args(["config", "view", "--minify", "--output", "jsonpath={..namespace}"]).stdin(Stdio::null());
    let output = kubectl.output().map_err(|error| {
        format!("kubectl cannot be run: {error}. Name a file instead, or - for standard input")
    })?;
    let name = String::from_utf8_lossy(&output.stdout).trim().to_owned();
    Ok(if name.is_empty() { "default".into() } else { name })
}
