//! The files of the project.

use std::fs;
use std::path::Path;

pub(crate) const ROOT: &str = env!("CARGO_MANIFEST_DIR");

pub(crate) fn read(file: &str) -> String {
    fs::read_to_string(Path::new(ROOT).join(file)).expect(file)
}
