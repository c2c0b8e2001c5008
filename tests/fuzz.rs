//! Replays what the fuzz targets have kept: every input that reached something new, and every one that once failed.
//!
//! `fuzz/README.md` says how they are found.

#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a check that does not hold fails the test"
)]

#[path = "../fuzz/checks/mod.rs"]
mod checks;

use std::fs;
use std::path::Path;

/// `corpus` holds what libFuzzer found worth keeping, `regressions` what failed before a fix.
#[track_caller]
fn replay(target: &str, check: fn(&[u8])) {
    let mut replayed = 0_usize;
    for folder in ["corpus", "regressions"] {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz").join(folder).join(target);
        // There are no regressions where nothing was found.
        let Ok(files) = fs::read_dir(folder) else { continue };
        for file in files {
            let path = file.expect("a file").path();
            let input = fs::read(&path).expect("an input");
            if std::panic::catch_unwind(|| check(&input)).is_err() {
                panic!("does not hold for {}", path.display());
            }
            replayed = replayed.saturating_add(1);
        }
    }
    assert!(replayed >= 40, "{target}: {replayed} inputs");
}

#[test]
fn reference() {
    replay("reference", checks::reference::check);
}

#[test]
fn settings() {
    replay("settings", checks::settings::check);
}

#[test]
fn request() {
    replay("request", checks::request::check);
}

#[test]
fn update() {
    replay("update", checks::update::check);
}
