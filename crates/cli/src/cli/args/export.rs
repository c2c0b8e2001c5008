//! What can be typed after `fresh-images export`.

use std::path::PathBuf;

use clap::{Subcommand, ValueEnum};
use fresh_images::date::Date;

use super::object_name;

/// Write the policy as Kubernetes' own admission policy, for clusters without Kubewarden
#[derive(Debug, Subcommand)]
pub(in crate::cli) enum Export {
    Vap(Vap),
    Map(Map),
}

/// Write a MutatingAdmissionPolicy for `mutate: {to: pullAlways}`, and a ValidatingAdmissionPolicy for what it leaves
///
/// It needs Kubernetes 1.36, or 1.34 with the feature gate MutatingAdmissionPolicy and --api-version v1beta1.
#[derive(Debug, clap::Args)]
#[command(verbatim_doc_comment)]
pub(in crate::cli) struct Map {
    #[command(flatten)]
    pub(in crate::cli) vap: Vap,

    /// The version of the API of MutatingAdmissionPolicies
    #[arg(long, value_name = "v1|v1beta1", value_enum, default_value_t = MapVersion::V1)]
    #[arg(hide_possible_values = true)]
    pub(in crate::cli) api_version: MapVersion,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum MapVersion {
    V1,
    V1beta1,
}

/// Write a ValidatingAdmissionPolicy and its binding, which the API server evaluates itself
///
/// It rejects what the policy rejects with these settings, in the same words. Settings that CEL cannot
/// say are refused, each with its place, and nothing is written: exit code 2.
#[derive(Debug, clap::Args)]
#[command(verbatim_doc_comment)]
pub(in crate::cli) struct Vap {
    /// Settings of the policy, as YAML or JSON; - for standard input [default: {}]
    #[arg(long, value_name = "FILE", conflicts_with = "policy")]
    pub(in crate::cli) settings: Option<PathBuf>,

    /// Export the policies in this file, with their rules, selectors and conditions
    #[arg(long, value_name = "FILE", conflicts_with = "name")]
    pub(in crate::cli) policy: Option<PathBuf>,

    /// The name of the policy and of its binding
    #[arg(long, default_value = "fresh-images", value_parser = object_name)]
    pub(in crate::cli) name: String,

    /// Leave out exemptions that have ended on this day, and write the others without an end
    ///
    /// CEL has no clock, so exemptions with `until` cannot be exported without this option.
    #[arg(long, value_name = "YYYY-MM-DD", verbatim_doc_comment)]
    pub(in crate::cli) at: Option<Date>,

    /// Write files that the API server reads at its start, instead of standard output
    ///
    /// Kubernetes 1.37 and later read static policies from directories (--admission-control-config-file,
    /// staticManifestsDir), one for each of the kinds: DIR/validating and DIR/mutating. Nobody can
    /// change such policies through the API. Their names end with .static.k8s.io.
    #[arg(long, value_name = "DIR", verbatim_doc_comment)]
    pub(in crate::cli) manifest_dir: Option<PathBuf>,
}
