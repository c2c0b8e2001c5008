//! Reads JSON (RFC 8259), one value or several in a row, and keeps the place of each value.

use std::ops::Range;

use fresh_images_json::{Invalid, List, Object, Path, Type, Visit, read_first};

use super::limits::{MAX_DEPTH, TOO_DEEP};
use super::number::decimal;
use super::{DocumentError, Member, Node, Value, members};

/// Reads all values of a text that starts at `base` in its file: everything before an error, and the error.
pub(super) fn read(text: &str, base: usize) -> (Vec<Node>, Option<DocumentError>) {
    let mut values = Vec::new();
    // `---` may stand between JSON documents too.
    let mut rest = text.strip_prefix("---").unwrap_or(text);
    while !rest.trim_start_matches(SPACE).is_empty() {
        let base = base.saturating_add(text.len().saturating_sub(rest.len()));
        let mut reader = Reader { text: rest, base, value: None, problem: None };
        let result = read_first(rest, MAX_DEPTH, "", &mut reader);
        let node = result.as_ref().ok().and_then(|end| reader.node(0..*end).ok());
        match (node, result) {
            (Some(node), Ok(end)) => {
                values.push(node);
                rest = rest.get(end..).unwrap_or_default();
            }
            (_, result) => {
                let problem = reader.problem.or_else(|| {
                    let error = result.err()?;
                    let reason = format!("invalid JSON: {}", error.reason());
                    let message = if error.is_too_deep() { TOO_DEEP.into() } else { reason };
                    Some(DocumentError::new(base.saturating_add(error.offset()), message))
                });
                return (values, problem);
            }
        }
    }
    (values, None)
}

const SPACE: [char; 4] = [' ', '\t', '\r', '\n'];

/// The value that was read last.
struct Reader<'t> {
    text: &'t str,
    base: usize,
    /// Nothing for a number: whoever takes the value knows its text.
    value: Option<Value>,
    /// What is wrong besides the grammar.
    problem: Option<DocumentError>,
}

impl<'t> Reader<'t> {
    /// Takes the value, whose text is in this range, after white space and a comma.
    fn node(&mut self, range: Range<usize>) -> Result<Node, Invalid> {
        let (written, span) = self.written(range);
        let value = self.value.take().or_else(|| Some(Value::Number(decimal(written)?.into())));
        match value {
            Some(value) => Ok(Node { value, span }),
            None => self.fail(DocumentError::new(span.start, "invalid JSON: number out of range")),
        }
    }

    /// What stands in a range of the text, without the white space and the comma before it, and its place in the file.
    fn written(&self, range: Range<usize>) -> (&'t str, Range<usize>) {
        let end = self.base.saturating_add(range.end);
        let text = self.text.get(range).unwrap_or_default().trim_start_matches(SPACE);
        let text = text.strip_prefix(',').unwrap_or(text).trim_start_matches(SPACE);
        (text, end.saturating_sub(text.len())..end)
    }

    fn fail<T>(&mut self, problem: DocumentError) -> Result<T, Invalid> {
        self.problem = Some(problem);
        Err(Invalid)
    }
}

