//! What describes the settings to people and programs says what the library reads: every key, every value that can be
//! chosen, every default.
//!
//! `BLESS=1 cargo test --test it schema` writes settings.schema.json anew.

#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test that cannot read its files fails"
)]

mod check;
mod document;
mod questions;
mod shape;
mod types;

use std::fs;
use std::path::{Path, PathBuf};

use fresh_images::policy::Policy;
use fresh_images::settings::Settings;
use fresh_images::validate_settings;
use serde_json::{Map, Value, json};

use check::fits;
use fresh_images_testing::files::{ROOT, read};
use shape::Shape;

const SCHEMA: &str = "settings.schema.json";

/// As settings.schema.json has to be.
fn schema() -> Value {
    serde_json::to_value(schemars::schema_for!(types::Settings)).expect("JSON")
}

/// All files below a folder with one of these extensions.
fn files(folder: &Path, extensions: &[&str]) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            files.extend(self::files(&path, extensions));
        } else if path.extension().is_some_and(|it| extensions.iter().any(|known| it == *known)) {
            files.push(path);
        }
    }
    files.sort();
    files
}

#[test]
fn the_schema_is_generated() {
    let schema = schema();
    if std::env::var_os("BLESS").is_some() {
        let text = serde_json::to_string_pretty(&schema).expect("JSON");
        fs::write(Path::new(ROOT).join(SCHEMA), text + "\n").expect("writable");
    }
    let written: Value = serde_json::from_str(&read(SCHEMA)).expect(SCHEMA);
    assert!(written == schema, "{SCHEMA} is out of date: BLESS=1 cargo test --test it schema");
}

#[test]
fn the_schema_has_every_setting() {
    let library = Shape::of_the_library();
    let schema = schema();
    assert_eq!(Shape::of_schema(&schema, &schema), library);
    assert!(library.paths().len() >= 20, "{:?}", library.paths());
}

/// Settings with `value` at a path such as `mutate.keepTag`, and what else has to stand there.
fn with(path: &str, value: &Value) -> Value {
    let (key, rest) = path.split_once('.').map_or((path, None), |(key, rest)| (key, Some(rest)));
    let mut members = Map::new();
    match (key, rest) {
        ("mutate", Some(rest)) => {
            let mut mutate = json!({"to": "pinDigest", "registries": ["ghcr.io"]});
            if !value.is_null() {
                mutate[rest] = value.clone();
            }
            members.insert(key.into(), mutate);
        }
        (key, Some(rest)) => {
            members.insert(key.into(), with(rest, value));
        }
        (key, None) => {
            members.insert(key.into(), value.clone());
        }
    }
    Value::Object(members)
}

/// Whether a default is what the library takes where nothing stands.
fn is_default(path: &str, value: &Value) -> bool {
    let read = |value| {
        let settings = Settings::from_json(with(path, value).to_string().as_bytes()).expect("settings");
        Policy::new(&settings).expect("a policy")
    };
    read(value) == read(&Value::Null)
}

#[test]
fn defaults_of_the_schema_are_those_of_the_library() {
    let schema = schema();
    let Shape::Object(members) = Shape::of_the_library() else { panic!("no object") };
    let mut leaves: Vec<(String, Shape, Value)> = Vec::new();
    for (key, shape) in members {
        let described = schema["properties"][&key].clone();
        match shape {
            Shape::Object(members) => {
                let target = described["anyOf"][0]["$ref"].as_str().expect("a definition");
                let described = &schema.pointer(target.trim_start_matches('#')).expect(target)["properties"];
                leaves.extend(members.into_iter().map(|(name, shape)| {
                    (format!("{key}.{name}"), shape, described[&name]["default"].clone())
                }));
            }
            shape => leaves.push((key, shape, described["default"].clone())),
        }
    }
    assert!(leaves.len() >= 14, "{leaves:?}");
    for (path, shape, default) in leaves {
        match path.as_str() {
            // Has to be chosen.
            "mutate.to" => assert_eq!(default, Value::Null, "{path}"),
            // Has to be there for what is chosen.
            "mutate.registries" => assert_eq!(default, json!([]), "{path}"),
            _ => {
                assert!(!default.is_null(), "{path} has no default");
                assert!(is_default(&path, &default), "{path}: {default}");
            }
        }
        // The test can fail: no other value is the default.
        if let (Shape::Choice(choices), false) = (shape, default.is_null()) {
            for choice in choices.into_iter().filter(|choice| default != **choice) {
                assert!(!is_default(&path, &choice.clone().into()), "{path}: {choice}");
            }
        }
    }
}

