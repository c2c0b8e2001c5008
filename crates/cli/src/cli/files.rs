//! Finds and reads the files that the user names.
//!
//! What is named must be readable. What is come across in a directory may be passed over: hidden files and folders, what a
//! `.gitignore` or a `.fresh-imagesignore` names, and what `--exclude` matches.

use std::ffi::OsStr;
use std::fs::File;
use std::io::{self, ErrorKind, Read};
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use fresh_images_manifests::document::Source;
use fresh_images_manifests::report::Unreadable;
use ignore::overrides::{Override, OverrideBuilder};
use ignore::{DirEntry, WalkBuilder};

use super::render::Rendering;

/// More than any file of manifests, and little enough to hold: `/dev/zero` is no file of manifests.
const MAX_SIZE: u64 = 64 * 1024 * 1024;

/// What standard input is called in reports.
const STDIN: &str = "<stdin>";

/// What a kustomization is called, with or without an extension.
pub(super) const KUSTOMIZATION: [&str; 3] = ["kustomization.yaml", "kustomization.yml", "Kustomization"];

/// Names what `check` leaves out, as a `.gitignore` does.
const IGNORE_FILE: &str = ".fresh-imagesignore";

/// Something to read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Input {
    /// The user named it.
    File(PathBuf),
    /// It is in a directory that the user named.
    Found(PathBuf),
    /// It is what something in such a directory is rendered to.
    Rendered(Rendering),
    Stdin,
}

/// How directories are walked.
#[derive(Clone, Copy, Debug)]
pub(super) struct Walk<'a> {
    /// Patterns of what is left out, as in a `.gitignore`, relative to each directory.
    pub(super) exclude: &'a [String],
    /// What a configuration leaves out; its root is absolute.
    pub(super) excluded: Option<&'a Override>,
    pub(super) include_hidden: bool,
    /// Files that are no manifests, whatever they hold, as [`normal`] has them.
    pub(super) no_manifests: &'a [PathBuf],
}

/// Every file that the paths stand for.
#[derive(Debug, Default)]
pub(super) struct Found {
    /// In the order of the paths, and by name within a directory. What cannot be looked into is in its place.
    pub(super) inputs: Vec<Result<Input, Unreadable>>,
    /// How many hidden files and folders were left out.
    pub(super) hidden: usize,
}

/// Whether a pattern can be one of `--exclude`.
pub(super) fn is_glob(pattern: &str) -> Result<String, String> {
    let mut builder = OverrideBuilder::new(".");
    match builder.add(&format!("!{pattern}")) {
        Ok(_) if !pattern.is_empty() && !pattern.starts_with('!') => Ok(pattern.into()),
        Ok(_) => Err("expected a pattern such as **/testdata or *.generated.yaml".into()),
        Err(error) => Err(match error {
            ignore::Error::Glob { err, .. } => format!("not a glob: {err}"),
            error => format!("not a glob: {error}"),
        }),
    }
}

