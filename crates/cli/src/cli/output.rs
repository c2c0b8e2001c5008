//! The report of `check` in each form that the user can ask for. All of them are made from one model, the
//! [`Report`], and [`issues`](issue::issues) of it.

mod github;
mod gitlab;
mod issue;
mod junit;
pub(super) mod rules;
pub(super) mod sarif;
pub(super) mod test_suites;

use std::io::Write as _;
use std::path::Path;

use anstream::StripStream;
use fresh_images_manifests::report::{Report, json};

use super::args::{Detail, Output};
use super::{text, write};

/// The report as text that ends with a line end, unless there is nothing to say.
pub(super) fn render(output: Output, report: &Report, detail: Detail, group: bool) -> String {
    match output {
        Output::Text => text::render(report, detail, group),
        Output::Json => json::render(report, detail == Detail::Quiet),
        Output::Sarif => sarif::render(report),
        Output::Junit => junit::render(report),
        Output::Github => github::render(report),
        Output::Gitlab => gitlab::render(report),
    }
}

/// Writes a report to a file, without colours, as a whole or not at all.
pub(super) fn write_file(path: &Path, text: &str) -> Result<(), String> {
    let mut plain = StripStream::new(Vec::new());
    // Writing to memory cannot fail.
    let _ = plain.write_all(text.as_bytes());
    write::create(path, &plain.into_inner())
}
