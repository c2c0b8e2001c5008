//! Where the files of a release are put, and the licences among them.

use std::fs;
use std::path::PathBuf;

use crate::command::{command, require, run};
use crate::{Result, root};

/// `target/dist`, which is made.
pub(crate) fn dist() -> Result<PathBuf> {
    let dist = root().join("target/dist");
    fs::create_dir_all(&dist).map_err(|error| format!("{}: {error}", dist.display()))?;
    Ok(dist)
}

/// A new folder for a clone, which is empty.
pub(crate) fn scratch(name: &str) -> Result<PathBuf> {
    let folder = std::env::temp_dir().join(format!("fresh-images-{name}-{}", std::process::id()));
    fs::create_dir_all(&folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    Ok(folder)
}

/// Writes the licences of all that the policy is made of.
pub(crate) fn licenses() -> Result<()> {
    require("cargo-about", "cargo install --locked --features cli cargo-about")?;
    run(&mut command("cargo", &["fetch", "--locked", "--quiet"]))?;
    let file = dist()?.join("THIRD-PARTY-LICENSES");
    let arguments = ["about", "generate", "--offline", "--locked", "--fail", "--config", ".ci/about.toml"];
    run(command("cargo", &arguments)
        .args(["--manifest-path", "Cargo.toml", "--output-file"])
        .arg(file)
        .arg(".ci/about.hbs"))
}
