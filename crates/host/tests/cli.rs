//! Runs every case of `tests/cases`; `tests/cases/README.md` describes them.

#![expect(clippy::expect_used, clippy::panic, reason = "a helper of a test may panic like the test")]

mod guests;

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

/// What a case says of itself, in its file `case`.
struct Case {
    directory: PathBuf,
    arguments: Vec<String>,
    stdin: Option<String>,
    exit: i32,
}

impl Case {
    fn read(directory: PathBuf) -> Self {
        let name = directory.display();
        let text =
            fs::read_to_string(directory.join("case")).unwrap_or_else(|error| panic!("{name}: {error}"));
        let field = |field: &str| {
            let lines = text.lines().filter_map(|line| line.strip_prefix(field)?.strip_prefix(':'));
            lines.map(str::trim).next()
        };
        let arguments = field("run").unwrap_or_else(|| panic!("{name}: no `run:`"));
        let exit = field("exit").and_then(|code| code.parse().ok());
        Self {
            arguments: arguments.split_whitespace().map(String::from).collect(),
            stdin: field("stdin").map(String::from),
            exit: exit.unwrap_or_else(|| panic!("{name}: no `exit:`")),
            directory,
        }
    }

    fn run(&self) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_fresh-images"));
        let files = self.directory.join("in");
        command.args(&self.arguments).current_dir(if files.is_dir() { &files } else { &self.directory });
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        for variable in ["NO_COLOR", "CLICOLOR", "CLICOLOR_FORCE", "TERM", "RUST_BACKTRACE"] {
            command.env_remove(variable);
        }
        let mut child = command.spawn().expect("the binary runs");
        let mut stdin = child.stdin.take().expect("it is piped");
        if let Some(file) = &self.stdin {
            let input = fs::read(files.join(file)).expect("the input exists");
            stdin.write_all(&input).expect("it reads its input");
        }
        drop(stdin);
        child.wait_with_output().expect("it ends")
    }

    /// What differs from what is expected. With `bless` the texts are written anew, but never the exit code.
    fn check(&self, bless: bool) -> Vec<String> {
        let output = self.run();
        let mut problems = Vec::new();
        if output.status.code() != Some(self.exit) {
            problems.push(format!("expected exit code {}, found {}", self.exit, output.status));
        }
        for (name, bytes) in [("stdout", output.stdout), ("stderr", output.stderr)] {
            let path = self.directory.join(name);
            // An escape character would be hard to see in the expected text.
            let found = String::from_utf8(bytes).expect("the output is UTF-8").replace('\u{1b}', "␛");
            let expected = fs::read_to_string(&path).unwrap_or_default();
            if found == expected {
                continue;
            }
            if !bless {
                problems.push(format!("{name} differs\n--- expected\n{expected}--- found\n{found}---"));
            } else if found.is_empty() {
                // No output, no file.
                fs::remove_file(&path).expect("the file can be removed");
            } else {
                fs::write(&path, found).expect("the file can be written");
            }
        }
        problems
    }
}

fn check_all(directories: &[PathBuf], bless: bool) -> Vec<String> {
    let mut failures = Vec::new();
    for directory in directories {
        let name = directory.file_name().unwrap_or_default().display();
        let problems = Case::read(directory.clone()).check(bless);
        failures.extend(problems.into_iter().map(|problem| format!("{name}: {problem}")));
    }
    failures
}

#[test]
fn cases() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases");
    let bless = std::env::var_os("BLESS").is_some();
    let entries = fs::read_dir(root).expect("there are cases").map(|entry| entry.expect("readable").path());
    let mut directories: Vec<PathBuf> = entries.filter(|path| path.is_dir()).collect();
    directories.sort();
    assert!(!directories.is_empty());
    // Each case starts a process that compiles the policy, which takes a while.
    let failures: Vec<String> = std::thread::scope(|scope| {
        let parts = directories.chunks(directories.len().div_ceil(4));
        let threads: Vec<_> = parts.map(|part| scope.spawn(|| check_all(part, bless))).collect();
        threads.into_iter().flat_map(|thread| thread.join().expect("no case panics")).collect()
    });
    assert!(failures.is_empty(), "{}\n(BLESS=1 accepts new texts)", failures.join("\n\n"));
}

/// Nobody reads the output to its end, as with `| head -1`.
#[test]
fn a_closed_pipe_is_no_error() {
    let cases = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases/directory/in");
    let mut child = Command::new(env!("CARGO_BIN_EXE_fresh-images"))
        .args(["check", "manifests"])
        .current_dir(cases)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the binary runs");
    drop(child.stdout.take());
    let output = child.wait_with_output().expect("it ends");
    assert_eq!(output.status.code(), Some(1));
    assert!(output.stderr.is_empty());
}

