//! What a directory is rendered to, in the place of which files.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use fresh_images_manifests::document::{self, Node};
use fresh_images_manifests::report::Unreadable;

use super::super::files::{self, Input, KUSTOMIZATION};
use super::super::kustomize::{normal, patches};
use super::{Rendering, Tool, directory_of};

/// Where Helm says what it renders, and where users find it.
const CHART: &str = "Chart.yaml";

/// Keys of a kustomization with files or directories.
const LISTS: [&str; 9] = [
    "resources",
    "bases",
    "components",
    "crds",
    "configurations",
    "generators",
    "transformers",
    "validators",
    "patchesStrategicMerge",
];

/// Puts renderings in the place of the files that they are made of.
pub(in super::super) fn plan(inputs: Vec<Result<Input, Unreadable>>) -> Vec<Result<Input, Unreadable>> {
    let charts = Charts::of(&inputs);
    let kustomizations = Kustomizations::of(&inputs, &charts);
    inputs
        .into_iter()
        .filter_map(|input| {
            let Ok(Input::Found(path)) = &input else { return Some(input) };
            let rendering = charts.rendering(path).or_else(|| kustomizations.rendering(path));
            match rendering {
                Some(rendering) => Some(Ok(Input::Rendered(rendering))),
                None if charts.covers(path) || kustomizations.covered.contains(&normal(path)) => None,
                None => Some(input),
            }
        })
        .collect()
}

/// The directories of charts that are no part of another.
struct Charts {
    directories: BTreeSet<PathBuf>,
    /// Of these, the ones that nobody can install.
    libraries: BTreeSet<PathBuf>,
}

impl Charts {
    fn of(inputs: &[Result<Input, Unreadable>]) -> Self {
        let mut all = Self { directories: BTreeSet::new(), libraries: BTreeSet::new() };
        for (path, chart) in found(inputs, &[CHART]) {
            if chart.get("name").is_some() {
                let directory = directory_of(path);
                if chart.get("type").and_then(Node::as_str) == Some("library") {
                    all.libraries.insert(directory.clone());
                }
                all.directories.insert(directory);
            }
        }
        all
    }

    /// The outermost chart that a path is in.
    fn outermost(&self, path: &Path) -> Option<&Path> {
        let ancestors: Vec<_> = path.ancestors().skip(1).collect();
        ancestors.into_iter().rev().find_map(|it| self.directories.get(it)).map(PathBuf::as_path)
    }

    fn covers(&self, path: &Path) -> bool {
        self.outermost(path).is_some()
    }

    fn rendering(&self, path: &Path) -> Option<Rendering> {
        let outermost = self.outermost(path)?;
        let is_it = path.parent() == Some(outermost) && path.file_name().is_some_and(|name| name == CHART);
        (is_it && !self.libraries.contains(outermost))
            .then(|| Rendering { file: path.into(), tool: Tool::Helm })
    }
}

/// The kustomizations that are applied, and the files that these are made of.
#[derive(Default)]
struct Kustomizations {
    /// By their file.
    applied: BTreeMap<PathBuf, Tool>,
    covered: BTreeSet<PathBuf>,
}

/// What a kustomization says.
struct Kustomization {
    file: PathBuf,
    is_component: bool,
    charts: bool,
    /// Files and directories.
    names: Vec<PathBuf>,
}

impl Kustomizations {
    fn of(inputs: &[Result<Input, Unreadable>], charts: &Charts) -> Self {
        let mut read = BTreeMap::new();
        for (path, node) in found(inputs, &KUSTOMIZATION) {
            if !charts.covers(path) {
                read.insert(normal(&directory_of(path)), Kustomization::of(path, &node));
            }
        }
        let named: BTreeSet<&PathBuf> = read.values().flat_map(|it: &Kustomization| &it.names).collect();
        let mut all = Self::default();
        let mut reached = BTreeSet::new();
        // Those that nobody names, and then what goes round in a circle: the tool says so.
        let roots = read.keys().filter(|directory| !named.contains(directory)).chain(read.keys());
        for root in roots {
            let Some(kustomization) = read.get(root) else { continue };
            if kustomization.is_component || reached.contains(root) {
                continue;
            }
            let tool = Tool::Kustomize { charts: kustomization.charts };
            all.applied.insert(kustomization.file.clone(), tool);
            let mut waiting = vec![root];
            while let Some(directory) = waiting.pop() {
                let Some(kustomization) = read.get(directory).filter(|_| reached.insert(directory)) else {
                    continue;
                };
                all.covered.insert(normal(&kustomization.file));
                all.covered.extend(kustomization.names.iter().cloned());
                waiting.extend(&kustomization.names);
            }
        }
        all
    }