impl Walk<'_> {
    /// Every file that the paths stand for.
    pub(super) fn find(self, paths: &[PathBuf]) -> Found {
        let mut found = Found::default();
        for path in paths {
            if path == Path::new("-") {
                found.inputs.push(Ok(Input::Stdin));
            } else if path.is_dir() {
                self.walk(path, &mut found);
            } else {
                // Whatever it is called: the user named it. If it does not exist, reading it says so.
                found.inputs.push(Ok(Input::File(path.clone())));
            }
        }
        found
    }

    fn walk(self, directory: &Path, found: &mut Found) {
        let hidden = Arc::new(AtomicUsize::new(0));
        let (include_hidden, counter) = (self.include_hidden, Arc::clone(&hidden));
        let excluded = self.excluded.cloned();
        let entries = WalkBuilder::new(directory)
            .follow_links(true)
            // A repository that was unpacked from an archive means the same as one that was cloned; what ignores files on
            // this machine alone does not.
            .require_git(false)
            .git_global(false)
            .git_exclude(false)
            .ignore(false)
            .add_custom_ignore_filename(IGNORE_FILE)
            .overrides(self.overrides(directory))
            .hidden(false)
            .filter_entry(move |entry| {
                if excluded
                    .as_ref()
                    .is_some_and(|it| it.matched(normal(entry.path()), is_directory(entry)).is_ignore())
                {
                    return false;
                }
                let is_hidden = entry.depth() > 0 && is_hidden(entry);
                // The files of git itself are nobody's manifests.
                let is_git = is_hidden && entry.file_name() == OsStr::new(".git");
                if is_hidden
                    && !is_git
                    && !include_hidden
                    && (is_directory(entry) || is_manifest(entry.path()))
                {
                    counter.fetch_add(1, Ordering::Relaxed);
                }
                !is_git && (include_hidden || !is_hidden)
            })
            .sort_by_file_name(Ord::cmp)
            .build();
        found.inputs.extend(entries.filter_map(|entry| match entry {
            Ok(entry) if is_manifest(entry.path()) && !is_directory(&entry) => {
                let path = entry.into_path();
                // For `.` everything would start with `./`.
                let path = path.strip_prefix(".").map_or_else(|_| path.clone(), Path::to_path_buf);
                let is_none = !self.no_manifests.is_empty() && self.no_manifests.contains(&normal(&path));
                (!is_none && path.is_file()).then_some(Ok(Input::Found(path)))
            }
            Ok(_) => None,
            Err(error) => problem(directory, &error).map(Err),
        }));
        found.hidden = found.hidden.saturating_add(hidden.load(Ordering::Relaxed));
    }

    fn overrides(self, directory: &Path) -> Override {
        let mut builder = OverrideBuilder::new(directory);
        for pattern in self.exclude {
            // Each was tried when the options were read.
            let _ = builder.add(&format!("!{pattern}"));
        }
        builder.build().unwrap_or_else(|_| Override::empty())
    }
}

/// What is wrong with a directory. A link that leads nowhere is nothing that could be judged.
fn problem(directory: &Path, error: &ignore::Error) -> Option<Unreadable> {
    match error {
        ignore::Error::WithPath { path, err } => problem(path, err),
        ignore::Error::WithDepth { err, .. } | ignore::Error::WithLineNumber { err, .. } => {
            problem(directory, err)
        }
        ignore::Error::Io(error) if error.kind() == ErrorKind::NotFound => None,
        ignore::Error::Io(error) => Some(Unreadable::file(directory.display().to_string(), reason(error))),
        ignore::Error::Loop { child, .. } => {
            let problem = "a link points to a directory that contains it";
            Some(Unreadable::file(child.display().to_string(), problem))
        }
        error => Some(Unreadable::file(directory.display().to_string(), error.to_string())),
    }
}

fn is_hidden(entry: &DirEntry) -> bool {
    entry.file_name().as_encoded_bytes().starts_with(b".")
}

fn is_directory(entry: &DirEntry) -> bool {
    entry.file_type().is_some_and(|it| it.is_dir())
}

fn is_manifest(path: &Path) -> bool {
    if path.file_name().is_some_and(|name| KUSTOMIZATION.iter().any(|known| name == *known)) {
        return true;
    }
    let extension = path.extension().unwrap_or_default();
    ["yaml", "yml", "json"].iter().any(|known| extension.eq_ignore_ascii_case(known))
}

/// Absolute and without `.` and `..`; the file need not exist.
pub(super) fn normal(path: &Path) -> PathBuf {
    let absolute = std::path::absolute(path).unwrap_or_else(|_| path.into());
    let mut normal = PathBuf::new();
    for part in absolute.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir => {
                normal.pop();
            }
            part => normal.push(part),
        }
    }
    normal
}

/// Reads an input as text.
pub(super) fn read(input: &Input) -> Result<Source, Unreadable> {
    read_for(input, None)
}

/// The same, where what is rendered is meant for a namespace.
pub(super) fn read_for(input: &Input, namespace: Option<&str>) -> Result<Source, Unreadable> {
    let (name, bytes) = match input {
        Input::Rendered(rendering) => return rendering.read(namespace),
        Input::File(path) | Input::Found(path) => {
            (path.display().to_string(), File::open(path).and_then(read_bounded))
        }
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

/// Reads a file of settings or policies that the user names; `-` is standard input.
pub(super) fn read_named(path: &Path) -> Result<Source, Unreadable> {
    read(&if path == Path::new("-") { Input::Stdin } else { Input::File(path.into()) })
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
