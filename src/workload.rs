//! Workloads: where the kinds of Kubernetes keep their pod spec, and what was found in an object.
//!
//! | kinds | pod spec at |
//! |---|---|
//! | Pod | `spec` |
//! | Deployment, ReplicaSet, StatefulSet, DaemonSet, ReplicationController, Job | `spec.template.spec` |
//! | CronJob | `spec.jobTemplate.spec.template.spec` |
//! | PodTemplate | `template.spec` |
//! | every other kind | wherever something is shaped like the lists of a pod spec |
//!
//! ```
//! use fresh_images::workload::{KINDS, Kind};
//!
//! let deployment = KINDS.iter().find(|known| known.kind == "Deployment").unwrap();
//! assert_eq!(deployment.group, "apps");
//! assert_eq!(deployment.pod_spec, ["spec", "template", "spec"]);
//!
//! // A Knative Service, a Volcano Job: the group decides, never the kind alone.
//! assert!(Kind::find("batch", "Job").is_some());
//! assert!(Kind::find("batch.volcano.sh", "Job").is_none());
//! ```

mod discovery;
mod image_fields;
mod object;
mod pod_spec;

use std::collections::BinaryHeap;
use std::ops::Range;

use k8s_openapi::Resource;
use k8s_openapi::api::apps::v1::{DaemonSet, Deployment, ReplicaSet, StatefulSet};
use k8s_openapi::api::batch::v1::{CronJob, Job};
use k8s_openapi::api::core::v1::{Pod, PodTemplate, ReplicationController};

use crate::image_use::{ImageList, ImageUse, ListKind};
use crate::verdict::{Finding, Problem};
use fresh_images_json::{Keys, Path, Type};

pub(crate) use object::ObjectShape;

/// A kind whose pod spec stands at a known place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Kind {
    /// The API group; empty for the core group.
    pub group: &'static str,
    /// The kind, as in a manifest.
    pub kind: &'static str,
    /// The keys that lead to the pod spec.
    pub pod_spec: &'static [&'static str],
}

/// Every kind whose pod spec stands at a known place.
pub const KINDS: [Kind; 9] = [
    Kind::of::<Pod>(&["spec"]),
    Kind::of::<Deployment>(TEMPLATE),
    Kind::of::<ReplicaSet>(TEMPLATE),
    Kind::of::<StatefulSet>(TEMPLATE),
    Kind::of::<DaemonSet>(TEMPLATE),
    Kind::of::<ReplicationController>(TEMPLATE),
    Kind::of::<Job>(TEMPLATE),
    Kind::of::<CronJob>(&["spec", "jobTemplate", "spec", "template", "spec"]),
    Kind::of::<PodTemplate>(&["template", "spec"]),
];

const TEMPLATE: &[&str] = &["spec", "template", "spec"];

impl Kind {
    const fn of<R: Resource>(pod_spec: &'static [&'static str]) -> Self {
        Self { group: R::GROUP, kind: R::KIND, pod_spec }
    }

    /// The kind of that name in that group, if its pod spec stands at a known place.
    pub fn find(group: &str, kind: &str) -> Option<&'static Self> {
        KINDS.iter().find(|known| known.kind == kind && known.group == group)
    }

    /// Whether this is a Pod itself, and not a template for Pods.
    pub(crate) fn is_pod(&self) -> bool {
        self.kind == Pod::KIND
    }
}

/// The most image uses of one object. A Pod of that many containers has more bytes than an API server takes.
const MAX_USES: usize = 50_000;
/// The most problems that are kept of one object; nobody reads more.
const MAX_PROBLEMS: usize = 1_000;

/// What was found in an object, in its order. Its size is bounded, whatever the object is.
#[derive(Debug, Default)]
pub(crate) struct Workload<'a> {
    pub(crate) entries: Vec<Entry<'a>>,
    pub(crate) lists: Vec<ImageList>,
    problems: usize,
    /// The annotation with which a kubelet marks the mirror of a static Pod.
    pub(crate) has_mirror_annotation: bool,
    pub(crate) metadata: Metadata,
}

/// Where the metadata of an object stands, in bytes of the payload: it is read only if the object is to be mended.
#[derive(Clone, Debug, Default)]
pub(crate) struct Metadata {
    /// Of the object.
    pub(crate) object: Option<Range<usize>>,
    /// Of the Pod or pod template; in a kind that is not known, of the object.
    pub(crate) template: Option<Range<usize>>,
    /// Just after the brace with which the Pod or pod template starts.
    pub(crate) template_start: usize,
}

