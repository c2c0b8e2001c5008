//! Writes strings and small objects as YAML or JSON.

use super::diff::Tree;
use crate::document::{self, Source};

/// How something is written: as the keys around it are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Style {
    /// Everything in double quotes, as in JSON.
    Json,
    /// Quotes only where they are needed.
    Yaml,
}

/// A string.
pub(super) fn text(text: &str, style: Style) -> String {
    match style {
        Style::Json => double_quoted(text),
        Style::Yaml if is_plain(text) => text.into(),
        // Easier to read than a backslash for each quote.
        Style::Yaml if text.contains('"') && is_printable(text) => single_quoted(text),
        Style::Yaml => double_quoted(text),
    }
}

/// In one line, with brackets.
pub(super) fn flow(tree: &Tree, style: Style) -> String {
    match tree {
        Tree::Text(value) => text(value, style),
        Tree::Object(members) => {
            let members: Vec<String> = members
                .iter()
                .map(|(key, value)| format!("{}: {}", text(key, style), flow(value, style)))
                .collect();
            format!("{{{}}}", members.join(", "))
        }
    }
}

/// In lines of their own, without the end of the last one.
pub(super) fn block(key: &str, tree: &Tree, style: Style, indent: &str, end: &str) -> String {
    let key = text(key, style);
    match tree {
        Tree::Object(members) if !members.is_empty() => {
            let indent_below = format!("{indent}  ");
            let lines: Vec<String> =
                members.iter().map(|(key, value)| block(key, value, style, &indent_below, end)).collect();
            format!("{indent}{key}:{end}{}", lines.join(end))
        }
        tree => format!("{indent}{key}: {}", flow(tree, style)),
    }
}

/// The string in the quotes that the old text has; nothing if that text cannot be replaced.
pub(super) fn like(old: &str, new: &str) -> Option<String> {
    if old.contains(['\n', '\r']) {
        return None;
    }
    match old.as_bytes().first() {
        Some(b'"') => Some(double_quoted(new)),
        Some(b'\'') if is_printable(new) => Some(single_quoted(new)),
        Some(b'|' | b'>') => None,
        _ => Some(text(new, Style::Yaml)),
    }
}

/// Whether it needs no quotes wherever it stands.
fn is_plain(text: &str) -> bool {
    let safe = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '/' | ':' | '@' | '-');
    text.starts_with(|c: char| c.is_ascii_alphanumeric())
        && text.chars().all(safe)
        && !text.ends_with(':')
        && is_text(text)
}

/// Whether it is no number, boolean or null.
fn is_text(plain: &str) -> bool {
    let documents = document::read(&Source::new("", plain));
    matches!(documents.as_slice(), [Ok(node)] if node.as_str() == Some(plain))
}

fn is_printable(text: &str) -> bool {
    !text.contains(|c: char| c.is_control() || matches!(c, '\u{2028}' | '\u{2029}' | '\u{feff}'))
}

fn single_quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

fn double_quoted(text: &str) -> String {
    let mut quoted = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => quoted.extend(['\\', c]),
            // What JSON and YAML both know.
            c if !is_printable(c.encode_utf8(&mut [0; 4])) => {
                quoted.push_str(&format!("\\u{:04x}", u32::from(c)))
            }
            c => quoted.push(c),
        }
    }
    quoted.push('"');
    quoted
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotes_are_there_where_they_are_needed() {
        for (value, yaml) in [
            ("nginx:1.25", "nginx:1.25"),
            ("a.b:5000/c/d@sha256:00", "a.b:5000/c/d@sha256:00"),
            ("Always", "Always"),
            ("no", "\"no\""),
            ("1.10", "\"1.10\""),
            ("0x10", "\"0x10\""),
            ("", "\"\""),
            ("a:", "\"a:\""),
            ("a: b", "\"a: b\""),
            ("a #b", "\"a #b\""),
            ("-a", "\"-a\""),
            ("*a", "\"*a\""),
            ("{\"a\":\"it's\"}", "'{\"a\":\"it''s\"}'"),
            ("a\"\n\u{85}", "\"a\\\"\\u000a\\u0085\""),
        ] {
            let written = text(value, Style::Yaml);
            assert_eq!(written, yaml);
            for (style, name) in [(Style::Yaml, "x: "), (Style::Json, "\"x\": ")] {
                let source = Source::new("", format!("{{{name}{}}}", text(value, style)));
                let read = document::read(&source).remove(0).expect("it can be read");
                assert_eq!(read.to_json(), serde_json::json!({"x": value}), "{}", source.text());
            }
        }
    }

    #[test]
    fn a_string_keeps_its_quotes() {
        for (old, new) in [
            ("nginx", Some("a:1")),
            ("'nginx'", Some("'a:1'")),
            ("\"nginx\"", Some("\"a:1\"")),
            (">-", None),
            ("nginx\n  x", None),
            ("\"nginx\n  x\"", None),
        ] {
            assert_eq!(like(old, "a:1").as_deref(), new, "{old}");
        }
    }
}
