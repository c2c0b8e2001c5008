//! How long `fresh-images check` takes for a repository of 3,000 YAML files, which are those of the corpus over and over.
//!
//! `repository COMMAND` runs the command on them, and prints the fastest run in seconds, with the median and the slowest: other work
//! of the machine only ever makes a run slower. With the variable `FIGURES` it appends the fastest to that file.

#![expect(clippy::expect_used, clippy::print_stdout, reason = "it is run by hand, and prints figures")]

use std::fs::{self, OpenOptions};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

use fresh_images_testing::files::ROOT;

const FILES: usize = 3000;

/// An odd number, so that there is a median.
const RUNS: usize = 21;

fn main() {
    let command = std::env::args_os().nth(1).expect("the path of the command");
    let repository = repository();
    let mut times: Vec<f64> = (0..=RUNS)
        .map(|_| {
            let started = Instant::now();
            let status = Command::new(&command).arg("check").arg(&repository).stdout(Stdio::null()).status();
            // Some manifests of the corpus are rejected, and some cannot be read.
            assert!(status.expect("the command runs").code().is_some_and(|code| code <= 2));
            started.elapsed().as_secs_f64()
        })
        // The first run fills caches.
        .skip(1)
        .collect();
    times.sort_by(f64::total_cmp);
    let at = |index: usize| times.get(index).copied().expect("a run");
    let (fastest, median, slowest) = (at(0), at(RUNS / 2), at(RUNS - 1));
    println!("{FILES} files: {fastest:.2} s, median {median:.2} s, slowest {slowest:.2} s of {RUNS} runs");
    if let Some(figures) = std::env::var_os("FIGURES") {
        let mut file = OpenOptions::new().append(true).create(true).open(figures).expect("writable");
        writeln!(file, "{{\"name\": \"repository\", \"value\": {fastest:.1}}}").expect("writable");
    }
}

/// A directory with the files, 100 in a folder.
fn repository() -> PathBuf {
    let mut manifests = Vec::new();
    collect(&Path::new(ROOT).join("tests/corpus"), &mut manifests);
    manifests.sort();
    let repository = Path::new(ROOT).join("target/repository");
    let _ = fs::remove_dir_all(&repository);
    for (index, manifest) in manifests.iter().cycle().take(FILES).enumerate() {
        let folder = repository.join((index / 100).to_string());
        fs::create_dir_all(&folder).expect("writable");
        fs::copy(manifest, folder.join(format!("{index}.yaml"))).expect("writable");
    }
    repository
}

fn collect(folder: &Path, manifests: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("readable") {
        let path = entry.expect("readable").path();
        if path.is_dir() {
            collect(&path, manifests);
        } else if path.extension().is_some_and(|extension| extension == "yaml") {
            manifests.push(path);
        }
    }
}
