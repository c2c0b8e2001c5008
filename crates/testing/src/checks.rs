//! What must hold for every input. The fuzz targets look for an input for which it does not; `tests/it/fuzz.rs` replays
//! those that they kept.
//!
//! | target | input | beyond "it answers" |
//! |---|---|---|
//! | `reference` | text | it means what the regular expressions of distribution/reference say |
//! | `settings` | JSON | `validate_settings` and `validate` agree on them; valid ones stay valid when written anew |
//! | `request` | the payload of `validate` | what is not JSON is refused; what is accepted has no stale image by a second judge; what is mutated is accepted as it is |
//! | `update` | a kind, an old and a new pod spec, one a line | never stricter than CREATE; what is accepted was there before |

mod model;
pub mod reference;
pub mod request;
pub mod settings;
pub mod update;

use fresh_images::{Verdict, response};
use serde_json::Value;

use crate::files;
use crate::text::Text;

/// The seeds of a target, which `fuzz/seeds` has.
///
/// # Panics
///
/// If they cannot be read.
pub fn seeds(target: &str) -> Vec<Vec<u8>> {
    let texts: Vec<Text> =
        serde_json::from_str(&files::read(&format!("fuzz/seeds/{target}.json"))).expect(target);
    texts.iter().map(|text| text.bytes().expect(target)).collect()
}

/// Checks the answer that Kubewarden would get, and gives the verdict back.
fn checked(verdict: Verdict) -> Verdict {
    let bytes = response::validation(verdict.clone()).expect("an answer");
    let answer: Value = serde_json::from_slice(&bytes).expect("the answer is JSON");
    assert_eq!(answer["accepted"], verdict.is_accepted());
    assert_eq!(answer["message"].is_string(), !verdict.is_accepted());
    assert_eq!(answer["code"].is_u64(), !verdict.is_accepted());

    let message = verdict.message().unwrap_or_default();
    assert!(message.len() <= 4096, "{} bytes", message.len());
    assert!(message.chars().all(|it| matches!(it, ' '..='~' | '\n' | '…')), "{message:?}");
    for warning in verdict.warnings() {
        assert!(warning.len() <= 256 && warning.bytes().all(|it| matches!(it, b' '..=b'~')), "{warning:?}");
    }
    assert!(verdict.is_accepted() || !verdict.findings().is_empty());
    assert!(verdict.findings().iter().all(|finding| !finding.path().to_string().is_empty()));
    verdict
}
