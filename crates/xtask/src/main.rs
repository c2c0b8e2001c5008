//! What is done at a release, apart from building and testing.
//!
//! ```console
//! $ cargo xtask release 1.2.3   # set the version in every file that has it
//! $ cargo xtask sbom            # target/dist/*.cdx.json: what the policy and the command are made of, as CycloneDX
//! $ cargo xtask licenses        # target/dist/THIRD-PARTY-LICENSES: the licences of that
//! $ cargo xtask reproduce       # build the policy in two clones and compare the bytes
//! ```

#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a program that people run")]

mod command;
mod dist;
mod release;
mod reproduce;
mod sbom;

use std::env;
use std::path::Path;
use std::process::ExitCode;

/// What went wrong, for whoever ran the command.
type Result<T> = std::result::Result<T, String>;

const USAGE: &str = "usage: cargo xtask release VERSION | sbom | licenses | reproduce";

/// The root of the repository.
fn root() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."))
}

fn run(arguments: &[&str]) -> Result<()> {
    match arguments {
        ["release", version] => release::release(version),
        ["sbom"] => sbom::sbom(),
        ["licenses"] => dist::licenses(),
        ["reproduce"] => reproduce::reproduce(),
        _ => Err(USAGE.into()),
    }
}

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match run(&arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}
