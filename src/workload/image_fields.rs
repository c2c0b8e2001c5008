//! The fields of a container and of an image volume that decide.

use std::borrow::Cow;

use super::Workload;
use super::discovery::Discovery;
use crate::verdict::Problem;
use fresh_images_json::{Field, Object, Path, Shape, Stop, Type, field};

/// What an entry of a list says of its image.
#[derive(Default)]
pub(super) struct ImageFields<'de> {
    /// Whether there is an image to speak of: in every container, but only in volumes of type `image`.
    pub(super) is_use: bool,
    pub(super) name: Option<Cow<'de, str>>,
    pub(super) image: Option<Cow<'de, str>>,
    pub(super) pull_policy: Option<Cow<'de, str>>,
    /// Paths with what is wrong there.
    pub(super) problems: Vec<(String, Problem)>,
}

impl<'de> ImageFields<'de> {
    /// Reads a field that should hold text.
    fn text(&mut self, path: &Path<'_>, object: &mut Object<'_, 'de>) -> Result<Option<Cow<'de, str>>, Stop> {
        Ok(match field(object, path)? {
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

/// The keys that decide, as bits: finds one that stands twice without a list of all keys.
#[derive(Default)]
struct Seen(u8);

impl Seen {
    /// Whether the key was there before.
    fn again(&mut self, bit: u8) -> bool {
        let before = self.0;
        self.0 |= bit;
        before == self.0
    }
}

/// Reads a value beside the fields that decide: whatever is in it, or nothing.
fn read_rest<'de>(
    path: &Path<'_>,
    object: &mut Object<'_, 'de>,
    discover: Option<&mut Workload<'de>>,
) -> Result<(), Stop> {
    match discover {
        Some(out) => object.value(path, &mut Discovery { out }),
        None => object.skip(path),
    }
}

/// Reads `{name, image, imagePullPolicy}` of a container. In a kind that is not known, `discover` takes what is
/// found in its other fields.
pub(super) fn read_container<'de>(
    fields: &mut ImageFields<'de>,
    path: &Path<'_>,
    object: &mut Object<'_, 'de>,
    mut discover: Option<&mut Workload<'de>>,
) -> Result<(), Stop> {
    fields.is_use = true;
    let mut seen = Seen::default();
    while let Some(key) = object.key(path)? {
        let at = path.key(&key);
        let again = match &*key {
            "name" => {
                fields.name = fields.text(&at, object)?;
                seen.again(1)
            }
            "image" => {
                fields.image = fields.text(&at, object)?;
                seen.again(2)
            }
            "imagePullPolicy" => {
                fields.pull_policy = fields.text(&at, object)?;
                seen.again(4)
            }
            _ => {
                read_rest(&at, object, discover.as_deref_mut())?;
                false
            }
        };
        if again {
            fields.duplicate(path, &key);
        }
    }
    Ok(())
}

/// Reads `{name, image: {reference, pullPolicy}}` of a volume. In a kind that is not known, `discover` takes
/// what is found in its other fields.
pub(super) fn read_volume<'de>(
    fields: &mut ImageFields<'de>,
    path: &Path<'_>,
    object: &mut Object<'_, 'de>,
    mut discover: Option<&mut Workload<'de>>,
) -> Result<(), Stop> {
    let mut seen = Seen::default();
    while let Some(key) = object.key(path)? {
        let at = path.key(&key);
        let again = match &*key {
            "name" => {
                fields.name = fields.text(&at, object)?;
                seen.again(1)
            }
            "image" => {
                object.value(&at, &mut VolumeImage { fields })?;
                seen.again(2)
            }
            _ => {
                read_rest(&at, object, discover.as_deref_mut())?;
                false
            }
        };
        if again {
            fields.duplicate(path, &key);
        }
    }
    Ok(())
}

/// `image` of a volume.
struct VolumeImage<'f, 'de> {
    fields: &'f mut ImageFields<'de>,
}

impl<'de> Shape<'de> for VolumeImage<'_, 'de> {
    fn other(&mut self, path: &Path<'_>, found: Type) {
        if found != Type::Null {
            self.fields.wrong_type(path, "an object", found);
        }
    }

    fn object(&mut self, path: &Path<'_>, object: &mut Object<'_, 'de>) -> Result<(), Stop> {
        let fields = &mut *self.fields;
        fields.is_use = true;
        let mut seen = Seen::default();
        while let Some(key) = object.key(path)? {
            let at = path.key(&key);
            let again = match &*key {
                "reference" => {
                    fields.image = fields.text(&at, object)?;
                    seen.again(1)
                }
                "pullPolicy" => {
                    fields.pull_policy = fields.text(&at, object)?;
                    seen.again(2)
                }
                _ => {
                    object.skip(&at)?;
                    false
                }
            };
            if again {
                fields.duplicate(path, &key);
            }
        }
        Ok(())
    }
}