impl<'de> Visit<'de> for Reader<'_> {
    fn other(&mut self, _: &Path<'_>, found: Type) {
        self.value = match found {
            Type::Boolean(value) => Some(Value::Boolean(value)),
            Type::Number => None,
            _ => Some(Value::Null),
        };
    }

    fn text(&mut self, _: &Path<'_>, text: std::borrow::Cow<'de, str>) {
        self.value = Some(Value::Text(text.into()));
    }

    fn list(&mut self, path: &Path<'_>, list: &mut List<'_, 'de>) -> Result<(), Invalid> {
        let mut items = Vec::new();
        let mut start = list.position();
        while list.entry(&path.index(items.len()), self)? {
            items.push(self.node(start..list.position())?);
            start = list.position();
        }
        self.value = Some(Value::List(items.into()));
        Ok(())
    }

    fn object(&mut self, path: &Path<'_>, object: &mut Object<'_, 'de>) -> Result<(), Invalid> {
        let mut members = Vec::new();
        let mut start = object.position();
        while let Some(key) = object.key(path)? {
            let colon = object.position();
            let (written, span) = self.written(start..colon);
            let key_span =
                span.start..span.start.saturating_add(written.trim_end_matches(':').trim_end().len());
            object.value(&path.key(&key), self)?;
            start = object.position();
            members.push((Member { key: key.into(), key_span, node: self.node(colon..start)? }, true));
        }
        match members::unite(members) {
            Ok(value) => self.value = Some(value),
            Err(problem) => return self.fail(problem),
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn rejects(text: &str, offset: usize, message: &str) {
        let (_, error) = read(text, 100);
        assert_eq!(error, Some(DocumentError::new(offset, message)), "{text}");
    }

    #[test]
    fn values_agree_with_serde_json() {
        let texts = [
            "null",
            "true",
            "false",
            "0",
            "-1.5e-3",
            "18446744073709551615",
            r#""""#,
            r#""a\"\\\/\u00e9\ud83d\ude00""#,
            "[]",
            "{}",
            " [ 1 , [ ] , { } ] ",
            "{\"a\":{\"b\":[1,\"x\",null]},\t\"c\"\r\n:\n2}",
            "[\"é\u{2028}\"]",
            // Not JSON.
            "[1,]",
            "{\"a\":1,}",
            "{a:1}",
            "[1 2]",
            "{\"a\" 1}",
            "\"\u{1}\"",
            r#""\x""#,
            r#""\ud83d""#,
            "01",
            "+1",
            "1.",
            "nul",
            "'a'",
            "[",
            "{",
            "{\"a\"",
            "{\"a\":",
            "\"a",
            "\"\\",
            "]",
            "// x",
            "[1]]",
            "NaN",
            "-",
        ];
        for text in texts {
            let (values, error) = read(text, 0);
            match serde_json::from_str::<serde_json::Value>(text) {
                Ok(expected) => {
                    assert_eq!(error, None, "{text}");
                    assert_eq!(values.iter().map(Node::to_json).collect::<Vec<_>>(), [expected], "{text}");
                }
                Err(_) => assert!(error.is_some(), "{text}"),
            }
        }
    }

    #[test]
    fn values_may_follow_each_other() {
        let (values, error) = read("{\"a\": 1}\n[2] 3 {", 0);
        let json: Vec<_> = values.iter().map(Node::to_json).collect();
        assert_eq!(json, [serde_json::json!({"a": 1}), serde_json::json!([2]), serde_json::json!(3)]);
        assert_eq!(error.map(|error| error.offset), Some(16));
    }

    #[test]
    fn errors_have_their_place() {
        rejects(r#"{"a": 1, "a": 2}"#, 109, r#"duplicate key "a""#);
        rejects(r#"{"a": 1, "\u0061": 2}"#, 109, r#"duplicate key "a""#);
        rejects(r#"{"a": tru}"#, 106, "invalid JSON: expected a value");
        rejects(r#"{"a": "x}"#, 109, "invalid JSON: unexpected end of input");
        rejects(r#"{"a": "\q"}"#, 107, "invalid JSON: unknown escape in a string");
        rejects(r#"{"a" 1}"#, 105, "invalid JSON: expected `:`");
        rejects("{1: 2}", 101, "invalid JSON: expected a key in double quotes");
        rejects("[1, 1e400]", 104, "invalid JSON: number out of range");
        rejects("1e400", 100, "invalid JSON: number out of range");
        rejects(&"[".repeat(501), 600, TOO_DEEP);
        rejects(&"[".repeat(500), 600, "invalid JSON: unexpected end of input");
    }

    #[test]
    fn keys_and_values_have_their_places() {
        let text = "---\n{ \"a\" : [1 ,\n\"b\"],\t\"c:\":{}} 2";
        let (values, error) = read(text, 0);
        assert_eq!(error, None);
        let at = |span: &Range<usize>| text.get(span.clone()).unwrap_or_default();
        let [object, number] = values.as_slice() else { panic!("{values:?}") };
        assert_eq!((at(&object.span), at(&number.span)), ("{ \"a\" : [1 ,\n\"b\"],\t\"c:\":{}}", "2"));
        let keys: Vec<_> = object.members().iter().map(|it| (at(&it.key_span), at(&it.node.span))).collect();
        assert_eq!(keys, [("\"a\"", "[1 ,\n\"b\"]"), ("\"c:\"", "{}")]);
        let items: Vec<_> =
            object.members().iter().flat_map(|it| it.node.items()).map(|it| at(&it.span)).collect();
        assert_eq!(items, ["1", "\"b\""]);
    }
}
