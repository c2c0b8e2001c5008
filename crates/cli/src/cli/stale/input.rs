//! Reads what the user names: JSON as a stream, YAML, and directories such as a support bundle.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::{Path, PathBuf};

use fresh_images_manifests::document::{self, Source};
use fresh_images_stale::Cluster;

use super::super::files::{Found, Input, Walk, reason};

/// The most bytes of YAML that are read: it is no stream, and each byte takes many of memory.
const MAX_YAML: u64 = 64 * 1024 * 1024;

/// Reads everything. What is named must be readable; in a directory, what holds no such objects is passed over.
pub(super) fn read(paths: &[PathBuf], cluster: &mut Cluster) -> Result<(), Vec<String>> {
    let walk = Walk { exclude: &[], excluded: None, include_hidden: false, no_manifests: &[] };
    let Found { inputs, .. } = walk.find(paths);
    let mut problems = Vec::new();
    for input in inputs {
        let read = match input {
            Err(problem) => Err(problem.to_string()),
            Ok(Input::Stdin) => read_one(io::stdin().lock(), "<stdin>", cluster),
            Ok(Input::File(path)) => open(&path, cluster),
            // Logs and others that are not what they seem.
            Ok(Input::Found(path)) => open(&path, cluster).or(Ok(())),
            // Nothing is rendered here.
            Ok(Input::Rendered(_)) => Ok(()),
        };
        problems.extend(read.err());
    }
    if problems.is_empty() && cluster.pods == 0 {
        let names: Vec<String> = paths.iter().map(|path| path.display().to_string()).collect();
        problems
            .push(format!("no Pods found in {}: see `kubectl get pods,nodes -A -o json`", names.join(", ")));
    }
    if problems.is_empty() { Ok(()) } else { Err(problems) }
}

fn open(path: &Path, cluster: &mut Cluster) -> Result<(), String> {
    let name = path.display().to_string();
    let file = File::open(path).map_err(|error| format!("{name}: {}", reason(&error)))?;
    read_one(BufReader::new(file), &name, cluster)
}

fn read_one(text: impl Read, name: &str, cluster: &mut Cluster) -> Result<(), String> {
    let mut text = BufReader::with_capacity(1 << 20, text);
    let start = text.fill_buf().map_err(|error| format!("{name}: {}", reason(&error)))?;
    // A byte order mark, which some shells of Windows write.
    let mark = if start.starts_with(b"\xef\xbb\xbf") { 3 } else { 0 };
    let is_json = start.iter().skip(mark).find(|byte| !byte.is_ascii_whitespace()) == Some(&b'{');
    text.consume(mark);
    if is_json {
        return cluster.read_json(text).map(drop).map_err(|error| format!("{name}: {error}"));
    }
    let mut yaml = String::new();
    text.take(MAX_YAML).read_to_string(&mut yaml).map_err(|error| format!("{name}: {error}"))?;
    for document in document::read(&Source::new(name, yaml)) {
        let document = document.map_err(|error| format!("{name}: {error}"))?;
        cluster.read_json(document.json_text().as_bytes()).map_err(|error| format!("{name}: {error}"))?;
    }
    Ok(())
}
