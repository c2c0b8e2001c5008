//! Image uses: the places in an object that name an image.
//!
//! ```
//! use fresh_images::image_use::ListKind;
//!
//! assert_eq!(ListKind::InitContainers.key(), "initContainers");
//! assert_eq!(ListKind::ImageVolumes.image_key(), "reference");
//! ```

use std::borrow::Cow;
use std::ops::Range;

use fresh_images_json::Path;

/// The lists of a pod spec that name images.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ListKind {
    /// `containers`.
    Containers,
    /// `ephemeralContainers`, which `kubectl debug` adds.
    EphemeralContainers,
    /// `volumes` of type `image`.
    ImageVolumes,
    /// `initContainers`, sidecars included.
    InitContainers,
}

impl ListKind {
    /// Every kind of list.
    pub const ALL: [Self; 4] =
        [Self::Containers, Self::EphemeralContainers, Self::ImageVolumes, Self::InitContainers];

    /// The key of the list in a pod spec.
    pub fn key(self) -> &'static str {
        match self {
            Self::Containers => "containers",
            Self::EphemeralContainers => "ephemeralContainers",
            Self::ImageVolumes => "volumes",
            Self::InitContainers => "initContainers",
        }
    }

    pub(crate) fn from_key(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|list| list.key() == key)
    }

    /// The key of the image: in a container, or in the `image` of a volume.
    pub fn image_key(self) -> &'static str {
        if self == Self::ImageVolumes { "reference" } else { "image" }
    }

    /// The key of the pull policy, beside the image.
    pub fn pull_policy_key(self) -> &'static str {
        if self == Self::ImageVolumes { "pullPolicy" } else { "imagePullPolicy" }
    }

    /// What a message calls an entry of the list.
    pub fn noun(self) -> &'static str {
        match self {
            Self::Containers => "container",
            Self::EphemeralContainers => "ephemeral container",
            Self::ImageVolumes => "image volume",
            Self::InitContainers => "init container",
        }
    }
}

/// One place in an object that names an image, as the object has it. Empty text is as good as none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ImageUse<'a> {
    /// Which of the [lists](crate::workload::Workload::lists) it stands in.
    pub(crate) list: usize,
    /// Its place in that list.
    pub(crate) index: usize,
    pub(crate) name: Option<Cow<'a, str>>,
    pub(crate) image: Option<Cow<'a, str>>,
    pub(crate) pull_policy: Option<Cow<'a, str>>,
    /// The bytes of the payload that the value of the image takes up.
    pub(crate) image_at: Range<usize>,
    /// The same of the pull policy, if it is there.
    pub(crate) pull_policy_at: Option<Range<usize>>,
}

/// A list that image uses stand in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ImageList {
    pub(crate) kind: ListKind,
    /// The JSON path of the list within the object.
    pub(crate) path: String,
    /// Whether no other list has this path.
    pub(crate) is_exact: bool,
}

impl ImageList {
    pub(crate) fn new(kind: ListKind, path: &Path<'_>) -> Self {
        let text = path.to_text();
        let is_exact = text.len() < Path::MAX_TEXT && path.is_exact();
        Self { kind, path: text, is_exact }
    }
}
