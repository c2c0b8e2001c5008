//! What the user can type.

mod export;
mod stale;

use std::collections::BTreeMap;
use std::path::PathBuf;

use clap::{Parser, Subcommand, ValueEnum};
use clap_complete::Shell;
#[cfg(feature = "registry")]
use fresh_images_cli::registry::RegistryOptions;
use fresh_images_manifests::policy::namespace_labels;

use super::files;

pub(super) use export::{Export, Map, MapVersion, Vap};
pub(super) use stale::{Stale, StaleOutput};

/// Find container images that can go stale
///
/// An image can go stale if it has neither a digest nor Always as its effective pull policy. A node that
/// holds its tag keeps running the old content after a new image was pushed under the same tag.
#[derive(Debug, Parser)]
#[command(name = "fresh-images", version, propagate_version = true, verbatim_doc_comment)]
pub(super) struct Args {
    #[command(subcommand)]
    pub(super) command: Command,
}

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    Check(Box<Check>),
    Stale(Box<Stale>),
    #[command(subcommand)]
    Export(Export),
    /// Print the completions for a shell
    Completions {
        /// The shell
        shell: Shell,
    },
    /// Write the manual pages into a directory
    Man {
        /// The directory, which must exist
        directory: PathBuf,
    },
}

/// Judge manifests and admission requests with the policy that clusters run
///
/// The WebAssembly module of the policy judges each manifest, as if it were just being created.
/// It judges AdmissionReviews and AdmissionRequests as they are.
#[derive(Debug, clap::Args)]
#[command(verbatim_doc_comment, after_help = SHORT_HELP, after_long_help = LONG_HELP)]
pub(super) struct Check {
    /// Files, directories, or - for standard input
    ///
    /// Files may be YAML or JSON, with several documents. They may contain manifests, Lists,
    /// AdmissionReviews and AdmissionRequests. In directories and their subdirectories, all files
    /// named *.yaml, *.yml and *.json are read, except hidden ones and what .gitignore and
    /// .fresh-imagesignore name. There, what is no Kubernetes object is passed over and counted.
    #[arg(required = true, value_name = "PATH", verbatim_doc_comment)]
    pub(super) paths: Vec<PathBuf>,

    /// Settings of the policy, as YAML or JSON [default: {}]
    #[arg(long, value_name = "FILE", conflicts_with = "policy")]
    pub(super) settings: Option<PathBuf>,

    /// Use the settings and the modules of the policies in this file; may be repeated
    ///
    /// A file may hold several: ClusterAdmissionPolicy, AdmissionPolicy, and groups of both. Each judges what
    /// it is sent. As in the cluster, policies that mutate come first.
    ///
    /// Only what the cluster sends to the policy is judged, by its rules, namespaceSelector and
    /// objectSelector; the rest is counted as not asked about.
    ///
    /// If the policy names the built-in module, nothing is pulled. Any other module is pulled from its
    /// registry and verified by its digest. It is kept in $XDG_CACHE_HOME/fresh-images or
    /// ~/.cache/fresh-images. For a tag the command asks the registry each time, for a digest only once.
    #[arg(long, value_name = "FILE", verbatim_doc_comment)]
    pub(super) policy: Vec<PathBuf>,

    /// With --policy: judge with the built-in module, even if the policy names another one
    #[arg(long, conflicts_with = "module")]
    pub(super) built_in: bool,

    /// Ignore fresh-images.yaml
    ///
    /// Without this, the file of that name in the directory of the first PATH, or above it up to the root of
    /// the repository, says which settings or policy, exclude, baseline, namespace and namespaceLabels are
    /// meant. Options here win.
    #[arg(long, verbatim_doc_comment)]
    pub(super) no_config: bool,

    /// In directories, leave out what matches this pattern of .gitignore; may be repeated
    #[arg(long, value_name = "GLOB", value_parser = files::is_glob)]
    pub(super) exclude: Vec<String>,

