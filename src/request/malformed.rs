//! What is wrong with a request, or with an object in it, that makes it unclear what would run.

use fresh_images_json::{PathBuf, Type};

/// Something that is wrong, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Malformed {
    pub(crate) path: PathBuf,
    pub(crate) defect: Defect,
}

/// What is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Defect {
    DuplicateKey {
        key: String,
    },
    /// Something that a request must have is missing.
    Missing {
        expected: &'static str,
    },
    NoContainers,
    /// The payload is not JSON, for this reason.
    NotJson {
        reason: String,
    },
    TooManyImages {
        limit: usize,
    },
    /// In the request itself, or in the object.
    WrongType {
        expected: &'static str,
        found: &'static str,
        in_request: bool,
    },
}

impl Malformed {
    pub(crate) fn new(path: PathBuf, defect: Defect) -> Self {
        Self { path, defect }
    }

    /// A value of the object that has another type than Kubernetes gives it.
    pub(super) fn wrong_type(path: PathBuf, expected: &'static str, found: Type) -> Self {
        Self::new(path, Defect::WrongType { expected, found: found.noun(), in_request: false })
    }

    pub(super) fn duplicate(path: PathBuf, key: &str) -> Self {
        Self::new(path, Defect::DuplicateKey { key: key.into() })
    }
}
