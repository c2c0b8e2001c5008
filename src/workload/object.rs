//! Reading an object: down to the pod spec of a known kind, or everywhere in any other.

use super::discovery::Discovery;
use super::pod_spec::read_pod_spec;
use super::{Kind, Workload};
use fresh_images_json::{Field, Keys, Object, Path, Shape, Stop, Type, field};

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
        let mut keys = Keys::default();
        while let Some(key) = object.key(path)? {
            let path = path.key(&key);
            if key == *step {
                let mut next = Steps { out: &mut *self.out, kind: self.kind, rest, at_root: false };
                object.value(&path, &mut next)?;
            } else if self.at_root && self.kind.is_pod() && key == "metadata" {
                object.value(&path, &mut Metadata { out: &mut *self.out })?;
            } else {
                object.skip(&path)?;
            }
            keys.add(key);
        }
        self.out.report_duplicate(path, keys);
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
        let mut keys = Keys::default();
        while let Some(key) = object.key(path)? {
            let path = path.key(&key);
            if key == "annotations" {
                object.value(&path, &mut Annotations { out: &mut *self.out })?;
            } else {
                object.skip(&path)?;
            }
            keys.add(key);
        }
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
        let mut keys = Keys::default();
        while let Some(key) = object.key(path)? {
            let path = path.key(&key);
            if key == MIRROR_ANNOTATION {
                match field(object, &path)? {
                    Field::Text(_) => self.out.has_mirror_annotation = true,
                    Field::Null => {}
                    Field::Other(found) => self.out.wrong_type(&path, "a string", found),
                }
            } else {
                object.skip(&path)?;
            }
            keys.add(key);
        }
        self.out.report_duplicate(path, keys);
        Ok(())
    }
}
