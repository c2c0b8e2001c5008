//! What holds for every verdict.

use fresh_images::{Verdict, response};
use serde_json::Value;

/// Checks the answer that Kubewarden would get, and gives the verdict back.
pub(crate) fn checked(verdict: Verdict) -> Verdict {
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
