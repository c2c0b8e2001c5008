//! The fields of a container and of an image volume that decide.

use std::borrow::Cow;
use std::ops::Range;

use super::Workload;
use super::discovery::Discovery;
use crate::verdict::Problem;
use fresh_images_json::{Field, List, Object, Path, Shape, Stop, Type};

/// What an entry of a list says of its image.
#[derive(Default)]
pub(super) struct ImageFields<'de> {
    /// Whether there is an image to speak of: in every container, but only in volumes of type `image`.
    pub(super) is_use: bool,
    /// Whether an image was named, be it that a duplicate key has hidden it.
    pub(super) names_image: bool,
    pub(super) name: Option<Cow<'de, str>>,
    pub(super) image: Option<Cow<'de, str>>,
    pub(super) pull_policy: Option<Cow<'de, str>>,
    pub(super) image_at: Range<usize>,
    pub(super) pull_policy_at: Option<Range<usize>>,
    /// Paths with what is wrong there.
    pub(super) problems: Vec<(String, Problem)>,
}

impl<'de> ImageFields<'de> {
    /// Reads a field that should hold text. In a kind that is not known, whatever else it holds is walked.
    fn text(
        &mut self,
        path: &Path<'_>,
        object: &mut Object<'_, 'de>,
        discover: Option<&mut Workload<'de>>,
    ) -> Result<Option<Cow<'de, str>>, Stop> {
        let mut text = TextOr { field: Field::Null, discover };
        object.value(path, &mut text)?;
        Ok(match text.field {
            Field::Null => None,
            Field::Text(text) => Some(text),
            Field::Other(found) => {
                self.wrong_type(path, "a string", found);
                None
            }
        })
    }

    pub(super) fn wrong_type(&mut self, path: &Path<'_>, expected: &'static str, found: Type) {
        self.problems.push((path.to_string(), Problem::wrong_type(expected, found)));
    }

    fn duplicate(&mut self, path: &Path<'_>, key: &str) {
        self.problems.push((path.to_string(), Problem::DuplicateKey { key: key.into() }));
    }
}

/// Text, or something else to look into.
struct TextOr<'w, 'de> {
    field: Field<'de>,
    discover: Option<&'w mut Workload<'de>>,
}

impl<'de> Shape<'de> for TextOr<'_, 'de> {
    fn other(&mut self, path: &Path<'_>, found: Type) {
        self.field.other(path, found);
    }

    fn text(&mut self, path: &Path<'_>, text: Cow<'de, str>) {
        self.field.text(path, text);
    }

    fn list(&mut self, path: &Path<'_>, list: &mut List<'_, 'de>) -> Result<(), Stop> {
        self.other(path, Type::List);
        match self.discover.as_deref_mut() {
            Some(out) => Discovery { out }.list(path, list),
            None => Ok(()),
        }
    }

    fn object(&mut self, path: &Path<'_>, object: &mut Object<'_, 'de>) -> Result<(), Stop> {
        self.other(path, Type::Object);
        match self.discover.as_deref_mut() {
            Some(out) => Discovery { out }.object(path, object),
            None => Ok(()),
        }
    }
}

/// Reads a value beside the fields that decide: whatever is in it, or nothing.
fn read_rest<'de>(
    key: &str,
    path: &Path<'_>,
    object: &mut Object<'_, 'de>,
    discover: Option<&mut Workload<'de>>,
) -> Result<(), Stop> {
    match discover {
        Some(out) => Discovery { out }.member(key, path, object),
        None => object.skip(path),
    }
}

/// What a key of an entry means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Slot {
    Image,
    Name,
    PullPolicy,
    /// Nothing that decides.
    Rest,
    /// `{reference, pullPolicy}` of a volume.
    VolumeImage,
}

/// `{name, image, imagePullPolicy}` of a container.
pub(super) fn container_slot(key: &str) -> Slot {
    match key {
        "name" => Slot::Name,
        "image" => Slot::Image,
        "imagePullPolicy" => Slot::PullPolicy,
        _ => Slot::Rest,
    }
}

/// `{name, image: {reference, pullPolicy}}` of a volume.
pub(super) fn volume_slot(key: &str) -> Slot {
    match key {
        "name" => Slot::Name,
        "image" => Slot::VolumeImage,
        _ => Slot::Rest,
    }
}

fn volume_image_slot(key: &str) -> Slot {
    match key {
        "reference" => Slot::Image,
        "pullPolicy" => Slot::PullPolicy,
        _ => Slot::Rest,
    }
}

/// Reads an entry of a list, or the image of a volume. In a kind that is not known, `discover` takes what is found
/// in its other fields.
pub(super) fn read_fields<'de>(
    fields: &mut ImageFields<'de>,
    slot: fn(&str) -> Slot,
    path: &Path<'_>,
    object: &mut Object<'_, 'de>,
    mut discover: Option<&mut Workload<'de>>,
) -> Result<(), Stop> {
    // The slots that were filled, as bits: finds a key that stands twice without a list of all keys.
    let mut filled = 0_u8;
    while let Some(key) = object.key(path)? {
        let at = path.key(&key);
        let discover = discover.as_deref_mut();
        let start = object.position();
        let bit = match slot(&key) {
            Slot::Image => {
                fields.image = fields.text(&at, object, discover)?;
                fields.image_at = start..object.position();
                fields.names_image |= fields.image.as_ref().is_some_and(|image| !image.is_empty());
                1
            }
            Slot::Name => {
                fields.name = fields.text(&at, object, discover)?;
                2
            }
            Slot::PullPolicy => {
                fields.pull_policy = fields.text(&at, object, discover)?;
                fields.pull_policy_at = Some(start..object.position());
                4
            }
            Slot::VolumeImage => {
                object.value(&at, &mut VolumeImage { fields, discover })?;
                8
            }
            Slot::Rest => {
                read_rest(&key, &at, object, discover)?;
                0
            }
        };
        if filled & bit != 0 {
            fields.duplicate(path, &key);
        }
        filled |= bit;
    }
    Ok(())
}

/// `image` of a volume.
struct VolumeImage<'f, 'w, 'de> {
    fields: &'f mut ImageFields<'de>,
    discover: Option<&'w mut Workload<'de>>,
}

impl<'de> Shape<'de> for VolumeImage<'_, '_, 'de> {
    fn other(&mut self, path: &Path<'_>, found: Type) {
        if found != Type::Null {
            self.fields.wrong_type(path, "an object", found);
        }
    }

    fn object(&mut self, path: &Path<'_>, object: &mut Object<'_, 'de>) -> Result<(), Stop> {
        self.fields.is_use = true;
        read_fields(self.fields, volume_image_slot, path, object, self.discover.as_deref_mut())
    }
}
