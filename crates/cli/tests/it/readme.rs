//! What the README shows is what a user sees.

use std::path::Path;
use std::process::Command;

#[test]
fn the_story_is_told_as_the_readme_shows_it() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let readme = std::fs::read_to_string(root.join("README.md")).unwrap();
    let shown = readme
        .split_once("<!-- story -->\n```console\n$ fresh-images check examples/story\n")
        .and_then(|(_, rest)| rest.split_once("```\n<!-- /story -->"))
        .expect("the README has the story between its comments")
        .0;
    let output = Command::new(env!("CARGO_BIN_EXE_fresh-images"))
        .args(["check", "examples/story"])
        .current_dir(root)
        .output()
        .unwrap();
    assert_eq!(String::from_utf8(output.stdout).unwrap(), shown);
    assert_eq!(output.status.code(), Some(1));
}
