//! The inside of strings.

/// How many bytes at the start of a text are plain: neither `"`, nor `\`, nor a control character. Eight at a
/// time, for most of a request is the inside of strings.
pub(crate) fn plain_length(text: &[u8]) -> usize {
    let (words, rest) = text.as_chunks::<8>();
    let mut length = 0_usize;
    for word in words {
        let special = special_bytes(u64::from_le_bytes(*word));
        if special != 0 {
            let before = special.trailing_zeros() / 8;
            return length.saturating_add(usize::try_from(before).unwrap_or_default());
        }
        length = length.saturating_add(8);
    }
    let is_special = |byte: &u8| matches!(byte, b'"' | b'\\' | 0..0x20);
    length.saturating_add(rest.iter().position(is_special).unwrap_or(rest.len()))
}

/// The high bit of the lowest byte that is `"`, `\` or a control character; bits above it mean nothing, for a
/// subtraction may borrow from there.
fn special_bytes(word: u64) -> u64 {
    const HIGH: u64 = 0x8080_8080_8080_8080;
    // With bit 1 flipped, `"` and the controls are what is below 0x21, and a space is not.
    let quote_or_control = (word ^ 0x0202_0202_0202_0202).wrapping_sub(0x2121_2121_2121_2121);
    let backslash = (word ^ 0x5c5c_5c5c_5c5c_5c5c).wrapping_sub(0x0101_0101_0101_0101);
    (quote_or_control | backslash) & !word & HIGH
}

/// The length of the escape that a text starts with, if it is one.
pub(crate) fn escape_length(text: &[u8]) -> Option<usize> {
    match text {
        [b'\\', b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't', ..] => Some(2),
        [b'\\', b'u', a, b, c, d, ..] if [a, b, c, d].into_iter().all(u8::is_ascii_hexdigit) => Some(6),
        _ => None,
    }
}

/// The text that a string with valid escapes means; `None` if a surrogate has no partner.
pub(crate) fn unescape(text: &str) -> Option<String> {
    let mut result = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((plain, escape)) = rest.split_once('\\') {
        result.push_str(plain);
        let mut after = escape.chars();
        let character = match after.next()? {
            'b' => '\u{8}',
            'f' => '\u{c}',
            'n' => '\n',
            'r' => '\r',
            't' => '\t',
            'u' => {
                let (unit, tail) = code_unit(after.as_str())?;
                after = tail.chars();
                match unit {
                    0xd800..0xdc00 => {
                        let (low, tail) = code_unit(tail.strip_prefix("\\u")?)?;
                        after = tail.chars();
                        char::decode_utf16([unit, low]).next()?.ok()?
                    }
                    _ => char::from_u32(unit.into())?,
                }
            }
            same => same,
        };
        result.push(character);
        rest = after.as_str();
    }
    result.push_str(rest);
    Some(result)
}

/// Four hex digits, and what follows.
fn code_unit(text: &str) -> Option<(u16, &str)> {
    let (digits, rest) = text.split_at_checked(4)?;
    Some((u16::from_str_radix(digits, 16).ok()?, rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_length_finds_every_special_byte_at_every_place() {
        for length in 0..40 {
            for at in 0..length {
                for byte in 0..=255_u8 {
                    let mut text = vec![b'x'; length];
                    text[at] = byte;
                    let special = matches!(byte, b'"' | b'\\' | 0..0x20);
                    assert_eq!(plain_length(&text), if special { at } else { length }, "{text:?}");
                }
            }
        }
        // A special byte after one that borrows.
        assert_eq!(plain_length(b"aaaa\"!!!"), 4);
        assert_eq!(plain_length("ééé\"é!!!".as_bytes()), 6);
    }

    #[test]
    fn escapes_mean_what_they_say() {
        assert_eq!(unescape(r#"a\n\t\\\/\"\u0041\u00e9"#).as_deref(), Some("a\n\t\\/\"Aé"));
        assert_eq!(unescape(r"\ud83d\ude00").as_deref(), Some("😀"));
        assert_eq!(unescape(r"\ud83d"), None);
        assert_eq!(unescape(r"\ude00"), None);
        assert_eq!(unescape(r"\ud83d\u0041"), None);
    }
}
