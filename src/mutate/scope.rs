//! What must never be mutated, and is judged instead.
//!
//! | what | why |
//! |---|---|
//! | an object that a controller owns, unless it is a Pod | the controller would see that it is not what it made, and make others for ever |
//! | the pull policy and the image volumes of a Pod on UPDATE | they are immutable |
//! | an ephemeral container that is there already | it is immutable |
//! | a Job on UPDATE | its template is immutable |
//! | an object whose metadata is malformed, or has a key twice | it is unclear what would come of it |

use std::cell::OnceCell;
use std::ops::Range;

use k8s_openapi::Resource;
use k8s_openapi::api::batch::v1::Job;

use super::template::{self, Template};
use crate::image_use::{ImageList, ImageUse, ListKind};
use crate::workload::{Kind, Metadata, Workload};

/// What is known of the object and of the request.
pub(crate) struct Scope<'w, 'a> {
    pub(crate) payload: &'a [u8],
    pub(crate) object_at: Range<usize>,
    pub(crate) metadata: Metadata,
    pub(crate) kind: Option<&'static Kind>,
    pub(crate) is_update: bool,
    /// Whether the request is for the subresource that takes ephemeral containers alone.
    pub(crate) only_ephemeral: bool,
    /// What the object replaces.
    pub(crate) old: Option<&'w Workload<'a>>,
    /// Its ephemeral containers, by name: sorted when the first one is to be mended, for there may be thousands.
    pub(crate) old_names: OnceCell<Vec<&'w str>>,
    /// Read when the first image use is to be mended.
    pub(crate) template: OnceCell<Option<Template<'a>>>,
}

impl<'w, 'a> Scope<'w, 'a> {
    pub(super) fn object_at(&self) -> Range<usize> {
        self.object_at.clone()
    }

    pub(super) fn template(&self) -> Option<&Template<'a>> {
        let read = || template::read(self.payload, &self.metadata);
        self.template.get_or_init(read).as_ref()
    }

    fn old_names(&self) -> Option<&[&'w str]> {
        let old = self.old?;
        Some(self.old_names.get_or_init(|| old.names(ListKind::EphemeralContainers)))
    }

    fn is_pod(&self) -> bool {
        self.kind.is_some_and(Kind::is_pod)
    }

    fn is_existing_pod(&self) -> bool {
        self.is_pod() && self.is_update && !self.only_ephemeral
    }

    /// Whether anything of an image use may be mutated.
    pub(super) fn allows(&self, list: &ImageList, image_use: &ImageUse<'_>) -> bool {
        let is_job = self.kind.is_some_and(|kind| kind.group == Job::GROUP && kind.kind == Job::KIND);
        if is_job && self.is_update {
            return false;
        }
        if list.kind == ListKind::EphemeralContainers && self.is_pod() && self.is_update {
            // Of a missing name nobody can tell.
            let is_new = |name: &str| self.old_names().is_some_and(|old| old.binary_search(&name).is_err());
            if !self.only_ephemeral || !image_use.name.as_deref().is_some_and(is_new) {
                return false;
            }
        }
        self.template().is_some_and(|template| !template.is_owned || self.is_pod())
    }

    pub(super) fn allows_pull_policy(&self) -> bool {
        !self.is_existing_pod()
    }

    pub(super) fn allows_image(&self, list: &ImageList) -> bool {
        !(self.is_existing_pod() && list.kind == ListKind::ImageVolumes)
    }

    /// What the record calls an image use.
    pub(super) fn name_of(&self, list: &ImageList, image_use: &ImageUse<'_>) -> String {
        let path = if self.kind.is_some() { list.kind.key() } else { &list.path };
        match image_use.name.as_deref() {
            Some(name) if !name.is_empty() => format!("{path}/{name}"),
            _ => format!("{path}[{}]", image_use.index),
        }
    }
}
