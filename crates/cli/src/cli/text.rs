//! The report for people.
//!
//! ```text
//! accepted   shop/db.yaml:1  StatefulSet shop/db
//!
//! REJECTED   shop/web.yaml:1  Deployment shop/web
//!     shop/web.yaml:12:16: container "web" at spec.template.spec.containers[0]: image "web:1.1" can go
//!       stale: it has no digest and its pull policy is IfNotPresent, …
//! UNREADABLE shop/web.yaml:20:3  invalid YAML: unclosed bracket '['
//!
//! 2 documents, 2 images: 1 accepted, 1 rejected, 1 unreadable
//! ```
//!
//! Many findings are grouped by image: see `groups`. Documents without an image, and what is passed over, are only counted, unless the user wants to see them.
//!
//! Lines have at most 100 columns, unless a single word is longer: it stays whole, so that it can be copied.

mod groups;

use std::fmt::Write as _;

use anstyle::{AnsiColor, Style};

use fresh_images_manifests::report::{
    Document, Entry, PassedOver, Problem, Report, Unreadable, place, printable,
};

use super::args::Detail;

/// The longest line, in columns.
const WIDTH: usize = 100;

const ACCEPTED: Style = AnsiColor::Green.on_default();
const ERROR: Style = AnsiColor::Red.on_default().bold();
/// What is of no concern.
const KNOWN: Style = Style::new().dimmed();
const WARNING: Style = AnsiColor::Yellow.on_default().bold();

/// The report as text that ends with a line end.
pub(super) fn render(report: &Report, detail: Detail, group: bool) -> String {
    let mut text = String::new();
    let quiet = detail == Detail::Quiet;
    let entries = report.shown(quiet);
    let mut entries: Vec<&Entry> =
        entries.filter(|entry| detail == Detail::Verbose || !entry.is_without_images()).collect();
    let grouped = if group && groups::are_many(&entries) { entries.clone() } else { Vec::new() };
    if !grouped.is_empty() {
        entries.retain(|entry| is_more_than_grouped(entry, detail));
    }
    // Files stand apart, but a row of files with nothing to say about them needs no air.
    let mut airy = false;
    for entries in entries.chunk_by(|a, b| a.file() == b.file()) {
        let was_airy = std::mem::replace(&mut airy, !entries.iter().all(|entry| entry.is_plainly_accepted()));
        if !text.is_empty() && (airy || was_airy) {
            text.push('\n');
        }
        for entry in entries {
            match entry {
                Entry::Judged(document) => {
                    render_document(&mut text, document, &|problem| {
                        grouped.is_empty() || !groups::is_grouped(problem)
                    });
                }
                Entry::Unreadable(problem) => render_unreadable(&mut text, problem),
            }
        }
    }
    groups::render(&mut text, &grouped, detail);
    let notes: Vec<_> = report.notes().iter().filter(|note| !quiet || note.is_to_do).collect();
    if !notes.is_empty() && !text.is_empty() {
        text.push('\n');
    }
    for note in notes {
        let place = place(&note.file, note.line, None);
        let _ = writeln!(text, "{WARNING}note{WARNING:#}       {place}");
        wrap(&mut text, "", &note.message);
    }
    if detail == Detail::Verbose {
        if !report.passed_over().is_empty() && !text.is_empty() {
            text.push('\n');
        }
        for PassedOver { file, line, message, .. } in report.passed_over() {
            let _ = writeln!(
                text,
                "{KNOWN}passed over{KNOWN:#} {}  {}",
                place(file, *line, None),
                printable(message)
            );
        }
    }
    if quiet && text.is_empty() {
        return text;
    }
    if !text.is_empty() {
        text.push('\n');
    }
    let _ = writeln!(text, "{}", report.summary());
    text
}

/// A problem that keeps everything from being judged, or printed.
pub(super) fn complaint(problem: &str) -> String {
    format!("{ERROR}error{ERROR:#}: {}\n", printable(problem))
}

