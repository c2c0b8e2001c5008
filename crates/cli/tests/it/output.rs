//! `--output` and `--output-file`: each form against its schema, and the edits of SARIF against `--fix`.

#![expect(clippy::expect_used, clippy::panic, reason = "a helper of a test may panic like the test")]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use fresh_images_manifests::document::Source;
use serde_json::{Value, json};

const ROOT: &str = env!("CARGO_MANIFEST_DIR");

/// A new directory with these files.
fn directory<'f>(name: &str, files: impl IntoIterator<Item = (&'f str, &'f str)>) -> PathBuf {
    let directory = Path::new(env!("CARGO_TARGET_TMPDIR")).join("output").join(name);
    let _ = fs::remove_dir_all(&directory);
    fs::create_dir_all(&directory).expect("a directory can be made");
    for (name, text) in files {
        fs::write(directory.join(name), text).expect("a file can be written");
    }
    directory
}

fn check(directory: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_fresh-images"));
    command.arg("check").args(arguments).current_dir(directory).output().expect("the binary runs")
}

fn stdout(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).expect("the output is UTF-8")
}

fn json(text: &str) -> Value {
    serde_json::from_str(text).expect("it is JSON")
}

/// The value at a JSON pointer.
fn at<'v>(value: &'v Value, pointer: &str) -> &'v Value {
    value.pointer(pointer).unwrap_or(&Value::Null)
}

fn list<'v>(value: &'v Value, pointer: &str) -> &'v [Value] {
    at(value, pointer).as_array().map(Vec::as_slice).unwrap_or_default()
}

const REJECTED: &str = "apiVersion: v1\nkind: Pod\nmetadata: {name: web}\nspec:\n  containers:\n  - name: web\n    \
                        image: nginx:1.25\n  - name: log\n    image: 'Bad Name'\n  - name: ok\n    image: a@sha256:0\n";
const WARNED: &str =
    "apiVersion: v1\nkind: Pod\nmetadata: {name: late}\nspec: {containers: [{name: a, image: b}]}\n";
const ACCEPTED: &str = "apiVersion: v1\nkind: Pod\nmetadata: {name: ok}\nspec:\n  containers:\n  - name: a\n    \
                        image: b:1\n    imagePullPolicy: Always\n";

/// Rejected, warned, accepted and unreadable, in a name and a text that need escapes.
fn mixed(name: &str) -> PathBuf {
    let unreadable = "apiVersion: v1\nkind: Pod\nspec: {\n";
    let nasty = REJECTED.replace("Bad Name", "a&b<c>\\\"%0A::error::\\u001b").replace('\'', "\"");
    directory(
        name,
        [
            ("a ü, 100%.yaml", REJECTED),
            ("b.yaml", WARNED),
            ("c.yaml", ACCEPTED),
            ("d.yaml", unreadable),
            ("e.yaml", &nasty),
        ],
    )
}

/// Every directory of manifests of the cases.
fn directories_of_cases() -> Vec<PathBuf> {
    let cases = fs::read_dir(Path::new(ROOT).join("tests/cases")).expect("there are cases");
    let paths = cases.map(|entry| entry.expect("readable").path());
    let mut paths: Vec<_> = paths.filter(|it| it.extension().is_some_and(|it| it == "in")).collect();
    paths.sort();
    assert!(paths.len() >= 60, "{}", paths.len());
    paths
}

fn assert_valid(schema: &jsonschema::Validator, text: &str, what: &str) {
    let value = json(text);
    let errors: Vec<String> =
        schema.iter_errors(&value).map(|error| format!("{}: {error}", error.instance_path())).collect();
    assert!(errors.is_empty(), "{what}: {errors:#?}");
}

fn sarif_schema() -> jsonschema::Validator {
    let schema =
        fs::read_to_string(Path::new(ROOT).join("tests/schemas/sarif-2.1.0.json")).expect("readable");
    jsonschema::validator_for(&json(&schema)).expect("the schema is valid")
}

