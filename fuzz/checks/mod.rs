//! What must hold for every input. The fuzz targets look for an input for which it does not; `tests/fuzz.rs` replays
//! those that they kept.
//!
//! | target | input | beyond "it answers" |
//! |---|---|---|
//! | `reference` | text | it means what the regular expressions of distribution/reference say |
//! | `settings` | JSON | `validate_settings` and `validate` agree on them; valid ones stay valid when written anew |
//! | `request` | the payload of `validate` | what is no JSON is refused; what is accepted has no stale image by a second judge; what is mended is accepted as it is |
//! | `update` | a kind, an old and a new pod spec, one a line | never stricter than CREATE; what is accepted was there before |
#![cfg_attr(fuzzing, allow(dead_code, reason = "each target uses some of it"))]

mod answer;
mod model;
pub(crate) mod reference;
pub(crate) mod request;
pub(crate) mod settings;
pub(crate) mod update;
