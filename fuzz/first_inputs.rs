//! Writes the first inputs of every target into `corpus/`: its seeds, the references of `tests/vectors`, and the
//! requests and settings of `tests/corpus`. `make fuzz` runs it before the targets.

use std::collections::BTreeSet;
use std::error::Error;
use std::fs;
use std::path::Path;

use fresh_images_testing::{checks, corpus, files, text::Text};
use serde_json::Value;

fn main() -> Result<(), Box<dyn Error>> {
    let groups: Vec<Value> = serde_json::from_str(&files::read("tests/vectors/references.json"))?;
    let mut references = BTreeSet::new();
    for row in groups.iter().flat_map(|group| group["rows"].as_array().into_iter().flatten()) {
        references.insert(serde_json::from_value::<Text>(row["input"].clone())?.bytes()?);
    }
    write("reference", references)?;

    let (mut requests, mut settings, mut updates) = (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
    for case in corpus::cases() {
        settings.insert(case.settings().into());
        // A case may be deeper than serde_json reads; it is an input all the same.
        let payload: Value = serde_json::from_slice(&case.payload).unwrap_or_default();
        if payload["request"]["oldObject"].is_object() {
            let spec = |object: &str| {
                let object = &payload["request"][object];
                let of_template = object.pointer("/spec/template/spec");
                of_template.or(object.pointer("/spec")).cloned().unwrap_or_default()
            };
            updates.insert(format!("Deployment\n{}\n{}", spec("oldObject"), spec("object")).into());
        }
        requests.insert(case.payload);
    }
    write("request", requests)?;
    write("settings", settings)?;
    write("update", updates)
}

/// Those that are not too long for libFuzzer to try many of.
fn write(target: &str, inputs: BTreeSet<Vec<u8>>) -> Result<(), Box<dyn Error>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus").join(target);
    fs::create_dir_all(&folder)?;
    let inputs = inputs.into_iter().filter(|input| input.len() < 6_000).chain(checks::seeds(target));
    let mut written = 0_usize;
    for input in inputs {
        fs::write(folder.join(format!("first-{written:03}")), input)?;
        written += 1;
    }
    println!("{target}: {written} first inputs");
    Ok(())
}
