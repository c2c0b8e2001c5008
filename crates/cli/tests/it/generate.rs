//! `completions` and `man`.

#![expect(clippy::expect_used, reason = "a helper of a test may panic like the test")]

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

fn run(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_fresh-images")).args(arguments).output().expect("the binary runs")
}

#[test]
fn every_shell_gets_completions() {
    for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
        let output = run(&["completions", shell]);
        let script = String::from_utf8(output.stdout).expect("the output is UTF-8");
        assert!(output.status.success() && script.contains("output-file"), "{shell}: {script}");
    }
    // Where bash is there, it takes them.
    let script = Path::new(env!("CARGO_TARGET_TMPDIR")).join("completions.bash");
    fs::write(&script, run(&["completions", "bash"]).stdout).expect("a file can be written");
    if let Ok(status) = Command::new("bash").arg("-n").arg(&script).status() {
        assert!(status.success());
    }
}

#[test]
fn every_command_gets_a_manual_page() {
    let directory = Path::new(env!("CARGO_TARGET_TMPDIR")).join("man");
    let _ = fs::remove_dir_all(&directory);
    fs::create_dir_all(&directory).expect("a directory can be made");
    let path = directory.display().to_string();
    assert!(run(&["man", &path]).status.success());
    let page = fs::read_to_string(directory.join("fresh-images-check.1")).expect("there is a page");
    assert!(page.contains(r"\-\-write\-baseline") && page.contains("helm template"), "{page}");
    assert!(directory.join("fresh-images.1").is_file());

    let output = run(&["man", "/none/there"]);
    assert_eq!(output.status.code(), Some(2));
    assert_eq!(String::from_utf8_lossy(&output.stderr), "error: /none/there: no such file or directory\n");
}
