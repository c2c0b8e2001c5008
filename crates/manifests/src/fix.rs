//! Brings the changes of a policy into the text of a manifest, and changes nothing else in it: comments, the
//! order of keys, quotes and line ends stay as they are.
//!
//! ```
//! use fresh_images_manifests::document::{self, Source};
//! use fresh_images_manifests::fix::{self, Mutated};
//!
//! let source = Source::new("pod.yaml", "\
//! spec:
//!   containers:
//!   - image: nginx:1.25  # the web server
//!     name: web
//! ");
//! let documents: Vec<_> = document::read(&source).into_iter().collect::<Result<_, _>>()?;
//! let object = r#"{"spec":{"containers":[{"image":"nginx:1.25","imagePullPolicy":"Always","name":"web"}]}}"#;
//! let object = document::read_json(object).unwrap();
//! let mutated = Mutated { node: documents[0].clone(), object };
//! assert_eq!(fix::apply(&source, &documents, &[mutated])?, "\
//! spec:
//!   containers:
//!   - image: nginx:1.25  # the web server
//!     imagePullPolicy: Always
//!     name: web
//! ");
//! # Ok::<(), document::DocumentError>(())
//! ```
//!
//! Strings are replaced, and members are added, whose values are strings or objects of strings; a policy that does
//! more is refused. The new text is read again before anybody gets it: each document must be exactly what it
//! was with the mutated objects in it. So where an alias or a merge key repeats a value, it is fixed only if it
//! should be the same everywhere.

mod diff;
mod edit;
mod insert;
mod scalar;
mod verify;

use std::ops::Range;

use crate::document::{DocumentError, Node, Source};

use edit::Edits;

/// An object that a policy mutated.
#[derive(Clone, Debug, PartialEq)]
pub struct Mutated {
    /// As it was read.
    pub node: Node,
    /// What it should be.
    pub object: Node,
}

/// A piece of a text, and what is written instead of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Replacement {
    /// The piece, in bytes from the start of the text; empty for an insertion.
    pub range: Range<usize>,
    /// What is written instead.
    pub text: String,
    /// Where the object, or the member of an object, begins that this changes.
    pub object: usize,
}

/// What has to change in a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    /// In the order of the text; none overlaps another.
    pub replacements: Vec<Replacement>,
    /// The text after all of them.
    pub text: String,
}

/// The text with these objects as the policy mutated them. `documents` is everything in it.
///
/// # Errors
///
/// Where and why that cannot be done without changing anything else.
pub fn apply(source: &Source, documents: &[Node], mutated: &[Mutated]) -> Result<String, DocumentError> {
    plan(source, documents, mutated).map(|plan| plan.text)
}

/// The same with each replacement.
///
/// # Errors
///
/// Where and why that cannot be done without changing anything else.
pub fn plan(source: &Source, documents: &[Node], mutated: &[Mutated]) -> Result<Plan, DocumentError> {
    let mut edits = Edits::new(source, documents);
    for Mutated { node, object } in mutated {
        let mut changes = Vec::new();
        diff::changes(node, object, &mut changes)?;
        for change in &changes {
            edits.add(change)?;
        }
    }
    let expected = verify::expected(documents, mutated);
    let plan = |write_out| -> Result<(Plan, Result<(), DocumentError>), DocumentError> {
        let replacements = edits.sorted(write_out)?;
        let text = edits.apply(&replacements);
        let verified = verify::check(source, documents, &text, &expected);
        Ok((Plan { replacements, text }, verified))
    };
    // An alias follows what it repeats. Only if that is not enough it is written out.
    let (followed, verified) = plan(false)?;
    if verified.is_ok() {
        return Ok(followed);
    }
    let (written_out, verified) = plan(true)?;
    verified.map(|()| written_out)
}

#[cfg(test)]
mod tests;
