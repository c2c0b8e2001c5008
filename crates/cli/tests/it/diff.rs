//! `--diff`, with git itself.

#![expect(clippy::expect_used, reason = "a helper of a test may panic like the test")]

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

const SETTINGS: &str = "mutate: {to: pullAlways}\n";

fn directory(name: &str) -> PathBuf {
    let directory = Path::new(env!("CARGO_TARGET_TMPDIR")).join("diff").join(name);
    let _ = fs::remove_dir_all(&directory);
    fs::create_dir_all(&directory).expect("a directory can be made");
    fs::write(directory.join("settings"), SETTINGS).expect("a file can be written");
    directory
}

fn check(directory: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_fresh-images"));
    command.args(["check", "--settings", "settings"]).args(arguments);
    command.current_dir(directory).output().expect("the binary runs")
}

fn apply(directory: &Path, patch: &[u8]) {
    let mut git = Command::new("git");
    // Not that of whatever repository is around.
    let ceiling = directory.parent().unwrap_or(directory);
    git.args(["apply", "--whitespace=nowarn", "-"]).current_dir(directory);
    git.env("GIT_CEILING_DIRECTORIES", ceiling).stdin(Stdio::piped()).stderr(Stdio::piped());
    let mut child = git.spawn().expect("git runs");
    child.stdin.take().expect("it is piped").write_all(patch).expect("git reads");
    let output = child.wait_with_output().expect("git ends");
    assert!(
        output.status.success(),
        "{}\n{}",
        String::from_utf8_lossy(&output.stderr),
        String::from_utf8_lossy(patch)
    );
}

/// Every file that the cases can fix, under names that a patch has to quote; applied, it is what `--fix --write` gives.
#[test]
fn git_applies_the_patch() {
    let mut patched = 0;
    for case in
        fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases")).expect("there are cases")
    {
        let manifests = case.expect("readable").path().join("manifests");
        let Ok(files) = fs::read_dir(&manifests) else { continue };
        let directory = directory("git");
        let mut names = Vec::new();
        for (index, file) in files.enumerate() {
            let file = file.expect("readable").path();
            let name = if cfg!(unix) { format!("ü \"{index}\\.yaml") } else { format!("ü {index}.yaml") };
            if !file.is_file() {
                continue;
            }
            fs::copy(&file, directory.join(&name)).expect("a file can be copied");
            names.push(name);
        }
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let output = check(&directory, &[&["--diff"], &names[..]].concat());
        if output.stdout.is_empty() {
            continue;
        }
        let before = texts(&directory, &names);
        apply(&directory, &output.stdout);
        let applied = texts(&directory, &names);
        for (name, text) in names.iter().zip(before) {
            fs::write(directory.join(name), text).expect("a file can be written");
        }
        check(&directory, &[&["--fix", "--write"], &names[..]].concat());
        assert_eq!(applied, texts(&directory, &names), "{}", manifests.display());
        patched += 1;
    }
    assert!(patched >= 6, "{patched}");
}

fn texts(directory: &Path, names: &[&str]) -> Vec<String> {
    names.iter().map(|name| fs::read_to_string(directory.join(name)).expect("readable")).collect()
}

/// Line ends of Windows, none at the end, and a path that starts at the root.
#[test]
fn line_ends_and_absolute_paths() {
    let pod = "apiVersion: v1\nkind: Pod\nspec:\n  containers:\n  - name: web\n    image: nginx:1.25";
    for text in [pod.to_owned(), format!("{pod}\n"), pod.replace('\n', "\r\n")] {
        let directory = directory("ends");
        fs::write(directory.join("web.yaml"), &text).expect("a file can be written");
        let path = directory.join("web.yaml").display().to_string();
        let output = check(&directory, &["--diff", &path]);
        assert_eq!(output.status.code(), Some(0));
        apply(&directory, &output.stdout);
        let fixed = fs::read_to_string(directory.join("web.yaml")).expect("readable");
        assert!(fixed.contains("imagePullPolicy: Always") && fixed.starts_with(&text), "{fixed:?}");
        assert!(check(&directory, &["--diff", "web.yaml"]).stdout.is_empty());
    }
}
