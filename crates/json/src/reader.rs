//! The reader: one pass over the text, by the grammar of RFC 8259.
//!
//! ```text
//! value  = "null" | "true" | "false" | number | string | list | object
//! number = "-"? ("0" | [1-9] [0-9]*) ("." [0-9]+)? ([eE] [+-]? [0-9]+)?
//! string = '"' (any but '"', "\" and controls | "\" ["\/bfnrt] | "\u" hex{4})* '"'
//! ```

use std::borrow::Cow;

use crate::error::{Error, ErrorKind};
use crate::string;
use crate::{MAX_DEPTH, Path, Type, Visit};

/// Reads a whole text. `name` is what paths call its root.
///
/// # Errors
///
/// Text that is not JSON, or nested deeper than [`MAX_DEPTH`].
pub fn read<'de>(text: &'de [u8], name: &'static str, visitor: &mut dyn Visit<'de>) -> Result<(), Error> {
    let root = Path::root(name);
    let mut reader = match std::str::from_utf8(text) {
        Ok(text) => Reader { text, at: 0, room: MAX_DEPTH, error: None },
        Err(error) => return Err(Error::new(ErrorKind::Utf8, error.valid_up_to(), &root)),
    };
    let result = reader.value(&root, visitor).and_then(|()| reader.end(&root));
    reader.conclude(result, &root)
}

/// Reads the first value of a text, which may be nested `max_depth` levels deep, and answers in bytes where it ends.
///
/// ```
/// use fresh_images_json::{Node, read_first};
///
/// let mut node = Node::NULL;
/// let end = read_first("[1] [2]", 127, "text", &mut node)?;
/// assert_eq!(end, 3);
/// # Ok::<(), fresh_images_json::Error>(())
/// ```
///
/// # Errors
///
/// Text that does not start with JSON, white space aside, or that is nested deeper.
pub fn read_first<'de>(
    text: &'de str,
    max_depth: usize,
    name: &'static str,
    visitor: &mut dyn Visit<'de>,
) -> Result<usize, Error> {
    let root = Path::root(name);
    let mut reader = Reader { text, at: 0, room: max_depth, error: None };
    let result = reader.value(&root, visitor);
    let end = reader.at;
    reader.conclude(result, &root).map(|()| end)
}

/// The text is not JSON; the reader keeps why.
#[derive(Debug)]
pub struct Invalid;

/// A text and how far it was read.
#[derive(Debug)]
pub(crate) struct Reader<'de> {
    text: &'de str,
    at: usize,
    /// How many more lists and objects may be opened.
    room: usize,
    error: Option<Error>,
}

/// The members of an object, one after the other: a key, then its value.
#[derive(Debug)]
pub struct Object<'r, 'de> {
    reader: &'r mut Reader<'de>,
    started: bool,
    ended: bool,
}

/// The entries of a list, one after the other.
#[derive(Debug)]
pub struct List<'r, 'de> {
    reader: &'r mut Reader<'de>,
    started: bool,
    ended: bool,
}

impl<'de> Object<'_, 'de> {
    /// How many bytes of the text were read. In [`Visit::object`], before anything else: where the first key could
    /// stand, just after the `{`. Around [`value`](Self::value): what the value takes up, with the space before it.
    pub fn position(&self) -> usize {
        self.reader.at
    }

    /// The next key, borrowed if it has no escapes; `None` at the end.
    ///
    /// # Errors
    ///
    /// Text that is not JSON.
    pub fn key(&mut self, path: &Path<'_>) -> Result<Option<Cow<'de, str>>, Invalid> {
        if self.reader.is_at_end(b'}', &mut self.started, &mut self.ended, path)? {
            return Ok(None);
        }
        self.reader.skip_space();
        self.reader.expect(b'"', ErrorKind::Key, path)?;
        let key = self.reader.string(path)?;
        self.reader.skip_space();
        self.reader.expect(b':', ErrorKind::Colon, path)?;
        Ok(Some(key))
    }

    /// Reads the value of the key that was read last.
    ///
    /// # Errors
    ///
    /// Text that is not JSON.
    pub fn value(&mut self, path: &Path<'_>, visitor: &mut dyn Visit<'de>) -> Result<(), Invalid> {
        self.reader.value(path, visitor)
    }

    /// Passes over the value of the key that was read last.
    ///
    /// # Errors
    ///
    /// Text that is not JSON.
    pub fn skip(&mut self, path: &Path<'_>) -> Result<(), Invalid> {
        self.reader.skip(path)
    }
}

