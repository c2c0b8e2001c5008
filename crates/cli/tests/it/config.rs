//! `fresh-images.yaml`: what it says, what is wrong in it, and the schema that editors read.

#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    dead_code,
    reason = "a helper of a test may panic like the test, and types that only describe are never built"
)]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use fresh_images_testing::files::{ROOT, read};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde_json::Value;

const SCHEMA: &str = "fresh-images.schema.json";

/// What `fresh-images check` finds by itself: `fresh-images.yaml` in the directory of the first path, or above. Paths are
/// relative to the file.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields, rename_all = "camelCase", title = "fresh-images.yaml")]
#[schemars(extend("not" = {"required": ["settings", "policy"]}))]
struct Configuration {
    /// The settings of the policy. `policy` may stand in their place.
    #[schemars(schema_with = "settings")]
    settings: Option<Value>,
    /// The policies that judge: a file or several.
    policy: Option<Paths>,
    /// What is left out in directories: patterns as in a `.gitignore`.
    exclude: Option<Vec<Text>>,
    /// The file of known findings, which do not fail.
    baseline: Option<Text>,
    /// The namespace of manifests that name none.
    #[schemars(schema_with = "namespace")]
    namespace: Option<String>,
    /// The labels of namespaces, for the namespaceSelector of policies.
    namespace_labels: Option<BTreeMap<String, BTreeMap<String, String>>>,
}

#[derive(JsonSchema)]
#[serde(untagged)]
enum Paths {
    One(Text),
    Several(Vec<Text>),
}

