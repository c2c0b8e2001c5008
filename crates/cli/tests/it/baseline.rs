//! `--baseline` and `--write-baseline`: the way of a team from many findings to none.

#![expect(clippy::expect_used, reason = "a helper of a test may panic like the test")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

fn directory(name: &str) -> PathBuf {
    let directory = Path::new(env!("CARGO_TARGET_TMPDIR")).join("baseline").join(name);
    let _ = fs::remove_dir_all(&directory);
    fs::create_dir_all(directory.join("deploy")).expect("a directory can be made");
    write(&directory, "deploy/a.yaml", &pod("a", &["nginx:1.25", "redis:7"]));
    write(&directory, "deploy/b.yaml", &pod("b", &["nginx:1.25"]));
    directory
}

fn write(directory: &Path, name: &str, text: &str) {
    fs::write(directory.join(name), text).expect("a file can be written");
}

fn pod(name: &str, images: &[&str]) -> String {
    let containers = images.iter().map(|image| {
        let name = image.split(':').next().unwrap_or_default();
        format!("  - name: {name}\n    image: {image}\n")
    });
    let containers: String = containers.collect();
    format!("apiVersion: v1\nkind: Pod\nmetadata: {{name: {name}}}\nspec:\n  containers:\n{containers}")
}

fn check(directory: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_fresh-images"));
    command.arg("check").args(arguments).current_dir(directory).output().expect("the binary runs")
}

fn said(output: &Output) -> (Option<i32>, String) {
    (output.status.code(), String::from_utf8_lossy(&output.stdout).into_owned())
}

const WRITTEN: &str = r#"# Findings that `fresh-images check --baseline` accepts.
version: 1
findings:
  - file: "deploy/a.yaml"
    object: "Pod a"
    code: "mutable-image"
    container: "nginx"
    image: "nginx:1.25"
    reason: "known when the baseline was written; say why it stays"
  - file: "deploy/a.yaml"
    object: "Pod a"
    code: "mutable-image"
    container: "redis"
    image: "redis:7"
    reason: "known when the baseline was written; say why it stays"
  - file: "deploy/b.yaml"
    object: "Pod b"
    code: "mutable-image"
    container: "nginx"
    image: "nginx:1.25"
    reason: "known when the baseline was written; say why it stays"
"#;

#[test]
fn known_findings_do_not_fail_and_new_ones_do() {
    let directory = directory("story");
    assert_eq!(check(&directory, &["."]).status.code(), Some(1));
    let output = check(&directory, &["--write-baseline", "baseline.yaml", "deploy"]);
    assert_eq!(
        said(&output),
        (
            Some(0),
            "known      deploy/a.yaml:1  Pod a\nknown      deploy/b.yaml:1  Pod b\n\n\
             2 documents, 3 images: 2 rejected (2 known)\n"
                .into()
        )
    );
    let read = || fs::read_to_string(directory.join("baseline.yaml")).expect("readable");
    assert_eq!(read(), WRITTEN);

    // From wherever it is used, and after lines have moved.
    write(&directory, "deploy/a.yaml", &format!("# moved\n\n{}", pod("a", &["nginx:1.25", "redis:7"])));
    let baseline = ["--baseline", "../baseline.yaml", "--quiet", "a.yaml", "b.yaml"];
    assert_eq!(said(&check(&directory.join("deploy"), &baseline)), (Some(0), String::new()));

    // One more fails, and it alone is shown.
    write(&directory, "deploy/b.yaml", &pod("b", &["nginx:1.25", "mysql:8"]));
    let (code, text) = said(&check(&directory, &["--baseline", "baseline.yaml", "--quiet", "deploy"]));
    assert_eq!(code, Some(1));
    assert!(text.contains("\"mysql:8\" can go stale") && !text.contains("nginx"), "{text}");

    // One less is named, but only by a run that looked for it.
    write(&directory, "deploy/a.yaml", &pod("a", &["nginx:1.25"]));
    let (code, text) = said(&check(&directory, &["--baseline", "baseline.yaml", "--quiet", "deploy/a.yaml"]));
    let note = "note       baseline.yaml:10\n    the finding is gone, remove the entry: mutable-image of Pod a in \
                deploy/a.yaml, container redis,\n      image redis:7\n";
    assert_eq!(
        (code, text.as_str()),
        (Some(0), format!("{note}\n1 document, 1 image: 1 rejected (1 known)\n").as_str())
    );

    // Writing it again drops what is gone, and keeps reasons and what was not looked at.
    let reasoned = read().replacen("known when the baseline was written; say why it stays", "because", 1);
    write(&directory, "baseline.yaml", &reasoned);
    check(&directory, &["--write-baseline", "baseline.yaml", "deploy/a.yaml"]);
    let again = read();
    assert!(
        again.contains("because") && !again.contains("redis") && again.contains("deploy/b.yaml"),
        "{again}"
    );

    // A file that is gone takes its findings with it.
    fs::remove_file(directory.join("deploy/b.yaml")).expect("it was there");
    let (_, text) = said(&check(&directory, &["--baseline", "baseline.yaml", "deploy/a.yaml"]));
    assert!(text.contains("gone, remove the entry: mutable-image of Pod b in deploy/b.yaml"), "{text}");
}