impl<'de> List<'_, 'de> {
    /// How many bytes of the text were read, as for an object.
    pub fn position(&self) -> usize {
        self.reader.at
    }

    /// Reads the next entry; `false` if there is none.
    ///
    /// # Errors
    ///
    /// Text that is not JSON.
    pub fn entry(&mut self, path: &Path<'_>, visitor: &mut dyn Visit<'de>) -> Result<bool, Invalid> {
        if self.reader.is_at_end(b']', &mut self.started, &mut self.ended, path)? {
            return Ok(false);
        }
        self.reader.value(path, visitor)?;
        Ok(true)
    }

    /// Passes over the next entry; `false` if there is none.
    ///
    /// # Errors
    ///
    /// Text that is not JSON.
    pub fn skip(&mut self, path: &Path<'_>) -> Result<bool, Invalid> {
        if self.reader.is_at_end(b']', &mut self.started, &mut self.ended, path)? {
            return Ok(false);
        }
        self.reader.skip(path)?;
        Ok(true)
    }
}

impl<'de> Reader<'de> {
    fn conclude(self, result: Result<(), Invalid>, root: &Path<'_>) -> Result<(), Error> {
        match (result, self.error) {
            (Ok(()), _) => Ok(()),
            (Err(Invalid), Some(error)) => Err(error),
            // A visitor stops only for an error of the reader.
            (Err(Invalid), None) => Err(Error::new(ErrorKind::Stopped, self.at, root)),
        }
    }

    fn value(&mut self, path: &Path<'_>, visitor: &mut dyn Visit<'de>) -> Result<(), Invalid> {
        self.skip_space();
        match self.peek() {
            Some(b'"') => {
                self.advance(1);
                let text = self.string(path)?;
                visitor.text(path, text);
            }
            Some(b'{') => {
                self.open(path)?;
                let mut object = Object { reader: self, started: false, ended: false };
                visitor.object(path, &mut object)?;
                // Whatever a visitor leaves unread.
                while object.key(path)?.is_some() {
                    object.skip(path)?;
                }
                self.room = self.room.saturating_add(1);
            }
            Some(b'[') => {
                self.open(path)?;
                let mut list = List { reader: self, started: false, ended: false };
                visitor.list(path, &mut list)?;
                while list.skip(path)? {}
                self.room = self.room.saturating_add(1);
            }
            _ => {
                let found = self.scalar(path)?;
                visitor.other(path, found);
            }
        }
        Ok(())
    }

    /// Passes over a value. Recursion ends where there is no room.
    fn skip(&mut self, path: &Path<'_>) -> Result<(), Invalid> {
        self.skip_space();
        match self.peek() {
            Some(b'"') => {
                self.advance(1);
                self.skip_string(path)
            }
            Some(b'{') => {
                self.open(path)?;
                let (mut started, mut ended) = (false, false);
                while !self.is_at_end(b'}', &mut started, &mut ended, path)? {
                    self.skip_space();
                    self.expect(b'"', ErrorKind::Key, path)?;
                    self.skip_string(path)?;
                    self.skip_space();
                    self.expect(b':', ErrorKind::Colon, path)?;
                    self.skip(path)?;
                }
                self.room = self.room.saturating_add(1);
                Ok(())
            }
            Some(b'[') => {
                self.open(path)?;
                let (mut started, mut ended) = (false, false);
                while !self.is_at_end(b']', &mut started, &mut ended, path)? {
                    self.skip(path)?;
                }
                self.room = self.room.saturating_add(1);
                Ok(())
            }
            _ => self.scalar(path).map(|_| ()),
        }
    }

    /// Takes the `[` or `{` that comes next.
    fn open(&mut self, path: &Path<'_>) -> Result<(), Invalid> {
        let Some(room) = self.room.checked_sub(1) else { return self.fail(ErrorKind::TooDeep, path) };
        self.room = room;
        self.advance(1);
        Ok(())
    }

    /// Whether the list or object ends here; takes the closing bracket, or the comma before a further entry.
    fn is_at_end(
        &mut self,
        close: u8,
        started: &mut bool,
        ended: &mut bool,
        path: &Path<'_>,
    ) -> Result<bool, Invalid> {
        if *ended {
            return Ok(true);
        }
        self.skip_space();
        match self.peek() {
            Some(byte) if byte == close => {
                self.advance(1);
                *ended = true;
                Ok(true)
            }
            Some(b',') if *started => {
                self.advance(1);
                Ok(false)
            }
            Some(_) if !*started => {
                *started = true;
                Ok(false)
            }
            _ => self
                .fail(if close == b'}' { ErrorKind::CommaOrBrace } else { ErrorKind::CommaOrBracket }, path),
        }
    }

