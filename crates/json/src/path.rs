//! The place of a value in a JSON text.

use std::cell::OnceCell;
use std::cmp::Ordering;
use std::fmt::{self, Write as _};
use std::sync::Arc;

/// A path that lives on the stack while its place is read; [`to_buf`](Self::to_buf) keeps it.
#[derive(Debug)]
pub struct Path<'p> {
    parent: Option<&'p Path<'p>>,
    link: Link<'p>,
    /// What was kept of it, for the paths below to share: an object of 3 MiB can have 90,000 lists, 100 levels down.
    kept: OnceCell<PathBuf>,
}

#[derive(Clone, Copy, Debug)]
enum Link<'p> {
    Index(usize),
    Key(&'p str),
    /// What the root itself is called, and whether paths below start with that.
    Root {
        name: &'static str,
        shown: bool,
    },
}

/// A path that is kept. Nothing of it is cut, so that two of them can be compared.
///
/// ```
/// use fresh_images_json::{Path, Step};
///
/// let (spec, annotations);
/// let root = Path::root("request");
/// spec = root.key("spec");
/// annotations = spec.key("example.com/a");
/// let path = annotations.to_buf();
/// assert_eq!(path.root(), "request");
/// assert_eq!(path.steps(), [&Step::Key("spec".into()), &Step::Key("example.com/a".into())]);
/// assert_eq!(path.to_string(), r#"request.spec["example.com/a"]"#);
/// ```
///
/// Its [`Display`](fmt::Display) is ASCII, for messages: `spec.containers[0]`, and brackets around a key that is not an
/// identifier. There alone, a key is cut after 64 bytes, and of the whole the last 512 bytes are kept, because the end
/// of a path says more than its start.
#[derive(Clone, Debug, Default)]
pub struct PathBuf {
    root: &'static str,
    last: Option<Arc<Node>>,
}

/// A step, after those before it.
#[derive(Debug)]
struct Node {
    before: Option<Arc<Node>>,
    step: Step,
    /// How many steps there are.
    depth: usize,
}

/// One step of a path.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Step {
    /// To an entry of a list.
    Index(usize),
    /// To a member of an object.
    Key(Box<str>),
}

impl<'p> Path<'p> {
    fn new(parent: Option<&'p Path<'p>>, link: Link<'p>) -> Self {
        Self { parent, link, kept: OnceCell::new() }
    }

    /// A root whose name starts every path below: `settings`, `settings.require`.
    pub fn root(name: &'static str) -> Self {
        Self::new(None, Link::Root { name, shown: true })
    }

    /// A root at this path, which is called `name`, while paths below start after it.
    pub fn as_root(&self, name: &'static str) -> Path<'static> {
        Path::new(None, Link::Root { name, shown: false })
    }

    /// The path of a member.
    pub fn key<'q>(&'q self, key: &'q str) -> Path<'q> {
        Path::new(Some(self), Link::Key(key))
    }

    /// The path of an entry.
    pub fn index<'q>(&'q self, index: usize) -> Path<'q> {
        Path::new(Some(self), Link::Index(index))
    }

    /// Whether this is the root.
    pub fn is_root(&self) -> bool {
        self.parent.is_none()
    }

    /// The path, to keep.
    pub fn to_buf(&self) -> PathBuf {
        let make = || {
            let before = match self.parent {
                // The recursion ends after `MAX_DEPTH` steps.
                Some(parent) if !parent.is_hidden() => parent.to_buf(),
                _ => PathBuf::default(),
            };
            match self.link {
                Link::Index(index) => before.index(index),
                Link::Key(key) => before.key(key),
                Link::Root { name, .. } => PathBuf::new(name),
            }
        };
        self.kept.get_or_init(make).clone()
    }

    fn is_hidden(&self) -> bool {
        matches!(self.link, Link::Root { shown: false, .. })
    }
}

impl fmt::Display for Path<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.to_buf().fmt(f)
    }
}

impl PathBuf {
    /// The longest text of a path, in bytes.
    pub const MAX_TEXT: usize = 512;

    /// The root of that name.
    pub fn new(root: &'static str) -> Self {
        Self { root, last: None }
    }