#[test]
fn an_entry_may_expire() {
    let directory = directory("until");
    check(&directory, &["--write-baseline", "baseline.yaml", "deploy/b.yaml"]);
    let written = fs::read_to_string(directory.join("baseline.yaml")).expect("readable");
    for (until, code) in [("9999-12-31", 0), ("2000-02-29", 1)] {
        write(&directory, "baseline.yaml", &format!("{written}    until: {until}\n"));
        let (found, text) = said(&check(&directory, &["--baseline", "baseline.yaml", "deploy/b.yaml"]));
        assert_eq!(found, Some(code), "{text}");
        assert_eq!(
            text.contains("the entry has expired on 2000-02-29: mutable-image of Pod b"),
            code == 1,
            "{text}"
        );
    }
}

/// What is known does not come up in review tools.
#[test]
fn review_tools_do_not_see_what_is_known() {
    let directory = directory("tools");
    check(&directory, &["--write-baseline", "baseline.yaml", "deploy"]);
    let run =
        |output| said(&check(&directory, &["--baseline", "baseline.yaml", "--output", output, "deploy"]));
    assert_eq!(run("gitlab"), (Some(0), "[]\n".into()));
    assert_eq!(run("github"), (Some(0), "2 documents, 3 images: 2 rejected (2 known)\n".into()));
    let (_, junit) = run("junit");
    assert!(junit.contains(r#"tests="2" failures="0" errors="0""#), "{junit}");
    let log: serde_json::Value = serde_json::from_str(&run("sarif").1).expect("it is JSON");
    let results = log.pointer("/runs/0/results").and_then(|it| it.as_array()).expect("results");
    assert_eq!(results.len(), 3);
    for result in results {
        let reason = result.pointer("/suppressions/0/justification").and_then(|it| it.as_str());
        assert_eq!(reason, Some("known when the baseline was written; say why it stays"));
    }
}

#[test]
fn a_bad_baseline_is_an_error_with_its_place() {
    let directory = directory("bad");
    let entry = "- {file: a, object: b, code: c, reason: d";
    for (text, problem) in [
        ("", "baseline.yaml: the file is empty"),
        (
            "findings: []\n",
            "baseline.yaml:1:1: expected `version: 1` and `findings`, as --write-baseline writes them",
        ),
        (
            "# new\nversion: 2\n",
            "baseline.yaml:2:10: this is version 2 of the format, but this command reads version 1; write it again with \
             --write-baseline",
        ),
        (
            "version: 1\nfinding: []\n",
            "baseline.yaml:2:1: finding: unknown key; known keys are version, findings",
        ),
        ("version: 1\nfindings: {}\n", "baseline.yaml:2:11: findings: expected a list, found a mapping"),
        (
            "version: 1\nfindings:\n- {file: a, object: b, code: c}\n",
            "baseline.yaml:3:3: a finding needs `reason`",
        ),
        (
            &format!("version: 1\nfindings:\n{entry}, until: 2027-02-29}}\n"),
            "baseline.yaml:3:51: until: expected a date such as 2027-01-31, found \"2027-02-29\"",
        ),
        (
            &format!("version: 1\nfindings:\n{entry}, line: 3}}\n"),
            "baseline.yaml:3:44: line: unknown key; known keys are file, object, code, container, image, reason, until",
        ),
        ("version: 1\nfindings: [\n", "baseline.yaml:2:11: invalid YAML: unclosed bracket '['"),
    ] {
        write(&directory, "baseline.yaml", text);
        for option in ["--baseline", "--write-baseline"] {
            let output = check(&directory, &[option, "baseline.yaml", "deploy"]);
            assert_eq!(said(&output), (Some(2), String::new()), "{text}");
            assert_eq!(String::from_utf8_lossy(&output.stderr), format!("error: {problem}\n"));
            assert_eq!(fs::read_to_string(directory.join("baseline.yaml")).expect("readable"), text);
        }
    }
    let output = check(&directory, &["--baseline", "none.yaml", "deploy"]);
    assert_eq!(String::from_utf8_lossy(&output.stderr), "error: none.yaml: no such file or directory\n");
    let output = check(&directory, &["--write-baseline", "none/x.yaml", "deploy"]);
    let problem = "error: none/x.yaml: cannot be written: no such file or directory\n";
    assert_eq!((output.status.code(), String::from_utf8_lossy(&output.stderr).as_ref()), (Some(2), problem));
}
