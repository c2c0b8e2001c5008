//! The command line: reads what the user names, judges it, and reports.
//!
//! A broken input never keeps the others from being judged, and wins in the exit code.

mod args;
mod baseline;
mod check;
mod config;
mod diff;
mod export;
mod files;
mod fix;

mod generate;
mod judge;
mod kustomize;
mod module;
mod output;
mod policies;
mod progress;
mod render;
mod stale;
mod text;
mod usage;
mod write;

use std::process::ExitCode;

use clap::Parser as _;

use args::{Args, Command};

/// Runs the command that the user typed.
pub(crate) fn run() -> ExitCode {
    // WASI has no working directory of its own: its host says where the user is.
    #[cfg(target_os = "wasi")]
    if let Some(directory) = std::env::var_os("FRESH_IMAGES_DIRECTORY") {
        // If it is gone, relative paths are not found, and that is reported.
        let _ = std::env::set_current_dir(directory);
    }
    match Args::parse().command {
        Command::Check(args) => check::run(*args),
        Command::Stale(args) => stale::run(&args),
        Command::Completions { shell } => generate::completions(shell),
        Command::Man { directory } => generate::man(&directory),
        Command::Export(args) => export::run(args),
    }
}
