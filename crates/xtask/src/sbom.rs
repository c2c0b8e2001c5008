//! What the policy and the command are made of, as CycloneDX.
//!
//! `cargo cyclonedx` also lists derive macros and what only tests switch on. Here only what is linked stays.

use std::collections::BTreeSet;
use std::fs;

use serde_json::Value;

use crate::Result;
use crate::command::{clone, command, output, require, run};
use crate::dist::{dist, scratch};

/// Something that a release contains.
struct Part {
    package: &'static str,
    /// Where its `Cargo.toml` is.
    folder: &'static str,
    target: &'static str,
    /// What the bill is called.
    file: &'static str,
}

const PARTS: [Part; 2] = [
    Part { package: "fresh-images", folder: ".", target: "wasm32-wasip1", file: "policy.cdx.json" },
    Part {
        package: "fresh-images-cli",
        folder: "crates/cli",
        target: "x86_64-unknown-linux-musl",
        file: "fresh-images.cdx.json",
    },
];

/// Writes `policy.cdx.json` and `fresh-images.cdx.json`. The date is that of the commit, so the same commit gives the same
/// files.
pub(crate) fn sbom() -> Result<()> {
    PARTS.iter().try_for_each(bill)
}

fn bill(part: &Part) -> Result<()> {
    let Part { package, folder: place, target, file } = part;
    require("cargo-cyclonedx", "cargo install --locked cargo-cyclonedx")?;
    let folder = scratch("sbom")?;
    // The tool writes beside every Cargo.toml, so it works in a clone.
    let clone_of_it = folder.join("clone");
    let text = clone(&clone_of_it).and_then(|()| {
        let manifest = clone_of_it.join(place).join("Cargo.toml");
        let date = output(&mut command("git", &["log", "-1", "--format=%ct"]))?;
        run(command("cargo", &["cyclonedx", "--quiet", "--format", "json", "--spec-version", "1.5"])
            .args(["--target", target, "--no-build-deps", "--manifest-path"])
            .arg(&manifest)
            .env("SOURCE_DATE_EPOCH", date.trim()))?;
        let tree = output(
            command("cargo", &["tree", "--quiet", "--locked", "--package", package, "--target", target])
                .args(["--edges", "normal,no-proc-macro", "--prefix", "none", "--manifest-path"])
                .arg(&manifest),
        )?;
        let bill = fs::read_to_string(clone_of_it.join(place).join(format!("{package}.cdx.json")))
            .map_err(|error| error.to_string())?;
        let commit = output(&mut command("git", &["rev-parse", "HEAD"]))?;
        let root = clone_of_it.display().to_string();
        of_what_is_linked(&bill, &linked(&tree), &root, commit.trim())
    });
    // What is left in a temporary folder does no harm.
    let _ = fs::remove_dir_all(&folder);
    let file = dist()?.join(file);
    fs::write(&file, text?).map_err(|error| format!("{}: {error}", file.display()))?;
    println!("{}", file.display());
    Ok(())
}

/// `name@version` of each line `name vVERSION …` of `cargo tree`.
fn linked(tree: &str) -> BTreeSet<String> {
    let crates = tree.lines().filter_map(|line| {
        let mut words = line.split(' ');
        Some(format!("{}@{}", words.next()?, words.next()?.strip_prefix('v')?))
    });
    crates.collect()
}

fn member<'v>(value: &'v Value, key: &str) -> &'v str {
    value.get(key).and_then(Value::as_str).unwrap_or_default()
}

fn name(component: &Value) -> String {
    format!("{}@{}", member(component, "name"), member(component, "version"))
}