/// What a schema can say of the problems that the library finds, and what it cannot.
const SAID: [&str; 9] = [
    "expected ",
    "unknown key; known keys are ",
    "known values are ",
    "missing; ",
    "belongs to pinDigest",
    " is blank",
    " is not a day; write it as ",
    "`allow` and `reject` cannot be combined",
    "has no list, so it would exempt everything",
];
const ALSO_SAID: &str = "names no images, so it can never match";
const UNSAID: [&str; 16] = [
    " can never match",
    " is a duplicate of an earlier entry",
    " is ambiguous: write ",
    " may have `**` only as its last component",
    " matches every registry",
    " matches everything",
    " matches system:authenticated",
    " is a network",
    " names no host",
    " cannot be used: ",
    " is not one host",
    " may have `*` in its host",
    " has a tag or digest",
    " is not a day: ",
    "cannot give images what `require` asks for",
    "is the same as entry ",
];

/// Whether the schema has to reject settings, going by what the library says of them.
fn is_said(settings: &Value) -> bool {
    let Err(error) = validate_settings(settings.to_string().as_bytes()) else {
        return false;
    };
    let said = error.problems().iter().filter(|problem| {
        let text = problem.text();
        let said = text == ALSO_SAID || SAID.iter().any(|said| text.contains(said));
        assert!(said || UNSAID.iter().any(|unsaid| text.contains(unsaid)), "SAID or UNSAID? {problem}");
        said
    });
    said.count() > 0
}

#[track_caller]
fn agrees(schema: &Value, settings: &Value, place: &str) {
    let fits = fits(schema, schema, settings);
    let result = validate_settings(settings.to_string().as_bytes());
    assert_eq!(
        fits,
        !is_said(settings),
        "{place}: the schema says {fits} of {settings}, the library {result:?}"
    );
}

/// Settings with every key.
fn full() -> Vec<Value> {
    vec![
        json!({
            "require": "digest",
            "registries": {"allow": ["ghcr.io", "quay.io"], "reject": []},
            "tags": {"reject": ["latest"], "ignoreCase": true},
            "images": {"allow": [], "reject": ["docker.io/bitnami/**"]},
            "overrides": [{"images": ["ghcr.io/org/*"], "require": "always"}],
            "exempt": [
                {"images": ["nginx"], "reason": "because"},
                {"namespaces": ["ci"], "users": ["u"], "containers": ["c"], "reason": "because"},
                {"groups": ["g"], "rules": ["registries", "tags"], "until": "2027-01-31", "reason": "because"},
            ],
            "enforcement": "warn",
            "onUpdate": "all",
            "mutate": {"to": "pinDigest", "registries": ["ghcr.io"], "ifUnresolved": "pullAlways", "keepTag": true},
        }),
        json!({"registries": {"allow": [], "reject": ["quay.io"]}, "mutate": {"to": "pullAlways"}}),
    ]
}

/// The JSON pointer of every value.
fn pointers(value: &Value, at: &str, all: &mut Vec<String>) {
    all.push(at.into());
    match value {
        Value::Object(members) => {
            members.iter().for_each(|(key, it)| pointers(it, &format!("{at}/{key}"), all))
        }
        Value::Array(entries) => {
            entries.iter().enumerate().for_each(|(index, it)| pointers(it, &format!("{at}/{index}"), all));
        }
        _ => {}
    }
}

#[test]
fn schema_and_library_agree_on_every_change_of_one_value() {
    let schema = schema();
    let others = [
        json!(null),
        json!(true),
        json!(1),
        json!(""),
        json!(" \t"),
        json!("x"),
        json!("always"),
        json!("pullAlways"),
        json!([]),
        json!([null]),
        json!([""]),
        json!(["ghcr.io"]),
        json!([{}]),
        json!({}),
        json!({"allow": ["ghcr.io"], "reject": ["quay.io"]}),
        json!({"allow": null, "reject": ["quay.io"]}),
        json!({"to": "pinDigest"}),
        json!({"to": "pullAlways", "registries": null}),
    ];
    let (mut accepted, mut rejected) = (0_usize, 0_usize);
    for settings in full() {
        let mut places = Vec::new();
        pointers(&settings, "", &mut places);
        for place in places {
            let mut changes: Vec<Value> = others.to_vec();
            match settings.pointer(&place) {
                Some(Value::Object(members)) => {
                    for key in members.keys() {
                        let mut members = members.clone();
                        members.remove(key);
                        changes.push(members.into());
                    }
                    let mut members = members.clone();
                    members.insert("unknown".into(), json!([]));
                    changes.push(members.into());
                }
                Some(Value::Array(entries)) => {
                    changes.push(entries.iter().cloned().chain([json!(0)]).collect());
                }
                _ => {}
            }
            for change in changes {
                let mut settings = settings.clone();
                *settings.pointer_mut(&place).expect("a value") = change;
                agrees(&schema, &settings, &place);
                if is_said(&settings) {
                    rejected = rejected.saturating_add(1);
                } else {
                    accepted = accepted.saturating_add(1);
                }
            }
        }
    }
    assert!(accepted >= 100 && rejected >= 300, "{accepted} accepted, {rejected} rejected");
}