    fn scalar(&mut self, path: &Path<'_>) -> Result<Type, Invalid> {
        let rest = self.rest();
        let (length, found) = match rest.first() {
            Some(b'n') if rest.starts_with(b"null") => (4, Type::Null),
            Some(b't') if rest.starts_with(b"true") => (4, Type::Boolean(true)),
            Some(b'f') if rest.starts_with(b"false") => (5, Type::Boolean(false)),
            Some(b'-' | b'0'..=b'9') => match number_length(rest) {
                Some(length) => (length, Type::Number),
                None => return self.fail(ErrorKind::Number, path),
            },
            Some(_) => return self.fail(ErrorKind::Value, path),
            None => return self.fail(ErrorKind::End, path),
        };
        self.advance(length);
        Ok(found)
    }

    /// Reads a string whose opening quote was taken.
    fn string(&mut self, path: &Path<'_>) -> Result<Cow<'de, str>, Invalid> {
        let start = self.at;
        let length = string::plain_length(self.rest());
        let end = start.saturating_add(length);
        self.at = end;
        if self.peek() == Some(b'"') {
            self.advance(1);
            return Ok(Cow::Borrowed(self.text.get(start..end).unwrap_or_default()));
        }
        self.skip_string(path)?;
        let inner = self.text.get(start..self.at.saturating_sub(1)).unwrap_or_default();
        match string::unescape(inner) {
            Some(text) => Ok(Cow::Owned(text)),
            None => {
                self.at = start;
                self.fail(ErrorKind::Surrogate, path)
            }
        }
    }

    /// Passes over the rest of a string, with its closing quote.
    fn skip_string(&mut self, path: &Path<'_>) -> Result<(), Invalid> {
        loop {
            let length = string::plain_length(self.rest());
            self.advance(length);
            match self.peek() {
                Some(b'"') => {
                    self.advance(1);
                    return Ok(());
                }
                Some(b'\\') => match string::escape_length(self.rest()) {
                    Some(length) => self.advance(length),
                    None => return self.fail(ErrorKind::Escape, path),
                },
                Some(_) => return self.fail(ErrorKind::Control, path),
                None => return self.fail(ErrorKind::End, path),
            }
        }
    }

    fn end(&mut self, path: &Path<'_>) -> Result<(), Invalid> {
        self.skip_space();
        if self.peek().is_some() { self.fail(ErrorKind::Trailing, path) } else { Ok(()) }
    }

    fn skip_space(&mut self) {
        while let Some(b' ' | b'\n' | b'\r' | b'\t') = self.peek() {
            self.advance(1);
        }
    }

    fn expect(&mut self, byte: u8, kind: ErrorKind, path: &Path<'_>) -> Result<(), Invalid> {
        if self.peek() == Some(byte) {
            self.advance(1);
            Ok(())
        } else {
            self.fail(kind, path)
        }
    }

    fn rest(&self) -> &'de [u8] {
        self.text.as_bytes().get(self.at..).unwrap_or_default()
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn advance(&mut self, bytes: usize) {
        self.at = self.at.saturating_add(bytes);
    }

    #[cold]
    fn fail<T>(&mut self, kind: ErrorKind, path: &Path<'_>) -> Result<T, Invalid> {
        let kind = if self.peek().is_none() { ErrorKind::End } else { kind };
        self.error = Some(Error::new(kind, self.at, path));
        Err(Invalid)
    }
}

/// The length of the number that a text starts with, if it does.
fn number_length(text: &[u8]) -> Option<usize> {
    let digits = |rest: &[u8]| rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let skip = |rest: &'_ [u8], length: usize| -> usize {
        text.len().saturating_sub(rest.len()).saturating_add(length)
    };
    let mut rest = text.strip_prefix(b"-").unwrap_or(text);
    let whole = digits(rest);
    if whole == 0 || (whole > 1 && rest.starts_with(b"0")) {
        return None;
    }
    rest = text.get(skip(rest, whole)..)?;
    if let Some(fraction) = rest.strip_prefix(b".") {
        let length = digits(fraction);
        if length == 0 {
            return None;
        }
        rest = text.get(skip(fraction, length)..)?;
    }
    if let [b'e' | b'E', exponent @ ..] = rest {
        let exponent = match exponent {
            [b'+' | b'-', unsigned @ ..] => unsigned,
            unsigned => unsigned,
        };
        let length = digits(exponent);
        if length == 0 {
            return None;
        }
        rest = text.get(skip(exponent, length)..)?;
    }
    Some(text.len().saturating_sub(rest.len()))
}