#[derive(JsonSchema)]
struct Text(#[schemars(length(min = 1))] String);

fn settings(_: &mut SchemaGenerator) -> Schema {
    json_schema!({"$ref": "#/$defs/Settings"})
}

fn namespace(_: &mut SchemaGenerator) -> Schema {
    json_schema!({"type": "string", "pattern": "^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$", "maxLength": 253})
}

/// As the file has to be. It holds the schema of the settings, so that an editor needs no other file.
fn schema() -> Value {
    let mut schema = serde_json::to_value(schemars::schema_for!(Configuration)).expect("JSON");
    schema.as_object_mut().expect("an object").remove("required");
    // What is not there is absent: no key takes null but `settings`.
    for property in schema["properties"].as_object_mut().expect("properties").values_mut() {
        if let Some(Value::Array(types)) = property.get("type") {
            let only = types.iter().find(|it| *it != "null").cloned().expect("a type");
            property["type"] = only;
        }
        if let Some(Value::Array(choices)) = property.get_mut("anyOf") {
            choices.retain(|choice| choice["type"] != "null");
        }
    }
    let mut settings: Value = serde_json::from_str(&read("settings.schema.json")).expect("JSON");
    let settings = settings.as_object_mut().expect("an object");
    let parts = settings.remove("$defs").expect("parts");
    settings.remove("$schema");
    let definitions = schema["$defs"].as_object_mut().expect("definitions");
    definitions.extend(parts.as_object().expect("an object").clone());
    definitions.insert("Settings".into(), Value::Object(settings.clone()));
    schema
}

#[test]
fn the_schema_is_generated() {
    let expected = serde_json::to_string_pretty(&schema()).expect("JSON") + "\n";
    if std::env::var_os("BLESS").is_some() {
        fs::write(Path::new(ROOT).join(SCHEMA), &expected).expect("writable");
    }
    assert!(read(SCHEMA) == expected, "{SCHEMA} is not what the types say: BLESS=1 writes it");
}

fn directory(name: &str) -> PathBuf {
    let directory = Path::new(env!("CARGO_TARGET_TMPDIR")).join("config").join(name);
    let _ = fs::remove_dir_all(&directory);
    fs::create_dir_all(directory.join("deploy/old")).expect("a directory can be made");
    // Nothing above counts.
    fs::create_dir_all(directory.join(".git")).expect("a directory can be made");
    for (file, namespace) in [("web", "shop"), ("old/db", "''")] {
        let pod = format!(
            "apiVersion: v1\nkind: Pod\nmetadata: {{name: a, namespace: {namespace}}}\nspec:\n  containers:\n  - name: a\n    \
             image: docker.io/a/{file}:1\n"
        );
        fs::write(directory.join(format!("deploy/{file}.yaml")), pod).expect("writable");
    }
    let policy = "apiVersion: policies.kubewarden.io/v1\nkind: AdmissionPolicy\nmetadata: {name: p, namespace: shop}\n\
                  spec: {module: ghcr.io/fresh-images/policies/fresh-images:v0.1.0, rules: []}\n";
    fs::write(directory.join("policy.yml"), policy).expect("writable");
    directory
}

/// The exit code, the files that are named in the report, and what is wrong.
fn check(directory: &Path, arguments: &[&str]) -> (Option<i32>, Vec<String>, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_fresh-images"));
    let output = command.args(["check", "--output", "json"]).args(arguments).current_dir(directory);
    let output = output.output().expect("the binary runs");
    let report: Value = serde_json::from_slice(&output.stdout).expect("a report");
    let documents = report["documents"].as_array().expect("documents").iter();
    let judged = documents.filter(|document| document["asked"] != false);
    let named = judged.map(|document| {
        let namespace = document["namespace"].as_str().unwrap_or("-");
        let known = if document["accepted"] == true { "accepted" } else { "rejected" };
        format!("{namespace} {} {known}", document["file"].as_str().expect("a file"))
    });
    let errors = report["errors"].as_array().expect("errors").iter();
    let errors: Vec<&str> = errors.filter_map(|error| error["message"].as_str()).collect();
    (output.status.code(), named.collect(), errors.join("\n"))
}

/// What each configuration does, and that the schema takes it.
#[test]
fn a_configuration_says_what_the_command_line_could() {
    let schema = jsonschema::validator_for(&schema()).expect("a schema");
    let (web, db) = ("shop deploy/web.yaml", "- deploy/old/db.yaml");
    let rejected = |name: &str| format!("{name} rejected");
    let accepted = |name: &str| format!("{name} accepted");
    for (name, config, arguments, expected) in [
        ("empty", "{}", &["deploy"][..], vec![rejected(db), rejected(web)]),
        ("settings", "settings: {require: none}", &["deploy"], vec![accepted(db), accepted(web)]),
        ("no-settings", "settings:\nexclude: []", &["deploy"], vec![rejected(db), rejected(web)]),
        ("exclude", "exclude: [deploy/old, policy.yml]", &["."], vec![rejected(web)]),
        // The configuration itself is nothing to judge, even if all has to be.
        ("strict", "exclude: ['old/', '*.yml', '*.json']", &["--strict", "."], vec![rejected(web)]),
        ("exclude-both", "exclude: [deploy/old, '*.json']", &["--exclude", "web.yaml", "."], vec![]),
        ("namespace", "namespace: next", &["deploy/old"], vec![rejected("next deploy/old/db.yaml")]),
        (
            "namespace-wins",
            "namespace: next",
            &["deploy/old", "--namespace", "m"],
            vec![rejected("m deploy/old/db.yaml")],
        ),
        ("policy", "policy: policy.yml\nnamespace: next", &["deploy"], vec![rejected(web)]),
        (
            "policies",
            "policy: [policy.yml]\nnamespaceLabels: {shop: {a: b}}",
            &["deploy/web.yaml"],
            vec![rejected(web)],
        ),
        (
            "command-line",
            "policy: missing.yml",
            &["deploy", "--settings", "none.json"],
            vec![accepted(db), accepted(web)],
        ),
        (
            "ignored",
            "settings: {require: none}",
            &["deploy", "--no-config"],
            vec![rejected(db), rejected(web)],
        ),
    ] {
        let directory = directory(name);
        fs::write(directory.join("fresh-images.yaml"), config).expect("writable");
        fs::write(directory.join("none.json"), r#"{"require": "none"}"#).expect("writable");
        let (_, mut found, errors) = check(&directory, arguments);
        // The policy in the directory is an object without images.
        found.retain(|it| !it.contains("policy.yml"));
        found.sort();
        assert_eq!(errors, "", "{name}");
        assert_eq!(found, expected, "{name}");
        let config: Value = yaml(config);
        assert!(schema.is_valid(&config), "{name}: {:?}", schema.iter_errors(&config).next());
    }
}

/// As JSON, by the reader of manifests.
fn yaml(text: &str) -> Value {
    let source = fresh_images_manifests::document::Source::new("x", text);
    let document = fresh_images_manifests::document::read(&source).remove(0);
    document.expect("YAML").to_json()
}

#[test]
fn what_is_wrong_has_its_place() {
    let schema = jsonschema::validator_for(&schema()).expect("a schema");
    let directory = directory("wrong");
    for (config, problems) in [
        (
            "exclude: [a]\nexcludes: [b]\npolicies: a",
            "fresh-images.yaml:2:1: excludes: unknown key; known keys are settings, policy, exclude, baseline, namespace, \
             namespaceLabels\nfresh-images.yaml:3:1: policies: unknown key; known keys are settings, policy, exclude, \
             baseline, namespace, namespaceLabels",
        ),
        ("[]", "fresh-images.yaml:1:1: expected a mapping, found a list"),
        ("exclude: a", "fresh-images.yaml:1:10: exclude: expected a list of strings, found a string"),
        ("exclude: ['']", "fresh-images.yaml:1:11: exclude: expected a string, found an empty one"),
        ("baseline: 1", "fresh-images.yaml:1:11: baseline: expected a string, found a number"),
        (
            "policy: {}",
            "fresh-images.yaml:1:9: policy: expected a string, or a list of strings, found a mapping",
        ),
        (
            "settings: {}\npolicy: policy.yml",
            "fresh-images.yaml:2:9: policy: there are settings as well; one of the two is enough",
        ),
        (
            "settings:\n  require: sometimes",
            "fresh-images.yaml:2:12: settings.require: unknown value \"sometimes\"; known values are digestOrAlways, digest, \
             always, digestAndAlways, none",
        ),
        (
            "namespace: A",
            "fresh-images.yaml:1:12: namespace: expected lower-case letters, digits, `-` and `.`",
        ),
        (
            "namespaceLabels: {shop: {a: 1}}",
            "fresh-images.yaml:1:29: namespaceLabels.shop.a: expected a string, found a number",
        ),
    ] {
        fs::write(directory.join("fresh-images.yaml"), config).expect("writable");
        let (code, judged, errors) = check(&directory, &["deploy"]);
        assert_eq!((code, judged), (Some(2), Vec::new()), "{config}");
        assert_eq!(errors, problems);
        assert!(!schema.is_valid(&yaml(config)), "the schema takes {config}");
    }
    // Not all that is wrong can be said by a schema.
    for (config, problem) in [
        ("exclude: ['a[']", "exclude: not a glob: unclosed character class"),
        ("a: 1\n---\nb: 2", "a second document; a configuration must hold only one"),
        ("a: [", "invalid YAML"),
        ("policy: none.yml", "none.yml: no such file or directory"),
        ("baseline: none.yaml", "none.yaml: no such file or directory"),
    ] {
        fs::write(directory.join("fresh-images.yaml"), config).expect("writable");
        let (code, _, errors) = check(&directory, &["deploy"]);
        assert!(code == Some(2) && errors.contains(problem), "{config}: {errors}");
    }
}

#[test]
fn it_is_searched_upwards_within_a_repository() {
    let outer = directory("outer");
    fs::write(outer.join("fresh-images.yaml"), "settings: {require: none}").expect("writable");
    assert_eq!(check(&outer, &["deploy/old/db.yaml"]).0, Some(0));
    // Paths are relative to it, wherever the command runs.
    fs::write(outer.join("fresh-images.yaml"), "policy: policy.yml\nexclude: [deploy/old]")
        .expect("writable");
    let (code, judged, errors) = check(&outer.join("deploy"), &["."]);
    assert_eq!((code, judged, errors), (Some(1), vec!["shop web.yaml rejected".into()], String::new()));
    // A policy of that name is no configuration, and a repository of its own is not concerned.
    fs::write(outer.join("fresh-images.yaml"), "settings: {require: none}").expect("writable");
    fs::copy(outer.join("policy.yml"), outer.join("deploy/fresh-images.yaml")).expect("a copy");
    assert_eq!(check(&outer, &["deploy/old/db.yaml"]).0, Some(0));
    fs::create_dir_all(outer.join("deploy/old/.git")).expect("a directory can be made");
    assert_eq!(check(&outer, &["deploy/old/db.yaml"]).0, Some(1));
}
