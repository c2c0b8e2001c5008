//! Discovery: finding what is shaped like the lists of a pod spec in a kind that nobody told us about.
//!
//! | in the object | is it judged? |
//! |---|---|
//! | `…containers: [{name: a, image: b}]` at any depth | yes |
//! | `…containers: [{name: a}]`, where no entry names an image | no |
//! | `…volumes: [{image: {reference: b}}]` at any depth | yes |
//! | the same in `metadata` or `status` of the object | no: it asks for nothing to run |
//!
//! ```
//! let payload = br#"{
//!     "request": {
//!         "operation": "CREATE",
//!         "kind": {"group": "argoproj.io", "version": "v1alpha1", "kind": "Rollout"},
//!         "object": {"spec": {"template": {"spec": {"containers": [{"name": "web", "image": "nginx:1"}]}}}}
//!     },
//!     "settings": {}
//! }"#;
//! let verdict = fresh_images::evaluate(payload);
//! assert_eq!(verdict.findings()[0].path(), "spec.template.spec.containers[0]");
//! ```
//!
//! So Argo Rollouts, Knative Services, JobSets and the like are judged without a list of kinds. An entry that names
//! no image beside others that do is left alone: operators take such lists to patch the containers they make.

use super::Workload;
use super::image_fields::ImageFields;
use super::pod_spec::ListEntry;
use crate::image_use::{ImageList, ListKind};
use fresh_images_json::{List, Object, Path, Shape, Stop, Type, each_member};

/// Walks a value and records what it finds.
pub(super) struct Discovery<'w, 'de> {
    pub(super) out: &'w mut Workload<'de>,
}

impl<'de> Shape<'de> for Discovery<'_, 'de> {
    fn other(&mut self, _: &Path<'_>, _: Type) {}

    fn list(&mut self, path: &Path<'_>, list: &mut List<'_, 'de>) -> Result<(), Stop> {
        let mut index = 0_usize;
        while list.entry(&path.index(index), self)? {
            index = index.saturating_add(1);
        }
        Ok(())
    }

    fn object(&mut self, path: &Path<'_>, object: &mut Object<'_, 'de>) -> Result<(), Stop> {
        let at_root = path.is_root();
        if at_root {
            self.out.metadata.template_start = object.position();
        }
        let keys = each_member(object, path, &mut |key, path, object| match key {
            "metadata" if at_root => {
                let start = object.position();
                object.skip(path)?;
                self.out.metadata.keep(start..object.position(), true, true);
                Ok(())
            }
            "status" if at_root => object.skip(path),
            _ => self.member(key, path, object),
        })?;
        self.out.report_duplicate(path, keys);
        Ok(())
    }
}

impl<'de> Discovery<'_, 'de> {
    /// Walks the value of a key.
    pub(super) fn member(
        &mut self,
        key: &str,
        path: &Path<'_>,
        object: &mut Object<'_, 'de>,
    ) -> Result<(), Stop> {
        match ListKind::from_key(key) {
            Some(kind) => object.value(path, &mut Candidate { out: &mut *self.out, kind }),
            None => object.value(path, self),
        }
    }
}

/// A value whose key is that of a list in a pod spec.
struct Candidate<'w, 'de> {
    out: &'w mut Workload<'de>,
    kind: ListKind,
}

impl<'de> Shape<'de> for Candidate<'_, 'de> {
    fn other(&mut self, _: &Path<'_>, _: Type) {}

    fn list(&mut self, path: &Path<'_>, list: &mut List<'_, 'de>) -> Result<(), Stop> {
        let mut entries = Vec::new();
        let mut is_list = false;
        let mut index = 0_usize;
        while !self.out.is_full(entries.len()) {
            let mut entry = ListEntry::new(self.kind, Some(&mut *self.out));
            if !list.entry(&path.index(index), &mut entry)? {
                break;
            }
            let fields = entry.fields;
            let names_image = names_image(&fields, self.kind);
            is_list |= names_image;
            // An entry without an image pulls nothing: operators take lists that patch the containers they make.
            if names_image || !fields.problems.is_empty() && self.kind != ListKind::ImageVolumes {
                entries.push((index, fields));
            }
            index = index.saturating_add(1);
        }
        if is_list {
            let place = self.out.lists.len();
            self.out.lists.push(ImageList::new(self.kind, path));
            for (index, fields) in entries {
                self.out.add(fields, self.kind, place, index);
            }
        }
        Ok(())
    }

    fn object(&mut self, path: &Path<'_>, object: &mut Object<'_, 'de>) -> Result<(), Stop> {
        Discovery { out: &mut *self.out }.object(path, object)
    }
}

/// Whether an entry makes its list one of images. A `reference` of a wrong type does too; an `image` that is no
/// object is some other kind of volume.
fn names_image(fields: &ImageFields<'_>, kind: ListKind) -> bool {
    fields.names_image || kind == ListKind::ImageVolumes && fields.is_use && !fields.problems.is_empty()
}
