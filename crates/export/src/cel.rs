//! Texts in CEL.

/// A text as a literal of CEL. Regular expressions are raw, so that they read as they are.
pub(crate) fn regex(regex: &str) -> String {
    // `regex::literal` leaves no quote in any.
    format!("r'{regex}'")
}

/// A text as a literal of CEL, every character that means something to CEL or to YAML escaped.
pub(crate) fn text(text: &str) -> String {
    let mut literal = String::from("'");
    for character in text.chars() {
        match character {
            '\'' | '\\' => {
                literal.push('\\');
                literal.push(character);
            }
            ' '..='~' | '…' => literal.push(character),
            _ => literal.push_str(&format!("\\U{:08x}", u32::from(character))),
        }
    }
    literal.push('\'');
    literal
}