    fn rendering(&self, path: &Path) -> Option<Rendering> {
        self.applied.get(path).map(|tool| Rendering { file: path.into(), tool: *tool })
    }
}

impl Kustomization {
    fn of(file: &Path, node: &Node) -> Self {
        let directory = directory_of(file);
        let lists = LISTS.iter().filter_map(|key| node.get(key)).flat_map(Node::items);
        let names = lists.filter_map(Node::as_str).filter(|name| !name.contains('\n'));
        Self {
            file: file.into(),
            is_component: node.get("kind").and_then(Node::as_str) == Some("Component"),
            charts: node.get("helmCharts").is_some(),
            names: names.chain(patches(node)).map(|name| normal(&directory.join(name))).collect(),
        }
    }
}

/// The files of these names that were come across, so far as they can be read.
fn found<'i>(
    inputs: &'i [Result<Input, Unreadable>],
    names: &'static [&str],
) -> impl Iterator<Item = (&'i Path, Node)> {
    inputs.iter().filter_map(|input| {
        let Ok(input @ Input::Found(path)) = input else { return None };
        if !path.file_name().is_some_and(|name| names.iter().any(|known| name == *known)) {
            return None;
        }
        let node = document::read(&files::read(input).ok()?).into_iter().flatten().next()?;
        Some((path.as_path(), node))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_rendered_takes_the_place_of_its_files() {
        let directory = std::env::temp_dir().join(format!("fresh-images-render-{}", std::process::id()));
        let write = |name: &str, text: &str| {
            let path = directory.join(name);
            std::fs::create_dir_all(path.parent().expect("a directory")).expect("a directory can be made");
            std::fs::write(&path, text).expect("writable");
            Ok(Input::Found(path))
        };
        let inputs = vec![
            write("alone.yaml", "a: 1"),
            write("app/base/kustomization.yaml", "resources: [web.yaml, https://a.example/b]"),
            write("app/base/other.yaml", "a: 1"),
            write("app/base/web.yaml", "a: 1"),
            write("app/common/kustomization.yaml", "kind: Component\nresources: [c.yaml]"),
            write("app/common/c.yaml", "a: 1"),
            write(
                "app/prod/kustomization.yaml",
                "{bases: [../base/], components: [../common], patches: [{path: p.yaml}]}",
            ),
            write("app/prod/p.yaml", "a: 1"),
            write("app/spare/kustomization.yaml", "kind: Component\nresources: [s.yaml]"),
            write("app/spare/s.yaml", "a: 1"),
            write("circle/a/kustomization.yaml", "resources: [../b]"),
            write("circle/b/kustomization.yaml", "resources: [../a]"),
            write("lib/Chart.yaml", "{name: lib, type: library}"),
            write("lib/templates/x.yaml", "{{ a }}"),
            write("shop/Chart.yaml", "{name: shop}"),
            write("shop/charts/db/Chart.yaml", "{name: db}"),
            write("shop/templates/kustomization.yaml", "resources: []"),
            write("shop/values.yaml", "a: 1"),
        ];
        let planned = plan(inputs);
        let named = planned.iter().map(|input| {
            let (word, path) = match input {
                Ok(Input::Rendered(Rendering { file, tool: Tool::Helm })) => ("helm", file),
                Ok(Input::Rendered(Rendering { file, .. })) => ("kustomize", file),
                Ok(Input::Found(path)) => ("read", path),
                other => panic!("{other:?}"),
            };
            format!("{word} {}", path.strip_prefix(&directory).expect("below").display())
        });
        assert_eq!(
            named.collect::<Vec<_>>(),
            [
                "read alone.yaml",
                "read app/base/other.yaml",
                "kustomize app/prod/kustomization.yaml",
                // Nobody uses it, so it is judged as it is.
                "read app/spare/kustomization.yaml",
                "read app/spare/s.yaml",
                "kustomize circle/a/kustomization.yaml",
                "helm shop/Chart.yaml",
            ]
        );
        std::fs::remove_dir_all(&directory).expect("it was made here");
    }
}
