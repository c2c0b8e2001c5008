//! `fresh-images check --fix`: what it writes and prints, and what it leaves alone.

#![expect(clippy::expect_used, reason = "a helper of a test may panic like the test")]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// The files of a directory, by name.
fn files(directory: &Path) -> BTreeMap<String, String> {
    let Ok(entries) = fs::read_dir(directory) else { return BTreeMap::new() };
    let files = entries.map(|entry| {
        let entry = entry.expect("readable");
        let text = fs::read_to_string(entry.path()).expect("the file is text");
        (entry.file_name().to_string_lossy().into_owned(), text)
    });
    files.collect()
}

/// A new directory with these files.
fn directory<'f>(name: &str, files: impl IntoIterator<Item = (&'f str, &'f str)>) -> PathBuf {
    let directory = Path::new(env!("CARGO_TARGET_TMPDIR")).join("fix").join(name);
    let _ = fs::remove_dir_all(&directory);
    fs::create_dir_all(&directory).expect("a directory can be made");
    for (name, text) in files {
        fs::write(directory.join(name), text).expect("a file can be written");
    }
    directory
}

const SETTINGS: &str = "mutate: {to: pullAlways}\n";

fn check(directory: &Path, arguments: &[&str]) -> Output {
    let settings = directory.with_extension("settings");
    fs::write(&settings, SETTINGS).expect("a file can be written");
    let mut command = Command::new(env!("CARGO_BIN_EXE_fresh-images"));
    command.args(["check", "--settings"]).arg(settings).args(arguments).current_dir(directory);
    command.env_remove("CLICOLOR_FORCE").output().expect("the binary runs")
}

/// What a run says, apart from manifests.
fn report(output: &Output, stream: &[u8]) -> (Option<i32>, String) {
    (output.status.code(), String::from_utf8(stream.to_vec()).expect("the output is UTF-8"))
}

/// `tests/cases` shows what becomes of files, but trycmd does not look at line ends.
#[test]
fn files_are_fixed_byte_for_byte_and_once() {
    let cases = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases");
    let mut count = 0;
    for entry in fs::read_dir(&cases).expect("there are cases") {
        let out = entry.expect("readable").path();
        if out.extension().is_none_or(|extension| extension != "out") {
            continue;
        }
        let name = out.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        let before = files(&out.with_extension("in").join("manifests"));
        let after = files(&out.join("manifests"));
        assert_ne!(after, before, "{name}");
        let directory = directory(&name, before.iter().map(|(name, text)| (name.as_str(), text.as_str())));
        // The second time there is nothing left to do.
        for _ in 0..2 {
            let output = check(&directory, &["--fix", "--write", "."]);
            assert_eq!(output.status.code(), Some(0), "{name}: {}", String::from_utf8_lossy(&output.stdout));
            assert_eq!(files(&directory), after, "{name}");
        }
        let output = check(&directory, &["."]);
        let (code, report) = report(&output, &output.stdout);
        assert_eq!(code, Some(0), "{name}: {report}");
        count += 1;
    }
    assert!(count >= 6, "{count}");
}

const POD: &str = "apiVersion: v1\nkind: Pod\nspec:\n  containers:\n  - name: web\n    image: nginx:1.25\n";
const FIXED: &str = "apiVersion: v1\nkind: Pod\nspec:\n  containers:\n  - name: web\n    image: nginx:1.25\n    \
                      imagePullPolicy: Always\n";

#[test]
fn texts_of_several_files_are_printed_as_one() {
    let directory = directory("several", [("a.yaml", POD), ("b.yaml", "# nothing\n"), ("c.yaml", FIXED)]);
    let output = check(&directory, &["--fix", "a.yaml", "b.yaml", "c.yaml"]);
    assert_eq!(report(&output, &output.stdout), (Some(0), format!("{FIXED}---\n{FIXED}")));
    assert_eq!(
        report(&output, &output.stderr).1,
        "fixed      a.yaml:1  Pod (no name)\n    container \"web\": image \"nginx:1.25\" now has imagePullPolicy: Always, was IfNotPresent\n\n\
         accepted   c.yaml:1  Pod (no name)\n\n2 documents, 2 images: 2 accepted (1 fixed)\n",
    );
    assert_eq!(files(&directory).get("a.yaml").map(String::as_str), Some(POD));
}

