//! The corpus, natively and without the engine: what `crates/host` judges in both, so that a fault of the library
//! shows in the tests of the library.
//!
//! `tests/corpus/README.md` says what a case is. Here a manifest is a request to create it, and JSON is handed on as it
//! stands.

#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a case that cannot be read, or has no such member, fails the test"
)]

use std::fs;
use std::path::{Path, PathBuf};

use fresh_images::verdict::Verdict;
use serde::Deserialize;
use serde_json::{Value, json};

/// All cases below a folder.
fn files(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            files.extend(self::files(&path));
        } else if path.extension().is_some_and(|extension| extension != "md") {
            files.push(path);
        }
    }
    files
}

/// What a case says about itself.
struct Header(Vec<String>);

impl Header {
    /// The values of a directive.
    fn all(&self, directive: &str) -> Vec<&str> {
        let values = self.0.iter().filter_map(|line| line.strip_prefix(directive)?.strip_prefix(':'));
        values.map(str::trim).collect()
    }

    fn settings(&self) -> Value {
        self.all("SETTINGS").first().map_or(json!({}), |text| yaml_serde::from_str(text).expect(text))
    }
}

fn read_json(text: &str) -> (Header, String) {
    /// Whatever else is in it may be deeper than `serde_json` reads.
    #[derive(Deserialize)]
    struct Review {
        #[serde(rename = "#")]
        lines: Vec<String>,
    }
    let review: Review = serde_json::from_str(text).expect("lines");
    let header = Header(review.lines);
    // The last member, with its duplicate keys and whatever a reader would lose.
    let (_, rest) = text.split_once("\"request\":").expect("a request");
    let request = rest.trim().strip_suffix('}').expect("an object").trim();
    let payload = format!(r#"{{"request":{request},"settings":{}}}"#, header.settings());
    (header, payload)
}

fn read_yaml(text: &str) -> (Header, String) {
    let lines = text.lines().map_while(|line| line.strip_prefix('#'));
    let header = Header(lines.map(|line| line.trim_start().into()).collect());
    let document: Value = yaml_serde::from_str(text).expect("YAML");
    let request = match &document["kind"] {
        Value::String(kind) if kind == "AdmissionReview" => document["request"].clone(),
        Value::String(kind) => {
            let version = document["apiVersion"].as_str().expect("an apiVersion");
            let (group, version) = version.split_once('/').unwrap_or(("", version));
            json!({
                "operation": "CREATE",
                "kind": {"group": group, "version": version, "kind": kind},
                "namespace": document["metadata"]["namespace"],
                "object": document,
            })
        }
        _ => document,
    };
    let payload = json!({"request": request, "settings": header.settings()});
    (header, payload.to_string())
}

/// Where a verdict is another than the header says.
fn difference(header: &Header, verdict: &Verdict) -> Option<String> {
    let expected = header.all("EXPECT") == ["reject"];
    let message = verdict.message().unwrap_or_default();
    let (messages, warnings) = (header.all("MESSAGE"), header.all("WARNING"));
    let same = verdict.is_accepted() != expected
        && message.lines().eq(messages.iter().copied())
        && verdict.warnings().iter().map(String::as_str).eq(warnings.iter().copied());
    (!same).then(|| format!("{messages:#?}\n{warnings:#?}\nare not\n{message}\n{:#?}", verdict.warnings()))
}

#[test]
fn cases_are_judged_as_they_say() {
    let files = files(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/corpus"));
    let mut failures = Vec::new();
    for file in &files {
        let text = fs::read_to_string(file).expect("text");
        let (header, payload) = match file.extension().and_then(|extension| extension.to_str()) {
            Some("json") => read_json(&text),
            Some("yaml") => read_yaml(&text),
            _ => panic!("{} is neither .yaml nor .json", file.display()),
        };
        if let Some(difference) = difference(&header, &fresh_images::evaluate(payload.as_bytes())) {
            failures.push(format!("{}: {difference}", file.display()));
        }
    }
    assert!(failures.is_empty(), "{} fail\n{}", failures.len(), failures.join("\n"));
    assert!(files.len() >= 300, "{}", files.len());
}