#[test]
fn sarif_is_valid() {
    let schema = sarif_schema();
    let output = check(&mixed("sarif"), &["--output", "sarif", "."]);
    let text = stdout(&output);
    assert_valid(&schema, &text, "mixed");
    let log = json(&text);
    let rules: Vec<_> =
        list(&log, "/runs/0/results").iter().filter_map(|it| at(it, "/ruleId").as_str()).collect();
    assert_eq!(
        rules,
        [
            "mutable-image",
            "invalid-reference",
            "invalid-reference",
            "warning",
            "mutable-image",
            "invalid-reference",
            "invalid-reference"
        ]
    );
    assert_eq!(at(&log, "/runs/0/invocations/0/executionSuccessful"), &json!(false));
    assert_eq!(
        at(&log, "/runs/0/results/0/locations/0/physicalLocation"),
        &json!({
            "artifactLocation": {"uri": "a%20%C3%BC%2C%20100%25.yaml", "uriBaseId": "%SRCROOT%"},
            "region": {"startLine": 7, "startColumn": 12, "endLine": 7, "endColumn": 22},
        })
    );
    for directory in directories_of_cases() {
        let output = check(&directory, &["--output", "sarif", "."]);
        assert_valid(&schema, &stdout(&output), &directory.display().to_string());
    }
    // What cannot even start is told in the same form.
    let output = check(&directory("sarif-empty", []), &["--output", "sarif", "."]);
    assert_valid(&schema, &stdout(&output), "empty");
    assert_eq!(output.status.code(), Some(2));
}

/// Each rule that a result names is described, with a link to its place in the document.
#[test]
fn sarif_describes_its_rules() {
    let output = check(&mixed("sarif-rules"), &["--output", "sarif", "."]);
    let log = json(&stdout(&output));
    let document = fs::read_to_string(Path::new(ROOT).join("../../docs/findings.md")).expect("readable");
    for rule in list(&log, "/runs/0/tool/driver/rules") {
        let id = at(rule, "/id").as_str().expect("an id");
        assert!(
            at(rule, "/helpUri").as_str().is_some_and(|it| it.ends_with(&format!("docs/findings.md#{id}")))
        );
        assert!(document.contains(&format!("\n## {id}\n")), "{id}");
    }
    for result in list(&log, "/runs/0/results") {
        let index = at(result, "/ruleIndex").as_u64().expect("an index");
        assert_eq!(at(&log, &format!("/runs/0/tool/driver/rules/{index}/id")), at(result, "/ruleId"));
    }
}

fn fingerprints(log: &Value) -> BTreeSet<String> {
    let results = list(log, "/runs/0/results");
    let prints: BTreeSet<String> = results
        .iter()
        .map(|it| at(it, "/partialFingerprints/freshImages~1v1").as_str().expect("a fingerprint").to_owned())
        .collect();
    assert_eq!(prints.len(), results.len(), "two results share a fingerprint");
    prints
}

#[test]
fn fingerprints_survive_moved_lines() {
    let sarif = |name: &str, text: &str| {
        let directory = directory(name, [("web.yaml", text)]);
        json(&stdout(&check(&directory, &["--output", "sarif", "web.yaml"])))
    };
    let before = fingerprints(&sarif("fingerprints", REJECTED));
    assert_eq!(before.len(), 3);
    let moved = format!("# moved\n\n{REJECTED}");
    assert_eq!(fingerprints(&sarif("fingerprints", &moved)), before);
    // Another container before it changes its index and not what it is.
    let added = REJECTED.replace("containers:\n", "containers:\n  - name: new\n    image: new@sha256:0\n");
    assert_eq!(fingerprints(&sarif("fingerprints", &added)).intersection(&before).count(), 3);
    let changed = REJECTED.replace("nginx:1.25", "nginx:1.26");
    assert_eq!(fingerprints(&sarif("fingerprints", &changed)).intersection(&before).count(), 2);
}

/// Applies the fixes of a log to the text of a file, as an editor would.
fn apply(log: &Value, uri: &str, text: &str) -> String {
    let source = Source::new(uri, text);
    let offset = |region: &Value, line: &str, column: &str| {
        let (line, column) = (at(region, line).as_u64(), at(region, column).as_u64());
        let mut offsets = text.char_indices().map(|(offset, _)| offset).chain([text.len()]);
        let is_there = |offset: &usize| {
            let position = source.position(*offset);
            let mark = text.get(*offset..).is_some_and(|rest| rest.starts_with('\u{feff}'));
            !mark
                && (u64::try_from(position.line).ok(), u64::try_from(position.column).ok()) == (line, column)
        };
        offsets.find(is_there).expect("the place exists")
    };
    let mut edits = Vec::new();
    for result in list(log, "/runs/0/results") {
        for fix in list(result, "/fixes") {
            assert_eq!(list(fix, "/artifactChanges").len(), 1);
            if at(fix, "/artifactChanges/0/artifactLocation/uri") == uri {
                for replacement in list(fix, "/artifactChanges/0/replacements") {
                    let region = at(replacement, "/deletedRegion");
                    let start = offset(region, "/startLine", "/startColumn");
                    let end = offset(region, "/endLine", "/endColumn");
                    edits
                        .push((start..end, at(replacement, "/insertedContent/text").as_str().expect("text")));
                }
            }
        }
    }
    edits.sort_by_key(|(range, _)| range.start);
    let mut fixed = text.to_owned();
    for (range, new) in edits.into_iter().rev() {
        fixed.replace_range(range, new);
    }
    fixed
}

