//! The admission request: the few fields of it that decide.
//!
//! The payload is what policy-server hands to a policy: `{"request": …, "settings": …}`. `object` is read as
//! soon as `kind` is known, which policy-server's order of keys allows in one pass; in another order there are
//! two.

use std::borrow::Cow;
use std::ops::Range;

use super::kind::Kind;
use super::malformed::{Defect, Malformed};
use super::object::ObjectVisitor;
use super::workload::Workload;
use fresh_images_json::{
    self, Field, Invalid, Keys, List, Node, Object, Path, Type, Visit, each_member, field,
};

/// A payload whose text is JSON.
#[derive(Debug, Default)]
pub(crate) struct Payload<'a> {
    pub(crate) request: Request<'a>,
    /// `None` if the payload has none.
    pub(crate) settings: Option<Node<'a>>,
}

/// An admission request.
#[derive(Debug, Default)]
pub(crate) struct Request<'a> {
    /// Group and kind, as the API server has matched them.
    pub(crate) group: Option<Cow<'a, str>>,
    kind: Option<Cow<'a, str>>,
    pub(crate) operation: Option<Cow<'a, str>>,
    pub(crate) sub_resource: Option<Cow<'a, str>>,
    pub(crate) namespace: Option<Cow<'a, str>>,
    pub(crate) username: Option<Cow<'a, str>>,
    pub(crate) groups: Vec<Cow<'a, str>>,
    pub(crate) object: ObjectField<'a>,
    /// The bytes of the payload that the object takes up, with the space before it.
    object_at: Range<usize>,
    pub(crate) old_object: ObjectField<'a>,
    pub(crate) has_duplicate: bool,
    /// What is wrong with the request itself.
    pub(crate) problems: Vec<Malformed>,
}

/// `object` or `oldObject`.
#[cfg_attr(
    target_pointer_width = "64",
    expect(clippy::large_enum_variant, reason = "a request has two, and a box would be one more allocation")
)]
#[derive(Debug, Default)]
pub(crate) enum ObjectField<'a> {
    #[default]
    Absent,
    /// There, but the kind was not known yet.
    Unread,
    Read(Workload<'a>),
}

impl<'a> Request<'a> {
    /// The kind, if its pod spec is at a known place.
    pub(crate) fn known_kind(&self) -> Option<&'static Kind> {
        // Kubernetes writes the core group as an empty string.
        Kind::find(self.group(), self.kind.as_deref()?)
    }

    /// The API group; empty for the core group.
    pub(crate) fn group(&self) -> &str {
        self.group.as_deref().unwrap_or_default()
    }

    /// The kind; empty if the request names none.
    pub(crate) fn kind(&self) -> &str {
        self.kind.as_deref().unwrap_or_default()
    }

    /// The bytes of the payload that the text of the object takes up.
    pub(crate) fn object_text_at(&self, payload: &str) -> Range<usize> {
        let Range { start, end } = self.object_at.clone();
        let space =
            payload.get(start..end).map_or(0, |text| text.len().saturating_sub(text.trim_start().len()));
        start.saturating_add(space)..end
    }

    fn problem(&mut self, path: &Path<'_>, defect: Defect) {
        self.problems.push(Malformed::new(path.to_buf(), defect));
    }

    fn nothing_found(&mut self, path: &Path<'_>, expected: &'static str) {
        self.problem(path, Defect::Missing { expected });
    }

    fn wrong_type(&mut self, path: &Path<'_>, expected: &'static str, found: Type) {
        self.problem(path, Defect::WrongType { expected, found: found.noun(), in_request: true });
    }

    fn report_duplicate(&mut self, path: &Path<'_>, keys: Keys<'a>) {
        if let Some(key) = keys.duplicate() {
            self.has_duplicate = true;
            self.problem(path, Defect::DuplicateKey { key: key.into_owned() });
        }
    }

    /// Reads a field that may hold text; null means the same as absent.
    fn text(
        &mut self,
        path: &Path<'_>,
        object: &mut Object<'_, 'a>,
    ) -> Result<Option<Cow<'a, str>>, Invalid> {
        Ok(match field(object, path)? {
            Field::Null => None,
            Field::Text(text) => Some(text),
            Field::Wrong(found) => {
                self.wrong_type(path, "a string", found);
                None
            }
        })
    }

    fn read_object(
        &self,
        path: &Path<'_>,
        name: &'static str,
        object: &mut Object<'_, 'a>,
    ) -> Result<ObjectField<'a>, Invalid> {
        if self.kind.is_none() {
            object.skip(path)?;
            return Ok(ObjectField::Unread);
        }
        let mut visitor = ObjectVisitor::new(self.known_kind());
        object.value(&path.as_root(name), &mut visitor)?;
        Ok(visitor.workload.map_or(ObjectField::Absent, ObjectField::Read))
    }

    fn is_unread(&self) -> bool {
        matches!(self.object, ObjectField::Unread) || matches!(self.old_object, ObjectField::Unread)
    }
}

