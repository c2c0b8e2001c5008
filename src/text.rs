//! Names, and text of the user, in messages.

use std::fmt::{self, Write as _};

/// Names with commas between them, and the last with `last`.
pub(crate) fn enumerated<T: fmt::Display>(names: &[T], last: &'static str) -> impl fmt::Display {
    fmt::from_fn(move |f| {
        for (index, name) in names.iter().enumerate() {
            let separator = match index {
                0 => "",
                _ if index.saturating_add(1) == names.len() => last,
                _ => ", ",
            };
            write!(f, "{separator}{name}")?;
        }
        Ok(())
    })
}

/// What follows the first `opening` in a text. The searcher of `std` for texts costs the guest some 5 KiB.
pub(crate) fn after<'t>(text: &'t str, opening: &str) -> Option<&'t str> {
    text.char_indices().find_map(|(at, _)| text.get(at..)?.strip_prefix(opening))
}

/// Whether a text has this ASCII character. `str::contains` brings the searcher of `std` into the guest, for characters
/// that are not ASCII.
pub(crate) fn has(text: &str, character: u8) -> bool {
    text.as_bytes().contains(&character)
}

/// Text of the user, made harmless: what is not printable ASCII is escaped, and the result is cut.
#[derive(Debug)]
pub(crate) struct Quoted<'a> {
    text: &'a str,
    limit: usize,
    quote: &'static str,
    ellipsis: &'static str,
}

impl<'a> Quoted<'a> {
    /// In double quotes, at most `limit` bytes between them.
    pub(crate) fn new(text: &'a str, limit: usize) -> Self {
        Self { text, limit, quote: "\"", ellipsis: "…" }
    }

    /// Without quotes.
    pub(crate) fn bare(text: &'a str, limit: usize) -> Self {
        Self { text, limit, quote: "", ellipsis: "…" }
    }

    /// With `...` where it is cut, so that the whole is ASCII.
    pub(crate) fn ascii(mut self) -> Self {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_of_the_user_is_quoted_or_bare() {
        for (text, limit, quoted, bare) in [
            ("", 0, "\"\"", ""),
            ("a b~", 64, "\"a b~\"", "a b~"),
            ("a\"b\\", 64, "\"a\\\"b\\\\\"", "a\"b\\"),
            ("é\n\u{7f}", 64, "\"\\u{e9}\\n\\u{7f}\"", "\\u{e9}\\n\\u{7f}"),
            ("abc", 3, "\"abc\"", "abc"),
            ("abcd", 3, "\"abc…\"", "abc…"),
            ("abé", 7, "\"ab…\"", "ab…"),
            ("abé", 8, "\"ab\\u{e9}\"", "ab\\u{e9}"),
            ("a\"", 2, "\"a…\"", "a\""),
        ] {
            assert_eq!(Quoted::new(text, limit).to_string(), quoted);
            assert_eq!(Quoted::bare(text, limit).to_string(), bare);
            assert_eq!(Quoted::bare(text, limit).ascii().to_string(), bare.replace('…', "..."));
        }
    }
}