/// Over every file of the cases and of the corpus of fixes.
#[test]
fn the_fixes_of_sarif_are_those_of_fix() {
    let mut changed = BTreeMap::new();
    for case in directories_of_cases() {
        let manifests = case.join("manifests");
        let folder = if manifests.is_dir() { manifests } else { case.clone() };
        for entry in fs::read_dir(&folder).expect("readable") {
            let path = entry.expect("readable").path();
            let Ok(text) = fs::read_to_string(&path) else { continue };
            let directory = directory("sarif-fixes", [("web.yaml", text.as_str())]);
            fs::write(directory.with_extension("settings"), "mutate: {to: pullAlways}\n").expect("writable");
            let settings = ["--settings", "../sarif-fixes.settings"];
            let sarif = check(&directory, &[&settings[..], &["--output", "sarif", "web.yaml"]].concat());
            let applied = apply(&json(&stdout(&sarif)), "web.yaml", &text);
            check(&directory, &[&settings[..], &["--fix", "--write", "web.yaml"]].concat());
            let fixed = fs::read_to_string(directory.join("web.yaml")).expect("readable");
            assert_eq!(applied, fixed, "{}", path.display());
            if fixed != text {
                changed.insert(path, fixed);
            }
        }
    }
    assert!(changed.len() >= 15, "{}", changed.len());
}

/// What [GitLab](https://docs.gitlab.com/ci/testing/code_quality/#code-quality-report-format) documents.
#[test]
fn gitlab_is_valid() {
    let schema = json!({
        "type": "array",
        "items": {
            "type": "object",
            "required": ["description", "check_name", "fingerprint", "severity", "location"],
            "properties": {
                "description": {"type": "string", "minLength": 1},
                "check_name": {"type": "string", "pattern": "^[a-z-]+$"},
                "fingerprint": {"type": "string", "pattern": "^[0-9a-f]{32}$"},
                "severity": {"enum": ["info", "minor", "major", "critical", "blocker"]},
                "location": {
                    "type": "object",
                    "required": ["path", "lines"],
                    "properties": {
                        "path": {"type": "string", "not": {"pattern": "^\\./"}},
                        "lines": {
                            "type": "object",
                            "required": ["begin"],
                            "properties": {"begin": {"type": "integer", "minimum": 1}},
                        },
                    },
                },
            },
        },
    });
    let schema = jsonschema::validator_for(&schema).expect("the schema is valid");
    let text = stdout(&check(&mixed("gitlab"), &["--output", "gitlab", "."]));
    assert_valid(&schema, &text, "mixed");
    assert_eq!(json(&text).as_array().map(Vec::len), Some(8));
    for directory in directories_of_cases() {
        let output = check(&directory, &["--output", "gitlab", "."]);
        assert_valid(&schema, &stdout(&output), &directory.display().to_string());
    }
}

/// Elements with their attributes, as [Jenkins](https://github.com/jenkinsci/xunit-plugin) accepts them: required ones
/// first, then the others.
const JUNIT: [(&str, &[&str], &[&str]); 7] = [
    ("testsuites", &[], &["name", "time", "tests", "failures", "errors"]),
    ("testsuite", &["name", "tests", "failures", "errors"], &["time", "skipped", "timestamp", "id", "file"]),
    ("testcase", &["name"], &["time", "classname", "group"]),
    ("failure", &[], &["type", "message"]),
    ("error", &[], &["type", "message"]),
    ("skipped", &[], &["type", "message"]),
    ("system-out", &[], &[]),
];

