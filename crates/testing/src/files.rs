//! The files of the project.

use std::fs;
use std::path::Path;

/// The root of the repository.
pub const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");

/// The text of a file, by its path below [`ROOT`].
///
/// # Panics
///
/// If it cannot be read.
pub fn read(file: &str) -> String {
    fs::read_to_string(Path::new(ROOT).join(file)).expect(file)
}
