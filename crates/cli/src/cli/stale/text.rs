//! The report for people.
//!
//! Pods and nodes beyond a handful are counted, unless the user wants all. Control characters are written out, because
//! names come from a cluster.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use anstyle::{AnsiColor, Style};
use fresh_images_manifests::report::printable;
use fresh_images_stale::{Code, Finding, Instance, Report, Verdict};
use jiff::Timestamp;

/// How many names are written before the rest is counted.
const NAMED: usize = 3;
const ERROR: Style = AnsiColor::Red.on_default().bold();
const WARNING: Style = AnsiColor::Yellow.on_default().bold();
const GOOD: Style = AnsiColor::Green.on_default();

/// The report as text that ends with a line end. After a time that is over, whatever is not right is named.
pub(super) fn render(report: &Report, verbose: bool, is_late: bool, now: Timestamp) -> String {
    let mut text = String::new();
    let is_told = |finding: &Finding| match finding.verdict {
        Verdict::Stale | Verdict::Split | Verdict::Unknown => true,
        Verdict::Unchecked => is_late,
        Verdict::Pinned | Verdict::Fresh => finding.code == Code::TagMoved,
    };
    for finding in &report.findings {
        if verbose || is_told(finding) {
            write_finding(&mut text, finding, verbose, now);
        }
    }
    for note in &report.notes {
        let _ = writeln!(text, "{WARNING}note{WARNING:#}      {}", printable(note));
    }
    let _ = writeln!(text, "{}", summary(report));
    text
}

/// `412 containers, 96 images, 61 look-ups: 398 fresh, 9 pinned, 3 stale, 1 split, 1 unknown`.
pub(super) fn summary(report: &Report) -> String {
    let summary = &report.summary;
    let counts = [
        (summary.fresh, "fresh"),
        (summary.pinned, "pinned"),
        (summary.stale, "stale"),
        (summary.split, "split"),
        (summary.unknown, "unknown"),
        (summary.unchecked, "unchecked"),
    ];
    let counts: Vec<String> =
        counts.iter().filter(|(n, _)| *n > 0).map(|(n, word)| format!("{n} {word}")).collect();
    let counts = if counts.is_empty() { String::new() } else { format!(": {}", counts.join(", ")) };
    format!(
        "{}, {}, {}{counts}",
        counted(report.containers, "container"),
        counted(report.images, "image"),
        counted(report.requests, "look-up")
    )
}

fn counted(number: usize, noun: &str) -> String {
    format!("{number} {noun}{}", if number == 1 { "" } else { "s" })
}

fn write_finding(text: &mut String, finding: &Finding, verbose: bool, now: Timestamp) {
    let (word, style) = match finding.verdict {
        Verdict::Stale => ("STALE", ERROR),
        Verdict::Split => ("SPLIT", ERROR),
        Verdict::Unknown => ("UNKNOWN", WARNING),
        Verdict::Unchecked => ("unchecked", Style::new()),
        Verdict::Pinned if finding.code == Code::TagMoved => ("MOVED", WARNING),
        Verdict::Pinned => ("pinned", GOOD),
        Verdict::Fresh => ("fresh", GOOD),
    };
    let Finding { namespace, kind, name, noun, container, image, pull_policy, code, .. } = finding;
    let workload = printable(&format!("{namespace}/{name}"));
    let _ = writeln!(
        text,
        "{style}{word:<9}{style:#} {kind} {workload}  {noun} \"{}\"  {}  ({})",
        printable(container),
        printable(image),
        printable(pull_policy)
    );
    let mut lines: Vec<String> = Vec::new();
    match finding.verdict {
        Verdict::Split => lines.push(contents(finding, verbose)),
        Verdict::Stale => {
            let (of_nodes, shown) = runs(finding, verbose, now);
            lines.extend(of_nodes);
            if let Some(current) = &finding.current {
                let built = built(current.created.as_deref());
                lines.push(format!(
                    "{:<width$}  {}{built}",
                    "the tag is now",
                    short(&current.digest),
                    width = shown
                ));
            }
        }
        _ if finding.code == Code::TagMoved => {
            lines.extend(
                finding.current.iter().map(|current| format!("its tag names {} now", short(&current.digest))),
            );
        }
        _ => {}
    }
    lines.extend(finding.reason.iter().map(|reason| printable(reason)));
    lines.extend(finding.help.iter().map(ToString::to_string));
    match lines.last_mut() {
        Some(last) => {
            let _ = write!(last, "  [{code}]");
        }
        None => lines.push(format!("[{code}]")),
    }
    for line in lines {
        let _ = writeln!(text, "          {line}");
    }
}

