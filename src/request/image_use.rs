//! Image uses: the places in an object that name an image.
//!
//! ```
//! use fresh_images::request::ListKind;
//!
//! assert_eq!(ListKind::InitContainers.key(), "initContainers");
//! assert_eq!(ListKind::ImageVolumes.image_key(), "reference");
//! ```

use std::borrow::Cow;
use std::ops::Range;

use super::malformed::Malformed;
use fresh_images_json::PathBuf;

/// The lists of a pod spec that name images, and what other kinds have in their place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum ListKind {
    /// `additionalContainers`: a list of containers in other kinds.
    AdditionalContainers,
    /// `container`: one container in other kinds, as in a template of Argo Workflows.
    Container,
    /// `containerDisk`: the disk of a virtual machine of KubeVirt.
    ContainerDisk,
    /// `containers`.
    Containers,
    /// `ephemeralContainers`, which `kubectl debug` adds.
    EphemeralContainers,
    /// `volumes` of type `image`.
    ImageVolumes,
    /// `initContainers`, sidecars included.
    InitContainers,
    /// `script`: one container with its program, as in a template of Argo Workflows.
    Script,
    /// `sidecar`: one container in other kinds.
    Sidecar,
    /// `sidecars`: a list of containers in other kinds.
    Sidecars,
    /// `steps`: the containers of a Tekton Task.
    Steps,
    /// `stepTemplate`: what the steps of a Tekton Task have in common.
    StepTemplate,
}

impl ListKind {
    /// The lists of a pod spec.
    pub const ALL: [Self; 4] =
        [Self::Containers, Self::EphemeralContainers, Self::ImageVolumes, Self::InitContainers];

    /// What other kinds have beside the lists of a pod spec.
    pub const OTHERS: [Self; 8] = [
        Self::AdditionalContainers,
        Self::Container,
        Self::ContainerDisk,
        Self::Script,
        Self::Sidecar,
        Self::Sidecars,
        Self::Steps,
        Self::StepTemplate,
    ];

    /// The key of the list, or of the one object that is in its place.
    pub fn key(self) -> &'static str {
        match self {
            Self::AdditionalContainers => "additionalContainers",
            Self::Container => "container",
            Self::ContainerDisk => "containerDisk",
            Self::Script => "script",
            Self::Sidecar => "sidecar",
            Self::Sidecars => "sidecars",
            Self::Steps => "steps",
            Self::StepTemplate => "stepTemplate",
            Self::Containers => "containers",
            Self::EphemeralContainers => "ephemeralContainers",
            Self::ImageVolumes => "volumes",
            Self::InitContainers => "initContainers",
        }
    }

    pub(crate) fn from_key(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|list| list.key() == key)
    }

    pub(crate) fn from_key_of_others(key: &str) -> Option<Self> {
        Self::OTHERS.into_iter().find(|list| list.key() == key)
    }

    /// Whether one object is in the place of a list.
    pub(crate) fn is_single(self) -> bool {
        matches!(
            self,
            Self::Container | Self::ContainerDisk | Self::Script | Self::Sidecar | Self::StepTemplate
        )
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
            Self::AdditionalContainers | Self::Container | Self::Containers => "container",
            Self::ContainerDisk => "container disk",
            Self::Script => "script",
            Self::Sidecar | Self::Sidecars => "sidecar",
            Self::Steps => "step",
            Self::StepTemplate => "step template",
            Self::EphemeralContainers => "ephemeral container",
            Self::ImageVolumes => "image volume",
            Self::InitContainers => "init container",
        }
    }
}

/// A list of a pod spec, or of what is shaped like one, with its entries.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ImageList<'a> {
    pub(crate) kind: ListKind,
    /// The place of the list within the object.
    pub(crate) path: PathBuf,
    /// Each an image use, or what is wrong where one could be.
    pub(crate) entries: Vec<Result<ImageUse<'a>, Malformed>>,
}

/// One place in an object that names an image, exactly as written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ImageUse<'a> {
    /// Its place in the list; 0 if one object is in the place of a list.
    pub(crate) index: usize,
    pub(crate) name: Option<Cow<'a, str>>,
    /// An empty text means the same as none.
    pub(crate) image: Option<Cow<'a, str>>,
    pub(crate) pull_policy: Option<Cow<'a, str>>,
    /// The bytes of the text that the value of the image takes up.
    pub(crate) image_at: Range<usize>,
    /// The same of the pull policy, if it is there.
    pub(crate) pull_policy_at: Option<Range<usize>>,
}

impl<'a> ImageList<'a> {
    pub(crate) fn uses(&self) -> impl Iterator<Item = &ImageUse<'a>> {
        self.entries.iter().filter_map(|entry| entry.as_ref().ok())
    }

    /// The name of an image use within the list. An object in the place of a list is known by its path.
    pub(crate) fn name_of<'u>(&self, image_use: &'u ImageUse<'_>) -> Option<&'u str> {
        if self.kind.is_single() { Some("") } else { image_use.name.as_deref() }
    }

    /// The place of what has the image: of the container, or of the `image` of a volume.
    pub(crate) fn path_of(&self, image_use: &ImageUse<'_>) -> PathBuf {
        if self.kind.is_single() {
            return self.path.clone();
        }
        let path = self.path.clone().index(image_use.index);
        if self.kind == ListKind::ImageVolumes { path.key("image") } else { path }
    }
}
