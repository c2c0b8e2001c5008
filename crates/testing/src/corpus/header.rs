//! What a case says about itself, line by line.
//!
//! ```text
//! A tag that is not pulled again.
//! SETTINGS: {require: digest}
//! EXPECT: reject
//! MESSAGE: container "web" at …
//! ```

use std::fmt;

use fresh_images::Verdict;
use serde_json::{Value, json};

use super::texts::{DIRECTIVES, Texts};

/// What a case says about itself.
#[derive(Clone, Debug, PartialEq)]
pub struct Header {
    /// The settings of the policy.
    pub settings: Value,
    /// How it is judged.
    pub expect: Expect,
    /// What the user reads.
    pub texts: Texts,
}

/// How a case is judged. Only a person writes this.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expect {
    /// Accepted, without a warning.
    Accept,
    /// Rejected.
    Reject,
    /// Accepted, with at least one warning.
    Warn,
}

impl Header {
    pub(super) fn parse<'l>(lines: impl IntoIterator<Item = &'l str>) -> Result<Self, String> {
        let mut settings = None;
        let mut expect = None;
        let mut texts = Texts::default();
        let mut is_described = false;
        for line in lines {
            let Some((directive, value)) = directive(line) else {
                is_described |= !line.trim().is_empty();
                continue;
            };
            let twice = match directive {
                "SETTINGS" => settings.replace(read_settings(value)?).is_some(),
                "EXPECT" => expect.replace(Expect::parse(value)?).is_some(),
                _ if texts.add(directive, value) => false,
                _ => return Err(format!("unknown directive {directive}\n")),
            };
            if twice {
                return Err(format!("{directive} is there twice\n"));
            }
        }
        if !is_described {
            return Err("does not say what it shows\n".into());
        }
        let expect = expect.ok_or("EXPECT is missing\n")?;
        Ok(Self { settings: settings.unwrap_or_else(|| json!({})), expect, texts })
    }
}

/// The lines of a header, with these texts after EXPECT. All other lines stay as they are.
pub(super) fn bless(lines: &[String], texts: &Texts) -> Vec<String> {
    let mut blessed = Vec::new();
    for line in lines {
        match directive(line) {
            Some((directive, _)) if DIRECTIVES.contains(&directive) => {}
            Some(("EXPECT", _)) => {
                blessed.push(line.clone());
                blessed.extend(texts.lines());
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
    yaml_serde::from_str(yaml).map_err(|error| format!("SETTINGS: {error}\n"))
}

impl Expect {
    /// How a verdict is called here.
    pub fn of(verdict: &Verdict) -> Self {
        match verdict.is_accepted() {
            false => Self::Reject,
            true if verdict.warnings().is_empty() => Self::Accept,
            true => Self::Warn,
        }
    }

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

    fn texts(lines: &[(&str, &str)]) -> Texts {
        let mut texts = Texts::default();
        assert!(lines.iter().all(|(directive, line)| texts.add(directive, line)));
        texts
    }

    #[test]
    fn a_whole_header() {
        let header = Header::parse(
            "What it shows: this.\nSETTINGS: {require: digest}\nEXPECT: reject\nMESSAGE: a: b\nMESSAGE: c"
                .lines(),
        );
        let texts = texts(&[("MESSAGE", "a: b"), ("MESSAGE", "c")]);
        let settings = json!({"require": "digest"});
        assert_eq!(header, Ok(Header { settings, expect: Expect::Reject, texts }));
    }

    #[test]
    fn what_a_header_must_not_be() {
        assert_eq!(error("It says too little."), "EXPECT is missing\n");
        assert_eq!(error("EXPECT: accept"), "does not say what it shows\n");
        assert_eq!(
            error("a\nEXPECT: rejected"),
            "EXPECT is \"rejected\" instead of accept, reject or warn\n"
        );
        assert_eq!(error("a\nEXPECT: accept\nEXPECT: reject"), "EXPECT is there twice\n");
        assert_eq!(error("a\nEXPECT: accept\nWARNINGS: b"), "unknown directive WARNINGS\n");
        assert_eq!(error("a\nSETTINGS: {}\nSETTINGS: {}\nEXPECT: accept"), "SETTINGS is there twice\n");
        assert!(error("a\nSETTINGS: {a: [}\nEXPECT: accept").starts_with("SETTINGS: "));
    }

    #[test]
    fn blessing_keeps_what_a_person_wrote() {
        let lines =
            ["Shows.", "EXPECT: warn", "MESSAGE: old", "SETTINGS: {}", "WARNING: older"].map(String::from);
        let blessed = texts(&[("MESSAGE", "new"), ("MESSAGE", "newer"), ("MUTATED", "/a 1")]);
        assert_eq!(
            bless(&lines, &blessed),
            ["Shows.", "EXPECT: warn", "MESSAGE: new", "MESSAGE: newer", "MUTATED: /a 1", "SETTINGS: {}"]
        );
        assert_eq!(bless(&lines, &Texts::default()), ["Shows.", "EXPECT: warn", "SETTINGS: {}"]);
    }
}