/// Runs in a new directory with these files, and gives the exit code and the report.
fn run(name: &str, files: &[(&str, &[u8])], arguments: &[&str]) -> (Option<i32>, String) {
    let directory = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let _ = fs::remove_dir_all(&directory);
    fs::create_dir_all(&directory).expect("a directory can be made");
    for (name, content) in files {
        fs::write(directory.join(name), content).expect("a file can be written");
    }
    let mut command = Command::new(env!("CARGO_BIN_EXE_fresh-images"));
    let output = command.args(arguments).current_dir(directory).output().expect("the binary runs");
    (output.status.code(), String::from_utf8(output.stdout).expect("the output is UTF-8"))
}

const POD: &[u8] =
    b"{apiVersion: v1, kind: Pod, metadata: {name: web}, spec: {containers: [{name: web, image: 'nginx:1.25'}]}}";

/// What another module says counts, in its own words; the library does not know where to point.
#[test]
fn another_module_decides() {
    let module = guests::constant(r#"{"accepted":false,"valid":true,"message":"one\ntwo"}"#);
    let files = [("web.yaml", POD), ("module.wasm", &module)];
    let (code, report) = run("another-module", &files, &["check", "--module", "module.wasm", "web.yaml"]);
    assert_eq!(
        report,
        "REJECTED   web.yaml:1  Pod web\n    one\n    two\n\n1 document, 1 image: 1 rejected\n"
    );
    assert_eq!(code, Some(1));

    let module = guests::constant(r#"{"accepted":true,"valid":true,"warnings":["hm"]}"#);
    let files = [("web.yaml", POD), ("module.wasm", &module)];
    let (code, report) = run("another-module", &files, &["check", "--module", "module.wasm", "web.yaml"]);
    assert_eq!(
        report,
        "WARNING    web.yaml:1  Pod web\n    warning: hm\n\n1 document, 1 image: 1 accepted (1 with warnings)\n",
    );
    assert_eq!(code, Some(0));
}

/// If it says what the library says, the library can point.
#[test]
fn the_same_module_decides_with_places() {
    let files = [("web.yaml", POD), ("module.wasm", fresh_images_host::POLICY)];
    let expected = run("same-module", &files, &["check", "web.yaml"]);
    assert!(expected.1.contains("web.yaml:1:91: container"), "{}", expected.1);
    assert_eq!(run("same-module", &files, &["check", "--module", "module.wasm", "web.yaml"]), expected);
}

/// A module that fails is an error of the document.
#[test]
fn a_module_that_fails_is_an_error() {
    let module = guests::guest(
        r#"(data (i32.const 0) "{\"valid\":true}")
           (func (export "__guest_call") (param $operation i32) (param i32) (result i32)
               (if (i32.eq (local.get $operation) (i32.const 8)) (then unreachable))
               (call $respond (i32.const 0) (i32.const 14))
               (i32.const 1))"#,
    );
    let files = [("web.yaml", POD), ("module.wasm", &module)];
    let (code, report) = run("failing-module", &files, &["check", "--module", "module.wasm", "web.yaml"]);
    assert_eq!(
        report,
        "UNREADABLE web.yaml:1:1\n    the policy failed in validate: wasm trap: wasm `unreachable` instruction \
         executed\n\n0 documents, 0 images: 1 unreadable\n",
    );
    assert_eq!(code, Some(2));
}

/// Links are followed, and one that leads in a circle is reported.
#[cfg(unix)]
#[test]
fn links_are_followed() {
    use std::os::unix::fs::symlink;

    let files: [(&str, &[u8]); 1] = [("web.yaml", POD)];
    run("links", &files, &["check", "web.yaml"]);
    let directory = Path::new(env!("CARGO_TARGET_TMPDIR")).join("links");
    fs::create_dir(directory.join("manifests")).expect("a directory can be made");
    for (target, link) in [("../web.yaml", "a.yaml"), ("gone.yaml", "b.yaml"), ("../manifests", "c")] {
        symlink(target, directory.join("manifests").join(link)).expect("a link can be made");
    }
    let mut command = Command::new(env!("CARGO_BIN_EXE_fresh-images"));
    let output =
        command.args(["check", "manifests"]).current_dir(directory).output().expect("the binary runs");
    let report = String::from_utf8(output.stdout).expect("the output is UTF-8");
    let lines: Vec<&str> = report.lines().filter(|line| !line.starts_with("      ")).collect();
    assert_eq!(
        lines,
        [
            "REJECTED   manifests/a.yaml:1  Pod web",
            "    manifests/a.yaml:1:91: container \"web\" at spec.containers[0]: image \"nginx:1.25\" can go stale:",
            "",
            "UNREADABLE manifests/b.yaml",
            "    no such file or directory",
            "",
            "UNREADABLE manifests/c",
            "    a link leads back to a directory that it is in",
            "",
            "1 document, 1 image: 1 rejected, 2 unreadable",
        ]
    );
    assert_eq!(output.status.code(), Some(2));
}