impl Metadata {
    fn keep(&mut self, at: Range<usize>, of_object: bool, of_template: bool) {
        if of_object {
            self.object = Some(at.clone());
        }
        if of_template {
            self.template = Some(at);
        }
    }
}

/// An image use, or a place where one could stand but something else does.
#[derive(Debug)]
pub(crate) enum Entry<'a> {
    /// `list` is `None` outside the lists of a pod spec.
    Problem {
        list: Option<ListKind>,
        finding: Finding,
    },
    Use(ImageUse<'a>),
}

impl<'a> Entry<'a> {
    pub(crate) fn image_use(&self) -> Option<&ImageUse<'a>> {
        match self {
            Self::Use(image_use) => Some(image_use),
            Self::Problem { .. } => None,
        }
    }
}

impl<'a> Workload<'a> {
    /// How many image uses there are.
    pub(crate) fn images(&self) -> usize {
        self.entries.iter().filter_map(Entry::image_use).count()
    }

    pub(crate) fn has_problems(&self) -> bool {
        self.entries.iter().any(|entry| entry.image_use().is_none())
    }

    /// The names in the lists of a kind, sorted.
    pub(crate) fn names(&self, kind: ListKind) -> Vec<&str> {
        let named = self
            .entries
            .iter()
            .filter_map(Entry::image_use)
            .filter(|image_use| self.list_of(image_use).is_some_and(|list| list.kind == kind));
        named.filter_map(|image_use| image_use.name.as_deref()).collect::<BinaryHeap<_>>().into_sorted_vec()
    }

    /// The list that an image use stands in.
    pub(crate) fn list_of(&self, image_use: &ImageUse<'a>) -> Option<&ImageList> {
        self.lists.get(image_use.list)
    }

    /// Drops what the API server will drop: on `ephemeralcontainers` it takes over that list alone.
    pub(crate) fn keep_ephemeral_containers(&mut self) {
        let lists = &self.lists;
        let kept = Some(ListKind::EphemeralContainers);
        self.entries.retain(|entry| match entry {
            Entry::Problem { list, .. } => list.is_none() || *list == kept,
            Entry::Use(image_use) => lists.get(image_use.list).map(|list| list.kind) == kept,
        });
    }

    /// A Pod without containers runs nothing; the API server refuses it. In CI nobody else does.
    pub(crate) fn require_containers(&mut self) {
        let has_containers = self.entries.iter().any(|entry| match entry {
            Entry::Problem { list: None, .. } => true,
            Entry::Problem { list, .. } => *list == Some(ListKind::Containers),
            Entry::Use(image_use) => {
                self.lists.get(image_use.list).is_some_and(|list| list.kind == ListKind::Containers)
            }
        });
        if !has_containers {
            self.problem(None, "spec.containers".into(), Problem::NoContainers);
        }
    }

    fn problem(&mut self, list: Option<ListKind>, path: String, problem: Problem) {
        if self.problems < MAX_PROBLEMS {
            self.problems = self.problems.saturating_add(1);
            // The last one stays, whatever lists are dropped: what follows it was not read.
            let list = list.filter(|_| self.problems < MAX_PROBLEMS);
            self.entries.push(Entry::Problem { list, finding: Finding::at(path, problem) });
        }
    }

    /// Whether nothing more is kept, `pending` entries included. The object is refused for that.
    fn is_full(&mut self, pending: usize) -> bool {
        let is_full = self.entries.len().saturating_add(pending) >= MAX_USES;
        if is_full && self.problems < MAX_PROBLEMS {
            self.problems = MAX_PROBLEMS;
            let finding = Finding::at("request.object", Problem::TooManyImages { limit: MAX_USES });
            self.entries.push(Entry::Problem { list: None, finding });
        }
        is_full || self.problems >= MAX_PROBLEMS
    }

    fn wrong_type(&mut self, path: &Path<'_>, expected: &'static str, found: Type) {
        if self.problems < MAX_PROBLEMS {
            self.problem(None, path.to_text(), Problem::wrong_type(expected, found));
        }
    }

    /// Kubernetes reads null as absent wherever this is called.
    fn wrong_type_unless_null(&mut self, path: &Path<'_>, expected: &'static str, found: Type) {
        if found != Type::Null {
            self.wrong_type(path, expected, found);
        }
    }

    fn report_duplicate(&mut self, path: &Path<'_>, keys: Keys<'_>) {
        if self.problems < MAX_PROBLEMS
            && let Some(key) = keys.duplicate()
        {
            self.problem(None, path.to_text(), Problem::DuplicateKey { key: key.into_owned() });
        }
    }
}
