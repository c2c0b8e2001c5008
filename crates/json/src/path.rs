//! The place in a JSON text that is being read.

use std::fmt;

use super::Quoted;

/// A path that lives on the stack while its place is read; its text is made only when it is asked for.
///
/// `spec.containers[0]`; a key that is no identifier stands in brackets, as in `annotations["a/b"]`.
#[derive(Clone, Copy, Debug)]
pub struct Path<'p> {
    parent: Option<&'p Path<'p>>,
    step: Step<'p>,
}

#[derive(Clone, Copy, Debug)]
enum Step<'p> {
    Index(usize),
    Key(&'p str),
    /// What the root itself is called, and whether paths below start with that.
    Root {
        name: &'static str,
        shown: bool,
    },
}

impl<'p> Path<'p> {
    /// A root whose name starts every path below: `settings`, `settings.require`.
    pub fn root(name: &'static str) -> Self {
        Self { parent: None, step: Step::Root { name, shown: true } }
    }

    /// A root at this path, which is called `name`, while paths below start after it.
    pub fn as_root(&self, name: &'static str) -> Path<'static> {
        Path { parent: None, step: Step::Root { name, shown: false } }
    }

    /// The path of a member.
    pub fn key<'q>(&'q self, key: &'q str) -> Path<'q> {
        self.step(Step::Key(key))
    }

    /// The path of an entry.
    pub fn index<'q>(&'q self, index: usize) -> Path<'q> {
        self.step(Step::Index(index))
    }

    fn step<'q>(&'q self, step: Step<'q>) -> Path<'q> {
        Path { parent: Some(self), step }
    }

    /// Whether this is the root.
    pub fn is_root(&self) -> bool {
        self.parent.is_none()
    }

    fn is_hidden(&self) -> bool {
        matches!(self.step, Step::Root { shown: false, .. })
    }
}

impl fmt::Display for Path<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let dot = match self.parent {
            Some(parent) if parent.is_hidden() => "",
            Some(parent) => {
                // The recursion ends after `MAX_DEPTH` steps.
                write!(f, "{parent}")?;
                "."
            }
            None => "",
        };
        match self.step {
            Step::Index(index) => write!(f, "[{index}]"),
            Step::Key(key) if is_identifier(key) => write!(f, "{dot}{key}"),
            Step::Key(key) => write!(f, "[{}]", Quoted::new(key, 64)),
            Step::Root { name, .. } => f.write_str(name),
        }
    }
}

fn is_identifier(key: &str) -> bool {
    !key.is_empty()
        && key.len() <= 64
        && key.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'$'))
}
