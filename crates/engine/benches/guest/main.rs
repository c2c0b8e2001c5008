//! How long the policy takes, beside a policy that does nothing.
//!
//! ```text
//! request                          KiB   empty µs  policy µs  ratio  noise
//! Pod                              1.0       49.8       58.4   1.17     3%
//! ```
//!
//! A fresh instance for each request, as policy-server does it. Both policies take turns in short batches, so that
//! whatever else the machine does meets both; `ratio` is the median of the rounds' ratios, and `noise` how far the
//! rounds lie apart (the middle half of them, relative to the median). Nothing here is a test: machines differ.
//!
//! `EMPTY_WASM` and `POLICY_WASM` may name other modules. With `FIGURES=FILE` the file gets the figures that the project
//! publishes, one JSON object a line; `make figures` puts them into `docs/figures.json` and the documents.

mod large;
mod measure;
mod requests;

use std::fmt::Write as _;
use std::path::PathBuf;
use std::{env, fs};

use fresh_images_engine::Policy;
use serde_json::json;

use measure::{Comparison, compare};

/// The requests whose ratio is published, and the names of their figures.
const FIGURES: [(&str, &str); 3] = [
    ("Pod", "pod"),
    ("Pod of 100 containers", "containers"),
    ("the same, all mutated", "containers-mutated"),
];

fn main() -> fresh_images_engine::Result<()> {
    let memory_of = env::args().find_map(|argument| argument.strip_prefix(large::MEMORY)?.parse().ok());
    if memory_of.is_none() && !env::args().any(|argument| argument == "--bench") {
        // `cargo test --all-targets` starts benchmarks too, and has no use for figures.
        println!("measures only under `cargo bench`");
        return Ok(());
    }
    let policy = load("POLICY_WASM", "policy.wasm")?;
    if let Some(index) = memory_of {
        let request = requests::large().into_iter().nth(index).ok_or("no such request")?;
        println!("{}", large::smallest_memory(&policy, &request.payload)?);
        return Ok(());
    }
    let empty = load("EMPTY_WASM", "target/wasm32-wasip1/release/empty_policy.wasm")?;

    println!(
        "{:30} {:>7} {:>10} {:>10} {:>6} {:>6}",
        "request", "KiB", "empty µs", "policy µs", "ratio", "noise"
    );
    let mut figures = String::new();
    for request in requests::usual() {
        let Comparison { empty, policy, ratio, noise } = compare(&empty, &policy, &request.payload)?;
        let (name, size) = (request.name, request.kibibytes());
        println!(
            "{name:30} {size:7.1} {:10.1} {:10.1} {ratio:6.2} {:5.0}%",
            empty * 1e6,
            policy * 1e6,
            noise * 100.0
        );
        if let Some((_, figure)) = FIGURES.iter().find(|(request, _)| *request == name) {
            writeln!(figures, "{}", json!({"name": figure, "value": (ratio * 100.0).round() / 100.0}))?;
        }
    }
    if let Some(file) = env::var_os("FIGURES") {
        fs::write(file, figures)?;
    }

    println!("\n{:30} {:>7} {:>10} {:>10} {:>10}", "request", "KiB", "empty ms", "policy ms", "memory MiB");
    for (index, request) in requests::large().into_iter().enumerate() {
        let figures = large::measure(&empty, &policy, index, &request.payload)?;
        let (name, size) = (request.name, request.kibibytes());
        let (empty, policy, memory) = (figures.empty * 1e3, figures.policy * 1e3, figures.mebibytes);
        println!("{name:30} {size:7.0} {empty:10.1} {policy:10.1} {memory:>10.1}");
    }
    println!(
        "\nThe limits: ratio 1.3 for a Pod, 2.4 for 100 containers, 3 if all are mutated; 100 ms and 64 MiB for large requests."
    );
    Ok(())
}

/// The module that an environment variable names, or else the one at this place in the workspace.
fn load(variable: &str, path: &str) -> fresh_images_engine::Result<Policy> {
    let path = env::var_os(variable)
        .map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../..").join(path), PathBuf::from);
    let wasm = fs::read(&path).map_err(|error| format!("{}: {error}; run `make bench`", path.display()))?;
    Policy::new(&wasm)
}
