//! What the user can type.

use std::path::PathBuf;

use clap::{Parser, Subcommand, ValueEnum};

/// Find container images that can go stale
///
/// An image that has neither a digest nor Always as its effective pull policy can go stale: nodes that
/// hold its tag keep running what they once pulled, whatever was pushed under that tag since.
#[derive(Debug, Parser)]
#[command(name = "fresh-images", version, propagate_version = true, verbatim_doc_comment)]
pub(super) struct Args {
    #[command(subcommand)]
    pub(super) command: Command,
}

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    Check(Check),
}

/// Judge manifests and admission requests with the policy that clusters run
///
/// Every document is judged by the WebAssembly module of the policy, in the engine that Kubewarden uses,
/// as if it were just being created. AdmissionReviews and AdmissionRequests are judged as they are.
#[derive(Debug, clap::Args)]
#[command(verbatim_doc_comment, after_help = SHORT_HELP, after_long_help = LONG_HELP)]
pub(super) struct Check {
    /// Files, directories, or - for standard input
    ///
    /// Files may be YAML of several documents or JSON, and hold manifests, lists of them,
    /// AdmissionReviews and AdmissionRequests. In directories, and those below, all files
    /// named *.yaml, *.yml and *.json are read, except hidden ones.
    #[arg(required = true, value_name = "PATH", verbatim_doc_comment)]
    pub(super) paths: Vec<PathBuf>,

    /// Settings of the policy, as YAML or JSON [default: {}]
    #[arg(long, value_name = "FILE", conflicts_with = "policy")]
    pub(super) settings: Option<PathBuf>,

    /// Judge by a ClusterAdmissionPolicy or AdmissionPolicy: its settings, and the module that it names
    ///
    /// The built-in module judges where it is the one that the policy names. Any other is pulled from its
    /// registry, its digest is verified, and it is kept in $XDG_CACHE_HOME/fresh-images or
    /// ~/.cache/fresh-images. For a tag the registry is asked each time, for a digest only once.
    #[arg(long, value_name = "FILE", verbatim_doc_comment)]
    pub(super) policy: Option<PathBuf>,

    /// With --policy: judge with the built-in module, whichever the policy names
    #[arg(long, requires = "policy", conflicts_with = "module")]
    pub(super) built_in: bool,

    /// Print the manifests as the policy mends them, and the report to standard error
    ///
    /// The settings say how to mend, with `mutate: {to: pullAlways}` or `mutate: {to: pinDigest, …}`.
    /// Comments, the order of keys, quotes and line ends stay as they are. If some input is unusable,
    /// nothing is printed.
    #[arg(long, verbatim_doc_comment)]
    pub(super) fix: bool,

    /// With --fix: change the files instead of printing them
    ///
    /// Each file is replaced as a whole, and only if all of it can be used. Its mode stays, and a
    /// symbolic link still leads to it.
    #[arg(long, requires = "fix", verbatim_doc_comment)]
    pub(super) write: bool,

    /// Ask this registry over plain HTTP; may be repeated
    ///
    /// Registries are asked for the module of --policy, and for `mutate: {to: pinDigest}` those that the
    /// settings list; with the credentials that `docker login` keeps in $DOCKER_CONFIG or ~/.docker.
    #[arg(long, value_name = "HOST[:PORT]", value_parser = registry, verbatim_doc_comment)]
    pub(super) insecure_registry: Vec<String>,

    /// Judge with this WebAssembly module instead of the built-in one
    #[arg(long, value_name = "FILE")]
    pub(super) module: Option<PathBuf>,

    /// For people, or one JSON document for programs
    #[arg(long, value_name = "text|json", value_enum, default_value_t = Output::Text)]
    #[arg(hide_possible_values = true)]
    pub(super) output: Output,

    /// When to use colours; auto: on a terminal, unless NO_COLOR is set
    #[arg(long, value_name = "auto|always|never", value_enum, default_value_t = Color::Auto)]
    #[arg(hide_possible_values = true, hide_default_value = true)]
    pub(super) color: Color,

    /// Print only what is not accepted
    #[arg(short, long)]
    pub(super) quiet: bool,
}

/// A registry as images name it.
fn registry(text: &str) -> Result<String, &'static str> {
    let is_host = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | ':');
    let good = !text.is_empty() && text.chars().all(is_host);
    good.then(|| text.into()).ok_or("expected HOST or HOST:PORT, as images name it")
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Output {
    Text,
    Json,
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
Exit code: 0 all accepted (with --fix: after mending), 1 something rejected, 2 unusable input
(which wins over 1).
Use --help for examples.";

const LONG_HELP: &str = "\
Exit codes:
  0  everything is accepted, perhaps with warnings; with --fix, after it was mended
  1  something is rejected
  2  some input is unusable (a file or document that cannot be read, invalid settings, no documents);
     everything else was judged nevertheless

Examples:
  Judge the manifests of a directory:
      fresh-images check deploy/

  Judge what a chart renders to, by the policy in the cluster:
      helm template shop/ | fresh-images check --policy policies/fresh-images.yml -

  Mend manifests in place, or on their way to the cluster:
      fresh-images check --fix --write --settings mend.yaml deploy/
      helm template shop/ | fresh-images check --fix --settings mend.yaml - | kubectl apply -f -

  Judge what runs now:
      kubectl get deployments,statefulsets,daemonsets -A -o yaml | fresh-images check -

  List the codes of everything that is wrong:
      fresh-images check --output json deploy/ | jq -r '.documents[].findings[].code'";
