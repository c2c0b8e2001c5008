//! The fields of a container and of an image volume that decide.
//!
//! What becomes of everything else in them is up to [`Others`]: in a known kind it is skipped, in any other kind it may
//! contain further lists.

use std::borrow::Cow;
use std::ops::Range;

use super::image_use::ListKind;
use super::malformed::Malformed;
use fresh_images_json::{Field, Invalid, List, Object, Path, Type, Visit};

/// What an entry of a list says of its image.
#[derive(Default)]
pub(super) struct ImageFields<'de> {
    /// Whether this is an image use: every container is, but only volumes of type `image` are.
    pub(super) is_use: bool,
    /// Whether an image was named, even if a duplicate key later overrode it.
    pub(super) names_image: bool,
    pub(super) name: Text<'de>,
    pub(super) image: Text<'de>,
    pub(super) pull_policy: Text<'de>,
    pub(super) problems: Vec<Malformed>,
}

/// A field that should hold text.
#[derive(Default)]
pub(super) struct Text<'de> {
    pub(super) text: Option<Cow<'de, str>>,
    /// The bytes that its value takes up.
    pub(super) at: Option<Range<usize>>,
    is_read: bool,
}

/// Takes the members of an entry that decide nothing, and what is found in place of text.
pub(super) trait Others<'de>: Visit<'de> {
    fn member(&mut self, key: &str, path: &Path<'_>, object: &mut Object<'_, 'de>) -> Result<(), Invalid>;
}

/// Skips them.
pub(super) struct Skipped;

impl<'de> Visit<'de> for Skipped {
    fn other(&mut self, _: &Path<'_>, _: Type) {}
}

impl<'de> Others<'de> for Skipped {
    fn member(&mut self, _: &str, path: &Path<'_>, object: &mut Object<'_, 'de>) -> Result<(), Invalid> {
        object.skip(path)
    }
}

/// An entry of a list of containers, or of volumes.
pub(super) struct EntryVisitor<'o, 'de> {
    pub(super) kind: ListKind,
    pub(super) fields: ImageFields<'de>,
    pub(super) others: &'o mut dyn Others<'de>,
}

impl<'de> Visit<'de> for EntryVisitor<'_, 'de> {
    fn other(&mut self, path: &Path<'_>, found: Type) {
        match (found, self.kind) {
            // Kubernetes reads null as an empty volume, which is not an image volume, or as an empty container.
            (Type::Null, ListKind::ImageVolumes) => {}
            (Type::Null, _) => self.fields.is_use = true,
            _ => self.fields.problems.push(Malformed::wrong_type(path.to_buf(), "an object", found)),
        }
    }

    fn list(&mut self, path: &Path<'_>, list: &mut List<'_, 'de>) -> Result<(), Invalid> {
        self.others.list(path, list)?;
        self.other(path, Type::List);
        Ok(())
    }

    fn object(&mut self, path: &Path<'_>, object: &mut Object<'_, 'de>) -> Result<(), Invalid> {
        if self.kind == ListKind::ImageVolumes {
            self.fields.read_volume(path, object, self.others)
        } else {
            self.fields.read_container(path, object, self.others)
        }
    }
}

impl<'de> ImageFields<'de> {
    /// `{name, image, imagePullPolicy}`.
    fn read_container(
        &mut self,
        path: &Path<'_>,
        object: &mut Object<'_, 'de>,
        others: &mut dyn Others<'de>,
    ) -> Result<(), Invalid> {
        self.is_use = true;
        while let Some(key) = object.key(path)? {
            match &*key {
                "name" => self.name.read(&mut self.problems, path, &key, object, others)?,
                "image" => self.read_image(path, &key, object, others)?,
                "imagePullPolicy" => {
                    self.pull_policy.read(&mut self.problems, path, &key, object, others)?;
                }
                _ => others.member(&key, &path.key(&key), object)?,
            }
        }
        Ok(())
    }

