//! `--render`: what is rendered is judged, by the real tools where they are installed, else by stand-ins.

#![cfg(unix)]
#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a helper of a test may panic like the test"
)]

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

/// Prints the file `rendered` beside what it renders, or fails without one, and records how it was called.
const STAND_IN: &str = "#!/bin/sh\nfor last; do :; done\necho \"${0##*/} $*\" >> \"$CALLS\"\n\
                        while IFS= read -r line || [ -n \"$line\" ]; do printf '%s\\n' \"$line\"; done < \"$last/rendered\"\n";

/// The image says what it is: rendered, or a file.
fn deployment(name: &str, image: &str) -> String {
    format!(
        "apiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: {name}}}\nspec: {{template: {{spec: {{containers: [{{name: \
         web, image: \"{image}\"}}]}}}}}}\n"
    )
}

fn directory(name: &str) -> PathBuf {
    let directory = Path::new(env!("CARGO_TARGET_TMPDIR")).join("render").join(name);
    let _ = fs::remove_dir_all(&directory);
    for (file, text) in [
        ("app/base/kustomization.yaml", "resources: [web.yaml]\n".to_string()),
        ("app/base/web.yaml", deployment("web", "nginx:base")),
        (
            "app/prod/kustomization.yaml",
            "resources: [../base]\nimages: [{name: nginx, newTag: prod}]\n".to_string(),
        ),
        ("shop/Chart.yaml", "apiVersion: v2\nname: shop-of-ours\nversion: 0.1.0\n".to_string()),
        ("shop/values.yaml", "tag: chart\n".to_string()),
        ("shop/templates/db.yaml", deployment("db", "postgres:{{ .Values.tag }}")),
        ("single.yaml", deployment("single", "nginx:single")),
    ] {
        let path = directory.join(file);
        fs::create_dir_all(path.parent().expect("a directory")).expect("a directory can be made");
        fs::write(path, text).expect("writable");
    }
    directory
}

/// Stand-ins of these names, and what they print.
fn stand_ins(directory: &Path, names: &[&str]) {
    fs::create_dir_all(directory.join("bin")).expect("a directory can be made");
    for name in names {
        let path = directory.join("bin").join(name);
        fs::write(&path, STAND_IN).expect("writable");
        fs::set_permissions(path, fs::Permissions::from_mode(0o755)).expect("it can be run");
    }
    fs::write(directory.join("app/prod/rendered"), deployment("web", "nginx:prod")).expect("writable");
    let chart = deployment("db", "postgres:chart");
    let chart =
        format!("---\n# Source: shop-of-ours/templates/db.yaml\n{chart}---\n# Source: gone/a.yaml\n{chart}");
    fs::write(directory.join("shop/rendered"), chart).expect("writable");
}

/// The exit code, what was judged, and what is wrong.
fn check(directory: &Path, path: &str, arguments: &[&str]) -> (Option<i32>, Vec<String>, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_fresh-images"));
    let output = command
        .args(["check", "--output", "json", "--render", "--no-config"])
        .args(arguments)
        .env("PATH", path)
        .env("CALLS", directory.join("calls"))
        .current_dir(directory)
        .output()
        .expect("the binary runs");
    let report: Value = serde_json::from_slice(&output.stdout).expect("a report");
    let documents = report["documents"].as_array().expect("documents").iter().map(|document| {
        let finding = &document["findings"][0];
        let text = |value: &Value| value.as_str().unwrap_or("-").to_string();
        let line = if finding["line"].is_null() { "no line" } else { "a line" };
        format!(
            "{}: {}, {line}, {}",
            text(&document["file"]),
            text(&finding["image"]),
            text(&document["rendered"])
        )
    });
    let errors = report["errors"].as_array().expect("errors").iter();
    let errors = errors.map(|error| format!("{}: {}", error["file"], error["message"]));
    (output.status.code(), documents.collect(), errors.collect::<Vec<_>>().join("\n"))
}

