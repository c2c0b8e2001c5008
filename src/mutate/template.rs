//! The Pod, or pod template, of an object: whether a controller owns the object, and where its annotation goes. In a kind
//! that is not known the object itself is annotated, for its template may have no metadata.

use std::borrow::Cow;
use std::ops::Range;

use super::record::ANNOTATION;
use crate::workload;
use fresh_images_json::{
    Field, List, Object, Path, Shape, Stop, Type, each_member, field, read as read_json,
};

/// What is read of an object before it is mutated.
#[derive(Debug)]
pub(crate) struct Template<'a> {
    /// Whether a controller owns the object.
    pub(super) is_owned: bool,
    place: Place,
    record: Option<Cow<'a, str>>,
}

impl Template<'_> {
    /// Where the annotation goes.
    pub(super) fn place(&self) -> &Place {
        &self.place
    }

    /// The annotation as it is.
    pub(super) fn record(&self) -> Option<&str> {
        self.record.as_deref()
    }
}

/// Where the annotation goes, in bytes of the payload.
#[derive(Debug)]
pub(super) enum Place {
    /// Between these texts, in place of null or before what is there.
    Before { at: Range<usize>, opening: &'static str, closing: &'static str },
    /// It has a value, which goes.
    Value(Range<usize>),
}

impl Place {
    pub(super) fn at(&self) -> Range<usize> {
        match self {
            Self::Before { at, .. } | Self::Value(at) => at.clone(),
        }
    }
}

/// Reads the metadata of an object. `None` if it is malformed.
pub(super) fn read<'a>(payload: &'a [u8], metadata: &workload::Metadata) -> Option<Template<'a>> {
    let mut out = Out::default();
    if let Some(at) = metadata.object.clone() {
        let mut shape = Metadata { out: &mut out, is_object: true, is_template: false, is_null: false };
        read_json(payload.get(at)?, "metadata", &mut shape).ok()?;
    }
    if let Some(at) = metadata.template.clone() {
        out.offset = at.start;
        let mut shape = Metadata { out: &mut out, is_object: false, is_template: true, is_null: false };
        read_json(payload.get(at.clone())?, "metadata", &mut shape).ok()?;
        if shape.is_null {
            out.place = Some(Place::Before { at, opening: "{\"annotations\":{", closing: "}}" });
        }
    }
    let start = metadata.template_start;
    let before = || Place::Before {
        at: start..start,
        opening: "\"metadata\":{\"annotations\":{",
        // There is a pod spec after it.
        closing: "}},",
    };
    let Out { is_owned, is_unclear, place, record, .. } = out;
    if is_unclear { None } else { Some(Template { is_owned, place: place.unwrap_or_else(before), record }) }
}

#[derive(Default)]
struct Out<'a> {
    /// Where the metadata that is read starts in the payload.
    offset: usize,
    is_owned: bool,
    is_unclear: bool,
    place: Option<Place>,
    record: Option<Cow<'a, str>>,
}

impl Out<'_> {
    fn at(&self, start: usize, end: usize) -> Range<usize> {
        self.offset.saturating_add(start)..self.offset.saturating_add(end)
    }

    /// Right after the brace of an object, unless a better place was found within it.
    fn or_first(
        &mut self,
        at: usize,
        opening: &'static str,
        closing: (&'static str, &'static str),
        is_empty: bool,
    ) {
        if self.place.is_none() {
            let closing = if is_empty { closing.0 } else { closing.1 };
            self.place = Some(Place::Before { at: self.at(at, at), opening, closing });
        }
    }

    fn instead_of_null(&mut self, start: usize, end: usize) {
        if self.place.is_none() {
            self.place = Some(Place::Before { at: self.at(start, end), opening: "{", closing: "}" });
        }
    }
}

struct Metadata<'o, 'de> {
    out: &'o mut Out<'de>,
    /// Of the object, which may have owners.
    is_object: bool,
    /// Of the Pod or pod template, which is annotated.
    is_template: bool,
    is_null: bool,
}

impl<'de> Shape<'de> for Metadata<'_, 'de> {
    fn other(&mut self, _: &Path<'_>, found: Type) {
        self.is_null = found == Type::Null;
        self.out.is_unclear |= !self.is_null;
    }

    fn object(&mut self, path: &Path<'_>, object: &mut Object<'_, 'de>) -> Result<(), Stop> {
        let first = object.position();
        let Self { out, is_object, is_template, .. } = self;
        let mut is_empty = true;
        let keys = each_member(object, path, &mut |key, path, object| {
            is_empty = false;
            match key {
                "annotations" if *is_template => {
                    let start = object.position();
                    let mut annotations = Annotations { out, is_null: false };
                    object.value(path, &mut annotations)?;
                    if annotations.is_null {
                        out.instead_of_null(start, object.position());
                    }
                    Ok(())
                }
                "ownerReferences" if *is_object => object.value(path, &mut Owners { out }),
                _ => object.skip(path),
            }
        })?;
        out.is_unclear |= keys.duplicate().is_some();
        if *is_template {
            out.or_first(first, "\"annotations\":{", ("}", "},"), is_empty);
        }
        Ok(())
    }
}

struct Annotations<'o, 'de> {
    out: &'o mut Out<'de>,
    is_null: bool,
}

impl<'de> Shape<'de> for Annotations<'_, 'de> {
    fn other(&mut self, _: &Path<'_>, found: Type) {
        self.is_null = found == Type::Null;
        self.out.is_unclear |= !self.is_null;
    }

    fn object(&mut self, path: &Path<'_>, object: &mut Object<'_, 'de>) -> Result<(), Stop> {
        let first = object.position();
        let out = &mut *self.out;
        let mut is_empty = true;
        let keys = each_member(object, path, &mut |key, path, object| {
            is_empty = false;
            if key != ANNOTATION {
                return object.skip(path);
            }
            let start = object.position();
            match field(object, path)? {
                Field::Text(text) => out.record = Some(text),
                Field::Null => {}
                Field::Other(_) => out.is_unclear = true,
            }
            out.place = Some(Place::Value(out.at(start, object.position())));
            Ok(())
        })?;
        out.is_unclear |= keys.duplicate().is_some();
        out.or_first(first, "", ("", ","), is_empty);
        Ok(())
    }
}

/// `ownerReferences`: of what is malformed we say that it has an owner, for then it is not mutated.
struct Owners<'o, 'de> {
    out: &'o mut Out<'de>,
}

impl<'de> Shape<'de> for Owners<'_, 'de> {
    fn other(&mut self, _: &Path<'_>, found: Type) {
        self.out.is_owned |= found != Type::Null;
    }

    fn list(&mut self, path: &Path<'_>, list: &mut List<'_, 'de>) -> Result<(), Stop> {
        let mut index = 0_usize;
        while list.entry(&path.index(index), &mut Owner { out: &mut *self.out })? {
            index = index.saturating_add(1);
        }
        Ok(())
    }
}

struct Owner<'o, 'de> {
    out: &'o mut Out<'de>,
}

impl<'de> Shape<'de> for Owner<'_, 'de> {
    fn other(&mut self, _: &Path<'_>, _: Type) {
        self.out.is_owned = true;
    }

    fn object(&mut self, path: &Path<'_>, object: &mut Object<'_, 'de>) -> Result<(), Stop> {
        each_member(object, path, &mut |key, path, object| {
            if key != "controller" {
                return object.skip(path);
            }
            let is_controller =
                !matches!(field(object, path)?, Field::Null | Field::Other(Type::Boolean(false)));
            self.out.is_owned |= is_controller;
            Ok(())
        })
        .map(|_| ())
    }
}