    /// `{name, image: {reference, pullPolicy}}`.
    fn read_volume(
        &mut self,
        path: &Path<'_>,
        object: &mut Object<'_, 'de>,
        others: &mut dyn Others<'de>,
    ) -> Result<(), Invalid> {
        let mut has_image = false;
        while let Some(key) = object.key(path)? {
            match &*key {
                "name" => self.name.read(&mut self.problems, path, &key, object, others)?,
                "image" => {
                    object.value(&path.key(&key), &mut VolumeImage { fields: self, others: &mut *others })?;
                    if has_image {
                        self.problems.push(Malformed::duplicate(path.to_buf(), &key));
                    }
                    has_image = true;
                }
                _ => others.member(&key, &path.key(&key), object)?,
            }
        }
        Ok(())
    }

    fn read_image(
        &mut self,
        path: &Path<'_>,
        key: &str,
        object: &mut Object<'_, 'de>,
        others: &mut dyn Others<'de>,
    ) -> Result<(), Invalid> {
        self.image.read(&mut self.problems, path, key, object, others)?;
        self.names_image |= self.image.text.as_ref().is_some_and(|image| !image.is_empty());
        Ok(())
    }
}

/// `image` of a volume.
struct VolumeImage<'f, 'o, 'de> {
    fields: &'f mut ImageFields<'de>,
    others: &'o mut dyn Others<'de>,
}

impl<'de> Visit<'de> for VolumeImage<'_, '_, 'de> {
    fn other(&mut self, path: &Path<'_>, found: Type) {
        if found != Type::Null {
            self.fields.problems.push(Malformed::wrong_type(path.to_buf(), "an object", found));
        }
    }

    fn object(&mut self, path: &Path<'_>, object: &mut Object<'_, 'de>) -> Result<(), Invalid> {
        let Self { fields, others } = self;
        fields.is_use = true;
        // This may be the second `image` of the volume.
        (fields.image.is_read, fields.pull_policy.is_read) = (false, false);
        while let Some(key) = object.key(path)? {
            match &*key {
                "reference" => fields.read_image(path, &key, object, *others)?,
                "pullPolicy" => {
                    fields.pull_policy.read(&mut fields.problems, path, &key, object, *others)?;
                }
                _ => others.member(&key, &path.key(&key), object)?,
            }
        }
        Ok(())
    }
}

impl<'de> Text<'de> {
    /// Reads the value of the key that was read last, in the object at `path`.
    fn read(
        &mut self,
        problems: &mut Vec<Malformed>,
        path: &Path<'_>,
        key: &str,
        object: &mut Object<'_, 'de>,
        others: &mut dyn Others<'de>,
    ) -> Result<(), Invalid> {
        let at = path.key(key);
        let mut value = TextVisitor { field: Field::Null, others };
        let start = object.position();
        object.value(&at, &mut value)?;
        self.at = Some(start..object.position());
        self.text = match value.field {
            Field::Null => None,
            Field::Text(text) => Some(text),
            Field::Wrong(found) => {
                problems.push(Malformed::wrong_type(at.to_buf(), "a string", found));
                None
            }
        };
        if self.is_read {
            problems.push(Malformed::duplicate(path.to_buf(), key));
        }
        self.is_read = true;
        Ok(())
    }
}

/// Text, or something else to look into.
struct TextVisitor<'o, 'de> {
    field: Field<'de>,
    others: &'o mut dyn Others<'de>,
}

impl<'de> Visit<'de> for TextVisitor<'_, 'de> {
    fn other(&mut self, path: &Path<'_>, found: Type) {
        self.field.other(path, found);
    }

    fn text(&mut self, path: &Path<'_>, text: Cow<'de, str>) {
        self.field.text(path, text);
    }

    fn list(&mut self, path: &Path<'_>, list: &mut List<'_, 'de>) -> Result<(), Invalid> {
        self.other(path, Type::List);
        self.others.list(path, list)
    }

    fn object(&mut self, path: &Path<'_>, object: &mut Object<'_, 'de>) -> Result<(), Invalid> {
        self.other(path, Type::Object);
        self.others.object(path, object)
    }
}
