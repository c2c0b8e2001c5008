//! What SECURITY.md and docs/threat-model.md point at is there: files, headings, and tests by their names.

#![expect(clippy::expect_used, reason = "a test that cannot read its documents fails")]

mod files;

use std::fs;
use std::path::Path;

use files::{ROOT, read};

const DOCUMENTS: [&str; 2] = ["SECURITY.md", "docs/threat-model.md"];

/// What stands between `open` and the next `close`, each time.
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
    headings.map(|heading| heading.trim_start_matches('#').trim().to_lowercase().replace(' ', "-")).collect()
}

#[test]
fn links_lead_somewhere() {
    let mut links = 0_usize;
    for document in DOCUMENTS {
        let text = read(document);
        let folder = Path::new(ROOT).join(document);
        let folder = folder.parent().expect("a folder");
        for link in between(&text, "](", ')').filter(|link| !link.starts_with("https://")) {
            let (file, anchor) = link.split_once('#').unwrap_or((link, ""));
            let path = folder.join(file);
            assert!(path.exists(), "{document}: {link}");
            if !anchor.is_empty() {
                let target = fs::read_to_string(path).expect(link);
                assert!(anchors(&target).iter().any(|known| known == anchor), "{document}: {link}");
            }
            links = links.saturating_add(1);
        }
    }
    assert!(links >= 5, "{links}");
}

#[test]
fn what_shows_a_claim_is_there() {
    let mut shown = 0_usize;
    for document in DOCUMENTS {
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
