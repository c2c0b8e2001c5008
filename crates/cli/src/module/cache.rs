//! Keeps what was pulled, by its digest.
//!
//! ```text
//! ~/.cache/fresh-images/sha256/ba7816bf….json     a manifest
//! ~/.cache/fresh-images/sha256/e3b0c442….wasm     a module
//! ```
//!
//! What is read from it has the digest that it was asked for, whatever was done to the files. It may be deleted at any
//! time.

use std::env;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};

use super::digest::Digest;
use super::error::MAX_SIZE;

/// A directory of contents.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cache {
    directory: PathBuf,
}

/// What a content is.
#[derive(Clone, Copy, Debug)]
pub(super) enum Kind {
    Manifest,
    Module,
}

impl Cache {
    /// In this directory, which need not exist.
    pub fn new(directory: impl Into<PathBuf>) -> Self {
        Self { directory: directory.into() }
    }

    /// The user's: in `$XDG_CACHE_HOME`, or else in `.cache` of the home directory. None for a user without both.
    pub fn of_user() -> Option<Self> {
        // As its specification wants, a relative path counts as none.
        let caches = env::var_os("XDG_CACHE_HOME").map(PathBuf::from).filter(|path| path.is_absolute());
        let caches = caches.or_else(|| Some(env::home_dir()?.join(".cache")))?;
        Some(Self::new(caches.join("fresh-images")))
    }

    /// What has this digest; nothing if there is nothing, or something else.
    pub(super) fn read(&self, digest: &Digest, kind: Kind) -> Option<Vec<u8>> {
        let file = File::open(self.path(digest, kind)).ok()?;
        let mut content = Vec::new();
        let limit = u64::try_from(MAX_SIZE).unwrap_or(u64::MAX);
        file.take(limit).read_to_end(&mut content).ok()?;
        digest.is_of(&content).then_some(content)
    }

    /// Keeps a content, if the directory can be written. Who judges need not know whether it can.
    pub(super) fn keep(&self, digest: &Digest, kind: Kind, content: &[u8]) {
        let _ = replace(&self.path(digest, kind), content);
    }

    fn path(&self, digest: &Digest, kind: Kind) -> PathBuf {
        let extension = match kind {
            Kind::Manifest => "json",
            Kind::Module => "wasm",
        };
        self.directory.join(digest.algorithm.name()).join(format!("{}.{extension}", digest.digits))
    }
}

/// Another process finds the old file, the new one or none, and never a part of one.
fn replace(path: &Path, content: &[u8]) -> io::Result<()> {
    if let Some(directory) = path.parent() {
        fs::create_dir_all(directory)?;
    }
    let temporary = path.with_extension(format!("{}.tmp", std::process::id()));
    let mut file = OpenOptions::new().write(true).create_new(true).open(&temporary)?;
    let written = file.write_all(content).and_then(|()| fs::rename(&temporary, path));
    if written.is_err() {
        // Else it would be in the way the next time.
        let _ = fs::remove_file(&temporary);
    }
    written
}
