//! What can be typed after `fresh-images stale`.

use std::path::PathBuf;
use std::time::Duration;

use clap::ValueEnum;

use super::{Color, object_name, registry};

/// Say which containers run other content than their tag names now
///
/// Reads what `kubectl get pods,nodes,replicasets -A -o json` prints, and asks registries what each tag names. Content is
/// compared by the config of the image for the platform of the node, so a rebuilt index of the same content is
/// fresh. Without a PATH the command runs kubectl itself; in a Pod it asks
/// the API server as its service account. It only reads.
#[derive(Debug, clap::Args)]
#[command(verbatim_doc_comment, after_help = STALE_HELP, after_long_help = STALE_HELP)]
pub(in crate::cli) struct Stale {
    /// Files or directories with Pods, Nodes and ReplicaSets, or - for standard input
    #[arg(value_name = "PATH", conflicts_with_all = ["all_namespaces", "kubectl_namespace"])]
    pub(in crate::cli) paths: Vec<PathBuf>,

    /// Without PATH: all namespaces
    #[arg(short = 'A', long, conflicts_with = "kubectl_namespace")]
    pub(in crate::cli) all_namespaces: bool,

    /// Without PATH: this namespace instead of that of the current context
    #[arg(short = 'n', long = "namespace", value_name = "NAME", value_parser = object_name)]
    pub(in crate::cli) kubectl_namespace: Option<String>,

    /// Ask no registries: find only what the cluster itself knows
    #[arg(long, conflicts_with_all = ["registries", "insecure_registry", "moved"])]
    pub(in crate::cli) offline: bool,

    /// Ask no other registries than these; repeated, or with commas
    ///
    /// Without this list the registry of each image in a spec is asked, and never one that only a status names.
    #[arg(long, value_name = "HOST[:PORT]", value_delimiter = ',', value_parser = registry, verbatim_doc_comment)]
    pub(in crate::cli) registries: Vec<String>,

    /// Use plain HTTP for this registry; may be repeated
    #[arg(long, value_name = "HOST[:PORT]", value_parser = registry)]
    pub(in crate::cli) insecure_registry: Vec<String>,

    /// Where docker login does not suffice, use the imagePullSecrets of the Pods
    ///
    /// With kubectl the command reads these Secrets and no others. With PATH they must be in the input.
    #[arg(long, verbatim_doc_comment, conflicts_with = "offline")]
    pub(in crate::cli) pull_secrets: bool,

    /// Also say where an image has a tag and a digest, and the tag names another digest now
    #[arg(long)]
    pub(in crate::cli) moved: bool,

    /// Ask again until nothing is stale, split or unknown, for at most as long, such as 90s or 10m
    ///
    /// It needs kubectl, because a file does not change. Exit code 0 as soon as every container runs what its tag or digest
    /// names now, 1 with those that do not once the time is over.
    #[arg(long, value_name = "DURATION", value_parser = duration, verbatim_doc_comment)]
    #[arg(conflicts_with_all = ["paths", "offline"])]
    pub(in crate::cli) wait: Option<Duration>,

    /// Judge only this workload, such as deployment/web; may be repeated
    #[arg(long, value_name = "KIND/NAME", value_parser = workload)]
    pub(in crate::cli) workload: Vec<(String, String)>,

    /// The form of the report
    ///
    /// prometheus are metrics in the text format, openreports are Reports of openreports.io/v1alpha1 for `kubectl apply`.
    #[arg(long, value_name = "text|json|sarif|junit|prometheus|openreports", value_enum, default_value_t = StaleOutput::Text)]
    #[arg(hide_possible_values = true, verbatim_doc_comment)]
    pub(in crate::cli) output: StaleOutput,

    /// In a Pod: also write the Reports of openreports.io to the cluster, one for each namespace
    #[arg(long, conflicts_with = "paths")]
    pub(in crate::cli) apply: bool,

    /// Write the report to this file, as a whole or not at all
    #[arg(long, value_name = "FILE")]
    pub(in crate::cli) output_file: Option<PathBuf>,

    /// When to use colours; auto: on a terminal, unless NO_COLOR is set
    #[arg(long, value_name = "auto|always|never", value_enum, default_value_t = Color::Auto)]
    #[arg(hide_possible_values = true, hide_default_value = true)]
    pub(in crate::cli) color: Color,

    /// Name fresh, pinned and unchecked containers as well
    #[arg(short, long)]
    pub(in crate::cli) verbose: bool,
}

/// The form of a report of `stale`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum StaleOutput {
    Text,
    Json,
    Sarif,
    Junit,
    Prometheus,
    Openreports,
}

/// Seconds, or a number with s, m or h.
fn duration(text: &str) -> Result<Duration, &'static str> {
    let (number, seconds) = match text.char_indices().last() {
        Some((at, 's')) => (text.get(..at), 1),
        Some((at, 'm')) => (text.get(..at), 60),
        Some((at, 'h')) => (text.get(..at), 3_600),
        _ => (Some(text), 1),
    };
    let number: Option<u64> = number.and_then(|number| number.parse().ok());
    number
        .and_then(|number| number.checked_mul(seconds))
        .filter(|seconds| (1..=86_400).contains(seconds))
        .map(Duration::from_secs)
        .ok_or("expected a time up to a day, such as 90s, 10m or 1h")
}

/// A workload as kubectl takes it. The kind is compared without regard to case, and its short names are known.
fn workload(text: &str) -> Result<(String, String), &'static str> {
    let (kind, name) = text.split_once('/').ok_or("expected KIND/NAME, such as deployment/web")?;
    let kind = match kind.to_ascii_lowercase().as_str() {
        "deploy" | "deployments" => "deployment".into(),
        "ds" | "daemonsets" => "daemonset".into(),
        "sts" | "statefulsets" => "statefulset".into(),
        "rs" | "replicasets" => "replicaset".into(),
        "po" | "pods" => "pod".into(),
        "jobs" => "job".into(),
        other => other.to_owned(),
    };
    Ok((kind, object_name(name)?))
}

const STALE_HELP: &str = "\
Exit codes:
  0  nothing is stale or split
  1  something is
  2  something could not be decided, or the input cannot be used

Examples:
  What runs old content right now, in all namespaces:
      kubectl get pods,nodes,replicasets -A -o json | fresh-images stale -
      kubectl fresh-images stale -A

  Without asking a registry:
      kubectl get pods,nodes -A -o json | fresh-images stale --offline -

  After a deployment, wait until what was built is what runs:
      fresh-images stale -n shop --workload deployment/web --wait 10m";
