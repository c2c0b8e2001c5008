//! The corpus: every file in `tests/corpus` is a case, which is judged, and says at its start how.
//!
//! In YAML that is the comment at the start. JSON has no comments, so there it is a list of lines, the member `"#"`
//! of an AdmissionReview. A manifest in YAML becomes a request to create it. Of a JSON file the text of the request is
//! handed on as it is, with duplicate keys and whatever else a reader would lose or refuse.

pub mod header;
pub mod texts;

use std::fs;
use std::path::{Path, PathBuf};

use fresh_images::Verdict;
use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Value, json};

use crate::files::ROOT;
use header::{Expect, Header};
use texts::Texts;

/// A file of the corpus.
pub struct Case {
    /// Where it is.
    pub file: PathBuf,
    /// What is in it.
    pub text: String,
    format: Format,
    /// What it says about itself.
    pub header: Header,
    /// What the policy is called with.
    pub payload: Vec<u8>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Format {
    Json,
    Yaml,
}

#[derive(Deserialize)]
struct JsonCase<'t> {
    #[serde(rename = "#")]
    header: Vec<String>,
    #[serde(borrow)]
    request: &'t RawValue,
}

/// All cases, in the order of their names.
///
/// # Panics
///
/// If a file is not a case, with its name.
pub fn cases() -> Vec<Case> {
    let corpus = Path::new(ROOT).join("tests/corpus");
    let read = |file: PathBuf| {
        let case = Case::read(&file, fs::read_to_string(&file).map_err(|error| error.to_string()));
        case.unwrap_or_else(|error| panic!("{}: {error}", file.display()))
    };
    let cases: Vec<Case> = files(&corpus).into_iter().map(read).collect();
    assert!(cases.len() >= 300, "only {} cases in {}", cases.len(), corpus.display());
    cases
}

/// All files below a folder but the README.
fn files(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            files.extend(self::files(&path));
        } else if path.file_name().is_some_and(|name| name != "README.md") {
            files.push(path);
        }
    }
    files.sort();
    files
}

impl Case {
    fn read(file: &Path, text: Result<String, String>) -> Result<Self, String> {
        let text = text?;
        let format = match file.extension().and_then(|extension| extension.to_str()) {
            Some("json") => Format::Json,
            Some("yaml") => Format::Yaml,
            _ => return Err("is neither .yaml nor .json".into()),
        };
        let (header, payload) = parts(format, &text)?;
        Ok(Self { file: file.into(), text, format, header, payload })
    }

    /// The name of the file, from the root of the repository.
    pub fn name(&self) -> String {
        let corpus = Path::new(ROOT).join("tests/corpus");
        self.file.strip_prefix(corpus).unwrap_or(&self.file).display().to_string()
    }

    /// Whether it is written in YAML, as people write manifests.
    pub fn is_yaml(&self) -> bool {
        self.format == Format::Yaml
    }

    /// The settings, as JSON.
    pub fn settings(&self) -> String {
        self.header.settings.to_string()
    }

    /// Holds a verdict against what the file says.
    ///
    /// # Errors
    ///
    /// Each line that differs.
    pub fn check(&self, verdict: &Verdict) -> Result<(), String> {
        let is = Expect::of(verdict);
        if is != self.header.expect {
            let texts = Texts::of(verdict, &self.payload);
            return Err(format!("- EXPECT: {}\n+ EXPECT: {is}\n{texts}", self.header.expect));
        }
        let difference = self.header.texts.difference(&Texts::of(verdict, &self.payload));
        if difference.is_empty() { Ok(()) } else { Err(difference) }
    }

    /// Writes the texts of a verdict into the file, if its EXPECT is right. The rest of the file stays as it is.
    ///
    /// # Errors
    ///
    /// If the verdict is another than a person wrote, or more than texts would change.
    pub fn bless(&self, verdict: &Verdict) -> Result<(), String> {
        let is = Expect::of(verdict);
        if is != self.header.expect {
            return Err(format!("- EXPECT: {}\n+ EXPECT: {is}\n", self.header.expect));
        }
        let texts = Texts::of(verdict, &self.payload);
        let blessed = match self.format {
            Format::Json => bless_json(&self.text, &texts)?,
            Format::Yaml => bless_yaml(&self.text, &texts),
        };
        let (header, payload) = parts(self.format, &blessed)?;
        if header.expect != self.header.expect || payload != self.payload {
            return Err("blessing would change more than texts\n".into());
        }
        fs::write(&self.file, blessed).map_err(|error| error.to_string())
    }
}

/// The header, and what the policy is called with.
fn parts(format: Format, text: &str) -> Result<(Header, Vec<u8>), String> {
    match format {
        Format::Json => {
            let case: JsonCase<'_> = serde_json::from_str(text).map_err(|error| error.to_string())?;
            let header = Header::parse(case.header.iter().map(String::as_str))?;
            let payload = format!(r#"{{"request":{},"settings":{}}}"#, case.request, header.settings);
            Ok((header, payload.into()))
        }
        Format::Yaml => {
            let header = Header::parse(yaml_header(text))?;
            let document: Value = yaml_serde::from_str(text).map_err(|error| error.to_string())?;
            let payload = json!({"request": request(document), "settings": header.settings});
            Ok((header, payload.to_string().into()))
        }
    }
}

/// An AdmissionReview has its request, an AdmissionRequest is one, and a manifest is one to create it.
fn request(document: Value) -> Value {
    match document["kind"].as_str() {
        Some("AdmissionReview") => document["request"].clone(),
        Some(kind) => {
            let version = document["apiVersion"].as_str().unwrap_or_default();
            let (group, version) = version.split_once('/').unwrap_or(("", version));
            json!({
                "operation": "CREATE",
                "kind": {"group": group, "version": version, "kind": kind},
                "namespace": document["metadata"]["namespace"],
                "object": document,
            })
        }
        None => document,
    }
}

/// The lines of the comment that a text starts with.
fn yaml_header(text: &str) -> impl Iterator<Item = &str> {
    text.lines().map_while(|line| line.strip_prefix('#')).map(|line| line.strip_prefix(' ').unwrap_or(line))
}

fn bless_yaml(text: &str, texts: &Texts) -> String {
    let lines: Vec<String> = yaml_header(text).map(String::from).collect();
    let comments = header::bless(&lines, texts).into_iter().map(|line| format!("# {line}"));
    let rest = text.lines().skip(lines.len()).map(String::from);
    comments.chain(rest).map(|line| line + "\n").collect()
}

/// Keeps the layout of the file, in which the list of lines is the first member.
fn bless_json(text: &str, texts: &Texts) -> Result<String, String> {
    const START: &str = "{\n  \"#\": [\n";
    const END: &str = "\n  ],\n";
    let (_, rest) = text
        .strip_prefix(START)
        .and_then(|rest| rest.split_once(END))
        .ok_or("the lines are not at the start of the file, one by one\n")?;
    let case: JsonCase<'_> = serde_json::from_str(text).map_err(|error| format!("{error}\n"))?;
    let lines: Vec<String> = header::bless(&case.header, texts)
        .into_iter()
        .map(|line| format!("    {}", Value::from(line)))
        .collect();
    Ok(format!("{START}{}{END}{rest}", lines.join(",\n")))
}
