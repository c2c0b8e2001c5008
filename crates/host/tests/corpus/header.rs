//! What a case says about itself, line by line.
//!
//! ```text
//! A tag that is not pulled again.
//! SETTINGS: {require: digest}
//! EXPECT: reject
//! MESSAGE: container "web" at …
//! ```

use std::fmt;

use fresh_images_manifests::document::{self, Source};
use serde_json::{Value, json};

use crate::outcome::{DIRECTIVES, Texts};

/// What a case says about itself.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Header {
    pub(crate) settings: Value,
    pub(crate) expect: Expect,
    pub(crate) messages: Vec<String>,
    pub(crate) warnings: Vec<String>,
    /// What mutation changed in the object.
    pub(crate) mutations: Vec<String>,
}

/// How a case is judged. Only a person writes this.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Expect {
    Accept,
    Reject,
    /// Accepted, with at least one warning.
    Warn,
}

impl Header {
    pub(crate) fn parse<'l>(lines: impl IntoIterator<Item = &'l str>) -> Result<Self, String> {
        let mut settings = None;
        let mut expect = None;
        let [mut messages, mut warnings, mut mutations] = [const { Vec::new() }; 3];
        let mut is_described = false;
        for line in lines {
            let Some((directive, value)) = directive(line) else {
                is_described |= !line.trim().is_empty();
                continue;
            };
            let twice = match directive {
                "SETTINGS" => settings.replace(read_settings(value)?).is_some(),
                "EXPECT" => expect.replace(Expect::parse(value)?).is_some(),
                "MESSAGE" => {
                    messages.push(value.into());
                    false
                }
                "WARNING" => {
                    warnings.push(value.into());
                    false
                }
                "MUTATED" => {
                    mutations.push(value.into());
                    false
                }
                _ => return Err(format!("unknown directive {directive}\n")),
            };
            if twice {
                return Err(format!("{directive} stands twice\n"));
            }
        }
        if !is_described {
            return Err("does not say what it shows\n".into());
        }
        let expect = expect.ok_or("EXPECT is missing\n")?;
        let settings = settings.unwrap_or_else(|| json!({}));
        Ok(Self { settings, expect, messages, warnings, mutations })
    }
}

/// The lines of a header, with the texts of this outcome after EXPECT. All other lines stay as they are.
pub(crate) fn bless(lines: &[String], texts: Texts<'_>) -> Vec<String> {
    let mut blessed = Vec::new();
    for line in lines {
        match directive(line) {
            Some((directive, _)) if DIRECTIVES.contains(&directive) => {}
            Some(("EXPECT", _)) => {
                blessed.push(line.clone());
                for (directive, texts) in DIRECTIVES.into_iter().zip(texts) {
                    blessed.extend(texts.iter().map(|text| format!("{directive}: {text}")));
                }
            }
            _ => blessed.push(line.clone()),
        }
    }
    blessed
}

/// `NAME: value`. Whatever starts like this has to be a directive that is known, so that none is mistyped.
fn directive(line: &str) -> Option<(&str, &str)> {
    let (name, value) = line.split_once(':')?;
    let is_directive = name.len() > 1 && name.bytes().all(|byte| byte.is_ascii_uppercase());
    is_directive.then(|| (name, value.strip_prefix(' ').unwrap_or(value)))
}

fn read_settings(yaml: &str) -> Result<Value, String> {
    let mut documents = document::read(&Source::new("SETTINGS", yaml)).into_iter();
    match (documents.next(), documents.next()) {
        // A document that is only `null` is none.
        (None, None) => Ok(Value::Null),
        (Some(Ok(node)), None) => Ok(node.to_json()),
        (Some(Err(error)), _) => Err(format!("SETTINGS: {error}\n")),
        (_, Some(_)) => Err("SETTINGS has several documents\n".into()),
    }
}

impl Expect {
    fn parse(text: &str) -> Result<Self, String> {
        [Self::Accept, Self::Reject, Self::Warn]
            .into_iter()
            .find(|expect| expect.to_string() == text)
            .ok_or_else(|| format!("EXPECT is {text:?} instead of accept, reject or warn\n"))
    }
}

impl fmt::Display for Expect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Accept => "accept",
            Self::Reject => "reject",
            Self::Warn => "warn",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn error(header: &str) -> String {
        Header::parse(header.lines()).unwrap_err()
    }

    #[test]
    fn a_whole_header() {
        let header = Header::parse(
            "What it shows: this.\nSETTINGS: {require: digest}\nEXPECT: reject\nMESSAGE: a: b\nMESSAGE: c"
                .lines(),
        );
        assert_eq!(
            header,
            Ok(Header {
                settings: json!({"require": "digest"}),
                expect: Expect::Reject,
                messages: vec!["a: b".into(), "c".into()],
                warnings: vec![],
                mutations: vec![],
            })
        );
    }

    #[test]
    fn what_a_header_must_not_be() {
        assert_eq!(error("It says too little."), "EXPECT is missing\n");
        assert_eq!(error("EXPECT: accept"), "does not say what it shows\n");
        assert_eq!(
            error("a\nEXPECT: rejected"),
            "EXPECT is \"rejected\" instead of accept, reject or warn\n"
        );
        assert_eq!(error("a\nEXPECT: accept\nEXPECT: reject"), "EXPECT stands twice\n");
        assert_eq!(error("a\nEXPECT: accept\nWARNINGS: b"), "unknown directive WARNINGS\n");
        assert_eq!(error("a\nSETTINGS: {}\nSETTINGS: {}\nEXPECT: accept"), "SETTINGS stands twice\n");
        assert!(error("a\nSETTINGS: {a: [}\nEXPECT: accept").starts_with("SETTINGS: "));
    }

    #[test]
    fn blessing_keeps_what_a_person_wrote() {
        let lines =
            ["Shows.", "EXPECT: warn", "MESSAGE: old", "SETTINGS: {}", "WARNING: older"].map(String::from);
        let (messages, mutations) = (["new", "newer"].map(String::from), ["/a 1".to_owned()]);
        assert_eq!(
            bless(&lines, [&messages, &[], &mutations]),
            ["Shows.", "EXPECT: warn", "MESSAGE: new", "MESSAGE: newer", "MUTATED: /a 1", "SETTINGS: {}"]
        );
        assert_eq!(bless(&lines, [&[], &[], &[]]), ["Shows.", "EXPECT: warn", "SETTINGS: {}"]);
    }
}
