//! Finds and reads the files that the user names.

use std::fs::File;
use std::io::{self, ErrorKind, Read};
use std::path::{Path, PathBuf};

use fresh_images_manifests::document::Source;
use fresh_images_manifests::report::Unreadable;
use walkdir::{DirEntry, WalkDir};

/// More than any file of manifests, and little enough to hold: `/dev/zero` is no file of manifests.
const MAX_SIZE: u64 = 64 * 1024 * 1024;

/// What standard input is called in reports.
const STDIN: &str = "<stdin>";

/// Something to read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Input {
    File(PathBuf),
    Stdin,
}

/// Every file that the paths stand for: in the order of the paths, and by name within a directory. What cannot
/// be looked into is reported in its place.
pub(super) fn find(paths: &[PathBuf]) -> Vec<Result<Input, Unreadable>> {
    let mut inputs = Vec::new();
    for path in paths {
        if path == Path::new("-") {
            inputs.push(Ok(Input::Stdin));
        } else if path.is_dir() {
            inputs.extend(walk(path));
        } else {
            // Whatever it is called: the user named it. If it does not exist, reading it says so.
            inputs.push(Ok(Input::File(path.clone())));
        }
    }
    inputs
}

fn walk(directory: &Path) -> impl Iterator<Item = Result<Input, Unreadable>> {
    let entries = WalkDir::new(directory).follow_links(true).sort_by_file_name().into_iter();
    entries.filter_entry(|entry| entry.depth() == 0 || !is_hidden(entry)).filter_map(|entry| match entry {
        Ok(entry) if entry.file_type().is_file() && is_manifest(entry.path()) => {
            let path = entry.into_path();
            // For `.` everything would start with `./`.
            Some(Ok(Input::File(path.strip_prefix(".").map_or_else(|_| path.clone(), Path::to_path_buf))))
        }
        Ok(_) => None,
        Err(error) => {
            let path = error.path().unwrap_or(directory).display().to_string();
            let problem = match error.io_error() {
                Some(error) => reason(error),
                None => "a link leads back to a directory that it is in".into(),
            };
            Some(Err(Unreadable::file(path, problem)))
        }
    })
}

fn is_hidden(entry: &DirEntry) -> bool {
    entry.file_name().as_encoded_bytes().starts_with(b".")
}

fn is_manifest(path: &Path) -> bool {
    let extension = path.extension().unwrap_or_default();
    ["yaml", "yml", "json"].iter().any(|known| extension.eq_ignore_ascii_case(known))
}

/// Reads an input as text.
pub(super) fn read(input: &Input) -> Result<Source, Unreadable> {
    let (name, bytes) = match input {
        Input::File(path) => (path.display().to_string(), File::open(path).and_then(read_bounded)),
        Input::Stdin => (STDIN.into(), read_bounded(io::stdin().lock())),
    };
    match bytes {
        Err(error) => Err(Unreadable::file(name, reason(&error))),
        Ok(None) => Err(Unreadable::file(name, "the file is larger than 64 MiB")),
        Ok(Some(bytes)) => match String::from_utf8(bytes) {
            Ok(text) => Ok(Source::new(name, text)),
            Err(error) => {
                let good = error.utf8_error().valid_up_to();
                let bytes = error.as_bytes();
                if bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]) {
                    return Err(Unreadable::file(name, "the text is UTF-16; save it as UTF-8"));
                }
                let before = bytes.iter().take(good).filter(|byte| **byte == b'\n').count();
                let problem = "the text is not UTF-8 from here on";
                Err(Unreadable { line: Some(before.saturating_add(1)), ..Unreadable::file(name, problem) })
            }
        },
    }
}

/// Nothing if there is too much to read.
fn read_bounded(reader: impl Read) -> io::Result<Option<Vec<u8>>> {
    let mut bytes = Vec::new();
    let limit = MAX_SIZE.saturating_add(1);
    let length = reader.take(limit).read_to_end(&mut bytes)?;
    Ok((u64::try_from(length).unwrap_or(limit) < limit).then_some(bytes))
}

/// Reads a file whole, such as a module.
pub(super) fn read_bytes(path: &Path) -> Result<Vec<u8>, Unreadable> {
    let name = path.display().to_string();
    match File::open(path).and_then(read_bounded) {
        Err(error) => Err(Unreadable::file(name, reason(&error))),
        Ok(None) => Err(Unreadable::file(name, "the file is larger than 64 MiB")),
        Ok(Some(bytes)) => Ok(bytes),
    }
}

/// The same words on every system for what happens often.
pub(super) fn reason(error: &io::Error) -> String {
    match error.kind() {
        ErrorKind::NotFound => "no such file or directory".into(),
        ErrorKind::PermissionDenied => "permission denied".into(),
        ErrorKind::IsADirectory => "it is a directory".into(),
        _ => error.to_string(),
    }
}
