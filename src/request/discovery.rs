//! Discovery: finding what is shaped like the lists of a pod spec in kinds that the policy has no built-in knowledge of.
//!
//! | in the object | is it judged? |
//! |---|---|
//! | `…containers: [{name: a, image: b}]` at any depth | yes |
//! | `…containers: [{name: a}]`, where no entry names an image | no |
//! | `…volumes: [{image: {reference: b}}]` at any depth | yes |
//! | `…steps: [{image: b}]`, `…sidecars`, `…additionalContainers` at any depth, where the image is text | yes |
//! | `…container: {image: b}`, `…script`, `…sidecar`, `…stepTemplate`, `…containerDisk`, where the image is text | yes |
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
//! assert_eq!(verdict.findings()[0].path().to_string(), "spec.template.spec.containers[0]");
//! ```
//!
//! So Argo Rollouts and Workflows, Tekton Tasks, Knative Services, JobSets and the like are judged without a list of kinds. An entry that names
//! no image beside others that do is left alone: operators take such lists to patch the containers they make.

use super::image_fields::{EntryVisitor, ImageFields, Others};
use super::image_use::{ImageList, ListKind};
use super::metadata::MetadataVisitor;
use super::workload::Workload;
use fresh_images_json::{Invalid, List, Object, Path, Type, Visit, each_member};

/// Walks a value and records what it finds.
pub(super) struct Discovery<'w, 'de> {
    pub(super) out: &'w mut Workload<'de>,
}

impl<'de> Visit<'de> for Discovery<'_, 'de> {
    fn other(&mut self, _: &Path<'_>, _: Type) {}

    fn list(&mut self, path: &Path<'_>, list: &mut List<'_, 'de>) -> Result<(), Invalid> {
        for index in 0.. {
            if !list.entry(&path.index(index), self)? {
                break;
            }
        }
        Ok(())
    }

    fn object(&mut self, path: &Path<'_>, object: &mut Object<'_, 'de>) -> Result<(), Invalid> {
        let at_root = path.is_root();
        let keys = each_member(object, path, &mut |key, path, object| match key {
            "metadata" if at_root => object.value(path, &mut MetadataVisitor::of_any_kind(self.out)),
            "status" if at_root => object.skip(path),
            _ => self.member(key, path, object),
        })?;
        self.out.report_duplicate(path, keys);
        Ok(())
    }
}

impl<'de> Others<'de> for Discovery<'_, 'de> {
    fn member(&mut self, key: &str, path: &Path<'_>, object: &mut Object<'_, 'de>) -> Result<(), Invalid> {
        match ListKind::from_key(key).or_else(|| ListKind::from_key_of_others(key)) {
            Some(kind) => object.value(path, &mut Candidate { out: &mut *self.out, kind }),
            None => object.value(path, self),
        }
    }
}

/// A value whose key is that of a list in a pod spec, or of what other kinds have in its place.
struct Candidate<'w, 'de> {
    out: &'w mut Workload<'de>,
    kind: ListKind,
}

impl<'de> Visit<'de> for Candidate<'_, 'de> {
    fn other(&mut self, _: &Path<'_>, _: Type) {}

    fn list(&mut self, path: &Path<'_>, list: &mut List<'_, 'de>) -> Result<(), Invalid> {
        let Self { out, kind } = self;
        let kind = *kind;
        if kind.is_single() {
            return Discovery { out }.list(path, list);
        }
        // What is not text in a list of another kind is of another shape.
        let is_certain = ListKind::ALL.contains(&kind);
        let mut entries = Vec::new();
        let mut is_list = false;
        for index in 0.. {
            if out.is_full(entries.len()) {
                break;
            }
            let others = &mut Discovery { out };
            let mut entry = EntryVisitor { kind, fields: ImageFields::default(), others };
            if !list.entry(&path.index(index), &mut entry)? {
                break;
            }
            let fields = entry.fields;
            let names_image = names_image(&fields, kind);
            is_list |= names_image;
            // An entry without an image pulls nothing: operators take lists that patch the containers they make.
            if names_image || !fields.problems.is_empty() && is_certain && kind != ListKind::ImageVolumes {
                entries.push((index, fields));
            }
        }
        if is_list {
            let mut found = ImageList { kind, path: path.to_buf(), entries: Vec::new() };
            for (index, fields) in entries {
                out.add(&mut found, index, fields);
            }
            out.push(found);
        }
        Ok(())
    }

    fn object(&mut self, path: &Path<'_>, object: &mut Object<'_, 'de>) -> Result<(), Invalid> {
        let Self { out, kind } = self;
        let kind = *kind;
        if !kind.is_single() || out.is_full(0) {
            return Discovery { out }.object(path, object);
        }
        let others = &mut Discovery { out };
        let mut entry = EntryVisitor { kind, fields: ImageFields::default(), others };
        entry.object(path, object)?;
        let fields = entry.fields;
        if names_image(&fields, kind) {
            let mut found = ImageList { kind, path: path.to_buf(), entries: Vec::new() };
            out.add(&mut found, 0, fields);
            out.push(found);
        }
        Ok(())
    }
}

/// Whether an entry makes its list one of images. A `reference` of a wrong type does too; an `image` that is not an
/// object belongs to some other kind of volume.
fn names_image(fields: &ImageFields<'_>, kind: ListKind) -> bool {
    fields.names_image || kind == ListKind::ImageVolumes && fields.is_use && !fields.problems.is_empty()
}
