//! Reading an object: down to the pod spec of a known kind, or everywhere in any other.

use super::discovery::Discovery;
use super::pod_spec::read_pod_spec;
use super::{Kind, Workload};
use fresh_images_json::{Field, Object, Path, Shape, Stop, Type, each_member, field};

/// The annotation is set by the kubelet. Source: Kubernetes `pkg/apis/core/annotation_key_constants.go`.
const MIRROR_ANNOTATION: &str = "kubernetes.io/config.mirror";

/// Reads `object` or `oldObject`, whose kind the request tells; what the object itself claims is not read.
pub(crate) struct ObjectShape<'de> {
    kind: Option<&'static Kind>,
    /// `None` for null.
    pub(crate) workload: Option<Workload<'de>>,
}

impl ObjectShape<'_> {
    pub(crate) fn new(kind: Option<&'static Kind>) -> Self {
        Self { kind, workload: None }
    }
}

impl<'de> Shape<'de> for ObjectShape<'de> {
    fn other(&mut self, path: &Path<'_>, found: Type) {
        if found != Type::Null {
            self.workload.get_or_insert_default().wrong_type(path, "an object", found);
        }
    }

    fn object(&mut self, path: &Path<'_>, object: &mut Object<'_, 'de>) -> Result<(), Stop> {
        let out = self.workload.get_or_insert_default();
        match self.kind {
            Some(kind) => Steps { out, kind, rest: kind.pod_spec, at_root: true }.object(path, object),
            None => Discovery { out }.object(path, object),
        }
    }
}

/// The way from the root of an object to its pod spec. What is absent or null on it runs nothing.
struct Steps<'w, 'de> {
    out: &'w mut Workload<'de>,
    kind: &'static Kind,
    rest: &'static [&'static str],
    at_root: bool,
}

impl<'de> Shape<'de> for Steps<'_, 'de> {
    fn other(&mut self, path: &Path<'_>, found: Type) {
        self.out.wrong_type_unless_null(path, "an object", found);
    }

    fn object(&mut self, path: &Path<'_>, object: &mut Object<'_, 'de>) -> Result<(), Stop> {
        let Some((step, rest)) = self.rest.split_first() else {
            return read_pod_spec(self.out, path, object);
        };
        let Self { out, kind, at_root, .. } = self;
        let is_template = rest.is_empty();
        if is_template {
            out.metadata.template_start = object.position();
        }
        let keys = each_member(object, path, &mut |key, path, object| {
            if key == *step {
                return object.value(path, &mut Steps { out, kind, rest, at_root: false });
            }
            if key != "metadata" || !is_template && !*at_root {
                return object.skip(path);
            }
            let start = object.position();
            if kind.is_pod() {
                object.value(path, &mut Metadata { out })?;
            } else {
                object.skip(path)?;
            }
            out.metadata.keep(start..object.position(), *at_root, is_template);
            Ok(())
        })?;
        out.report_duplicate(path, keys);
        Ok(())
    }
}

/// `metadata` of a Pod, for its annotations.
struct Metadata<'w, 'de> {
    out: &'w mut Workload<'de>,
}

impl<'de> Shape<'de> for Metadata<'_, 'de> {
    fn other(&mut self, path: &Path<'_>, found: Type) {
        self.out.wrong_type_unless_null(path, "an object", found);
    }

    fn object(&mut self, path: &Path<'_>, object: &mut Object<'_, 'de>) -> Result<(), Stop> {
        let keys = each_member(object, path, &mut |key, path, object| match key {
            "annotations" => object.value(path, &mut Annotations { out: &mut *self.out }),
            _ => object.skip(path),
        })?;
        self.out.report_duplicate(path, keys);
        Ok(())
    }
}

struct Annotations<'w, 'de> {
    out: &'w mut Workload<'de>,
}

impl<'de> Shape<'de> for Annotations<'_, 'de> {
    fn other(&mut self, path: &Path<'_>, found: Type) {
        self.out.wrong_type_unless_null(path, "an object", found);
    }

    fn object(&mut self, path: &Path<'_>, object: &mut Object<'_, 'de>) -> Result<(), Stop> {
        let keys = each_member(object, path, &mut |key, path, object| {
            if key != MIRROR_ANNOTATION {
                return object.skip(path);
            }
            match field(object, path)? {
                Field::Text(_) => self.out.has_mirror_annotation = true,
                Field::Null => {}
                Field::Other(found) => self.out.wrong_type(path, "a string", found),
            }
            Ok(())
        })?;
        self.out.report_duplicate(path, keys);
        Ok(())
    }
}