/// Reads a payload.
pub(crate) fn read(text: &[u8]) -> Result<Payload<'_>, fresh_images_json::Error> {
    let mut payload = Payload::default();
    fresh_images_json::read(text, ROOT, &mut payload)?;
    if payload.request.is_unread() && payload.request.kind.is_some() {
        let Request { group, kind, .. } = payload.request;
        payload = Payload { request: Request { group, kind, ..Request::default() }, settings: None };
        fresh_images_json::read(text, ROOT, &mut payload)?;
    }
    Ok(payload)
}

/// What the payload is called where it is itself at fault.
const ROOT: &str = "payload";
const OBJECT: &str = "request.object";
const OLD_OBJECT: &str = "request.oldObject";

impl<'de> Visit<'de> for Payload<'de> {
    fn other(&mut self, path: &Path<'_>, found: Type) {
        self.request.wrong_type(path, "an object", found);
    }

    fn object(&mut self, path: &Path<'_>, object: &mut Object<'_, 'de>) -> Result<(), Invalid> {
        // Paths below start at the request, or at the settings.
        let path = &path.as_root(ROOT);
        let mut has_request = false;
        let keys = each_member(object, path, &mut |key, path, object| match key {
            "request" => {
                has_request = true;
                object.value(&Path::root("request"), &mut self.request)
            }
            "settings" => object.value(path, self.settings.insert(Node::NULL)),
            _ => object.skip(path),
        })?;
        if !has_request {
            self.request.nothing_found(&Path::root("request"), "an object");
        }
        self.request.report_duplicate(path, keys);
        Ok(())
    }
}

impl<'de> Visit<'de> for Request<'de> {
    fn other(&mut self, path: &Path<'_>, found: Type) {
        self.wrong_type(path, "an object", found);
    }

    fn object(&mut self, path: &Path<'_>, object: &mut Object<'_, 'de>) -> Result<(), Invalid> {
        let keys = each_member(object, path, &mut |key, path, object| {
            match key {
                "kind" => object.value(path, &mut GroupKind { out: self })?,
                "namespace" => self.namespace = self.text(path, object)?,
                "object" => {
                    let start = object.position();
                    self.object = self.read_object(path, OBJECT, object)?;
                    self.object_at = start..object.position();
                }
                "oldObject" => self.old_object = self.read_object(path, OLD_OBJECT, object)?,
                "operation" => self.operation = self.text(path, object)?,
                "subResource" => self.sub_resource = self.text(path, object)?,
                "userInfo" => object.value(path, &mut UserInfo { out: self })?,
                _ => object.skip(path)?,
            }
            Ok(())
        })?;
        self.report_duplicate(path, keys);
        if self.kind.is_none() && self.problems.is_empty() {
            self.nothing_found(&path.key("kind").key("kind"), "a string");
        }
        Ok(())
    }
}

/// `{"group": …, "version": …, "kind": …}`.
struct GroupKind<'r, 'de> {
    out: &'r mut Request<'de>,
}

impl<'de> Visit<'de> for GroupKind<'_, 'de> {
    fn other(&mut self, path: &Path<'_>, found: Type) {
        self.out.wrong_type(path, "an object", found);
    }

    fn object(&mut self, path: &Path<'_>, object: &mut Object<'_, 'de>) -> Result<(), Invalid> {
        let out = &mut *self.out;
        let keys = each_member(object, path, &mut |key, path, object| {
            match key {
                "group" => out.group = out.text(path, object)?,
                "kind" => out.kind = out.text(path, object)?,
                _ => object.skip(path)?,
            }
            Ok(())
        })?;
        out.report_duplicate(path, keys);
        Ok(())
    }
}

/// `{"username": …, "groups": […]}`.
struct UserInfo<'r, 'de> {
    out: &'r mut Request<'de>,
}

impl<'de> Visit<'de> for UserInfo<'_, 'de> {
    fn other(&mut self, path: &Path<'_>, found: Type) {
        if found != Type::Null {
            self.out.wrong_type(path, "an object", found);
        }
    }

    fn object(&mut self, path: &Path<'_>, object: &mut Object<'_, 'de>) -> Result<(), Invalid> {
        let out = &mut *self.out;
        let keys = each_member(object, path, &mut |key, path, object| {
            match key {
                "username" => out.username = out.text(path, object)?,
                "groups" => object.value(path, &mut Groups { out: &mut *out })?,
                _ => object.skip(path)?,
            }
            Ok(())
        })?;
        out.report_duplicate(path, keys);
        Ok(())
    }
}

struct Groups<'r, 'de> {
    out: &'r mut Request<'de>,
}

impl<'de> Visit<'de> for Groups<'_, 'de> {
    fn other(&mut self, path: &Path<'_>, found: Type) {
        if found != Type::Null {
            self.out.wrong_type(path, "a list", found);
        }
    }

    fn list(&mut self, path: &Path<'_>, list: &mut List<'_, 'de>) -> Result<(), Invalid> {
        for index in 0.. {
            let at = path.index(index);
            let mut group = Field::Null;
            if !list.entry(&at, &mut group)? {
                break;
            }
            match group {
                Field::Text(group) => self.out.groups.push(group),
                Field::Null => self.out.wrong_type(&at, "a string", Type::Null),
                Field::Wrong(found) => self.out.wrong_type(&at, "a string", found),
            }
        }
        Ok(())
    }
}
