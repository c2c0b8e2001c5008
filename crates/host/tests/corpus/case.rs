//! A case: a file that is judged, and says at its start how.
//!
//! In YAML that is the comment at the start. JSON has no comments, so there it is a list of lines, the member
//! `"#"` of an AdmissionReview. A YAML file is read as the command line tool reads it; of a JSON file the text of the
//! request is handed on as it is, with duplicate keys and whatever else a reader would lose or refuse.

use std::io;
use std::path::{Path, PathBuf};

use fresh_images_manifests::document::{self, Source};
use fresh_images_manifests::subject;
use serde::Deserialize;
use serde_json::value::RawValue;
use walkdir::WalkDir;

use crate::header::{self, Header};
use crate::outcome::Texts;

/// A file of the corpus.
pub(crate) struct Case {
    format: Format,
    pub(crate) header: Header,
    /// What the policy is called with.
    pub(crate) payload: Vec<u8>,
    pub(crate) settings: Vec<u8>,
}

#[derive(Clone, Copy)]
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

/// All files below a folder but the README, in the order of their names.
pub(crate) fn files(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for entry in WalkDir::new(folder).sort_by_file_name() {
        let entry = entry?;
        if entry.file_type().is_file() && entry.file_name() != "README.md" {
            files.push(entry.into_path());
        }
    }
    Ok(files)
}

impl Case {
    pub(crate) fn read(file: &Path, text: &str) -> Result<Self, String> {
        match file.extension().and_then(|extension| extension.to_str()) {
            Some("json") => Self::read_json(text),
            Some("yaml") => Self::read_yaml(text),
            _ => Err("is neither .yaml nor .json\n".into()),
        }
    }

    fn read_json(text: &str) -> Result<Self, String> {
        let case: JsonCase<'_> = serde_json::from_str(text).map_err(|error| format!("{error}\n"))?;
        let header = Header::parse(case.header.iter().map(String::as_str))?;
        let settings = header.settings.to_string();
        let payload = format!(r#"{{"request":{},"settings":{settings}}}"#, case.request);
        Ok(Self { format: Format::Json, header, payload: payload.into(), settings: settings.into() })
    }

    fn read_yaml(text: &str) -> Result<Self, String> {
        let header = Header::parse(yaml_header(text))?;
        let source = Source::new("case", text);
        let at = |error: document::DocumentError| format!("{}: {error}\n", source.position(error.offset));
        let documents: Vec<_> = document::read(&source).into_iter().collect::<Result<_, _>>().map_err(at)?;
        let [document] = documents.as_slice() else {
            return Err(format!("has {} documents instead of one\n", documents.len()));
        };
        let subjects: Vec<_> =
            subject::subjects(document).into_iter().collect::<Result<_, _>>().map_err(at)?;
        let [subject] = subjects.as_slice() else {
            return Err(format!("has {} things to judge instead of one\n", subjects.len()));
        };
        Ok(Self {
            format: Format::Yaml,
            payload: subject.payload(&header.settings.to_string()),
            settings: header.settings.to_string().into(),
            header,
        })
    }

    /// The text of the file with the texts of an outcome. The rest of the file stays as it is.
    pub(crate) fn bless(&self, text: &str, texts: Texts<'_>) -> Result<String, String> {
        let blessed = match self.format {
            Format::Json => bless_json(text, texts)?,
            Format::Yaml => bless_yaml(text, texts),
        };
        let read = match self.format {
            Format::Json => Self::read_json(&blessed)?,
            Format::Yaml => Self::read_yaml(&blessed)?,
        };
        let same = read.header.expect == self.header.expect && read.payload == self.payload;
        if same { Ok(blessed) } else { Err("blessing would change more than texts\n".into()) }
    }
}

/// The lines of the comment that a text starts with.
fn yaml_header(text: &str) -> impl Iterator<Item = &str> {
    text.lines().map_while(|line| line.strip_prefix('#')).map(|line| line.strip_prefix(' ').unwrap_or(line))
}

fn bless_yaml(text: &str, texts: Texts<'_>) -> String {
    let lines: Vec<String> = yaml_header(text).map(String::from).collect();
    let comments = header::bless(&lines, texts).into_iter().map(|line| format!("# {line}"));
    let rest = text.lines().skip(lines.len()).map(String::from);
    comments.chain(rest).map(|line| line + "\n").collect()
}

/// Keeps the layout of the file, in which the list of lines is the first member.
fn bless_json(text: &str, texts: Texts<'_>) -> Result<String, String> {
    const START: &str = "{\n  \"#\": [\n";
    const END: &str = "\n  ],\n";
    let (_, rest) = text
        .strip_prefix(START)
        .and_then(|rest| rest.split_once(END))
        .ok_or("the lines do not stand at the start of the file, one by one\n")?;
    let case: JsonCase<'_> = serde_json::from_str(text).map_err(|error| format!("{error}\n"))?;
    let lines: Vec<String> = header::bless(&case.header, texts)
        .into_iter()
        .map(|line| format!("    {}", serde_json::Value::from(line)))
        .collect();
    Ok(format!("{START}{}{END}{rest}", lines.join(",\n")))
}