/// `node-2  2 Pods  run sha256:…`, one line a node and content, and how wide what comes before the digest is.
fn runs(finding: &Finding, verbose: bool, now: Timestamp) -> (Vec<String>, usize) {
    let most = if verbose { usize::MAX } else { NAMED };
    let heads: Vec<String> = finding.instances.iter().take(most).map(head).collect();
    let width = heads.iter().map(|head| head.chars().count()).max().unwrap_or_default();
    let mut lines = Vec::new();
    for (instance, head) in finding.instances.iter().zip(&heads) {
        let started = instance.started.as_deref().and_then(|started| ago(started, now));
        let started = started.map(|ago| format!(", started {ago} ago")).unwrap_or_default();
        let built = built(instance.created.as_deref());
        let digest = short(&instance.running);
        lines.push(format!("{head:<width$}  {digest}{built}{started}: {}", names(&instance.pods, verbose)));
    }
    let more = finding.instances.len().saturating_sub(most);
    if more > 0 {
        lines.push(format!("and on {} (--verbose names all)", counted(more, "more node")));
    }
    (lines, width)
}

fn head(instance: &Instance) -> String {
    let node = if instance.node.is_empty() { "no node" } else { &instance.node };
    let verb = if instance.pods.len() == 1 { "runs" } else { "run" };
    format!("{}  {}  {verb}", printable(node), counted(instance.pods.len(), "Pod"))
}

/// `two contents under one tag: sha256:1afe… on node-2, sha256:b4dc… on node-3`.
fn contents(finding: &Finding, verbose: bool) -> String {
    let mut by_content: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for instance in &finding.instances {
        let content = instance.config.as_deref().unwrap_or(&instance.running);
        by_content.entry(content).or_default().push(instance.node.clone());
    }
    let number = match by_content.len() {
        2 => "two".into(),
        3 => "three".into(),
        more => more.to_string(),
    };
    let each: Vec<String> = by_content
        .iter()
        .map(|(content, nodes)| format!("{} on {}", short(content), names(nodes, verbose)))
        .collect();
    format!("{number} contents under one tag: {}", each.join(", "))
}

fn names(names: &[String], verbose: bool) -> String {
    let most = if verbose { usize::MAX } else { NAMED };
    let shown: Vec<String> = names.iter().take(most).map(|name| printable(name)).collect();
    let more = names.len().saturating_sub(shown.len());
    if more > 0 { format!("{} and {more} more", shown.join(", ")) } else { shown.join(", ") }
}

/// The start of a digest. What people copy is whole, in the advice.
fn short(digest: &str) -> String {
    const SHOWN: usize = 19;
    match digest.get(..SHOWN) {
        Some(start) if digest.len() > SHOWN => format!("{}…", printable(start)),
        _ => printable(digest),
    }
}

fn built(created: Option<&str>) -> String {
    // The time is whatever the builder wrote: reproducible builds write 1970.
    created
        .and_then(|created| created.get(..10))
        .map(|day| format!("  built {}", printable(day)))
        .unwrap_or_default()
}

/// `26 h`, `12 min`, `40 days`.
fn ago(started: &str, now: Timestamp) -> Option<String> {
    let started: Timestamp = started.parse().ok()?;
    let seconds = now.as_second().checked_sub(started.as_second())?;
    Some(match seconds {
        ..0 => return None,
        0..=119 => format!("{seconds} s"),
        120..=7_199 => format!("{} min", seconds / 60),
        7_200..=172_799 => format!("{} h", seconds / 3_600),
        _ => format!("{} days", seconds / 86_400),
    })
}