/// A file of which something cannot be used stays as it is; the others are fixed.
#[test]
fn a_file_that_cannot_be_used_is_left_alone() {
    let broken = format!("{POD}---\n{{\n");
    let directory = directory("broken", [("a.yaml", POD), ("b.yaml", broken.as_str())]);
    let output = check(&directory, &["--fix", "a.yaml", "b.yaml"]);
    assert_eq!(report(&output, &output.stdout), (Some(2), String::new()));
    let output = check(&directory, &["--fix", "--write", "a.yaml", "b.yaml"]);
    assert_eq!(
        report(&output, &output.stdout),
        (
            Some(2),
            "fixed      a.yaml:1  Pod (no name)\n    container \"web\": image \"nginx:1.25\" now has imagePullPolicy: Always, was IfNotPresent\n\n\
             WARNING    b.yaml:1  Pod (no name)\n    warning: container \"web\": image \"nginx:1.25\" now has \
             imagePullPolicy: Always, was IfNotPresent\nUNREADABLE b.yaml:8:1\n    invalid YAML: unclosed bracket '{'\nUNREADABLE b.yaml\n    file left unchanged because part of it could not be read\n\n\
             2 documents, 2 images: 2 accepted (1 fixed, 1 with warnings), 2 unreadable\n"
                .into()
        )
    );
    let files = files(&directory);
    assert_eq!(files.get("a.yaml").map(String::as_str), Some(FIXED));
    assert_eq!(files.get("b.yaml"), Some(&broken));
}

/// The file that a link leads to gets the new text, and everything else stays.
#[cfg(unix)]
#[test]
fn links_and_modes_stay() {
    use std::os::unix::fs::{PermissionsExt, symlink};

    let directory = directory("links", [("real.txt", POD), ("secret.yaml", POD)]);
    symlink("real.txt", directory.join("link.yaml")).expect("a link can be made");
    for (name, mode) in [("real.txt", 0o604), ("secret.yaml", 0o600)] {
        fs::set_permissions(directory.join(name), fs::Permissions::from_mode(mode))
            .expect("a mode can be set");
    }
    let output = check(&directory, &["--fix", "--write", "."]);
    assert_eq!(output.status.code(), Some(0));
    let mode =
        |name: &str| fs::metadata(directory.join(name)).expect("it is there").permissions().mode() & 0o777;
    assert_eq!((mode("real.txt"), mode("secret.yaml")), (0o604, 0o600));
    assert!(fs::symlink_metadata(directory.join("link.yaml")).expect("it is there").is_symlink());
    // And no other file is left behind.
    let expected = ["link.yaml", "real.txt", "secret.yaml"].map(|name| (name.into(), FIXED.into()));
    assert_eq!(files(&directory), BTreeMap::from(expected));
}

#[cfg(unix)]
#[test]
fn a_file_that_cannot_be_written_is_an_error() {
    use std::os::unix::fs::PermissionsExt;

    let directory = directory("read-only", [("a.yaml", POD)]);
    let path = directory.join("a.yaml");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o444)).expect("a mode can be set");
    let output = check(&directory, &["--fix", "--write", "a.yaml"]);
    let (code, report) = report(&output, &output.stdout);
    assert_eq!(code, Some(2));
    assert!(report.contains("UNREADABLE a.yaml\n    cannot be written: it is read-only\n"), "{report}");
    assert!(report.contains(" 1 accepted (1 with warnings), 1 unreadable\n"), "{report}");
    assert_eq!(files(&directory).get("a.yaml").map(String::as_str), Some(POD));
}
