//! What a directory is to Kustomize.
//!
//! The files of a kustomization are not what is applied: it changes images, and a patch may leave them out. So a patch needs
//! no image, and a rejection below a kustomization is told with how to judge what is rendered.

use std::collections::BTreeSet;
use std::path::{Component, Path, PathBuf};

use fresh_images_manifests::document::{self, Node, Value};
use fresh_images_manifests::report::{Entry, Note, Report, Unreadable};

use super::files::{self, Input, KUSTOMIZATION};

/// The kustomizations among the files that were found.
#[derive(Debug, Default)]
pub(super) struct Kustomizations {
    directories: BTreeSet<PathBuf>,
    patches: BTreeSet<PathBuf>,
}

impl Kustomizations {
    /// Reads them. One that is broken is told when it is judged.
    pub(super) fn of(inputs: &[Result<Input, Unreadable>]) -> Self {
        let mut all = Self::default();
        for input in inputs {
            if let Ok(input @ Input::Found(path)) = input
                && path.file_name().is_some_and(|name| KUSTOMIZATION.iter().any(|known| name == *known))
                && let Ok(source) = files::read(input)
            {
                let directory = path.parent().unwrap_or(Path::new(""));
                for kustomization in document::read(&source).iter().flatten() {
                    all.patches.extend(patches(kustomization).map(|patch| normal(&directory.join(patch))));
                }
                all.directories.insert(directory.into());
            }
        }
        all
    }

    /// Whether one of them names a file as a patch.
    pub(super) fn is_patch(&self, path: &Path) -> bool {
        self.patches.contains(&normal(path))
    }

    /// Says how to judge what is rendered, if something below one of them is rejected.
    pub(super) fn note(&self, report: &mut Report) {
        let rejected = report.entries().iter().filter_map(|entry| match entry {
            Entry::Judged(document) if !document.accepted => Some(Path::new(&document.file)),
            _ => None,
        });
        let is_one = |directory: &&Path| self.directories.contains(*directory);
        let found = rejected.filter_map(|file| file.ancestors().skip(1).find(is_one));
        let found: BTreeSet<&Path> = found.collect();
        if let Some(first) = found.first() {
            let directory = if first.as_os_str().is_empty() { Path::new(".") } else { *first };
            let directory = directory.display();
            let others = match found.len().saturating_sub(1) {
                0 => String::new(),
                1 => ", and there is one more kustomization".into(),
                more => format!(", and there are {more} more kustomizations"),
            };
            let message = format!(
                "a kustomization can change the images of its files. What counts is what it renders: use --render, or kubectl \
                 kustomize {directory} | fresh-images check -{others}"
            );
            report.note(Note { file: directory.to_string(), line: None, message, is_to_do: false });
        }
    }
}

/// The files that a kustomization names as patches. A patch may also be written in its place.
pub(super) fn patches(kustomization: &Node) -> impl Iterator<Item = &str> {
    let entries = |key| match kustomization.get(key).map(|list| &list.value) {
        Some(Value::List(entries)) => entries.iter(),
        _ => [].iter(),
    };
    let by_path =
        entries("patches").chain(entries("patchesJson6902")).filter_map(|it| it.get("path")?.as_str());
    let by_name = entries("patchesStrategicMerge").filter_map(Node::as_str);
    by_path.chain(by_name).filter(|text| !text.contains('\n'))
}

/// Without `.` and `..`, as far as that can be told from the text.
pub(super) fn normal(path: &Path) -> PathBuf {
    let mut normal = PathBuf::new();
    for component in path.components() {
        match component {
            Component::CurDir => {}
            Component::ParentDir if normal.file_name().is_some() => {
                normal.pop();
            }
            other => normal.push(other),
        }
    }
    normal
}
