//! Replaces files, each as a whole or not at all.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use super::files;

/// Puts a text in the place of the one that was read. Where the path is a symbolic link, its target is replaced.
pub(super) fn replace(path: &Path, read: &str, text: &str) -> Result<(), String> {
    let failed = |error: io::Error| format!("cannot be written: {}", files::reason(&error));
    let target = fs::canonicalize(path).map_err(failed)?;
    let metadata = fs::metadata(&target).map_err(failed)?;
    if !metadata.is_file() {
        return Err("cannot be written: it is no regular file".into());
    }
    if metadata.permissions().readonly() {
        return Err("cannot be written: it is read-only".into());
    }
    let temporary = beside(&target).ok_or("cannot be written: it has no directory")?;
    let written = write(&temporary, text, &metadata).and_then(|()| {
        // Whoever edits it at the same time loses nothing.
        if fs::read(&target)? == read.as_bytes() {
            fs::rename(&temporary, &target)?;
            return Ok(true);
        }
        Ok(false)
    });
    if !matches!(written, Ok(true)) {
        // The error that counts is the one before.
        let _ = fs::remove_file(&temporary);
    }
    match written {
        Ok(true) => Ok(()),
        Ok(false) => Err("was changed by somebody else meanwhile, and stays as it is".into()),
        Err(error) => Err(failed(error)),
    }
}

/// A file of the same directory, for only there a rename replaces at one stroke.
fn beside(target: &Path) -> Option<PathBuf> {
    let mut name = std::ffi::OsString::from(".");
    name.push(target.file_name()?);
    name.push(format!(".{}.tmp", std::process::id()));
    Some(target.parent()?.join(name))
}

fn write(temporary: &Path, text: &str, like: &fs::Metadata) -> io::Result<()> {
    let mut file = OpenOptions::new().write(true).create_new(true).open(temporary)?;
    file.write_all(text.as_bytes())?;
    own(&file, like);
    file.set_permissions(like.permissions())?;
    file.sync_all()
}

/// Keeps the owner, where one may give files away: for root that mends a user's file.
fn own(file: &File, like: &fs::Metadata) {
    #[cfg(unix)]
    {
        use std::os::unix::fs::{MetadataExt as _, fchown};
        let _ = fchown(file, Some(like.uid()), Some(like.gid()));
    }
    #[cfg(not(unix))]
    let _ = (file, like);
}
