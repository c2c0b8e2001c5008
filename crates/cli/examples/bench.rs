//! How long the command takes, as a whole process, on this machine.
//!
//! `bench COMMAND` runs it on each input and prints the fastest run, with the median and the slowest: other work of the
//! machine only ever makes a run slower. With the variable `FIGURES` it appends the fastest to that file.
//!
//! | input | what it is |
//! |---|---|
//! | version | `--version`: only the start |
//! | check-pod | one Pod |
//! | thousand | 1,000 files with a Deployment of two containers each |
//! | large | one file of 4 MB, whose Deployments are all rejected |
//! | repository | 3,000 files, which are those of the corpus over and over |

#![expect(clippy::expect_used, clippy::print_stdout, reason = "it is run by hand, and prints figures")]

use std::ffi::OsStr;
use std::fmt::Write as _;
use std::fs::{self, OpenOptions};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

use fresh_images_testing::files::ROOT;

/// How many are a second, its name, and how many decimals a figure has.
type Unit = (f64, &'static str, usize);

const SECONDS: Unit = (1.0, "s", 2);
const MILLISECONDS: Unit = (1000.0, "ms", 1);

/// An odd number, so that there is a median.
const RUNS: usize = 21;

fn main() {
    let command = std::env::args_os().nth(1).expect("the path of the command");
    let folder = Path::new(ROOT).join("target/bench");
    let _ = fs::remove_dir_all(&folder);
    let measure = |name, arguments: &[&OsStr], unit| measure(&command, name, arguments, unit);
    measure("version", &["--version".as_ref()], MILLISECONDS);
    let check = "check".as_ref();
    measure("check-pod", &[check, pod(&folder).as_os_str()], MILLISECONDS);
    measure("thousand", &[check, thousand(&folder).as_os_str()], SECONDS);
    measure("large", &[check, large(&folder).as_os_str()], SECONDS);
    measure("repository", &[check, repository(&folder).as_os_str()], SECONDS);
}

fn measure(command: &OsStr, name: &str, arguments: &[&OsStr], (unit, word, decimals): Unit) {
    let mut times: Vec<f64> = (0..=RUNS)
        .map(|_| {
            let started = Instant::now();
            let status = Command::new(command).args(arguments).stdout(Stdio::null()).status();
            // Some manifests are rejected, and some of the corpus cannot be read.
            assert!(status.expect("the command runs").code().is_some_and(|code| code <= 2));
            started.elapsed().as_secs_f64() * unit
        })
        // The first run fills caches.
        .skip(1)
        .collect();
    times.sort_by(f64::total_cmp);
    let at = |index: usize| times.get(index).copied().expect("a run");
    let (fastest, median, slowest) = (at(0), at(RUNS / 2), at(RUNS - 1));
    println!(
        "{name}: {fastest:.2} {word}, median {median:.2} {word}, slowest {slowest:.2} {word} of {RUNS} runs"
    );
    if let Some(figures) = std::env::var_os("FIGURES") {
        let mut file = OpenOptions::new().append(true).create(true).open(figures).expect("writable");
        writeln!(file, "{{\"name\": \"{name}\", \"value\": {fastest:.decimals$}}}").expect("writable");
    }
}

fn write(path: &Path, text: &str) {
    fs::create_dir_all(path.parent().expect("a folder")).expect("writable");
    fs::write(path, text).expect("writable");
}

fn pod(folder: &Path) -> PathBuf {
    let path = folder.join("pod.yaml");
    let spec = "spec: {containers: [{name: web, image: harbor.example.com/shop/web:1.1}]}";
    write(&path, &format!("apiVersion: v1\nkind: Pod\nmetadata: {{name: web}}\n{spec}\n"));
    path
}

/// A Deployment as people write it, 545 bytes.
fn deployment(index: usize) -> String {
    let mut text = format!(
        "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: web-{index:04}\n  namespace: shop\n  labels:\n    app: web\n\
         spec:\n  replicas: 2\n  selector:\n    matchLabels:\n      app: web\n  template:\n    metadata:\n      labels:\n        \
         app: web\n    spec:\n      containers:\n"
    );
    for name in ["web", "proxy"] {
        write!(
            text,
            "        - name: {name}\n          image: harbor.example.com/shop/{name}:1.{index:04}\n          resources:\n            \
             limits:\n              memory: 64Mi\n"
        )
        .expect("a string");
    }
    text
}

fn thousand(folder: &Path) -> PathBuf {
    let folder = folder.join("thousand");
    for index in 0..1000 {
        write(&folder.join(format!("{index}.yaml")), &deployment(index));
    }
    folder
}

fn large(folder: &Path) -> PathBuf {
    let path = folder.join("large.yaml");
    let mut text = String::new();
    for index in 0.. {
        if text.len() >= 4_000_000 {
            break;
        }
        text += "---\n";
        text += &deployment(index);
    }
    write(&path, &text);
    path
}

/// 100 files in a folder.
fn repository(folder: &Path) -> PathBuf {
    let mut manifests = Vec::new();
    collect(&Path::new(ROOT).join("tests/corpus"), &mut manifests);
    manifests.sort();
    let repository = folder.join("repository");
    for (index, manifest) in manifests.iter().cycle().take(3000).enumerate() {
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