    /// In directories, read hidden files and folders too
    #[arg(long)]
    pub(super) include_hidden: bool,

    /// In directories, judge what kustomizations and charts are rendered to, instead of their files
    ///
    /// Runs `kustomize build` or `kubectl kustomize` for each kustomization that no other one names, and
    /// `helm template` for each chart. If the tool is not on the PATH, that is an error.
    #[arg(long, conflicts_with_all = ["fix", "write", "diff"], verbatim_doc_comment)]
    pub(super) render: bool,

    /// In directories, everything must be a manifest: what would be passed over is unreadable
    #[arg(long)]
    pub(super) strict: bool,

    /// The namespace of manifests that name none, as with kubectl apply --namespace
    #[arg(long, value_name = "NAME", value_parser = object_name)]
    pub(super) namespace: Option<String>,

    /// With --policy: the labels of a namespace, for its namespaceSelector; may be repeated
    ///
    /// Each namespace has the label of its name anyway. Objects in a namespace whose labels are not known
    /// are judged.
    #[arg(long, value_name = "NAME:KEY=VALUE,…", value_parser = namespace_labels, verbatim_doc_comment)]
    pub(super) namespace_labels: Vec<(String, BTreeMap<String, String>)>,

    /// Print the fixed manifests, and the report to standard error
    ///
    /// The settings choose the fix: `mutate: {to: pullAlways}` or `mutate: {to: pinDigest, …}`.
    /// Comments, key order, quotes and line ends stay as they are. If some input cannot be read,
    /// nothing is printed.
    #[arg(long, verbatim_doc_comment)]
    pub(super) fix: bool,

    /// With --fix: change the files instead of printing them
    ///
    /// Each file is replaced as a whole, and only if all of it can be read. Its mode stays, and a
    /// symbolic link still points to it.
    #[arg(long, requires = "fix", verbatim_doc_comment)]
    pub(super) write: bool,

    /// Print what --fix would change, as a patch for `git apply`, and the report to standard error
    #[arg(long, conflicts_with_all = ["fix", "write"])]
    pub(super) diff: bool,

    /// Do not fail for the findings in this file; new ones fail, and those that are gone are named
    ///
    /// Each entry has a reason, and may have a last day: `until: 2027-01-31`.
    #[arg(long, value_name = "FILE", verbatim_doc_comment)]
    pub(super) baseline: Option<PathBuf>,

    /// Write all findings to this file, for --baseline; entries that still hold keep their reason
    #[arg(long, value_name = "FILE", conflicts_with_all = ["fix", "diff"])]
    pub(super) write_baseline: Option<PathBuf>,

    /// Use plain HTTP for this registry; may be repeated
    ///
    /// The command asks registries for the module of --policy, and for `mutate: {to: pinDigest}` those in
    /// the settings. It uses the credentials of `docker login` in $DOCKER_CONFIG or ~/.docker.
    #[arg(long, value_name = "HOST[:PORT]", value_parser = registry, verbatim_doc_comment)]
    pub(super) insecure_registry: Vec<String>,

    /// Judge with this WebAssembly module instead of the built-in one
    #[arg(long, value_name = "FILE")]
    pub(super) module: Option<PathBuf>,

    /// The form of the report: text for people, json for programs, or what a review tool reads
    ///
    /// sarif is SARIF 2.1.0 with fixes, junit is JUnit XML, github are the annotations of GitHub Actions,
    /// gitlab is a code quality report.
    #[arg(long, value_name = "text|json|sarif|junit|github|gitlab", value_enum, default_value_t = Output::Text)]
    #[arg(hide_possible_values = true, verbatim_doc_comment)]
    pub(super) output: Output,

    /// Write the report to this file, as a whole or not at all
    #[arg(long, value_name = "FILE")]
    pub(super) output_file: Option<PathBuf>,

