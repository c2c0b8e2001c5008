//! The parser of image references against the parser of `oci-spec`, which never decides.
//!
//! `tests/vectors/README.md` says what `oci-spec.json` lists.

use std::collections::BTreeMap;

use fresh_images::reference::Reference;
use fresh_images_testing::text::Text;
use serde::Deserialize;

use crate::reference::{groups, inputs};

const OCI_SPEC: &str = include_str!("../vectors/oci-spec.json");

/// A row of `references.json` that `oci-spec` answers in another way.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Divergence {
    input: Text,
    ours: Text,
    theirs: Text,
}

/// `None` if both refuse, or both mean the same; else what each says.
fn divergence(input: &str) -> Option<(String, String)> {
    let ours = Reference::parse(input);
    let theirs = input.parse::<oci_spec::distribution::Reference>();
    let same = match (&ours, &theirs) {
        (Ok(ours), Ok(theirs)) => {
            ours.registry() == theirs.registry()
                && ours.repository().to_string() == theirs.repository()
                // They spell out the tag that is implied.
                && ours.effective_tag() == theirs.tag()
                && ours.digest() == theirs.digest()
        }
        (Err(_), Err(_)) => true,
        _ => false,
    };
    let ours = ours.map_or_else(|error| error.to_string(), |reference| reference.to_string());
    let theirs = theirs.map_or_else(|error| error.to_string(), |reference| reference.whole());
    (!same).then_some((ours, theirs))
}

#[test]
fn oci_spec_agrees_or_its_divergence_is_recorded() {
    let mut recorded = BTreeMap::new();
    for group in groups::<Divergence>(OCI_SPEC) {
        assert!(!group.heading.is_empty());
        for row in group.rows {
            let input = row.input.text().expect("a text");
            let known = recorded.insert(
                input.clone(),
                (row.ours.text().expect("a text"), row.theirs.text().expect("a text")),
            );
            assert_eq!(known, None, "{input:?} is recorded twice");
        }
    }
    for input in inputs() {
        assert_eq!(divergence(&input), recorded.remove(&input), "{input:?}: left found, right recorded");
    }
    assert!(recorded.is_empty(), "recorded, but in no row of references.json: {recorded:?}");
}
