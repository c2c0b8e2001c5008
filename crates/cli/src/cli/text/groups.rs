//! Many findings, by image: what to change is the image, wherever it stands.
//!
//! ```text
//! REJECTED   harbor.example.com/shop/web:1.1: 78 places in 31 files
//!     can go stale: it has no digest and its pull policy is IfNotPresent, … [mutable-image]
//!       shop/web.yaml:12:16  Deployment shop/web, nginx
//!       …
//!       and 68 more: --verbose names all of them
//! ```

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use fresh_images_manifests::report::{Document, Entry, Problem, place, printable};

use super::super::args::Detail;
use super::{ERROR, WARNING, wrap};

/// With more findings than these, a list by place is no help.
pub(super) const MANY: usize = 20;

/// How many places are named of each group.
const PLACES: usize = 10;

/// Whether a finding is one that belongs to a group: new, and about an image that stands somewhere.
pub(super) fn is_grouped(problem: &Problem) -> bool {
    problem.known.is_none() && problem.image.is_some() && problem.path.is_some()
}

/// Whether there are so many that they are grouped.
pub(super) fn are_many(entries: &[&Entry]) -> bool {
    let findings = documents(entries).flat_map(|document| &document.findings);
    findings.filter(|problem| is_grouped(problem)).count() > MANY
}

/// All findings of one image, by what is wrong.
#[derive(Default)]
struct Group<'r> {
    places: usize,
    files: BTreeSet<&'r str>,
    reasons: BTreeMap<&'r str, Vec<(&'r Document, &'r Problem)>>,
}

/// The images with the most places come first.
pub(super) fn render(text: &mut String, entries: &[&Entry], detail: Detail) {
    let mut groups: BTreeMap<(bool, &str), Group<'_>> = BTreeMap::new();
    for document in documents(entries) {
        for problem in document.findings.iter().filter(|problem| is_grouped(problem)) {
            let image = problem.image.as_deref().unwrap_or_default();
            let group = groups.entry((document.accepted, image)).or_default();
            group.places = group.places.saturating_add(1);
            group.files.insert(&document.file);
            group.reasons.entry(reason(problem, image)).or_default().push((document, problem));
        }
    }
    let mut groups: Vec<_> = groups.into_iter().collect();
    groups.sort_by_key(|((accepted, _), group)| (*accepted, std::cmp::Reverse(group.places)));
    for ((accepted, image), group) in groups {
        if !text.is_empty() {
            text.push('\n');
        }
        let (style, word) = if accepted { (WARNING, "WARNING") } else { (ERROR, "REJECTED") };
        let (places, files) = (count(group.places, "place"), count(group.files.len(), "file"));
        let _ = writeln!(text, "{style}{word:10}{style:#} {}: {places} in {files}", printable(image));
        for (reason, found) in group.reasons {
            wrap(text, "", reason);
            let shown = if detail == Detail::Verbose { found.len() } else { PLACES };
            for (document, problem) in found.iter().take(shown) {
                let place = place(&document.file, problem.line, problem.column);
                let name = problem.name.as_ref().map_or_else(String::new, |name| format!(", {name}"));
                let _ = writeln!(text, "      {place}  {}", printable(&(super::title(document) + &name)));
            }
            match found.len().saturating_sub(shown) {
                0 => {}
                more => {
                    let _ = writeln!(text, "      and {more} more: --verbose names all of them");
                }
            }
        }
    }
}

fn documents<'r>(entries: &[&'r Entry]) -> impl Iterator<Item = &'r Document> {
    entries.iter().filter_map(|entry| match entry {
        Entry::Judged(document) => Some(document),
        Entry::Unreadable(_) => None,
    })
}

/// A message without the place and the image, which stand in the heading.
fn reason<'r>(problem: &'r Problem, image: &str) -> &'r str {
    let message = problem.message.as_str();
    // Every message about an image says first where it stands.
    let named = format!(": image {image:?} ");
    message.split_once(&named).map_or(message, |(_, reason)| reason)
}

fn count(count: usize, noun: &str) -> String {
    format!("{count} {noun}{}", if count == 1 { "" } else { "s" })
}
