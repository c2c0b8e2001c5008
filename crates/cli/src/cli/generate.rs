//! `completions` and `man`: what is made from the description of the command line itself.

use std::io::{self, Write as _};
use std::path::Path;
use std::process::ExitCode;

use clap::CommandFactory as _;
use clap_complete::Shell;

use super::args::Args;
use super::check::write_out;
use super::files;
use super::text;

/// Prints what a shell needs to complete the command.
pub(super) fn completions(shell: Shell) -> ExitCode {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Args::command(), "fresh-images", &mut script);
    finish(write_out(io::stdout(), &script).map_err(|error| format!("cannot write the completions: {error}")))
}

/// Writes the manual pages into a directory, one for each command.
pub(super) fn man(directory: &Path) -> ExitCode {
    // Without this, its own pages would be those of the command `help`.
    let command = Args::command().disable_help_subcommand(true);
    let written = clap_mangen::generate_to(command, directory);
    finish(written.map_err(|error| format!("{}: {}", directory.display(), files::reason(&error))))
}

fn finish(done: Result<(), String>) -> ExitCode {
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(problem) => {
            // If standard error is gone as well, the exit code still tells.
            let _ = anstream::stderr().write_all(text::complaint(&problem).as_bytes());
            ExitCode::from(2)
        }
    }
}