    /// When to use colours; auto: on a terminal, unless NO_COLOR is set
    #[arg(long, value_name = "auto|always|never", value_enum, default_value_t = Color::Auto)]
    #[arg(hide_possible_values = true, hide_default_value = true)]
    pub(super) color: Color,

    /// Say which exemptions, overrides and patterns of the settings match nothing in these manifests
    #[arg(long)]
    pub(super) unused: bool,

    /// Show only what must be changed, and what was
    #[arg(short, long)]
    pub(super) quiet: bool,

    /// Name the place of each finding; without this, more than 20 findings are grouped by image
    #[arg(long)]
    pub(super) no_group: bool,

    /// Name documents without images as well, each file that is passed over, and all places of a group
    #[arg(short, long, conflicts_with = "quiet")]
    pub(super) verbose: bool,
}

/// How much the report for people says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Detail {
    /// What has to be changed, or known.
    Quiet,
    /// Everything with an image.
    Normal,
    /// Everything.
    Verbose,
}

impl Check {
    pub(super) fn detail(&self) -> Detail {
        match (self.quiet, self.verbose) {
            (true, _) => Detail::Quiet,
            (false, false) => Detail::Normal,
            (false, true) => Detail::Verbose,
        }
    }

    /// Whether fixed texts are wanted, in whatever form.
    pub(super) fn fixes(&self) -> bool {
        self.fix || self.diff
    }

    /// How registries are asked, for modules and for digests.
    #[cfg(feature = "registry")]
    pub(super) fn registry_options(&self) -> RegistryOptions {
        RegistryOptions { insecure: self.insecure_registry.clone(), ..RegistryOptions::default() }
    }
}

/// The name of an object of Kubernetes.
pub(super) fn object_name(text: &str) -> Result<String, &'static str> {
    let is_allowed = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '.' | '-');
    let good = text.len() <= 253
        && text.chars().all(is_allowed)
        && text.split('.').all(|part| !part.is_empty() && !part.starts_with('-') && !part.ends_with('-'));
    good.then(|| text.into()).ok_or("expected lower-case letters, digits, `-` and `.`")
}

/// A registry as images name it.
fn registry(text: &str) -> Result<String, &'static str> {
    let is_host = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | ':');
    let good = !text.is_empty() && text.chars().all(is_host);
    good.then(|| text.into()).ok_or("expected HOST or HOST:PORT, as in image names")
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Output {
    Text,
    Json,
    Sarif,
    Junit,
    Github,
    Gitlab,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Color {
    Auto,
    Always,
    Never,
}

impl Color {
    pub(super) fn choice(self) -> anstream::ColorChoice {
        match self {
            Self::Auto => anstream::ColorChoice::Auto,
            Self::Always => anstream::ColorChoice::Always,
            Self::Never => anstream::ColorChoice::Never,
        }
    }
}

const SHORT_HELP: &str = "\
Exit code: 0 all accepted (with --fix: after fixing), 1 something rejected, 2 unreadable input
(takes precedence over 1).
Use --help for examples.";

const LONG_HELP: &str = "\
Exit codes:
  0  everything is accepted, perhaps with warnings; with --fix, after it was fixed
  1  something is rejected
  2  some input cannot be used (an unreadable file or document, invalid settings, no documents);
     everything else was still judged

Examples:
  Judge the manifests of a directory:
      fresh-images check deploy/

  Judge the output of a chart with the policy of the cluster:
      helm template shop/ | fresh-images check --policy policies/fresh-images.yml -

  Fix manifests in place, or on their way to the cluster:
      fresh-images check --fix --write --settings fix.yaml deploy/
      helm template shop/ | fresh-images check --fix --settings fix.yaml - | kubectl apply -f -

  Judge what is in the cluster now:
      kubectl get deployments,statefulsets,daemonsets -A -o yaml | fresh-images check -

  List the codes of all findings:
      fresh-images check --output json deploy/ | jq -r '.documents[].findings[].code'";
