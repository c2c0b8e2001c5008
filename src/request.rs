//! The admission request: the few fields of it that decide.
//!
//! The payload is what policy-server hands to a policy: `{"request": …, "settings": …}`. `object` is read as
//! soon as `kind` is known, which policy-server's order of keys allows in one pass; in another order there are
//! two.

use std::borrow::Cow;
use std::ops::Range;

use crate::verdict::{Finding, Problem};
use crate::workload::{Kind, ObjectShape, Workload};
use fresh_images_json::{
    self, Field, Keys, List, Node, Object as Members, Path, Shape, Stop, Type, each_member, field,
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
    group: Option<Cow<'a, str>>,
    kind: Option<Cow<'a, str>>,
    pub(crate) operation: Option<Cow<'a, str>>,
    pub(crate) sub_resource: Option<Cow<'a, str>>,
    pub(crate) namespace: Option<Cow<'a, str>>,
    pub(crate) username: Option<Cow<'a, str>>,
    pub(crate) groups: Vec<Cow<'a, str>>,
    pub(crate) object: Object<'a>,
    /// The bytes of the payload that the object takes up.
    pub(crate) object_at: Range<usize>,
    pub(crate) old_object: Object<'a>,
    pub(crate) has_duplicate: bool,
    /// What is wrong with the request itself.
    pub(crate) problems: Vec<Finding>,
}

/// `object` or `oldObject`.
#[derive(Debug, Default)]
pub(crate) enum Object<'a> {
    #[default]
    Absent,
    /// There, but the kind was not known yet.
    Unread,
    Read(Workload<'a>),
}

impl<'a> Request<'a> {
    /// The kind, if its pod spec stands at a known place.
    pub(crate) fn known_kind(&self) -> Option<&'static Kind> {
        // Kubernetes writes the core group as an empty string.
        Kind::find(self.group.as_deref().unwrap_or_default(), self.kind.as_deref()?)
    }

    fn problem(&mut self, path: &Path<'_>, problem: Problem) {
        self.problems.push(Finding::at(path.to_string(), problem));
    }

    fn nothing_found(&mut self, path: &Path<'_>, expected: &str) {
        let problem = format!("expected {expected}, found nothing");
        self.problem(path, Problem::MalformedRequest { problem });
    }

    fn wrong_type(&mut self, path: &Path<'_>, expected: &'static str, found: Type) {
        self.problem(path, Problem::WrongType { expected, found: found.noun(), in_request: true });
    }

    fn report_duplicate(&mut self, path: &Path<'_>, keys: Keys<'a>) {
        if let Some(key) = keys.duplicate() {
            self.has_duplicate = true;
            self.problem(path, Problem::DuplicateKey { key: key.into_owned() });
        }
    }

    /// Reads a field that may hold text; null is as good as absent.
    fn text(&mut self, path: &Path<'_>, object: &mut Members<'_, 'a>) -> Result<Option<Cow<'a, str>>, Stop> {
        Ok(match field(object, path)? {
            Field::Null => None,
            Field::Text(text) => Some(text),
            Field::Other(found) => {
                self.wrong_type(path, "a string", found);
                None
            }
        })
    }

    fn read_object(
        &self,
        path: &Path<'_>,
        name: &'static str,
        object: &mut Members<'_, 'a>,
    ) -> Result<Object<'a>, Stop> {
        if self.kind.is_none() {
            object.skip(path)?;
            return Ok(Object::Unread);
        }
        let mut shape = ObjectShape::new(self.known_kind());
        object.value(&path.as_root(name), &mut shape)?;
        Ok(shape.workload.map_or(Object::Absent, Object::Read))
    }

    fn is_unread(&self) -> bool {
        matches!(self.object, Object::Unread) || matches!(self.old_object, Object::Unread)
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

impl<'de> Shape<'de> for Payload<'de> {
    fn other(&mut self, path: &Path<'_>, found: Type) {
        self.request.wrong_type(path, "an object", found);
    }

    fn object(&mut self, path: &Path<'_>, object: &mut Members<'_, 'de>) -> Result<(), Stop> {
        // Paths below are told from the request, or from the settings.
        let path = &path.as_root(ROOT);
        let mut has_request = false;
        let keys = each_member(object, path, &mut |key, path, object| match key {
            "request" => {
                has_request = true;
                object.value(path, &mut self.request)
            }
            "settings" => object.value(path, self.settings.insert(Node::NULL)),
            _ => object.skip(path),
        })?;
        if !has_request {
            self.request.nothing_found(&path.key("request"), "an object");
        }
        self.request.report_duplicate(path, keys);
        Ok(())
    }
}

impl<'de> Shape<'de> for Request<'de> {
    fn other(&mut self, path: &Path<'_>, found: Type) {
        self.wrong_type(path, "an object", found);
    }

    fn object(&mut self, path: &Path<'_>, object: &mut Members<'_, 'de>) -> Result<(), Stop> {
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

impl<'de> Shape<'de> for GroupKind<'_, 'de> {
    fn other(&mut self, path: &Path<'_>, found: Type) {
        self.out.wrong_type(path, "an object", found);
    }

    fn object(&mut self, path: &Path<'_>, object: &mut Members<'_, 'de>) -> Result<(), Stop> {
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

impl<'de> Shape<'de> for UserInfo<'_, 'de> {
    fn other(&mut self, path: &Path<'_>, found: Type) {
        if found != Type::Null {
            self.out.wrong_type(path, "an object", found);
        }
    }

    fn object(&mut self, path: &Path<'_>, object: &mut Members<'_, 'de>) -> Result<(), Stop> {
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

impl<'de> Shape<'de> for Groups<'_, 'de> {
    fn other(&mut self, path: &Path<'_>, found: Type) {
        if found != Type::Null {
            self.out.wrong_type(path, "a list", found);
        }
    }

    fn list(&mut self, path: &Path<'_>, list: &mut List<'_, 'de>) -> Result<(), Stop> {
        let mut index = 0_usize;
        loop {
            let at = path.index(index);
            let mut group = Field::Null;
            if !list.entry(&at, &mut group)? {
                return Ok(());
            }
            match group {
                Field::Text(group) => self.out.groups.push(group),
                Field::Null => self.out.wrong_type(&at, "a string", Type::Null),
                Field::Other(found) => self.out.wrong_type(&at, "a string", found),
            }
            index = index.saturating_add(1);
        }
    }
}
