//! The lists of a pod spec: containers, init containers, ephemeral containers and image volumes.

use super::discovery::Discovery;
use super::image_fields::{ImageFields, container_slot, read_fields, volume_slot};
use super::{Entry, Workload};
use crate::image_use::{ImageList, ImageUse, ListKind};
use crate::verdict::Problem;
use fresh_images_json::{List, Object, Path, Shape, Stop, Type, each_member};

/// Reads a pod spec of a known kind. Absent and null lists are empty.
pub(super) fn read_pod_spec<'de>(
    out: &mut Workload<'de>,
    path: &Path<'_>,
    object: &mut Object<'_, 'de>,
) -> Result<(), Stop> {
    let keys = each_member(object, path, &mut |key, path, object| match ListKind::from_key(key) {
        Some(kind) => object.value(path, &mut PodSpecList { out: &mut *out, kind }),
        None => object.skip(path),
    })?;
    out.report_duplicate(path, keys);
    Ok(())
}

struct PodSpecList<'w, 'de> {
    out: &'w mut Workload<'de>,
    kind: ListKind,
}

impl<'de> Shape<'de> for PodSpecList<'_, 'de> {
    fn other(&mut self, path: &Path<'_>, found: Type) {
        if found != Type::Null {
            self.out.problem(Some(self.kind), path.to_string(), Problem::wrong_type("a list", found));
        }
    }

    fn list(&mut self, path: &Path<'_>, list: &mut List<'_, 'de>) -> Result<(), Stop> {
        let place = self.out.lists.len();
        self.out.lists.push(ImageList::new(self.kind, path));
        let mut index = 0_usize;
        // What is beyond the bounds is not read; the object is refused already.
        while !self.out.is_full(0) {
            let mut entry = ListEntry::new(self.kind, None);
            if !list.entry(&path.index(index), &mut entry)? {
                break;
            }
            let fields = entry.fields;
            self.out.add(fields, self.kind, place, index);
            index = index.saturating_add(1);
        }
        Ok(())
    }
}

/// An entry of a list that holds containers, or volumes.
pub(super) struct ListEntry<'w, 'de> {
    kind: ListKind,
    /// In a kind that is not known: takes what is found beside the fields that decide.
    discover: Option<&'w mut Workload<'de>>,
    pub(super) fields: ImageFields<'de>,
}

impl<'w, 'de> ListEntry<'w, 'de> {
    pub(super) fn new(kind: ListKind, discover: Option<&'w mut Workload<'de>>) -> Self {
        Self { kind, discover, fields: ImageFields::default() }
    }
}

impl<'de> Shape<'de> for ListEntry<'_, 'de> {
    fn other(&mut self, path: &Path<'_>, found: Type) {
        match (found, self.kind) {
            // Kubernetes reads null as an empty volume, which is no image volume, or as an empty container.
            (Type::Null, ListKind::ImageVolumes) => {}
            (Type::Null, _) => self.fields.is_use = true,
            _ => self.fields.wrong_type(path, "an object", found),
        }
    }

    fn list(&mut self, path: &Path<'_>, list: &mut List<'_, 'de>) -> Result<(), Stop> {
        match self.discover.as_deref_mut() {
            Some(out) => Discovery { out }.list(path, list)?,
            None => while list.skip(path)? {},
        }
        self.other(path, Type::List);
        Ok(())
    }

    fn object(&mut self, path: &Path<'_>, object: &mut Object<'_, 'de>) -> Result<(), Stop> {
        let discover = self.discover.as_deref_mut();
        let is_volume = self.kind == ListKind::ImageVolumes;
        self.fields.is_use = !is_volume;
        let slot = if is_volume { volume_slot } else { container_slot };
        read_fields(&mut self.fields, slot, path, object, discover)
    }
}

impl<'de> Workload<'de> {
    /// Records an entry of a list as an image use, or what is wrong with it.
    pub(super) fn add(&mut self, fields: ImageFields<'de>, kind: ListKind, list: usize, index: usize) {
        let ImageFields { is_use, name, image, pull_policy, image_at, pull_policy_at, problems, .. } = fields;
        if is_use && problems.is_empty() {
            self.entries.push(Entry::Use(ImageUse {
                list,
                index,
                name,
                image,
                pull_policy,
                image_at,
                pull_policy_at,
            }));
        }
        for (path, problem) in problems {
            self.problem(Some(kind), path, problem);
        }
    }
}
