//! Writes the first inputs of every target into `corpus/`: the references of `tests/vectors`, and the requests and
//! settings of `tests/corpus`.
//!
//! ```console
//! $ cargo run --bin seeds
//! ```

use std::collections::BTreeSet;
use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

fn main() -> Result<(), Box<dyn Error>> {
    let tests = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests");

    let rows: Value = serde_json::from_str(&fs::read_to_string(tests.join("vectors/references.json"))?)?;
    let inputs = rows.as_array().into_iter().flatten().flat_map(|group| group["rows"].as_array().into_iter().flatten());
    write("reference", inputs.map(|row| expand(&row["input"])).filter(|text| text.len() < 600).collect())?;

    let (mut requests, mut settings, mut updates) = (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
    for file in files(&tests.join("corpus"))? {
        let text = fs::read_to_string(&file)?;
        let wanted: Value = text
            .lines()
            .find_map(|line| line.split_once("SETTINGS: "))
            .and_then(|(_, settings)| yaml_serde::from_str(settings).ok())
            .unwrap_or(json!({}));
        settings.insert(wanted.to_string());
        // A case whose text matters cannot be read as YAML, perhaps; it is a seed as it stands.
        let Ok(document) = yaml_serde::from_str::<Value>(&text) else {
            requests.insert(text);
            continue;
        };
        let request = match &document["request"] {
            Value::Null if document["operation"].is_string() => document.clone(),
            Value::Null => {
                let version = document["apiVersion"].as_str().unwrap_or_default();
                let (group, version) = version.split_once('/').unwrap_or(("", version));
                let kind = json!({"group": group, "version": version, "kind": document["kind"]});
                json!({"kind": kind, "operation": "CREATE", "namespace": "default", "object": document})
            }
            request => request.clone(),
        };
        if !request["oldObject"].is_null() {
            let spec = |object: &Value| {
                let of_template = object.pointer("/spec/template/spec");
                of_template.or(object.pointer("/spec")).cloned().unwrap_or_default()
            };
            updates.insert(format!("Deployment\n{}\n{}", spec(&request["oldObject"]), spec(&request["object"])));
        }
        requests.insert(json!({"request": request, "settings": wanted}).to_string());
    }
    write("request", requests.into_iter().filter(|text| text.len() < 6_000).collect())?;
    write("settings", settings)?;
    write("update", updates.into_iter().filter(|text| text.len() < 4_000).collect())
}

/// The repeat notation of `tests/vectors`.
fn expand(text: &Value) -> String {
    match text {
        Value::String(text) => text.clone(),
        Value::Array(parts) => parts.iter().map(expand).collect(),
        Value::Object(repeat) => {
            let part = repeat["repeat"][0].as_str().unwrap_or_default();
            part.repeat(repeat["repeat"][1].as_u64().and_then(|times| times.try_into().ok()).unwrap_or(0))
        }
        _ => String::new(),
    }
}

fn files(folder: &Path) -> std::io::Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            files.extend(self::files(&path)?);
        } else if path.extension().is_some_and(|it| it != "md") {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

fn write(target: &str, inputs: BTreeSet<String>) -> Result<(), Box<dyn Error>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus").join(target);
    fs::create_dir_all(&folder)?;
    for (index, input) in inputs.iter().enumerate() {
        fs::write(folder.join(format!("seed-{index:03}")), input)?;
    }
    println!("{target}: {} seeds", inputs.len());
    Ok(())
}
