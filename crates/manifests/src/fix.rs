//! Brings what a policy mended back into the text of a manifest, so that nothing else in it changes: comments, the
//! order of keys, quotes and line ends stay as they are.
//!
//! ```
//! use fresh_images_manifests::document::{self, Source};
//! use fresh_images_manifests::fix::{self, Mended};
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
//! let mended = Mended { node: documents[0].clone(), object };
//! assert_eq!(fix::apply(&source, &documents, &[mended])?, "\
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
//! was with the mended objects in it. So where an alias or a merge key repeats a value, it is mended only if it
//! should be the same everywhere.

mod diff;
mod edit;
mod insert;
mod scalar;
mod verify;

use crate::document::{DocumentError, Node, Source};

use edit::Edits;

/// An object that a policy mended.
#[derive(Clone, Debug, PartialEq)]
pub struct Mended {
    /// As it was read.
    pub node: Node,
    /// What it should be.
    pub object: Node,
}

/// The text with these objects mended. `documents` is everything in it.
///
/// # Errors
///
/// Where and why that cannot be done without changing anything else.
pub fn apply(source: &Source, documents: &[Node], mended: &[Mended]) -> Result<String, DocumentError> {
    let mut edits = Edits::new(source, documents);
    for Mended { node, object } in mended {
        let mut changes = Vec::new();
        diff::changes(node, object, &mut changes)?;
        for change in &changes {
            edits.add(change)?;
        }
    }
    let expected = verify::expected(documents, mended);
    // An alias follows what it repeats. Only if that is not enough it is written out.
    let text = edits.apply(false)?;
    if verify::check(source, documents, &text, &expected).is_ok() {
        return Ok(text);
    }
    let text = edits.apply(true)?;
    verify::check(source, documents, &text, &expected)?;
    Ok(text)
}

#[cfg(test)]
mod tests;
