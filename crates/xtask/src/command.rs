//! Runs programs, and says what failed.

use std::path::Path;
use std::process::{Command, Stdio};

use crate::{Result, root};

/// A program that starts at the root of the repository.
pub(crate) fn command(program: &str, arguments: &[&str]) -> Command {
    let mut command = Command::new(program);
    command.args(arguments).current_dir(root());
    command
}

/// Runs a program to its end; its output goes where ours goes.
pub(crate) fn run(command: &mut Command) -> Result<()> {
    let status = command.status().map_err(|error| format!("{}: {error}", name(command)))?;
    if status.success() { Ok(()) } else { Err(format!("{}: {status}", name(command))) }
}

/// Runs a program, and gives what it prints.
pub(crate) fn output(command: &mut Command) -> Result<String> {
    let output =
        command.stderr(Stdio::inherit()).output().map_err(|error| format!("{}: {error}", name(command)))?;
    if !output.status.success() {
        return Err(format!("{}: {}", name(command), output.status));
    }
    String::from_utf8(output.stdout).map_err(|error| format!("{}: {error}", name(command)))
}

/// Says how to get a program that is missing.
pub(crate) fn require(program: &str, hint: &str) -> Result<()> {
    let is_there = std::env::var_os("PATH")
        .is_some_and(|path| std::env::split_paths(&path).any(|folder| folder.join(program).is_file()));
    if is_there { Ok(()) } else { Err(format!("{program} is not on the PATH: {hint}")) }
}

/// Clones what is committed.
pub(crate) fn clone(into: &Path) -> Result<()> {
    run(command("git", &["clone", "--quiet", "--no-hardlinks", "."]).arg(into))
}

fn name(command: &Command) -> String {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    words.map(|word| word.to_string_lossy()).collect::<Vec<_>>().join(" ")
}
