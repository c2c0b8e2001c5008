//! Finds the policy that is embedded in the library.

use std::path::Path;
use std::process::ExitCode;

fn main() -> ExitCode {
    let policy = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../policy.wasm");
    println!("cargo::rerun-if-changed={}", policy.display());
    if policy.is_file() {
        return ExitCode::SUCCESS;
    }
    println!(
        "cargo::error=policy.wasm is missing at the root of the repository: run `make policy.wasm` first"
    );
    ExitCode::FAILURE
}