fn assert_junit(text: &str, what: &str) {
    let document = roxmltree::Document::parse(text).expect("it is XML");
    for element in document.descendants().filter(roxmltree::Node::is_element) {
        let name = element.tag_name().name();
        let known = JUNIT.iter().find(|(known, ..)| *known == name);
        let (_, required, optional) = known.unwrap_or_else(|| panic!("{what}: <{name}>"));
        for attribute in *required {
            assert!(element.has_attribute(*attribute), "{what}: <{name}> without {attribute}");
        }
        for attribute in element.attributes() {
            let name = attribute.name();
            assert!(required.contains(&name) || optional.contains(&name), "{what}: {name}");
        }
    }
    let root = document.root_element();
    let count = |tag: &str| root.descendants().filter(|it| it.has_tag_name(tag)).count().to_string();
    for (attribute, tag) in [("tests", "testcase"), ("failures", "failure"), ("errors", "error")] {
        assert_eq!(root.attribute(attribute), Some(count(tag).as_str()), "{what}: {attribute}");
    }
}

#[test]
fn junit_is_valid() {
    let text = stdout(&check(&mixed("junit"), &["--output", "junit", "."]));
    assert_junit(&text, "mixed");
    let document = roxmltree::Document::parse(&text).expect("it is XML");
    assert_eq!(document.root_element().attribute("failures"), Some("2"));
    let policies = Path::new(ROOT).join("tests/cases/policies.in");
    let text = stdout(&check(&policies, &["--output", "junit", "--policy", "pods.yaml", "shop.yaml"]));
    assert_junit(&text, "policies");
    assert_eq!(text.matches("<skipped message=").count(), 2, "{text}");
    for directory in directories_of_cases() {
        assert_junit(
            &stdout(&check(&directory, &["--output", "junit", "."])),
            &directory.display().to_string(),
        );
    }
}

/// Each line is a command with known properties, or the summary.
#[test]
fn github_is_valid() {
    for directory in directories_of_cases().into_iter().chain([mixed("github")]) {
        let text = stdout(&check(&directory, &["--output", "github", "."]));
        let mut lines: Vec<&str> = text.lines().collect();
        let summary = lines.iter().rposition(|line| line.starts_with("::")).map_or(0, |last| last + 1);
        assert!(summary < lines.len(), "{text}");
        lines.truncate(summary);
        for line in lines {
            let (command, _) = line.strip_prefix("::").and_then(|it| it.split_once("::")).expect("a command");
            let (name, properties) = command.split_once(' ').expect("properties");
            assert!(["error", "warning"].contains(&name), "{line}");
            for property in properties.split(',') {
                let (key, value) = property.split_once('=').expect("a value");
                match key {
                    "file" | "title" => assert!(!value.is_empty() && !value.contains(':'), "{line}"),
                    "line" | "endLine" | "col" | "endColumn" => {
                        assert!(value.parse::<u32>().is_ok(), "{line}")
                    }
                    _ => panic!("{line}"),
                }
            }
        }
    }
}

