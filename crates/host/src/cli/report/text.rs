//! The report for people.
//!
//! ```text
//! accepted   shop/db.yaml:1  StatefulSet shop/db
//!
//! REJECTED   shop/web.yaml:1  Deployment shop/web
//!     shop/web.yaml:12:16: container "web" at spec.template.spec.containers[0]: image "web:1.1" can go
//!       stale: it has no digest and its pull policy is IfNotPresent, …
//! UNREADABLE shop/web.yaml:20:3  invalid YAML: did not find expected key
//!
//! 2 documents, 2 images: 1 accepted, 1 rejected, 1 unreadable
//! ```
//!
//! Lines have at most 100 columns, unless a single word is longer: it stays whole, so that it can be copied.

use std::fmt::Write as _;

use anstyle::{AnsiColor, Style};

use super::{Document, Entry, Problem, Report, Summary, Unreadable};

/// The longest line, in columns.
const WIDTH: usize = 100;

const ACCEPTED: Style = AnsiColor::Green.on_default();
const ERROR: Style = AnsiColor::Red.on_default().bold();
const WARNING: Style = AnsiColor::Yellow.on_default().bold();

/// The report as text that ends with a line end.
pub(in crate::cli) fn render(report: &Report, quiet: bool) -> String {
    let mut text = String::new();
    let entries: Vec<&Entry> = report.shown(quiet).collect();
    // Files stand apart, but a row of files with nothing to say about them needs no air.
    let mut airy = false;
    for entries in entries.chunk_by(|a, b| a.file() == b.file()) {
        let was_airy = std::mem::replace(&mut airy, !entries.iter().all(|entry| entry.is_plainly_accepted()));
        if !text.is_empty() && (airy || was_airy) {
            text.push('\n');
        }
        for entry in entries {
            match entry {
                Entry::Judged(document) => render_document(&mut text, document),
                Entry::Unreadable(problem) => render_unreadable(&mut text, problem),
            }
        }
    }
    if quiet && text.is_empty() {
        return text;
    }
    if !text.is_empty() {
        text.push('\n');
    }
    render_summary(&mut text, &report.summary());
    text
}

/// A problem that keeps everything from being judged, or printed.
pub(in crate::cli) fn complaint(problem: &str) -> String {
    format!("{ERROR}error{ERROR:#}: {}\n", printable(problem))
}

/// `web.yaml:3:1`, as editors and terminals understand it.
pub(in crate::cli) fn place(file: &str, line: Option<usize>, column: Option<usize>) -> String {
    let mut place = printable(file);
    for number in [line, column].into_iter().flatten() {
        // Writing to a string cannot fail.
        let _ = write!(place, ":{number}");
    }
    place
}

fn render_document(text: &mut String, document: &Document) {
    let (style, word) = match document {
        Document { accepted: false, .. } => (ERROR, "REJECTED"),
        Document { mended: true, .. } => (ACCEPTED, "mended"),
        document if document.is_warned() => (WARNING, "WARNING"),
        _ => (ACCEPTED, "accepted"),
    };
    let place = place(&document.file, Some(document.line), None);
    let _ = writeln!(text, "{style}{word:10}{style:#} {place}  {}", printable(&document.title));
    for problem in &document.findings {
        render_problem(text, &document.file, problem);
    }
    // With `enforcement: warn` the warnings say again what the findings say.
    if document.findings.is_empty() || !document.accepted {
        // What was mended is told by warnings.
        let first = if document.mended { "" } else { "warning:" };
        for warning in &document.warnings {
            wrap(text, first, warning);
        }
    }
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

fn render_summary(text: &mut String, summary: &Summary) {
    let plural = |count: usize, word: &str| format!("{count} {word}{}", if count == 1 { "" } else { "s" });
    let mut parts = Vec::new();
    if summary.accepted > 0 {
        let mut some = Vec::new();
        for (count, word) in [(summary.mended, "mended"), (summary.warned, "with warnings")] {
            if count > 0 {
                some.push(format!("{count} {word}"));
            }
        }
        let some = if some.is_empty() { String::new() } else { format!(" ({})", some.join(", ")) };
        parts.push(format!("{} accepted{some}", summary.accepted));
    }
    for (count, word) in [(summary.rejected, "rejected"), (summary.unreadable, "unreadable")] {
        if count > 0 {
            parts.push(format!("{count} {word}"));
        }
    }
    if parts.is_empty() {
        parts.push("nothing to judge".into());
    }
    let (documents, images) = (plural(summary.documents, "document"), plural(summary.images, "image"));
    let _ = writeln!(text, "{documents}, {images}: {}", parts.join(", "));
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

/// Control characters written out: names and messages come from files, and must not move the cursor.
fn printable(text: &str) -> String {
    let mut printable = String::with_capacity(text.len());
    for c in text.chars() {
        if c.is_control() { printable.extend(c.escape_default()) } else { printable.push(c) }
    }
    printable
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

    #[test]
    fn control_characters_are_written_out() {
        assert_eq!(printable("a\u{1b}[2Jb\n\u{9b}é"), "a\\u{1b}[2Jb\\n\\u{9b}é");
    }
}