/// Whether there is something to say of it that no group of findings says.
fn is_more_than_grouped(entry: &Entry, detail: Detail) -> bool {
    let Entry::Judged(document) = entry else { return true };
    if entry.is_plainly_accepted() {
        return detail == Detail::Verbose;
    }
    // A warning about what is missing, or the reasons of another module.
    let is_alone = |problem: &Problem| problem.known.is_none() && !groups::is_grouped(problem);
    let says_more = document.findings.is_empty() || !document.accepted && !document.warnings.is_empty();
    says_more || document.findings.iter().any(is_alone)
}

fn render_document(text: &mut String, document: &Document, shows: &dyn Fn(&Problem) -> bool) {
    let (style, word) = match document {
        document if document.is_known() => (WARNING, "known"),
        Document { accepted: false, .. } => (ERROR, "REJECTED"),
        Document { fixed: true, .. } => (ACCEPTED, "fixed"),
        document if document.is_warned() => (WARNING, "WARNING"),
        Document { asked: false, .. } => (KNOWN, "not asked"),
        Document { images: 0, .. } => (KNOWN, "no image"),
        _ => (ACCEPTED, "accepted"),
    };
    let line = document.rendered.is_none().then_some(document.line);
    let place = place(&document.file, line, None);
    let _ = writeln!(text, "{style}{word:10}{style:#} {place}  {}", printable(&title(document)));
    for problem in document.findings.iter().filter(|problem| problem.known.is_none() && shows(problem)) {
        render_problem(text, &document.file, problem);
    }
    // With `enforcement: warn` the warnings say again what the findings say.
    if document.findings.is_empty() || !document.accepted {
        // Warnings say what was fixed.
        let first = if document.fixed { "" } else { "warning:" };
        for warning in &document.warnings {
            wrap(text, first, warning);
        }
    }
}

/// What people call it, and what it was made of.
fn title(document: &Document) -> String {
    let title = document.title();
    match (&document.rendered, &document.template) {
        (None, None) => title,
        (None, Some(template)) => format!("{title}, of {template}"),
        (Some(by), None) => format!("{title}, by {by}"),
        (Some(by), Some(template)) if document.file.ends_with(file_name(template)) => {
            format!("{title}, by {by}")
        }
        (Some(by), Some(template)) => format!("{title}, by {by}, of {template}"),
    }
}

fn file_name(path: &str) -> &str {
    path.rsplit_once('/').map_or(path, |(_, name)| name)
}

fn render_problem(text: &mut String, file: &str, problem: &Problem) {
    if problem.line.is_some() {
        wrap(text, &format!("{}:", place(file, problem.line, problem.column)), &problem.message);
    } else {
        wrap(text, "", &problem.message);
    }
}

fn render_unreadable(text: &mut String, problem: &Unreadable) {
    let place = place(&problem.file, problem.line, problem.column);
    let _ = writeln!(text, "{ERROR}UNREADABLE{ERROR:#} {place}");
    wrap(text, "", &problem.message);
}

/// Writes words in lines of at most [`WIDTH`] columns, the first indented by four, the others by six.
fn wrap(text: &mut String, first: &str, words: &str) {
    let mut column = 0_usize;
    for word in std::iter::once(first).chain(printable(words).split(' ')).filter(|word| !word.is_empty()) {
        let width = word.chars().count();
        if column == 0 {
            text.push_str("    ");
            column = 4;
        } else if column.saturating_add(1).saturating_add(width) > WIDTH {
            text.push_str("\n      ");
            column = 6;
        } else {
            text.push(' ');
            column = column.saturating_add(1);
        }
        text.push_str(word);
        column = column.saturating_add(width);
    }
    text.push('\n');
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_wrapped_between_words() {
        let mut text = String::new();
        wrap(&mut text, "a.yaml:1:2:", &["word"; 40].join(" "));
        let widths: Vec<usize> = text.lines().map(|line| line.chars().count()).collect();
        assert_eq!(widths, [100, 100, 25]);
        assert!(text.starts_with("    a.yaml:1:2: word word"));

        text.clear();
        wrap(&mut text, "", &format!("x {} y", "z".repeat(120)));
        assert_eq!(text, format!("    x\n      {}\n      y\n", "z".repeat(120)));
    }
}
