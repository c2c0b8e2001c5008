//! What was found in an object: its lists of images, what is wrong with it, its metadata.

use std::borrow::Cow;

use super::image_fields::ImageFields;
use super::image_use::{ImageList, ImageUse, ListKind};
use super::malformed::{Defect, Malformed};
use super::scale::Scale;
use fresh_images_json::{Keys, Path, PathBuf, Type};

/// The most image uses of one object. A Pod of that many containers has more bytes than an API server takes.
const MAX_USES: usize = 50_000;
/// The most problems that are kept of one object; nobody reads more.
const MAX_PROBLEMS: usize = 1_000;

/// What was found in an object. Its size is bounded, whatever the object is.
#[derive(Clone, Debug, Default)]
pub(crate) struct Workload<'a> {
    /// In the order of the object.
    pub(crate) items: Vec<Item<'a>>,
    /// Why the rest of the object was not read.
    pub(crate) ended: Option<Malformed>,
    pub(crate) metadata: Metadata<'a>,
    pub(crate) scale: Scale,
    /// How many entries and problems were kept.
    kept: usize,
    problems: usize,
}

/// What the metadata of an object says.
#[derive(Clone, Debug, Default)]
pub(crate) struct Metadata<'a> {
    /// Whether a controller owns the object.
    pub(crate) is_owned: bool,
    /// Whether it, or an owner, is malformed or has a key twice, so that the object is not mutated.
    pub(crate) is_unclear: bool,
    /// Whether a kubelet has marked the object as the mirror of a static Pod.
    pub(crate) is_mirror: bool,
    /// The value of [`ANNOTATION`](super::metadata::ANNOTATION) on the Pod or template; in an unknown kind, on the object.
    pub(crate) record: Option<Cow<'a, str>>,
}

/// A list of images, or what is wrong with another part of the object.
#[derive(Clone, Debug)]
pub(crate) enum Item<'a> {
    List(ImageList<'a>),
    Malformed {
        /// The list that it is in place of.
        list: Option<ListKind>,
        malformed: Malformed,
    },
}

impl<'a> Workload<'a> {
    pub(crate) fn lists(&self) -> impl Iterator<Item = &ImageList<'a>> {
        self.items.iter().filter_map(|item| match item {
            Item::List(list) => Some(list),
            Item::Malformed { .. } => None,
        })
    }

    /// Every image use with its list, and everything that is wrong, in the order of the object.
    pub(crate) fn entries(
        &self,
    ) -> impl Iterator<Item = Result<(&ImageList<'a>, &ImageUse<'a>), &Malformed>> {
        let items = self.items.iter().flat_map(|item| {
            let (list, malformed) = match item {
                Item::List(list) => (Some(list), None),
                Item::Malformed { malformed, .. } => (None, Some(malformed)),
            };
            let entries = list.into_iter().flat_map(|list| {
                list.entries.iter().map(move |entry| entry.as_ref().map(|image_use| (list, image_use)))
            });
            entries.chain(malformed.map(Err))
        });
        items.chain(self.ended.as_ref().map(Err))
    }

    /// The [entries](Self::entries) in the same order, where they are image uses.
    pub(crate) fn entries_mut(&mut self) -> impl Iterator<Item = Option<&mut ImageUse<'a>>> {
        self.items.iter_mut().flat_map(|item| {
            let (list, malformed) = match item {
                Item::List(list) => (Some(list), None),
                Item::Malformed { .. } => (None, Some(None)),
            };
            let entries =
                list.into_iter().flat_map(|list| list.entries.iter_mut().map(|it| it.as_mut().ok()));
            entries.chain(malformed)
        })
    }

    /// How many image uses there are.
    pub(crate) fn images(&self) -> usize {
        self.lists().map(|list| list.uses().count()).sum()
    }

    pub(crate) fn is_malformed(&self) -> bool {
        self.entries().any(|entry| entry.is_err())
    }

    /// Drops what the API server will drop: on `ephemeralcontainers` it takes over that list alone.
    pub(crate) fn keep_ephemeral_containers(&mut self) {
        let kept = ListKind::EphemeralContainers;
        self.items.retain(|item| match item {
            Item::List(list) => list.kind == kept,
            Item::Malformed { list, .. } => list.is_none_or(|list| list == kept),
        });
    }

    /// A Pod without containers runs nothing; the API server refuses it. Outside a cluster nobody else does.
    pub(crate) fn require_containers(&mut self) {
        let containers = ListKind::Containers;
        let has_containers = self.ended.is_some()
            || self.items.iter().any(|item| match item {
                Item::List(list) => list.kind == containers && !list.entries.is_empty(),
                Item::Malformed { list, .. } => list.is_none_or(|list| list == containers),
            });
        if !has_containers {
            let path = PathBuf::default().key("spec").key("containers");
            self.report(None, Malformed::new(path, Defect::NoContainers));
        }
    }

    pub(super) fn push(&mut self, list: ImageList<'a>) {
        self.items.push(Item::List(list));
    }

    /// Adds an entry to a list: an image use, or what is wrong with it.
    pub(super) fn add(&mut self, list: &mut ImageList<'a>, index: usize, fields: ImageFields<'a>) {
        let ImageFields { is_use, name, image, pull_policy, problems, .. } = fields;
        if is_use && problems.is_empty() {
            self.kept = self.kept.saturating_add(1);
            list.entries.push(Ok(ImageUse {
                index,
                name: name.text,
                image: image.text,
                pull_policy: pull_policy.text,
                image_at: image.at.unwrap_or_default(),
                pull_policy_at: pull_policy.at,
            }));
        }
        for problem in problems {
            list.entries.extend(self.count(problem).map(Err));
        }
    }

    /// Adds what is wrong; `list` is the list that it is in place of.
    pub(super) fn report(&mut self, list: Option<ListKind>, malformed: Malformed) {
        if let Some(malformed) = self.count(malformed) {
            self.items.push(Item::Malformed { list, malformed });
        }
    }

    pub(super) fn wrong_type(&mut self, path: &Path<'_>, expected: &'static str, found: Type) {
        if !self.has_ended() {
            self.report(None, Malformed::wrong_type(path.to_buf(), expected, found));
        }
    }

    pub(super) fn duplicate(&mut self, path: &Path<'_>, key: &str) {
        if !self.has_ended() {
            self.report(None, Malformed::duplicate(path.to_buf(), key));
        }
    }

    pub(super) fn report_duplicate(&mut self, path: &Path<'_>, keys: Keys<'_>) {
        if let Some(key) = keys.duplicate() {
            self.duplicate(path, &key);
        }
    }

    /// Whether nothing more is kept, `pending` entries included. The object is refused for that.
    pub(super) fn is_full(&mut self, pending: usize) -> bool {
        if !self.has_ended() && self.kept.saturating_add(pending) >= MAX_USES {
            let defect = Defect::TooManyImages { limit: MAX_USES };
            self.ended = Some(Malformed::new(PathBuf::new("request.object"), defect));
        }
        self.has_ended()
    }

    fn has_ended(&self) -> bool {
        self.ended.is_some()
    }

    /// Counts a problem that is to be kept. The last one says why the rest is not read.
    fn count(&mut self, malformed: Malformed) -> Option<Malformed> {
        if self.has_ended() {
            return None;
        }
        self.kept = self.kept.saturating_add(1);
        self.problems = self.problems.saturating_add(1);
        if self.problems < MAX_PROBLEMS {
            return Some(malformed);
        }
        self.ended = Some(malformed);
        None
    }
}
