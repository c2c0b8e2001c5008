//! How much a document may demand of its reader.

/// The deepest nesting of lists and mappings. Deeper than policies read (127 levels), so that it is the policy
/// that refuses what it cannot read, and far from the end of any stack.
pub const MAX_DEPTH: usize = 500;

/// How much text the aliases of a YAML document may stand for, in bytes, nearly as they would be in JSON. No
/// Kubernetes API server takes an object of more than 3 MiB, while nine short lines of YAML can stand for
/// gigabytes.
pub const MAX_ALIASED: usize = 4 * 1024 * 1024;

pub(super) const TOO_DEEP: &str = "lists and mappings are nested too deeply";
pub(super) const TOO_MANY_ALIASES: &str = "the aliases of this document expand to more than 4 MiB";
