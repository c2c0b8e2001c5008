//! The report for programs: one JSON document, on which programs may rely.
//!
//! ```json
//! {
//!   "version": 1,
//!   "documents": [
//!     {
//!       "file": "web.yaml", "line": 1,
//!       "apiVersion": "v1", "kind": "Pod", "namespace": null, "name": "web",
//!       "accepted": false,
//!       "fixed": false,
//!       "images": 1,
//!       "findings": [
//!         {
//!           "code": "mutable-image", "path": "spec.containers[0]", "image": "nginx:1.25", "name": "web",
//!           "message": "container \"web\" at spec.containers[0]: …",
//!           "line": 7, "column": 12, "endLine": 7, "endColumn": 22
//!         }
//!       ],
//!       "warnings": []
//!     }
//!   ],
//!   "errors": [
//!     {"file": "broken.yaml", "line": 3, "column": 1, "message": "invalid YAML: …"}
//!   ],
//!   "summary": {
//!     "documents": 1, "images": 1, "accepted": 0, "fixed": 0, "warned": 0, "rejected": 1, "unreadable": 1
//!   }
//! }
//! ```
//!
//! `report.schema.json` describes it as a JSON schema.
//!
//! - `version` changes when a program that reads this might break; new fields may come at any time.
//! - `documents` and `errors` are in the order in which they were read. `line` and `column` count from 1, columns in
//!   characters, and are null where there is none; `endColumn` is the first that is not part of it any more.
//! - With `--quiet`, `documents` has only those that are rejected or fixed; the `summary` counts all.
//! - What is not given is null: `apiVersion`, `kind`, `namespace`, `name`, and `image` and `name` of a finding that is
//!   not about an image. With `--module`, findings that only that module knows have only a `message`.
//! - With `--fix`, a document that was fixed is `accepted` and `fixed`, and its `warnings` say what was changed. It
//!   counts in `fixed` as well as in `accepted`.
//! - With settings that mutate and without `--fix`, a document may have a list `fixable`: the findings that `--fix` would
//!   cure, each with its `edits`: `[{"line": 8, "column": 1, "endLine": 8, "endColumn": 1, "text": "…"}]`.
//! - With a baseline, a finding that it knows has `known`: the reason there. `notes` are about the baseline itself:
//!   `[{"file": "baseline.yaml", "line": 3, "message": "the finding is gone, …"}]`. A document of which all findings are
//!   known counts in `known` besides `rejected`.
//! - `passedOver` names what was come across in a directory and is not judged: `[{"file": "values.yaml", "line": 1, "message":
//!   "not a Kubernetes object: kind is missing", "template": false}]`. The `summary` counts files, as `passedOver` and
//!   `templates`, and `hidden` files and folders.
//! - With several policies, or a group of them, a finding has `policy`: the name of the one that found it.
//! - A document that Helm rendered has `template`, such as `shop/templates/web.yaml`. With `--render` it has `rendered`, the
//!   command that made it, its `line` is 1, and its findings have no lines.
//! - With a policy, a document that the cluster does not send to it has `"asked": false`.
//! - Any other accepted document may have `findings` (with `enforcement: warn`) and `warnings`; it then counts in
//!   `warned` besides `accepted`.

use serde::Serialize;

use super::{Document, Entry, Note, PassedOver, Report, Summary, Unreadable};

/// The version of this format.
const VERSION: u32 = 1;

/// The document; it borrows from the report.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Output<'r> {
    version: u32,
    documents: Vec<&'r Document>,
    errors: Vec<&'r Unreadable>,
    #[serde(default, skip_serializing_if = "<[Note]>::is_empty")]
    notes: &'r [Note],
    #[serde(default, skip_serializing_if = "<[PassedOver]>::is_empty")]
    passed_over: &'r [PassedOver],
    summary: Summary,
}

/// The report for programs; with `quiet`, without what is accepted without a word.
pub fn output(report: &Report, quiet: bool) -> Output<'_> {
    let mut documents = Vec::new();
    let mut errors = Vec::new();
    for entry in report.shown(quiet) {
        match entry {
            Entry::Judged(document) => documents.push(document),
            Entry::Unreadable(problem) => errors.push(problem),
        }
    }
    let (notes, passed_over, summary) = (report.notes(), report.passed_over(), report.summary());
    Output { version: VERSION, documents, errors, notes, passed_over, summary }
}

/// The same as text that ends with a line end.
pub fn render(report: &Report, quiet: bool) -> String {
    // Strings and numbers always serialize.
    let mut text = serde_json::to_string_pretty(&output(report, quiet)).unwrap_or_default();
    text.push('\n');
    text
}