#[test]
fn schema_and_library_agree_on_the_corpus() {
    let schema = schema();
    let mut cases = 0_usize;
    for path in files(&Path::new(ROOT).join("tests/corpus"), &["yaml", "json"]) {
        let text = fs::read_to_string(&path).expect("readable");
        let line = if text.starts_with('{') {
            let review: Value = serde_json::from_str(&text).unwrap_or_default();
            let lines = review["#"].as_array().cloned().unwrap_or_default();
            lines.iter().filter_map(|line| line.as_str()?.strip_prefix("SETTINGS:").map(str::to_owned)).next()
        } else {
            text.lines().find_map(|line| line.strip_prefix("# SETTINGS:").map(str::to_owned))
        };
        // Where a key stands twice, YAML has no value for it.
        if let Some(settings) = line.and_then(|line| yaml_serde::from_str::<Value>(&line).ok()) {
            agrees(&schema, &settings, &path.display().to_string());
            cases = cases.saturating_add(1);
        }
    }
    assert!(cases >= 80, "{cases}");
}

#[test]
fn schema_and_library_agree_on_hostile_settings() {
    let schema = schema();
    let groups: Value = yaml_serde::from_str(&read("tests/hostile/requests-settings.yml")).expect("YAML");
    let mut cases = 0_usize;
    for group in groups.as_array().expect("groups") {
        for row in group["rows"].as_array().expect("rows") {
            if let Some(settings) = row.get("settings") {
                agrees(&schema, settings, &row["attack"].to_string());
                cases = cases.saturating_add(1);
            }
        }
    }
    assert!(cases >= 30, "{cases}");
}

/// The settings of manifests and of blocks of YAML in documents: below a key `settings`, or alone; and whether they are
/// settings, for some show what is wrong.
fn examples() -> Vec<(String, Value, bool)> {
    let mut examples = Vec::new();
    let mut documents = vec![PathBuf::from("README.md")];
    for (folder, extensions) in [("policies", ["yml", "md"]), ("docs", ["md", "yml"])] {
        documents.extend(files(&Path::new(ROOT).join(folder), &extensions));
    }
    let Shape::Object(known) = Shape::of_the_library() else { panic!("no object") };
    for path in documents {
        let text = fs::read_to_string(Path::new(ROOT).join(&path)).expect("readable");
        let path = path.strip_prefix(ROOT).unwrap_or(&path);
        let blocks: Vec<&str> = if path.extension().is_some_and(|it| it == "md") {
            text.split("```yaml\n").skip(1).filter_map(|rest| rest.split("```").next()).collect()
        } else {
            vec![&text]
        };
        for block in blocks {
            for document in block.split("\n---\n") {
                let place = path.display().to_string();
                let value: Value =
                    yaml_serde::from_str(document).unwrap_or_else(|error| panic!("{place}: {error}"));
                let is_right = value.get("verdict").is_none_or(|verdict| verdict != "invalid-settings");
                let nested = value.pointer("/spec/settings").or_else(|| value.get("settings"));
                let is_alone =
                    value.as_object().is_some_and(|it| it.keys().any(|key| known.contains_key(key)));
                match nested {
                    Some(settings) => examples.push((place, settings.clone(), is_right)),
                    None if is_alone => examples.push((place, value, is_right)),
                    None => {}
                }
            }
        }
    }
    examples
}

#[test]
fn examples_fit_the_schema() {
    let schema = schema();
    let examples = examples();
    assert!(examples.len() >= 8, "{} examples", examples.len());
    for (place, settings, is_right) in examples {
        agrees(&schema, &settings, &place);
        // Some of what is wrong a schema cannot say.
        assert!(!is_right || fits(&schema, &schema, &settings), "{place}: {settings}");
        assert_eq!(
            validate_settings(settings.to_string().as_bytes()).is_ok(),
            is_right,
            "{place}: {settings}"
        );
    }
}
