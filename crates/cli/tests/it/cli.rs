//! What `tests/cases` cannot show: pipes, links, and other modules.

#![expect(clippy::expect_used, reason = "a helper of a test may panic like the test")]

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

/// Nobody reads the output to its end, as with `| head -1`.
#[test]
fn a_closed_pipe_is_no_error() {
    let cases = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases/directory.in");
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
    let module = crate::guests::constant(r#"{"accepted":false,"valid":true,"message":"one\ntwo"}"#);
    let files = [("web.yaml", POD), ("module.wasm", &module)];
    let (code, report) = run("another-module", &files, &["check", "--module", "module.wasm", "web.yaml"]);
    assert_eq!(
        report,
        "REJECTED   web.yaml:1  Pod web\n    one\n    two\n\n1 document, 1 image: 1 rejected\n"
    );
    assert_eq!(code, Some(1));

    let module = crate::guests::constant(r#"{"accepted":true,"valid":true,"warnings":["hm"]}"#);
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
    let files = [("web.yaml", POD), ("module.wasm", fresh_images_cli::POLICY)];
    let expected = run("same-module", &files, &["check", "web.yaml"]);
    assert!(expected.1.contains("web.yaml:1:91: container"), "{}", expected.1);
    assert_eq!(run("same-module", &files, &["check", "--module", "module.wasm", "web.yaml"]), expected);
}

/// A module that fails is an error of the document.
#[test]
fn a_module_that_fails_is_an_error() {
    let module = crate::guests::guest(
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
        "UNREADABLE web.yaml:1:1\n    the policy failed in validate: wasm `unreachable` instruction executed\n\n0 documents, 0 images: 1 unreadable\n",
    );
    assert_eq!(code, Some(2));
}

/// Links are followed, one that leads nowhere is nothing to judge, and one that leads in a circle is reported.
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
            "UNREADABLE manifests/c",
            "    a link points to a directory that contains it",
            "",
            "1 document, 1 image: 1 rejected, 1 unreadable",
        ]
    );
    assert_eq!(output.status.code(), Some(2));
}
