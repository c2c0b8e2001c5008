//! What must hold for every input. The fuzz targets look for an input for which it does not; `tests/it/fuzz.rs` replays
//! those that they kept.
//!
//! | target | input | beyond "it answers" |
//! |---|---|---|
//! | `reference` | text | it means what the regular expressions of distribution/reference say |
//! | `settings` | JSON | `validate_settings` and `validate` agree on them; valid ones stay valid when written anew |
//! | `request` | the payload of `validate` | what is not JSON is refused; what is accepted has no stale image by a second judge; what is mutated is accepted as it is |
//! | `update` | a kind, an old and a new pod spec, one a line | never stricter than CREATE; what is accepted was there before |

mod answer;
mod model;
pub mod reference;
pub mod request;
pub mod settings;
pub mod update;

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