/// `report.schema.json`, which programs may rely on; `BLESS=1` writes it.
#[test]
fn json_is_valid() {
    let schema = schemars::schema_for!(fresh_images_manifests::report::json::Output<'_>);
    let mut expected = serde_json::to_string_pretty(&schema).expect("it is JSON");
    expected.push('\n');
    let path = Path::new(ROOT).join("../../report.schema.json");
    if std::env::var_os("BLESS").is_some() {
        fs::write(&path, &expected).expect("writable");
    }
    assert_eq!(fs::read_to_string(path).expect("readable"), expected, "run this test with BLESS=1");
    let schema = jsonschema::validator_for(&json(&expected)).expect("the schema is valid");
    let settings = "mutate: {to: pullAlways}\n";
    for directory in directories_of_cases().into_iter().chain([mixed("json"), directory("json-empty", [])]) {
        let output = check(&directory, &["--output", "json", "."]);
        assert_valid(&schema, &stdout(&output), &directory.display().to_string());
        let written = Path::new(env!("CARGO_TARGET_TMPDIR")).join("output/json.settings");
        fs::write(&written, settings).expect("writable");
        let written = written.display().to_string();
        let output = check(&directory, &["--settings", &written, "--output", "json", "."]);
        assert_valid(&schema, &stdout(&output), &directory.display().to_string());
    }
}

#[test]
fn a_report_is_written_as_a_whole_or_not_at_all() {
    let directory = mixed("file");
    let expected = stdout(&check(&directory, &["--output", "sarif", "a ü, 100%.yaml"]));
    let write =
        |file: &str| check(&directory, &["--output", "sarif", "--output-file", file, "a ü, 100%.yaml"]);
    // It replaces what was there, and leaves nothing else.
    for _ in 0..2 {
        let output = write("report.sarif");
        assert_eq!((output.status.code(), stdout(&output)), (Some(1), String::new()));
        assert_eq!(fs::read_to_string(directory.join("report.sarif")).expect("readable"), expected);
    }
    assert_eq!(fs::read_dir(&directory).expect("readable").count(), 6);
    for (file, problem) in [("none/x.sarif", "no such file or directory"), (".", "it is a directory")] {
        let output = write(file);
        assert_eq!((output.status.code(), stdout(&output)), (Some(2), String::new()));
        let problem = format!("error: {file}: cannot be written: {problem}\n");
        assert_eq!(String::from_utf8_lossy(&output.stderr), problem);
    }
}

fn stale(arguments: &[&str]) -> String {
    let directory = Path::new(ROOT).join("tests/cases/stale.in");
    let mut command = Command::new(env!("CARGO_BIN_EXE_fresh-images"));
    let output =
        command.args(["stale", "--offline", "bundle"]).args(arguments).current_dir(directory).output();
    let output = output.expect("the binary runs");
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    stdout(&output)
}

/// `stale.schema.json`, which programs may rely on; `BLESS=1` writes it.
#[test]
fn json_of_stale_is_valid() {
    let schema = schemars::schema_for!(fresh_images_stale::Report);
    let expected = serde_json::to_string_pretty(&schema).expect("it is JSON") + "\n";
    let path = Path::new(ROOT).join("../../stale.schema.json");
    if std::env::var_os("BLESS").is_some() {
        fs::write(&path, &expected).expect("writable");
    }
    assert_eq!(fs::read_to_string(path).expect("readable"), expected, "run this test with BLESS=1");
    let schema = jsonschema::validator_for(&json(&expected)).expect("the schema is valid");
    let report = stale(&["--output", "json"]);
    assert_valid(&schema, &report, "stale");
    let mut wrong = json(&report);
    let verdict = wrong.pointer_mut("/findings/0/verdict").expect("a finding");
    *verdict = "rotten".into();
    assert!(!schema.is_valid(&wrong));
}

#[test]
fn sarif_of_stale_is_valid() {
    let text = stale(&["--output", "sarif"]);
    assert_valid(&sarif_schema(), &text, "stale");
    let log = json(&text);
    let results = list(&log, "/runs/0/results");
    let told: Vec<_> =
        results.iter().map(|it| (at(it, "/ruleId").as_str(), at(it, "/level").as_str())).collect();
    // A container that waits is no result.
    assert_eq!(told, [(Some("stale-on-node"), Some("error")), (Some("split-content"), Some("error"))]);
    assert_eq!(
        at(&log, "/runs/0/results/0/locations/0/logicalLocations/0/fullyQualifiedName"),
        "shop/Deployment/web/container/web"
    );
    assert_eq!(fingerprints(&log).len(), 2);
}

#[test]
fn junit_of_stale_is_valid() {
    let text = stale(&["--output", "junit"]);
    assert_junit(&text, "stale");
    let document = roxmltree::Document::parse(&text).expect("it is XML");
    let of = |tag: &str| document.descendants().filter(|it| it.has_tag_name(tag)).count();
    // Stale and split; what waits and what nobody asked about; what is pinned.
    assert_eq!((of("failure"), of("skipped"), of("testcase")), (2, 2, 5), "{text}");
    let failure = document.descendants().find(|it| it.has_tag_name("failure")).expect("a failure");
    assert_eq!(failure.attribute("type"), Some("stale-on-node"));
    assert!(failure.text().is_some_and(|text| text.contains("node-2 runs ")), "{text}");
}

/// The fields of a result, by the CRD of openreports/reports-api v0.2.1; the API server refuses others.
const RESULT: [&str; 12] = [
    "category",
    "message",
    "policy",
    "properties",
    "resourceSelector",
    "resources",
    "result",
    "rule",
    "scored",
    "severity",
    "source",
    "timestamp",
];

#[test]
fn openreports_of_stale_have_the_fields_of_the_crd() {
    let reports = json(&stale(&["--output", "openreports"]));
    let items = list(&reports, "/items");
    assert_eq!(items.len(), 2, "a Report for each namespace");
    for report in items {
        let results = list(report, "/results");
        assert!(!results.is_empty());
        for result in results {
            let fields: Vec<&String> = result.as_object().expect("an object").keys().collect();
            assert!(fields.iter().all(|field| RESULT.contains(&field.as_str())), "{fields:?}");
            assert!(at(result, "/message").as_str().is_some_and(|text| text.contains(" with image ")));
            assert!(list(result, "/resources").iter().all(|pod| at(pod, "/kind") == "Pod"));
        }
    }
}
