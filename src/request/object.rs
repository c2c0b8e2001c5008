//! Reading an object: down to the pod spec of a known kind, or everywhere in any other.

use super::discovery::Discovery;
use super::kind::Kind;
use super::metadata::MetadataVisitor;
use super::pod_spec::read_pod_spec;
use super::workload::Workload;
use fresh_images_json::{Invalid, Object, Path, Type, Visit, each_member};

/// Reads `object` or `oldObject`. The request says which kind it is; what the object itself claims is not read.
pub(crate) struct ObjectVisitor<'de> {
    kind: Option<&'static Kind>,
    /// `None` for null.
    pub(crate) workload: Option<Workload<'de>>,
}

impl ObjectVisitor<'_> {
    pub(crate) fn new(kind: Option<&'static Kind>) -> Self {
        Self { kind, workload: None }
    }
}

impl<'de> Visit<'de> for ObjectVisitor<'de> {
    fn other(&mut self, path: &Path<'_>, found: Type) {
        if found != Type::Null {
            self.workload.get_or_insert_default().wrong_type(path, "an object", found);
        }
    }

    fn object(&mut self, path: &Path<'_>, object: &mut Object<'_, 'de>) -> Result<(), Invalid> {
        let out = self.workload.get_or_insert_default();
        match self.kind {
            Some(kind) => {
                Steps { out, kind, rest: kind.pod_spec, at_root: true, in_spec: false }.object(path, object)
            }
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
    /// In the `spec` of the object.
    in_spec: bool,
}

impl<'de> Visit<'de> for Steps<'_, 'de> {
    fn other(&mut self, path: &Path<'_>, found: Type) {
        if found != Type::Null {
            self.out.wrong_type(path, "an object", found);
        }
    }

    fn object(&mut self, path: &Path<'_>, object: &mut Object<'_, 'de>) -> Result<(), Invalid> {
        let Some((step, rest)) = self.rest.split_first() else {
            return read_pod_spec(self.out, path, object);
        };
        let Self { out, kind, at_root, in_spec, .. } = self;
        let is_template = rest.is_empty();
        let keys = each_member(object, path, &mut |key, path, object| match key {
            _ if key == *step => {
                let start = object.position();
                object.value(path, &mut Steps { out, kind, rest, at_root: false, in_spec: *at_root })?;
                if *in_spec {
                    out.scale.keep(key, start..object.position());
                }
                Ok(())
            }
            "metadata" if is_template || *at_root => {
                object.value(path, &mut MetadataVisitor::new(out, kind, *at_root, is_template))
            }
            _ => {
                let start = object.position();
                object.skip(path)?;
                if *in_spec {
                    out.scale.keep(key, start..object.position());
                }
                Ok(())
            }
        })?;
        out.report_duplicate(path, keys);
        Ok(())
    }
}
