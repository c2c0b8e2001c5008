//! What the tests of several crates share.
//!
//! | module | what is in it |
//! |---|---|
//! | [`checks`] | what holds for every input; the fuzz targets look for one for which it does not |
//! | [`corpus`] | the cases of `tests/corpus` |
//! | [`files`] | the files of the project |
//! | [`generate`] | generated workloads, references and settings |
//! | [`hostile`] | the attacks of `tests/hostile` |
//! | [`text`] | long texts, and bytes that are not text, in tables |
//!
//! `tests/README.md` explains the test data.

#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test whose data cannot be read, or for which a check does not hold, fails"
)]

pub mod checks;
pub mod config;
pub mod corpus;
pub mod files;
pub mod generate;
pub mod hostile;
pub mod text;