const RENDERED: [&str; 4] = [
    "app/prod/kustomization.yaml: nginx:prod, no line, kustomize",
    "shop/templates/db.yaml: postgres:chart, no line, helm template",
    "shop/Chart.yaml: postgres:chart, no line, helm template",
    "single.yaml: nginx:single, a line, -",
];

#[test]
fn what_is_rendered_is_judged() {
    for (name, tools, calls) in [
        ("all", &["kustomize", "kubectl", "helm"][..], "kustomize build ./app/prod\n"),
        ("kubectl", &["kubectl", "helm"], "kubectl kustomize ./app/prod\n"),
    ] {
        let directory = directory(name);
        stand_ins(&directory, tools);
        let bin = directory.join("bin").display().to_string();
        // Either name is one of Kustomize.
        if name == "kubectl" {
            let base = directory.join("app/base");
            fs::rename(base.join("kustomization.yaml"), base.join("Kustomization")).expect("renamed");
        }
        let (code, judged, errors) = check(&directory, &bin, &["--namespace", "web", "."]);
        assert_eq!((code, errors.as_str()), (Some(1), ""), "{name}");
        assert_eq!(judged, RENDERED, "{name}");
        let called = fs::read_to_string(directory.join("calls")).expect("readable");
        let mut called: Vec<&str> = called.lines().collect();
        called.sort_unstable();
        let mut expected = vec![calls.trim(), "helm template --namespace web ./shop"];
        expected.sort_unstable();
        assert_eq!(called, expected, "{name}");
    }
}

#[test]
fn what_cannot_be_rendered_is_an_error() {
    let directory = directory("missing");
    stand_ins(&directory, &["kustomize"]);
    let bin = directory.join("bin").display().to_string();
    let (code, judged, errors) = check(&directory, &bin, &["."]);
    assert_eq!((code, judged), (Some(2), vec![RENDERED[0].into(), RENDERED[3].into()]));
    assert_eq!(
        errors,
        "\"shop/Chart.yaml\": \"--render needs helm, which is not on the PATH: install it, or leave out --render\""
    );
    let (_, _, errors) = check(&directory, "", &["app"]);
    assert!(
        errors.contains("--render needs kustomize or kubectl, neither of which is on the PATH"),
        "{errors}"
    );

    // The tool fails, or prints something else than manifests.
    fs::remove_file(directory.join("app/prod/rendered")).expect("it was there");
    let (code, judged, errors) = check(&directory, &bin, &["app"]);
    assert_eq!((code, judged.len()), (Some(2), 0));
    assert!(errors.starts_with("\"app/prod/kustomization.yaml\": \"kustomize failed: "), "{errors}");
    for (printed, problem) in [
        (&b"apiVersion: v1\nkind: Pod\nspec: [\n"[..], "in what kustomize printed, at 3:7: invalid YAML"),
        (b"a: 1\n", "in what kustomize printed, at 1:1: not a Kubernetes object"),
        (b"\xff", "kustomize printed something that is not UTF-8"),
    ] {
        fs::write(directory.join("app/prod/rendered"), printed).expect("writable");
        let (code, _, errors) = check(&directory, &bin, &["app"]);
        assert!(code == Some(2) && errors.contains(problem), "{errors}");
    }
}

/// Whether a tool runs here.
fn runs(tool: &str) -> bool {
    let is_there = Command::new(tool).arg("version").output().is_ok();
    if !is_there {
        println!("skipped: {tool} is not installed");
    }
    is_there
}

#[test]
fn the_real_tools_are_understood() {
    let path = std::env::var("PATH").unwrap_or_default();
    let directory = directory("real");
    if runs("kustomize") || runs("kubectl") {
        assert_eq!(check(&directory, &path, &["app"]), (Some(1), vec![RENDERED[0].into()], String::new()));
    }
    if runs("helm") {
        assert_eq!(check(&directory, &path, &["shop"]), (Some(1), vec![RENDERED[1].into()], String::new()));
    }
}
