//! SARIF 2.1.0, which GitHub code scanning, editors and other review tools read.
//!
//! ```json
//! {
//!   "version": "2.1.0",
//!   "runs": [{
//!     "tool": {"driver": {"name": "fresh-images", "rules": [{"id": "mutable-image", "helpUri": "https://…"}]}},
//!     "columnKind": "unicodeCodePoints",
//!     "results": [{
//!       "ruleId": "mutable-image", "level": "error",
//!       "message": {"text": "container \"web\" at spec.containers[0]: …"},
//!       "locations": [{"physicalLocation": {
//!         "artifactLocation": {"uri": "web.yaml", "uriBaseId": "%SRCROOT%"},
//!         "region": {"startLine": 7, "startColumn": 12, "endLine": 7, "endColumn": 22}
//!       }}],
//!       "partialFingerprints": {"freshImages/v1": "5fd3c1…"}
//!     }]
//!   }]
//! }
//! ```
//!
//! - With settings that mutate, each result that the mutation cures has `fixes`: the edits of `--fix`. All of them
//!   together give, byte for byte, the text that `--fix` writes.
//! - A fingerprint is made of rule, file, object, container and image, so it survives moved lines.
//! - What a baseline knows is suppressed, with its reason.
//! - What cannot be read is a notification of the run, whose `executionSuccessful` is then false.
//!
//! It is written with `serde_json::json!` and held against the schema of OASIS in a test. The crate `serde-sarif` generates
//! its types at each build with `schemafy_lib`, which has had no release since 2021; its types check less than the schema.

use fresh_images_manifests::report::{Edit, Report};
use serde_json::{Map, Value, json};

use super::issue::{Issue, Level, Place, UNREADABLE, issues};
use super::rules::{self, Rule};

/// One log with one run.
pub(super) fn render(report: &Report) -> String {
    let rules = rules::of_check();
    let issues = issues(report);
    let (notifications, results): (Vec<_>, Vec<_>) = issues.iter().partition(|it| it.rule == UNREADABLE);
    let results: Vec<Value> = results
        .into_iter()
        .map(|issue| result(issue, rules.iter().position(|rule| rule.id == issue.rule)))
        .collect();
    let notifications: Vec<Value> = notifications.into_iter().map(notification).collect();
    log(rules, &results, &notifications, report.exit_code())
}

/// A log with one run.
pub(in crate::cli) fn log(
    rules: Vec<Rule>,
    results: &[Value],
    notifications: &[Value],
    exit_code: u8,
) -> String {
    let rules = rules.into_iter().map(|rule| {
        json!({
            "id": rule.id,
            "shortDescription": {"text": rule.summary},
            "fullDescription": {"text": rule.summary},
            "help": {"text": rule.help, "markdown": rule.help},
            "helpUri": rule.link(),
            "properties": {"tags": ["kubernetes", "container-images"], "precision": "very-high"},
        })
    });
    let log = json!({
        "$schema": "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": {"driver": {
                "name": "fresh-images",
                "semanticVersion": env!("CARGO_PKG_VERSION"),
                "informationUri": env!("CARGO_PKG_REPOSITORY"),
                "rules": rules.collect::<Vec<_>>(),
            }},
            "columnKind": "unicodeCodePoints",
            "invocations": [{
                "executionSuccessful": notifications.is_empty(),
                "exitCode": exit_code,
                "toolExecutionNotifications": notifications,
            }],
            "results": results,
        }],
    });
    format!("{log:#}\n")
}

fn result(issue: &Issue<'_>, rule: Option<usize>) -> Value {
    let mut result = json!({
        "ruleId": issue.rule,
        "level": match issue.level {
            Level::Error => "error",
            Level::Warning => "warning",
        },
        "message": {"text": issue.message},
        "locations": [location(issue)],
        "partialFingerprints": {"freshImages/v1": issue.fingerprint},
    });
    if let Some(rule) = rule {
        set(&mut result, "ruleIndex", rule.into());
    }
    if let Some(reason) = issue.known() {
        set(&mut result, "suppressions", json!([{"kind": "external", "justification": reason}]));
    }
    let edits = issue.problem.map(|problem| problem.edits.as_slice()).unwrap_or_default();
    if !edits.is_empty() {
        let fix = json!([{
            "description": {"text": "Change the manifest as `fresh-images check --fix` does"},
            "artifactChanges": [{
                "artifactLocation": artifact(issue.file),
                "replacements": edits.iter().map(replacement).collect::<Vec<_>>(),
            }],
        }]);
        set(&mut result, "fixes", fix);
    }
    result
}

fn notification(issue: &Issue<'_>) -> Value {
    let mut notification = json!({
        "level": "error",
        "message": {"text": issue.message},
        "associatedRule": {"id": issue.rule},
    });
    if !issue.file.is_empty() {
        set(&mut notification, "locations", json!([location(issue)]));
    }
    notification
}

fn location(issue: &Issue<'_>) -> Value {
    let mut physical = json!({"artifactLocation": artifact(issue.file)});
    if let Some(place) = issue.place {
        set(&mut physical, "region", region(place));
    }
    let mut location = json!({"physicalLocation": physical});
    if let Some(object) = &issue.object {
        let path = issue.problem.and_then(|problem| problem.path.as_deref()).unwrap_or_default();
        let name = format!("{object} {path}");
        set(&mut location, "logicalLocations", json!([{"fullyQualifiedName": name.trim_end()}]));
    }
    location
}

fn region(place: Place) -> Value {
    let mut region = json!({"startLine": place.line});
    if let Some(column) = place.column {
        set(&mut region, "startColumn", column.into());
    }
    if let Some((line, column)) = place.end {
        set(&mut region, "endLine", line.into());
        set(&mut region, "endColumn", column.into());
    }
    region
}

fn replacement(edit: &Edit) -> Value {
    json!({
        "deletedRegion": {
            "startLine": edit.line,
            "startColumn": edit.column,
            "endLine": edit.end_line,
            "endColumn": edit.end_column,
        },
        "insertedContent": {"text": edit.text},
    })
}

/// A file, relative to the root of the sources unless it is absolute.
fn artifact(file: &str) -> Value {
    let is_absolute = file.starts_with('/') || file.get(1..3) == Some(":\\");
    let path = file.replace('\\', "/");
    if is_absolute {
        return json!({"uri": format!("file:///{}", escaped(path.trim_start_matches('/')))});
    }
    json!({"uri": escaped(path.trim_start_matches("./")), "uriBaseId": "%SRCROOT%"})
}

/// A path as RFC 3986 writes it.
fn escaped(path: &str) -> String {
    let mut uri = String::with_capacity(path.len());
    for byte in path.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => {
                uri.push(byte.into())
            }
            _ => uri.push_str(&format!("%{byte:02X}")),
        }
    }
    uri
}

fn set(value: &mut Value, key: &str, new: Value) {
    if let Some(object) = value.as_object_mut() {
        let _: Option<Value> = Map::insert(object, key.into(), new);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_uris() {
        assert_eq!(
            artifact("./a b/ü%.yaml"),
            json!({"uri": "a%20b/%C3%BC%25.yaml", "uriBaseId": "%SRCROOT%"})
        );
        assert_eq!(artifact("/srv/x.yaml"), json!({"uri": "file:///srv/x.yaml"}));
        assert_eq!(artifact("C:\\x.yaml"), json!({"uri": "file:///C%3A/x.yaml"}));
    }
}
