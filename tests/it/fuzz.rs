//! Replays inputs of the fuzz targets: seeds, and every input that once failed.
//!
//! `fuzz/README.md` says how they are found.

#![expect(clippy::expect_used, clippy::panic, reason = "a check that does not hold fails the test")]

use std::fs;
use std::path::Path;

use fresh_images_testing::checks;
use fresh_images_testing::files::ROOT;

/// What failed before a fix, by its name. There are no regressions where nothing was found.
fn regressions(target: &str) -> Vec<(String, Vec<u8>)> {
    let Ok(files) = fs::read_dir(Path::new(ROOT).join("fuzz/regressions").join(target)) else {
        return Vec::new();
    };
    let paths = files.map(|file| file.expect("a file").path());
    paths.map(|path| (path.display().to_string(), fs::read(path).expect("an input"))).collect()
}

#[track_caller]
fn replay(target: &str, check: fn(&[u8])) {
    let seeds = checks::seeds(target);
    assert!(seeds.len() >= 100, "{target}: {} seeds", seeds.len());
    let seeds = seeds.into_iter().enumerate().map(|(index, input)| (format!("seed {index}"), input));
    for (name, input) in seeds.chain(regressions(target)) {
        if std::panic::catch_unwind(|| check(&input)).is_err() {
            panic!("{target}: does not hold for {name}: {:?}", String::from_utf8_lossy(&input));
        }
    }
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
