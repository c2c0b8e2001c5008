//! Looks digests up in a real registry, and in some that are none.

#![expect(
    clippy::arithmetic_side_effects,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::string_slice,
    reason = "helpers of tests may panic like the tests"
)]

mod client;
mod command;
mod fake;
mod images;
mod module;
mod policy;
mod pull;
mod server;
mod stale;
