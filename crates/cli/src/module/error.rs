//! Why there is no module, each in one line.

use crate::registry::LookupError;

/// More than a policy has, and little enough to hold.
pub(super) const MAX_SIZE: usize = 64 * 1024 * 1024;

/// Why a name is not that of a module in a registry.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum NameError {
    /// It is a file, or on a web server.
    #[error("{0:?} is not in a registry")]
    Elsewhere(String),
    /// It cannot be read.
    #[error("{0:?} names no module, as registry://HOST/REPOSITORY:TAG does")]
    NoReference(String),
}

/// Why a module cannot be pulled.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PullError {
    /// The name stands for several artifacts.
    #[error("{name} is an index of several artifacts: name the module itself, by its digest")]
    Index {
        /// The name.
        name: String,
    },
    /// What is there cannot be read.
    #[error("{name} has no readable manifest")]
    NoManifest {
        /// The name.
        name: String,
    },
    /// It is something else, such as an image.
    #[error("{name} is not a policy: it has {found} instead of a single module")]
    NoModule {
        /// The name.
        name: String,
        /// Its layers.
        found: String,
    },
    /// The registry does not give it.
    #[error(transparent)]
    Registry(#[from] LookupError),
    /// It has more bytes than any policy.
    #[error("{name} has {size} bytes; the limit is {MAX_SIZE}")]
    TooLarge {
        /// The name.
        name: String,
        /// How many bytes.
        size: u64,
    },
}
