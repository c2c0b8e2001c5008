//! The lists of a pod spec: containers, init containers, ephemeral containers and image volumes.

use super::image_fields::{EntryVisitor, ImageFields, Skipped};
use super::image_use::{ImageList, ListKind};
use super::malformed::Malformed;
use super::workload::Workload;
use fresh_images_json::{Invalid, List, Object, Path, Type, Visit, each_member};

/// Reads a pod spec of a known kind. Absent and null lists are empty.
pub(super) fn read_pod_spec<'de>(
    out: &mut Workload<'de>,
    path: &Path<'_>,
    object: &mut Object<'_, 'de>,
) -> Result<(), Invalid> {
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

impl<'de> Visit<'de> for PodSpecList<'_, 'de> {
    fn other(&mut self, path: &Path<'_>, found: Type) {
        if found != Type::Null {
            self.out.report(Some(self.kind), Malformed::wrong_type(path.to_buf(), "a list", found));
        }
    }

    fn list(&mut self, path: &Path<'_>, list: &mut List<'_, 'de>) -> Result<(), Invalid> {
        let kind = self.kind;
        let mut found = ImageList { kind, path: path.to_buf(), entries: Vec::new() };
        // What is beyond the bounds is not read; the object is refused already.
        for index in 0.. {
            let mut entry = EntryVisitor { kind, fields: ImageFields::default(), others: &mut Skipped };
            if self.out.is_full(0) || !list.entry(&path.index(index), &mut entry)? {
                break;
            }
            self.out.add(&mut found, index, entry.fields);
        }
        self.out.push(found);
        Ok(())
    }
}
