//! Edits of the text of an object. Everything else stays as it was written.

use std::ops::Range;

use fresh_images_json::{Invalid, Object, Path, Type, Visit, read, sorted};

/// What replaces which bytes of a text.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Edit {
    pub(crate) at: Range<usize>,
    pub(crate) text: String,
}

/// A part of a text with edits, which do not overlap. `None` if they are not in it.
pub(crate) fn apply(text: &str, part: Range<usize>, edits: &[Edit]) -> Option<String> {
    let added: usize = edits.iter().map(|edit| edit.text.len()).sum();
    let mut new = String::with_capacity(part.len().saturating_add(added));
    let mut at = part.start;
    let order = sorted(edits.iter().enumerate().map(|(index, edit)| (edit.at.start, index)));
    for edit in order.into_iter().filter_map(|(_, index)| edits.get(index)) {
        new.push_str(text.get(at..edit.at.start)?);
        new.push_str(&edit.text);
        at = edit.at.end;
    }
    new.push_str(text.get(at..part.end)?);
    Some(new)
}

/// The edit that sets a value at a path of keys, in a part of a text. What is missing or null on the way to it becomes
/// an object; a new member is the last of its object. `None` if the path leads through anything else, or a key of it occurs
/// twice.
pub(crate) fn set(text: &str, part: Range<usize>, path: &[&str], value: &str) -> Option<Edit> {
    let mut setter = Setter { path, value, edit: None, is_null: false, is_unclear: false };
    read(text.get(part.clone())?.as_bytes(), "object", &mut setter).ok()?;
    let Edit { at, text } = setter.edit.filter(|_| !setter.is_unclear)?;
    let moved = |at: usize| part.start.checked_add(at);
    Some(Edit { at: moved(at.start)?..moved(at.end)?, text })
}

/// Looks for the place of a value in an object.
struct Setter<'s> {
    path: &'s [&'s str],
    value: &'s str,
    edit: Option<Edit>,
    is_null: bool,
    is_unclear: bool,
}

/// The value below the keys that lead to it.
fn nested(path: &[&str], value: &str) -> String {
    match path.split_first() {
        Some((key, path)) => format!("{{{}:{}}}", quoted(key), nested(path, value)),
        None => value.into(),
    }
}

/// A JSON string.
pub(crate) fn quoted(text: &str) -> String {
    // Text always serializes.
    serde_json::to_string(text).unwrap_or_default()
}

impl<'de> Visit<'de> for Setter<'_> {
    fn other(&mut self, _: &Path<'_>, found: Type) {
        self.is_null = found == Type::Null;
        self.is_unclear |= !self.is_null;
    }

    fn object(&mut self, path: &Path<'_>, object: &mut Object<'_, 'de>) -> Result<(), Invalid> {
        let Some((step, rest)) = self.path.split_first() else { return Ok(()) };
        let mut end = object.position();
        let mut separator = "";
        while let Some(key) = object.key(path)? {
            separator = ",";
            let start = object.position();
            if key != *step {
                object.skip(path)?;
                end = object.position();
                continue;
            }
            self.is_unclear |= self.edit.is_some();
            if rest.is_empty() {
                object.skip(path)?;
                self.edit = Some(Edit { at: start..object.position(), text: self.value.into() });
            } else {
                let mut below = Setter { path: rest, edit: None, ..*self };
                object.value(path, &mut below)?;
                self.is_unclear |= below.is_unclear;
                let text = nested(rest, self.value);
                self.edit = if below.is_null {
                    Some(Edit { at: start..object.position(), text })
                } else {
                    below.edit
                };
            }
            end = object.position();
        }
        if self.edit.is_none() && !self.is_unclear {
            let text = format!("{separator}{}:{}", quoted(step), nested(rest, self.value));
            self.edit = Some(Edit { at: end..end, text });
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[expect(clippy::arithmetic_side_effects, reason = "the length of a short text")]
    #[track_caller]
    fn check(text: &str, path: &[&str], expected: Option<&str>) {
        let around = format!("é{text}é");
        let part = 2..text.len() + 2;
        let new = set(&around, part.clone(), path, "1").and_then(|edit| apply(&around, part, &[edit]));
        assert_eq!(new.as_deref(), expected, "{text}");
    }

    #[test]
    fn a_value_is_replaced_or_added() {
        check(r#" {"a" : 0 , "b":[2 ]} "#, &["a"], Some(r#" {"a" :1 , "b":[2 ]} "#));
        check("{}", &["a"], Some(r#"{"a":1}"#));
        check("{}", &["a", "b", "c"], Some(r#"{"a":{"b":{"c":1}}}"#));
        check(r#"{ "c":1e400 }"#, &["a"], Some(r#"{ "c":1e400,"a":1 }"#));
        check(r#"{"a":null,"z":0}"#, &["a", "b\""], Some(r#"{"a":{"b\"":1},"z":0}"#));
        check(r#"{"a":{"b": {},"z":0}}"#, &["a", "b", "c"], Some(r#"{"a":{"b": {"c":1},"z":0}}"#));
        // Keys are compared as they are meant, not as they are written.
        check(r#"{"\u0061":0}"#, &["a"], Some(r#"{"\u0061":1}"#));
    }

    #[test]
    fn a_path_that_is_unclear_sets_nothing() {
        for text in ["null", "[]", "1", "{", r#"{"a":1}"#, r#"{"a":[]}"#, r#"{"a":{},"a":{}}"#] {
            check(text, &["a", "b"], None);
        }
        check(r#"{"a":{"b":1,"b":2}}"#, &["a", "b"], None);
        check(r#"{"a":1,"a":{}}"#, &["a", "b"], None);
    }

    #[test]
    fn edits_are_applied_in_the_order_of_the_text() {
        let edit = |at: Range<usize>, text: &str| Edit { at, text: text.into() };
        let edits = [edit(6..7, "x"), edit(2..4, ""), edit(5..5, "yz")];
        assert_eq!(apply("0123456789", 1..9, &edits).as_deref(), Some("14yz5x78"));
        assert_eq!(apply("0123456789", 1..9, &[edit(20..21, "")]), None);
    }
}
