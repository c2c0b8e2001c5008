//! The command line: reads what the user names, judges it, and reports.
//!
//! A broken input never keeps the others from being judged, and wins in the exit code.

mod args;
mod check;
mod files;
mod fix;
mod judge;
mod module;
mod progress;
mod settings;
mod text;
mod write;

use std::process::ExitCode;

use clap::Parser as _;

use args::{Args, Command};

/// Runs the command that the user typed.
pub(crate) fn run() -> ExitCode {
    match Args::parse().command {
        Command::Check(args) => check::run(&args),
    }
}
