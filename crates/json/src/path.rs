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

    /// The longest text of a path, in bytes. Of a longer one the end is kept, which tells more.
    pub const MAX_TEXT: usize = 512;

    /// The path as text, in ASCII, made without the machinery of `fmt`: each request makes one, and what is not
    /// called need not be loaded.
    pub fn to_text(&self) -> String {
        let mut text = String::new();
        self.push_to(&mut text);
        match text.len().checked_sub(Self::MAX_TEXT) {
            Some(excess) if excess > 0 => {
                let tail = text.get(excess.saturating_add(3)..).unwrap_or_default();
                ["...", tail].concat()
            }
            _ => text,
        }
    }

    /// Whether the text names this path and no other: neither a key nor the whole was cut.
    pub fn is_exact(&self) -> bool {
        let is_cut = match self.step {
            Step::Key(key) => key.len() > MAX_KEY || key.escape_default().count() > MAX_KEY,
            Step::Index(_) | Step::Root { .. } => false,
        };
        !is_cut && self.parent.is_none_or(Path::is_exact)
    }

    fn push_to(&self, text: &mut String) {
        if let Some(parent) = self.parent
            && !parent.is_hidden()
        {
            // The recursion ends after `MAX_DEPTH` steps.
            parent.push_to(text);
            if matches!(self.step, Step::Key(key) if is_identifier(key)) {
                text.push('.');
            }
        }
        match self.step {
            Step::Index(index) => text.push_str(&format!("[{index}]")),
            Step::Key(key) if is_identifier(key) => text.push_str(key),
            Step::Key(key) => text.push_str(&format!("[{}]", Quoted::new(key, MAX_KEY).ascii())),
            Step::Root { name, .. } => text.push_str(name),
        }
    }

    fn is_hidden(&self) -> bool {
        matches!(self.step, Step::Root { shown: false, .. })
    }
}

impl fmt::Display for Path<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.to_text())
    }
}

/// The longest key that a path shows whole, in bytes.
const MAX_KEY: usize = 64;

fn is_identifier(key: &str) -> bool {
    !key.is_empty()
        && key.len() <= MAX_KEY
        && key.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'$'))
}
