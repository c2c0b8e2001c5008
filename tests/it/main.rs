//! The tests of the library, as one program: a module a theme.
//!
//! | | |
//! |---|---|
//! | `cargo test --test it` | all |
//! | `cargo test --test it patterns::` | one theme |
//! | `PROPTEST_CASES=64 cargo test --test it` | with few cases of each property, which take the longest |
//!
//! What needs no files is also run as WebAssembly: `make test-wasi`. `tests/README.md` explains the test data.

mod completeness;
mod hostile;
mod limits;
mod messages;
mod mutate;
mod objects;
mod patterns;
mod reference;
mod requests;
mod rules;
mod settings;
mod update;
mod usage;

// What reads files, or needs crates that the guest has nothing to do with.
#[cfg(not(target_family = "wasm"))]
mod apply_again;
#[cfg(not(target_family = "wasm"))]
mod conditions;
#[cfg(not(target_family = "wasm"))]
mod corpus;
#[cfg(not(target_family = "wasm"))]
mod evidence;
#[cfg(not(target_family = "wasm"))]
mod figures;
#[cfg(not(target_family = "wasm"))]
mod fuzz;
#[cfg(not(target_family = "wasm"))]
mod manifests;
#[cfg(not(target_family = "wasm"))]
mod oci_spec;
#[cfg(not(target_family = "wasm"))]
mod properties;
#[cfg(not(target_family = "wasm"))]
mod protocol;
#[cfg(not(target_family = "wasm"))]
mod release;
#[cfg(not(target_family = "wasm"))]
mod scenarios;
#[cfg(not(target_family = "wasm"))]
mod schema;
