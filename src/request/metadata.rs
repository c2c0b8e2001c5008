//! The metadata of an object and of its template: who owns the object, and two annotations.

use super::kind::Kind;
use super::workload::{Metadata, Workload};
use fresh_images_json::{Field, Invalid, List, Object, Path, Type, Visit, each_member, field};

/// The annotation that records which images a digest has replaced; see [`mutate`](crate::mutate).
pub const ANNOTATION: &str = "fresh-images.github.io/pinned-from";
/// The annotation is set by the kubelet. Source: Kubernetes `pkg/apis/core/annotation_key_constants.go`.
const MIRROR_ANNOTATION: &str = "kubernetes.io/config.mirror";

/// Reads the metadata of an object, of its template, or of both where they are the same.
pub(super) struct MetadataVisitor<'w, 'de> {
    out: &'w mut Workload<'de>,
    /// Whether it is that of the object, which may have owners.
    of_object: bool,
    /// Whether it is that of the Pod or template, which is annotated.
    of_template: bool,
    /// Whether it can exempt a Pod, so that what is wrong with it is reported.
    of_pod: bool,
}

impl<'w, 'de> MetadataVisitor<'w, 'de> {
    pub(super) fn new(out: &'w mut Workload<'de>, kind: &Kind, of_object: bool, of_template: bool) -> Self {
        Self { out, of_object, of_template, of_pod: kind.is_pod() }
    }

    /// The object itself is annotated, because its template may have no metadata.
    pub(super) fn of_any_kind(out: &'w mut Workload<'de>) -> Self {
        Self { out, of_object: true, of_template: true, of_pod: false }
    }

    fn wrong_type(&mut self, path: &Path<'_>, expected: &'static str, found: Type) {
        self.out.metadata.is_unclear = true;
        if self.of_pod {
            self.out.wrong_type(path, expected, found);
        }
    }

    /// Reads members with a function, and reports a key that occurs twice.
    fn each_member(
        &mut self,
        path: &Path<'_>,
        object: &mut Object<'_, 'de>,
        read: fn(&mut Self, &str, &Path<'_>, &mut Object<'_, 'de>) -> Result<(), Invalid>,
    ) -> Result<(), Invalid> {
        let keys = each_member(object, path, &mut |key, path, object| read(&mut *self, key, path, object))?;
        if let Some(key) = keys.duplicate() {
            self.out.metadata.is_unclear = true;
            if self.of_pod {
                self.out.duplicate(path, &key);
            }
        }
        Ok(())
    }

    fn annotation(
        &mut self,
        key: &str,
        path: &Path<'_>,
        object: &mut Object<'_, 'de>,
    ) -> Result<(), Invalid> {
        match key {
            ANNOTATION => match field(object, path)? {
                Field::Text(text) => self.out.metadata.record = Some(text),
                Field::Null => {}
                Field::Wrong(_) => self.out.metadata.is_unclear = true,
            },
            MIRROR_ANNOTATION if self.of_pod => match field(object, path)? {
                Field::Text(_) => self.out.metadata.is_mirror = true,
                Field::Null => {}
                Field::Wrong(found) => self.wrong_type(path, "a string", found),
            },
            _ => object.skip(path)?,
        }
        Ok(())
    }
}

impl<'de> Visit<'de> for MetadataVisitor<'_, 'de> {
    fn other(&mut self, path: &Path<'_>, found: Type) {
        if found != Type::Null {
            self.wrong_type(path, "an object", found);
        }
    }

    fn object(&mut self, path: &Path<'_>, object: &mut Object<'_, 'de>) -> Result<(), Invalid> {
        self.each_member(path, object, |this, key, path, object| match key {
            "annotations" if this.of_template => object.value(path, &mut Annotations(this)),
            "ownerReferences" if this.of_object => {
                object.value(path, &mut Owners { metadata: &mut this.out.metadata })
            }
            _ => object.skip(path),
        })
    }
}

struct Annotations<'m, 'w, 'de>(&'m mut MetadataVisitor<'w, 'de>);

impl<'de> Visit<'de> for Annotations<'_, '_, 'de> {
    fn other(&mut self, path: &Path<'_>, found: Type) {
        self.0.other(path, found);
    }

    fn object(&mut self, path: &Path<'_>, object: &mut Object<'_, 'de>) -> Result<(), Invalid> {
        self.0.each_member(path, object, MetadataVisitor::annotation)
    }
}

/// `ownerReferences`.
struct Owners<'m, 'de> {
    metadata: &'m mut Metadata<'de>,
}

impl<'de> Visit<'de> for Owners<'_, 'de> {
    fn other(&mut self, _: &Path<'_>, found: Type) {
        self.metadata.is_unclear |= found != Type::Null;
    }

    fn list(&mut self, path: &Path<'_>, list: &mut List<'_, 'de>) -> Result<(), Invalid> {
        while list.entry(path, &mut Owner { metadata: &mut *self.metadata })? {}
        Ok(())
    }
}

struct Owner<'m, 'de> {
    metadata: &'m mut Metadata<'de>,
}

impl<'de> Visit<'de> for Owner<'_, 'de> {
    fn other(&mut self, _: &Path<'_>, _: Type) {
        self.metadata.is_unclear = true;
    }

    fn object(&mut self, path: &Path<'_>, object: &mut Object<'_, 'de>) -> Result<(), Invalid> {
        while let Some(key) = object.key(path)? {
            if key != "controller" {
                object.skip(path)?;
                continue;
            }
            match field(object, path)? {
                Field::Wrong(Type::Boolean(true)) => self.metadata.is_owned = true,
                Field::Null | Field::Wrong(Type::Boolean(false)) => {}
                Field::Text(_) | Field::Wrong(_) => self.metadata.is_unclear = true,
            }
        }
        Ok(())
    }
}
