//! `--render`: judges what kustomizations and charts are rendered to, in place of their files.
//!
//! | found in a directory | is rendered by | unless |
//! |---|---|---|
//! | `kustomization.yaml` | `kustomize build`, or else `kubectl kustomize` | another one found names it, or it is a Component |
//! | `Chart.yaml` | `helm template` | it is a library, or in `charts/` of another chart |
//!
//! The files that they are made of are not judged by themselves. A tool that is missing or fails is an error at the file that
//! was to be rendered: a pipeline must not pass because nothing was looked at.

mod plan;

use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use fresh_images_manifests::document::Source;
use fresh_images_manifests::report::{Report, Unreadable};

pub(super) use plan::plan;

/// More than any cluster takes.
const MAX_SIZE: usize = 64 * 1024 * 1024;

/// Something to render.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Rendering {
    /// The file that says what it is.
    file: PathBuf,
    tool: Tool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Tool {
    Helm,
    Kustomize {
        /// Whether it has charts, which Kustomize has Helm render.
        charts: bool,
    },
}

/// The empty path is the working directory.
fn directory_of(file: &Path) -> PathBuf {
    file.parent().map_or_else(PathBuf::new, Path::to_path_buf)
}

impl Rendering {
    /// Runs the tool. The text has the name of the file that was rendered.
    pub(super) fn read(&self, namespace: Option<&str>) -> Result<Source, Unreadable> {
        let name = self.file.display().to_string();
        let output = self.run(namespace).map_err(|problem| Unreadable::file(&name, problem))?;
        let failed = |problem: String| Unreadable::file(&name, problem);
        if !output.status.success() {
            let said = String::from_utf8_lossy(&output.stderr);
            let said: Vec<&str> = said.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
            return Err(failed(format!("{} failed: {}", self.command(), said.join(" "))));
        }
        if output.stdout.len() > MAX_SIZE {
            return Err(failed(format!("{} printed more than 64 MiB", self.command())));
        }
        match String::from_utf8(output.stdout) {
            Ok(text) => Ok(Source::new(name, text)),
            Err(_) => Err(failed(format!("{} printed something that is not UTF-8", self.command()))),
        }
    }

    fn run(&self, namespace: Option<&str>) -> Result<Output, String> {
        let directory = self.directory();
        let mut tried = Vec::new();
        for mut command in self.commands(namespace) {
            command.arg(&directory).stdin(Stdio::null());
            match command.output() {
                Err(error) if error.kind() == ErrorKind::NotFound => {
                    tried.push(command.get_program().to_string_lossy().into_owned());
                }
                Err(error) if error.kind() == ErrorKind::Unsupported => {
                    return Err("--render needs the native command: this build runs no other programs".into());
                }
                Err(error) => return Err(format!("{} cannot be run: {error}", self.command())),
                Ok(output) => return Ok(output),
            }
        }
        let which = if tried.len() == 1 { "which is not" } else { "neither of which is" };
        let tools = tried.join(" or ");
        Err(format!("--render needs {tools}, {which} on the PATH: install it, or leave out --render"))
    }

    /// What may render it, the first that is there.
    fn commands(&self, namespace: Option<&str>) -> Vec<Command> {
        let command = |program: &str, arguments: &[&str]| {
            let mut command = Command::new(program);
            command.args(arguments);
            command
        };
        match self.tool {
            Tool::Helm => {
                let mut helm = command("helm", &["template"]);
                if let Some(namespace) = namespace {
                    helm.args(["--namespace", namespace]);
                }
                vec![helm]
            }
            Tool::Kustomize { charts } => {
                let enable: &[&str] = if charts { &["--enable-helm"] } else { &[] };
                vec![
                    command("kustomize", &[&["build"], enable].concat()),
                    command("kubectl", &[&["kustomize"], enable].concat()),
                ]
            }
        }
    }

    /// The directory to render; never empty, for the tools take that for something else.
    fn directory(&self) -> PathBuf {
        let directory = directory_of(&self.file);
        // A directory is no option, whatever it is called.
        if directory.is_absolute() { directory } else { Path::new(".").join(directory) }
    }

    /// For messages: the tool in general.
    fn command(&self) -> &'static str {
        match self.tool {
            Tool::Helm => "helm template",
            Tool::Kustomize { .. } => "kustomize",
        }
    }

    /// Names what was rendered in a report about the text: its lines are in no file.
    pub(super) fn locate(&self, report: &mut Report) {
        let root = directory_of(&self.file);
        report.rendered(self.command(), &|template| {
            // The first part is the name of the chart, whose directory may be called otherwise.
            let (_, rest) = template.split_once('/')?;
            let file = root.join(rest);
            file.is_file().then(|| file.display().to_string())
        });
    }
}
