//! What documents refer to exists: files, headings, and tests by their names.

#![expect(clippy::expect_used, reason = "a test that cannot read its documents fails")]

use std::fs;
use std::path::Path;

use fresh_images_testing::files::{ROOT, read};

/// Documents that name files and tests in code spans.
const EVIDENCE: [&str; 4] =
    ["CONTRIBUTING.md", "SECURITY.md", "docs/architecture.md", "docs/threat-model.md"];

/// Folders with documents that link to others.
const FOLDERS: [&str; 4] = ["", "docs", "examples", "policies"];

/// All documents in these folders.
fn documents() -> Vec<String> {
    let files = FOLDERS.iter().flat_map(|folder| {
        let entries = fs::read_dir(Path::new(ROOT).join(folder)).expect(folder);
        let names = entries.map(|entry| entry.expect("an entry").file_name().into_string().expect("UTF-8"));
        names.filter(|name| name.ends_with(".md")).map(move |name| format!("{folder}/{name}"))
    });
    files.map(|file| file.trim_start_matches('/').to_owned()).collect()
}

/// The parts of a text between `open` and the next `close`.
fn between<'t>(text: &'t str, open: &str, close: char) -> impl Iterator<Item = &'t str> {
    text.split(open).skip(1).filter_map(move |rest| rest.split(close).next())
}

/// The code spans of a text without blocks of code.
fn code_spans(text: &str) -> impl Iterator<Item = &str> {
    text.lines().flat_map(|line| line.split('`').skip(1).step_by(2))
}

/// A heading as GitHub links to it.
fn anchors(text: &str) -> Vec<String> {
    let headings = text.lines().filter_map(|line| line.strip_prefix('#'));
    let is_kept = |c: &char| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_');
    headings
        .map(|heading| heading.trim_start_matches('#').trim().to_lowercase())
        .map(|heading| heading.chars().filter(is_kept).collect::<String>().replace(' ', "-"))
        .collect()
}

#[test]
fn links_lead_somewhere() {
    let mut links = 0_usize;
    for document in documents() {
        let text = read(&document);
        let folder = Path::new(ROOT).join(&document);
        for link in between(&text, "](", ')').filter(|link| !link.starts_with("https://")) {
            let (file, anchor) = link.split_once('#').unwrap_or((link, ""));
            let path = if file.is_empty() { folder.clone() } else { folder.with_file_name(file) };
            assert!(path.exists(), "{document}: {link}");
            if !anchor.is_empty() {
                let target = fs::read_to_string(path).expect(link);
                assert!(anchors(&target).iter().any(|known| known == anchor), "{document}: {link}");
            }
            links = links.saturating_add(1);
        }
    }
    assert!(links >= 100, "{links}");
}

#[test]
fn what_shows_a_claim_is_there() {
    let mut shown = 0_usize;
    for document in EVIDENCE {
        let text = read(document);
        for span in code_spans(&text)
            .filter(|span| ["tests/", "crates/", "src/"].iter().any(|folder| span.starts_with(folder)))
        {
            let (file, test) = span.split_once("::").unwrap_or((span, ""));
            assert!(Path::new(ROOT).join(file).exists(), "{document}: {span}");
            if !test.is_empty() {
                assert!(read(file).contains(&format!("fn {test}(")), "{document}: {span}");
            }
            shown = shown.saturating_add(1);
        }
    }
    assert!(shown >= 20, "{shown}");
}