/// The bill with what is linked, without the folder that it was written in, and with a number made of the commit: a
/// bill has to have one, a UUID of version 8.
fn of_what_is_linked(bill: &str, linked: &BTreeSet<String>, root: &str, commit: &str) -> Result<String> {
    let mut bill: Value = serde_json::from_str(bill).map_err(|error| error.to_string())?;
    let policy = bill.pointer("/metadata/component").cloned().ok_or("the bill has no component")?;
    let components =
        bill.get_mut("components").and_then(Value::as_array_mut).ok_or("the bill has no components")?;
    components.retain(|component| linked.contains(&name(component)));
    let names: BTreeSet<String> = components.iter().chain([&policy]).map(name).collect();
    if names != *linked {
        return Err(format!("the bill has {names:?} instead of {linked:?}"));
    }
    let references: BTreeSet<String> =
        components.iter().chain([&policy]).map(|component| member(component, "bom-ref").to_owned()).collect();
    let is_kept = |reference: &Value| reference.as_str().is_some_and(|it| references.contains(it));
    for dependency in bill.get_mut("dependencies").and_then(Value::as_array_mut).into_iter().flatten() {
        if let Some(depends_on) = dependency.get_mut("dependsOn").and_then(Value::as_array_mut) {
            depends_on.retain(is_kept);
        }
    }
    if let Some(dependencies) = bill.get_mut("dependencies").and_then(Value::as_array_mut) {
        dependencies.retain(|dependency| dependency.get("ref").is_some_and(is_kept));
    }
    without_folder(&mut bill, root);
    let part = |from: usize, to: usize| commit.get(from..to).ok_or("not a commit");
    let [a, b, c, d, e] = [part(0, 8)?, part(8, 12)?, part(12, 15)?, part(15, 18)?, part(18, 30)?];
    if let Some(members) = bill.as_object_mut() {
        members.insert("serialNumber".into(), format!("urn:uuid:{a}-{b}-8{c}-8{d}-{e}").into());
    }
    serde_json::to_string_pretty(&bill).map(|text| text + "\n").map_err(|error| error.to_string())
}

/// Takes the folder of the clone out of every text.
fn without_folder(value: &mut Value, root: &str) {
    match value {
        Value::String(text) => {
            let mut short = text.replace(root, "");
            if let Some((start, rest)) = short.split_once("?download_url=file:") {
                let end = rest.find('#').and_then(|at| rest.get(at..)).unwrap_or_default();
                short = format!("{start}{end}");
            }
            *text = short;
        }
        Value::Array(values) => values.iter_mut().for_each(|value| without_folder(value, root)),
        Value::Object(members) => members.values_mut().for_each(|value| without_folder(value, root)),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BILL: &str = r#"{
        "metadata": {"component": {"bom-ref": "path+file:///clone#fresh-images@1.0.0", "name": "fresh-images", "version": "1.0.0",
            "purl": "pkg:cargo/fresh-images@1.0.0?download_url=file:///clone#src"}},
        "components": [
            {"bom-ref": "serde", "name": "serde", "version": "1.0.1"},
            {"bom-ref": "derive", "name": "serde_derive", "version": "1.0.1"}],
        "dependencies": [
            {"ref": "path+file:///clone#fresh-images@1.0.0", "dependsOn": ["serde", "derive"]},
            {"ref": "serde", "dependsOn": ["derive"]},
            {"ref": "derive"}]}"#;
    const COMMIT: &str = "0123456789abcdef0123456789abcdef01234567";

    #[test]
    fn only_what_is_linked_stays() {
        let linked = linked("fresh-images v1.0.0 (/clone)\nserde v1.0.1\nserde v1.0.1 (*)\n");
        let bill = of_what_is_linked(BILL, &linked, "/clone", COMMIT).expect("a bill");
        let bill: Value = serde_json::from_str(&bill).expect("JSON");
        assert_eq!(bill["components"].as_array().map(Vec::len), Some(1));
        assert_eq!(
            bill["dependencies"].to_string(),
            r#"[{"dependsOn":["serde"],"ref":"path+file://#fresh-images@1.0.0"},{"dependsOn":[],"ref":"serde"}]"#
        );
        assert_eq!(bill["metadata"]["component"]["purl"], "pkg:cargo/fresh-images@1.0.0#src");
        assert_eq!(bill["serialNumber"], "urn:uuid:01234567-89ab-8cde-8f01-23456789abcd");
    }

    #[test]
    fn what_is_linked_has_to_be_in_the_bill() {
        let linked = linked("fresh-images v1.0.0\nserde v1.0.1\nserde_json v1.0.2\n");
        let error = of_what_is_linked(BILL, &linked, "/clone", COMMIT).expect_err("a difference");
        assert!(error.contains("serde_json@1.0.2"), "{error}");
    }
}
