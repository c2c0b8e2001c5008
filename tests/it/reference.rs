//! The parser of image references against known answers.
//!
//! `tests/vectors/README.md` says where the answers come from.

#![expect(clippy::expect_used, reason = "a test that cannot read its table fails")]

use std::collections::BTreeSet;

use fresh_images::pull_policy::PullPolicy;
use fresh_images::reference::Reference;
use fresh_images_testing::text::Text;
use serde::Deserialize;
use serde::de::DeserializeOwned;

const REFERENCES: &str = include_str!("../vectors/references.json");

/// Rows under one heading.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Group<R> {
    #[serde(alias = "group", alias = "reason")]
    pub(super) heading: String,
    pub(super) rows: Vec<R>,
}

#[derive(Deserialize)]
#[serde(untagged, deny_unknown_fields)]
enum Row {
    Invalid {
        input: Text,
        error: Text,
    },
    Valid {
        input: Text,
        registry: Text,
        repository: Text,
        tag: Option<Text>,
        digest: Option<Text>,
        pinned: bool,
        pull_policy: String,
    },
}

impl Row {
    fn input(&self) -> String {
        match self {
            Self::Invalid { input, .. } | Self::Valid { input, .. } => input.text().expect("a text"),
        }
    }
}

pub(super) fn groups<R: DeserializeOwned>(json: &str) -> Vec<Group<R>> {
    serde_json::from_str(json).expect("the table is readable")
}

pub(super) fn inputs() -> Vec<String> {
    groups::<Row>(REFERENCES).iter().flat_map(|group| &group.rows).map(Row::input).collect()
}

#[test]
fn references_mean_what_the_table_says() {
    for group in groups::<Row>(REFERENCES) {
        for row in group.rows {
            let input = row.input();
            let context = format!("{}: {input:?}", group.heading);
            match (Reference::parse(&input), row) {
                (Err(actual), Row::Invalid { error, .. }) => {
                    assert_eq!(actual.to_string(), error.text().expect("a text"), "{context}");
                }
                (Ok(actual), Row::Valid { registry, repository, tag, digest, pinned, pull_policy, .. }) => {
                    assert_eq!(actual.registry(), registry.text().expect("a text"), "{context}");
                    assert_eq!(
                        actual.repository().to_string(),
                        repository.text().expect("a text"),
                        "{context}"
                    );
                    assert_eq!(
                        actual.tag(),
                        tag.map(|tag| tag.text().expect("a text")).as_deref(),
                        "{context}"
                    );
                    assert_eq!(
                        actual.digest(),
                        digest.map(|digest| digest.text().expect("a text")).as_deref(),
                        "{context}"
                    );
                    assert_eq!(actual.is_pinned(), pinned, "{context}");
                    let effective = PullPolicy::effective(None, Some(&actual));
                    assert_eq!(effective.as_str(), pull_policy, "{context}");
                }
                (Ok(actual), Row::Invalid { .. }) => panic!("{context} is accepted as {actual}"),
                (Err(error), Row::Valid { .. }) => panic!("{context} is refused: {error}"),
            }
        }
    }
}

#[test]
fn the_canonical_form_is_the_same_reference() {
    for input in inputs() {
        let Ok(reference) = Reference::parse(&input) else { continue };
        let canonical = reference.to_string();
        let again = Reference::parse(&canonical).unwrap_or_else(|error| panic!("{canonical:?}: {error}"));
        assert_eq!(again, reference, "{input:?}");
        assert_eq!(again.to_string(), canonical, "{input:?}");
    }
}

#[test]
fn another_image_is_another_reference() {
    let digest = |last: &str| format!("a@sha256:{}{last}", "0".repeat(63));
    for (one, other) in [
        ("ghcr.io/a", "ghcr.io/b"),
        ("ghcr.io/a", "ghcr.io/a/b"),
        ("ghcr.io/a", "quay.io/a"),
        ("ghcr.io/library/a", "a"),
        ("library/a", "library/library/a"),
        ("a:1", "a:2"),
        ("a", "a:latest"),
        (&digest("0"), &digest("1")),
    ] {
        assert_ne!(Reference::parse(one), Reference::parse(other), "{one:?} {other:?}");
    }
    assert_eq!(Reference::parse("a"), Reference::parse("index.docker.io/library/a"));
}

#[test]
fn errors_are_one_short_line_of_ascii() {
    for input in inputs() {
        let Err(error) = Reference::parse(&input) else { continue };
        let error = error.to_string();
        assert!(error.len() <= 120, "{input:?}: {error}");
        assert!(error.bytes().all(|byte| matches!(byte, b' '..=b'~')), "{input:?}: {error}");
    }
}

#[test]
fn no_row_stands_twice() {
    let mut seen = BTreeSet::new();
    for input in inputs() {
        assert!(seen.insert(input.clone()), "{input:?}");
    }
    assert!(seen.len() >= 350, "{}", seen.len());
}
