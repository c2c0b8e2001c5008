//! Text of the user in messages.

use std::fmt::{self, Write as _};

/// Text of the user, made harmless: what is not printable ASCII is escaped, and the result is cut.
///
/// ```
/// use fresh_images_json::Quoted;
///
/// assert_eq!(Quoted::new("a\"b\u{202e}", 64).to_string(), r#""a\"b\u{202e}""#);
/// assert_eq!(Quoted::bare("abcdef", 4).to_string(), "abcd…");
/// ```
#[derive(Debug)]
pub struct Quoted<'a> {
    text: &'a str,
    limit: usize,
    quote: &'static str,
    ellipsis: &'static str,
}

impl<'a> Quoted<'a> {
    /// In double quotes, at most `limit` bytes between them.
    pub fn new(text: &'a str, limit: usize) -> Self {
        Self { text, limit, quote: "\"", ellipsis: "…" }
    }

    /// Without quotes.
    pub fn bare(text: &'a str, limit: usize) -> Self {
        Self { text, limit, quote: "", ellipsis: "…" }
    }

    /// With `...` where it is cut, so that the whole is ASCII.
    pub fn ascii(mut self) -> Self {
        self.ellipsis = "...";
        self
    }
}

impl fmt::Display for Quoted<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.quote)?;
        let mut room = self.limit;
        for character in self.text.chars() {
            let plain =
                matches!(character, ' '..='~') && (self.quote.is_empty() || !matches!(character, '"' | '\\'));
            let escaped = character.escape_default();
            let Some(left) = room.checked_sub(if plain { 1 } else { escaped.len() }) else {
                f.write_str(self.ellipsis)?;
                break;
            };
            room = left;
            if plain {
                f.write_char(character)?;
            } else {
                write!(f, "{escaped}")?;
            }
        }
        f.write_str(self.quote)
    }
}
