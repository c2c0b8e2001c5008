//! Replaces files, each as a whole or not at all.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use super::files;

/// Puts a text in the place of the one that was read. Where the path is a symbolic link, its target is replaced.
pub(super) fn replace(path: &Path, read: &str, text: &str) -> Result<(), String> {
    let failed = |error: io::Error| format!("cannot be written: {}", files::reason(&error));
    let target = resolved(path).map_err(failed)?;
    let metadata = fs::metadata(&target).map_err(failed)?;
    if !metadata.is_file() {
        return Err("cannot be written: it is not a regular file".into());
    }
    if is_read_only(&metadata) {
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
        Ok(false) => Err("changed on disk since it was read; left unchanged".into()),
        Err(error) => Err(failed(error)),
    }
}

/// Puts a text into a file, which may exist, as a whole or not at all.
pub(super) fn create(path: &Path, text: &[u8]) -> Result<(), String> {
    let failed = |error: io::Error| format!("cannot be written: {}", files::reason(&error));
    let target = resolved(path).unwrap_or_else(|_| path.into());
    match fs::metadata(&target) {
        Ok(metadata) if metadata.is_dir() => return Err("cannot be written: it is a directory".into()),
        // A pipe or a terminal has no half.
        Ok(metadata) if !metadata.is_file() => return fs::write(&target, text).map_err(failed),
        Ok(metadata) if is_read_only(&metadata) => {
            return Err("cannot be written: it is read-only".into());
        }
        _ => {}
    }
    let temporary = beside(&target).ok_or("cannot be written: it has no directory")?;
    let written = File::create_new(&temporary).and_then(|mut file| {
        file.write_all(text)?;
        file.sync_all()?;
        fs::rename(&temporary, &target)
    });
    written.map_err(|error| {
        // The error that counts is the one before.
        let _ = fs::remove_file(&temporary);
        failed(error)
    })
}

/// A file of the same directory, for only there a rename replaces at one stroke.
fn beside(target: &Path) -> Option<PathBuf> {
    let mut name = std::ffi::OsString::from(".");
    name.push(target.file_name()?);
    name.push(format!(".{}.tmp", process_id()));
    Some(target.parent()?.join(name))
}

/// Where the links lead that a path names.
#[cfg(not(target_os = "wasi"))]
fn resolved(path: &Path) -> io::Result<PathBuf> {
    fs::canonicalize(path)
}

/// WASI cannot resolve a path as a whole. What its parents are need not be known here.
#[cfg(target_os = "wasi")]
fn resolved(path: &Path) -> io::Result<PathBuf> {
    let mut path = path.to_path_buf();
    for _ in 0..40 {
        if !fs::symlink_metadata(&path)?.is_symlink() {
            return Ok(path);
        }
        let target = fs::read_link(&path)?;
        path = path.parent().map_or_else(|| target.clone(), |parent| parent.join(&target));
    }
    Err(io::Error::other("too many symbolic links"))
}

/// WASI has no modes: there, the host refuses to replace such a file.
fn is_read_only(metadata: &fs::Metadata) -> bool {
    cfg!(not(target_os = "wasi")) && metadata.permissions().readonly()
}

#[cfg(not(target_os = "wasi"))]
fn process_id() -> u32 {
    std::process::id()
}

/// WASI has no processes.
#[cfg(target_os = "wasi")]
fn process_id() -> u32 {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    now.map_or(0, |now| now.subsec_nanos())
}

fn write(temporary: &Path, text: &str, like: &fs::Metadata) -> io::Result<()> {
    let mut file = OpenOptions::new().write(true).create_new(true).open(temporary)?;
    file.write_all(text.as_bytes())?;
    own(&file, like);
    // WASI has no modes; its host keeps that of the file which is replaced.
    #[cfg(not(target_os = "wasi"))]
    file.set_permissions(like.permissions())?;
    file.sync_all()
}

/// Keeps the owner, where one may give files away: for root that fixes a user's file.
fn own(file: &File, like: &fs::Metadata) {
    #[cfg(unix)]
    {
        use std::os::unix::fs::{MetadataExt as _, fchown};
        let _ = fchown(file, Some(like.uid()), Some(like.gid()));
    }
    #[cfg(not(unix))]
    let _ = (file, like);
}
