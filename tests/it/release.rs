//! One version, and one description: Cargo.toml, `metadata.yml`, `artifacthub-pkg.yml`, `artifacthub-repo.yml`,
//! `policies/*.yml`, the npm package and `CHANGELOG.md` agree. `tests/it/manifests.rs` compares the manifests with
//! `metadata.yml` in full.

#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test that cannot read its files fails"
)]

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use fresh_images::request::KINDS;
use fresh_images_testing::files::{ROOT, read};
use serde_json::{Value, json};

const VERSION: &str = env!("CARGO_PKG_VERSION");
const REPOSITORY: &str = env!("CARGO_PKG_REPOSITORY");

fn yaml(file: &str) -> Value {
    yaml_serde::from_str(&read(file)).unwrap_or_else(|error| panic!("{file}: {error}"))
}

/// An annotation of `metadata.yml`.
fn annotation(key: &str) -> String {
    yaml("metadata.yml")["annotations"][key]
        .as_str()
        .unwrap_or_else(|| panic!("no annotation {key}"))
        .to_owned()
}

fn policy(key: &str) -> String {
    annotation(&format!("io.kubewarden.policy.{key}"))
}

fn artifact_hub(key: &str) -> String {
    annotation(&format!("io.artifacthub.{key}"))
}

fn listed(text: &str) -> Vec<&str> {
    text.split(',').map(str::trim).collect()
}

/// The name and the address of `Name <address>`.
fn author() -> Value {
    let author = policy("author");
    let (name, email) = author.strip_suffix('>').and_then(|it| it.split_once(" <")).expect("name <email>");
    json!({"name": name, "email": email})
}

/// All that `kwctl scaffold artifacthub` takes from `metadata.yml` and `questions-ui.yml`.
#[test]
fn the_package_of_artifact_hub_is_what_the_metadata_say() {
    let package = yaml("artifacthub-pkg.yml");
    let image = format!("{}:v{VERSION}", policy("ociUrl"));
    let module = format!("{REPOSITORY}/releases/download/v{VERSION}/policy.wasm");
    for (key, expected) in [
        ("version", json!(VERSION)),
        ("name", json!(policy("title"))),
        ("displayName", json!(artifact_hub("displayName"))),
        ("description", json!(policy("description"))),
        ("license", json!(policy("license"))),
        ("homeURL", json!(policy("url"))),
        ("containersImages", json!([{"name": "policy", "image": image}])),
        ("keywords", json!(listed(&artifact_hub("keywords")))),
        ("links", json!([{"name": "policy", "url": module}, {"name": "source", "url": policy("source")}])),
        ("maintainers", json!([author()])),
    ] {
        assert_eq!(package[key], expected, "{key}: kwctl scaffold artifacthub writes artifacthub-pkg.yml");
    }
    let install = package["install"].as_str().expect("install");
    assert_eq!(install.matches(&image).count(), 2, "{install}");
    assert_eq!(install.matches(":v").count(), 2, "{install}");
    let annotations = package["annotations"].as_object().expect("annotations");
    assert_eq!(annotations["kubewarden/mutation"], yaml("metadata.yml")["mutating"].to_string());
    assert_eq!(annotations["kubewarden/resources"], artifact_hub("resources"));
    let embedded = |key: &str| -> Value {
        yaml_serde::from_str(annotations[key].as_str().expect(key))
            .unwrap_or_else(|error| panic!("{key}: {error}"))
    };
    assert_eq!(embedded("kubewarden/questions-ui"), yaml("questions-ui.yml"));
    assert_eq!(embedded("kubewarden/rules"), yaml("metadata.yml")["rules"]);
    assert_eq!(annotations.len(), 4, "{:?}", annotations.keys());
}

#[test]
fn resources_are_the_kinds_that_the_code_knows() {
    let resources = artifact_hub("resources");
    let named: BTreeSet<&str> = listed(&resources).into_iter().collect();
    let known: BTreeSet<&str> = KINDS.iter().map(|kind| kind.kind).collect();
    assert_eq!(named, known);
}

#[test]
fn owners_of_the_repository_are_the_authors() {
    assert_eq!(yaml("artifacthub-repo.yml")["owners"], json!([author()]));
}

#[test]
fn manifests_and_metadata_have_the_version_of_the_package() {
    assert_eq!(policy("version"), VERSION);
    let mut modules = 0_usize;
    for entry in fs::read_dir(Path::new(ROOT).join("policies")).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.extension().is_some_and(|extension| extension == "yml") {
            let text = fs::read_to_string(&path).expect("readable");
            let module = format!("  module: registry://{}:v{VERSION}\n", policy("ociUrl"));
            let policies = text.matches("\nspec:\n").count();
            assert_eq!(text.matches(&module).count(), policies, "{}", path.display());
            modules = modules.saturating_add(1);
        }
    }
    assert!(modules >= 4, "{modules}");
    assert!(
        read("deploy/stale/cronjob.yaml")
            .contains(&format!("image: ghcr.io/fresh-images/fresh-images:v{VERSION}\n"))
    );
    assert_eq!(read("crates/cli/tests/cases/version.stdout"), format!("fresh-images {VERSION}\n"));
}

#[test]
fn the_npm_package_is_of_the_same_version_name_and_place() {
    let package = yaml("crates/playground/npm/package.json");
    for (key, expected) in [
        ("version", json!(VERSION)),
        ("name", json!(env!("CARGO_PKG_NAME"))),
        ("license", json!(policy("license"))),
        (
            "repository",
            json!({"type": "git", "url": format!("git+{REPOSITORY}.git"), "directory": "crates/playground/npm"}),
        ),
    ] {
        assert_eq!(package[key], expected, "{key}");
    }
}

/// The version of a package in a lock file.
fn locked(file: &str, package: &str) -> String {
    let text = read(file);
    let (_, rest) = text.split_once(&format!("name = \"{package}\"\nversion = \"")).expect(package);
    rest.split('"').next().expect("a version").to_owned()
}

#[test]
fn lock_files_have_the_version_of_the_package() {
    for (file, package) in [
        ("Cargo.lock", "fresh-images"),
        ("Cargo.lock", "fresh-images-cli"),
        ("fuzz/Cargo.lock", "fresh-images"),
        ("fuzz/Cargo.lock", "fresh-images-json"),
    ] {
        assert_eq!(locked(file, package), VERSION, "{file}: {package}");
    }
}

#[test]
fn the_changelog_begins_with_the_version_of_the_package() {
    let text = read("CHANGELOG.md");
    let mut headings = text.lines().filter_map(|line| line.strip_prefix("## "));
    assert_eq!(headings.next(), Some("[Unreleased]"));
    let mut versions = Vec::new();
    for heading in headings {
        let (version, date) = heading.split_once(" - ").unwrap_or_else(|| panic!("{heading}: no date"));
        let version = version.strip_prefix('[').and_then(|it| it.strip_suffix(']')).expect(heading);
        // Only what comes next may still wait for its date.
        let waits = versions.is_empty() && date == "unreleased";
        let is_date = date.len() == 10 && date.split('-').map(str::len).eq([4, 2, 2]);
        assert!(waits || is_date, "{heading}");
        let link = format!("\n[{version}]: {REPOSITORY}/releases/tag/v{version}\n");
        assert_eq!(text.matches(&link).count(), 1, "{heading}: {link}");
        versions.push(version.to_owned());
    }
    assert_eq!(versions.first().map(String::as_str), Some(VERSION));
    let all: BTreeSet<&String> = versions.iter().collect();
    assert_eq!(all.len(), versions.len(), "{versions:?}");
}