    /// What the text of the path starts with; empty if that is not shown.
    pub fn root(&self) -> &'static str {
        self.root
    }

    /// The steps from the root.
    pub fn steps(&self) -> Vec<&Step> {
        let mut steps: Vec<&Step> = self.backwards().collect();
        steps.reverse();
        steps
    }

    /// Whether a path leads here, or through here.
    pub fn contains(&self, path: &Self) -> bool {
        let (here, there) = (self.depth(), path.depth());
        let through = path.nodes().nth(there.saturating_sub(here));
        here <= there && is_same(self.last.as_deref(), through)
    }

    /// The path of a member of this.
    #[must_use]
    pub fn key(self, key: &str) -> Self {
        self.step(Step::Key(key.into()))
    }

    /// The path of an entry of this.
    #[must_use]
    pub fn index(self, index: usize) -> Self {
        self.step(Step::Index(index))
    }

    fn step(self, step: Step) -> Self {
        let depth = self.depth().saturating_add(1);
        Self { root: self.root, last: Some(Arc::new(Node { before: self.last, step, depth })) }
    }

    fn depth(&self) -> usize {
        self.last.as_ref().map_or(0, |node| node.depth)
    }

    /// From the last node to the first.
    fn nodes(&self) -> impl Iterator<Item = &Node> {
        std::iter::successors(self.last.as_deref(), |node| node.before.as_deref())
    }

    fn backwards(&self) -> impl Iterator<Item = &Step> {
        self.nodes().map(|node| &node.step)
    }
}

/// Whether two paths have the same steps. From the last to the first, because most paths that differ do so at their end.
fn is_same(mut one: Option<&Node>, mut other: Option<&Node>) -> bool {
    loop {
        match (one, other) {
            (Some(left), Some(right)) => {
                if std::ptr::eq(left, right) {
                    return true;
                }
                if left.depth != right.depth || left.step != right.step {
                    return false;
                }
                (one, other) = (left.before.as_deref(), right.before.as_deref());
            }
            _ => return one.is_none() && other.is_none(),
        }
    }
}

/// Shorter paths come first. Where paths share nodes, these are not compared.
fn compare(one: Option<&Node>, other: Option<&Node>) -> Ordering {
    match (one, other) {
        (Some(one), Some(other)) if std::ptr::eq(one, other) => Ordering::Equal,
        (Some(one), Some(other)) => one
            .depth
            .cmp(&other.depth)
            .then_with(|| compare(one.before.as_deref(), other.before.as_deref()))
            .then_with(|| one.step.cmp(&other.step)),
        _ => one.is_some().cmp(&other.is_some()),
    }
}

impl Ord for PathBuf {
    fn cmp(&self, other: &Self) -> Ordering {
        self.root.cmp(other.root).then_with(|| compare(self.last.as_deref(), other.last.as_deref()))
    }
}

impl PartialOrd for PathBuf {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for PathBuf {
    fn eq(&self, other: &Self) -> bool {
        self.root == other.root && is_same(self.last.as_deref(), other.last.as_deref())
    }
}

impl Eq for PathBuf {}

impl fmt::Display for PathBuf {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Only the end is written if the whole is too long.
        let mut shown = Vec::new();
        let mut length = 0_usize;
        for step in self.backwards().take(Self::MAX_TEXT) {
            if length >= Self::MAX_TEXT {
                break;
            }
            shown.push(step);
            length = length.saturating_add(match step {
                Step::Index(_) => 1,
                Step::Key(key) => key.len().min(MAX_KEY).saturating_sub(8),
            });
        }
        let mut text = String::from(self.root);
        for step in shown.into_iter().rev() {
            match step {
                Step::Index(index) => write!(text, "[{index}]")?,
                Step::Key(key) if is_identifier(key) => {
                    text.push_str(if text.is_empty() { "" } else { "." });
                    text.push_str(key);
                }
                Step::Key(key) => push_quoted(&mut text, key),
            }
        }
        match text.len().checked_sub(Self::MAX_TEXT) {
            Some(excess) if excess > 0 => {
                write!(f, "...{}", text.get(excess.saturating_add(3)..).unwrap_or_default())
            }
            _ => f.write_str(&text),
        }
    }
}

/// A key in brackets and quotes, cut where it is long.
fn push_quoted(text: &mut String, key: &str) {
    text.push_str("[\"");
    let limit = text.len().saturating_add(MAX_KEY);
    for character in key.chars() {
        // An apostrophe needs no escape between double quotes.
        let escaped = character.escape_default();
        let is_plain = character == '\'';
        if text.len().saturating_add(if is_plain { 1 } else { escaped.len() }) > limit {
            text.push_str("...");
            break;
        }
        if is_plain { text.push(character) } else { text.extend(escaped) }
    }
    text.push_str("\"]");
}

/// The longest key that a text shows whole, in bytes.
const MAX_KEY: usize = 64;

fn is_identifier(key: &str) -> bool {
    !key.is_empty()
        && key.len() <= MAX_KEY
        && key.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'$'))
}
