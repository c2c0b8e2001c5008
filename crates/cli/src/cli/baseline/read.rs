//! Reads a baseline. Each problem has its place.

use std::path::Path;

use fresh_images_manifests::document::{self, Member, Node, Value};
use fresh_images_manifests::report::Unreadable;
use jiff::civil::Date;

use super::{Baseline, Identity, Known, VERSION};
use crate::cli::files::{self, Input};

const KEYS: [&str; 7] = ["file", "object", "code", "container", "image", "reason", "until"];

impl Baseline {
    /// Reads a file.
    pub(in crate::cli) fn read(path: &Path) -> Result<Self, Unreadable> {
        let source = files::read(&Input::File(path.into()))?;
        let mut documents = document::read(&source).into_iter();
        let (first, second) = (documents.next(), documents.next());
        let document = match (first, second) {
            (Some(Ok(document)), None) => document,
            (Some(Err(error)), _) => return Err(Unreadable::document(&source, &error)),
            (None, _) => return Err(Unreadable::file(source.name(), "the file is empty")),
            (Some(Ok(_)), Some(_)) => {
                return Err(Unreadable::file(source.name(), "a baseline must hold only one document"));
            }
        };
        let known = known(&document).map_err(|(offset, problem)| Unreadable::at(&source, offset, problem))?;
        let known = known.into_iter().map(|(offset, known)| {
            let line = Some(source.position(offset).line);
            Known { line, ..known }
        });
        Ok(Self { path: path.into(), known: known.collect() })
    }
}

/// What is wrong, and where.
type Wrong = (usize, String);

fn known(document: &Node) -> Result<Vec<(usize, Known)>, Wrong> {
    let version = document.get("version").ok_or((
        document.span.start,
        format!("expected `version: {VERSION}` and `findings`, as --write-baseline writes them"),
    ))?;
    if !matches!(&version.value, Value::Number(number) if &**number == VERSION) {
        let found = version.json_text();
        let problem = format!(
            "this is version {found} of the format, but this command reads version {VERSION}; write it again with \
             --write-baseline",
        );
        return Err((version.span.start, problem));
    }
    refuse_others(document, &["version", "findings"])?;
    let Some(findings) = document.get("findings") else { return Ok(Vec::new()) };
    if !matches!(findings.value, Value::List(_) | Value::Null) {
        return Err((findings.span.start, format!("findings: expected a list, found {}", findings.noun())));
    }
    findings.items().iter().map(|item| Ok((item.span.start, entry(item)?))).collect()
}

fn refuse_others(node: &Node, known: &[&str]) -> Result<(), Wrong> {
    let other = node.members().iter().find(|member| !known.contains(&&*member.key));
    other.map_or(Ok(()), |Member { key, key_span, .. }| {
        Err((key_span.start, format!("{key}: unknown key; known keys are {}", known.join(", "))))
    })
}

fn entry(item: &Node) -> Result<Known, Wrong> {
    if !matches!(item.value, Value::Object(_)) {
        return Err((item.span.start, format!("expected a finding, found {}", item.noun())));
    }
    refuse_others(item, &KEYS)?;
    let text = |key: &str| match item.get(key) {
        Some(node) => match node.as_str() {
            Some(text) => Ok(Some(text.to_owned())),
            None if node.is_null() => Ok(None),
            None => Err((node.span.start, format!("{key}: expected a string, found {}", node.noun()))),
        },
        None => Ok(None),
    };
    let required = |key: &str| -> Result<String, Wrong> {
        let text = text(key)?.filter(|text| !text.trim().is_empty());
        text.ok_or_else(|| (item.get(key).unwrap_or(item).span.start, format!("a finding needs `{key}`")))
    };
    let until = text("until")?.map(|text| {
        text.parse::<Date>().map_err(|_| {
            let place = item.get("until").unwrap_or(item).span.start;
            (place, format!("until: expected a date such as 2027-01-31, found {text:?}"))
        })
    });
    Ok(Known {
        identity: Identity {
            file: required("file")?,
            object: required("object")?,
            code: required("code")?,
            container: text("container")?.unwrap_or_default(),
            image: text("image")?.unwrap_or_default(),
        },
        reason: required("reason")?,
        until: until.transpose()?,
        line: None,
    })
}
