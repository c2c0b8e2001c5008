//! Reads JSON (RFC 8259), one value or several in a row, and keeps the place of each value.

use std::sync::Arc;

use fresh_images_json as json;

use super::limits::{MAX_DEPTH, TOO_DEEP};
use super::number::Decimal;
use super::{DocumentError, Member, Node, Value, members};

/// Reads all values of a text that starts at `base` in its file: everything before an error, and the error.
pub(super) fn read(text: &str, base: usize) -> (Vec<Node>, Option<DocumentError>) {
    let mut reader = Reader { text, offset: 0, base };
    let mut values = Vec::new();
    reader.skip_space();
    // `---` may stand between JSON documents too.
    if text.starts_with("---") {
        reader.offset = 3;
        reader.skip_space();
    }
    while reader.peek().is_some() {
        match reader.value(0) {
            Ok(value) => values.push(value),
            Err(error) => return (values, Some(error)),
        }
        reader.skip_space();
    }
    (values, None)
}

/// A string at the start of a text, and how long it is there.
pub(super) fn leading_string(text: &str) -> Option<(String, usize)> {
    let mut reader = Reader { text, offset: 0, base: 0 };
    let string = reader.string().ok()?;
    Some((string, reader.offset))
}

/// A value without parts.
fn scalar(text: &str) -> Option<json::Node<'_>> {
    let mut node = json::Node::NULL;
    json::read(text.as_bytes(), "", &mut node).ok()?;
    Some(node)
}

struct Reader<'t> {
    text: &'t str,
    offset: usize,
    base: usize,
}

impl Reader<'_> {
    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.offset).copied()
    }

    fn advance(&mut self) {
        self.offset = self.offset.saturating_add(1);
    }

    fn skip_while(&mut self, skipped: impl Fn(u8) -> bool) {
        while self.peek().is_some_and(&skipped) {
            self.advance();
        }
    }

    fn skip_space(&mut self) {
        self.skip_while(|byte| matches!(byte, b' ' | b'\t' | b'\r' | b'\n'));
    }

    fn error<T>(&self, message: impl Into<String>) -> Result<T, DocumentError> {
        Err(DocumentError::new(self.base.saturating_add(self.offset), message))
    }

    /// Takes the byte if it is next.
    fn take(&mut self, byte: u8) -> bool {
        let found = self.peek() == Some(byte);
        if found {
            self.advance();
        }
        found
    }

    fn value(&mut self, depth: usize) -> Result<Node, DocumentError> {
        let start = self.offset;
        let value = match self.peek() {
            Some(b'{') => self.object(depth)?,
            Some(b'[') => self.list(depth)?,
            Some(b'"') => Value::Text(self.string()?.into()),
            Some(_) => self.word()?,
            None => return self.error("the JSON text ends where a value should be"),
        };
        Ok(Node { value, span: self.span_from(start) })
    }

    fn span_from(&self, start: usize) -> std::ops::Range<usize> {
        self.base.saturating_add(start)..self.base.saturating_add(self.offset)
    }

    fn enter(&mut self, depth: usize) -> Result<usize, DocumentError> {
        if depth >= MAX_DEPTH {
            return self.error(TOO_DEEP);
        }
        self.advance();
        self.skip_space();
        Ok(depth.saturating_add(1))
    }

    fn list(&mut self, depth: usize) -> Result<Value, DocumentError> {
        let depth = self.enter(depth)?;
        let mut items = Vec::new();
        if self.take(b']') {
            return Ok(Value::List(items.into()));
        }
        loop {
            items.push(self.value(depth)?);
            self.skip_space();
            if self.take(b']') {
                return Ok(Value::List(items.into()));
            }
            if !self.take(b',') {
                return self.error("expected `,` or `]` in a JSON list");
            }
            self.skip_space();
        }
    }

    fn object(&mut self, depth: usize) -> Result<Value, DocumentError> {
        let depth = self.enter(depth)?;
        let mut members = Vec::new();
        if self.take(b'}') {
            return members::unite(members);
        }
        loop {
            let start = self.offset;
            if self.peek() != Some(b'"') {
                return self.error("expected a key in double quotes in a JSON object");
            }
            let key: Arc<str> = self.string()?.into();
            let key_span = self.span_from(start);
            self.skip_space();
            if !self.take(b':') {
                return self.error("expected `:` after a key in a JSON object");
            }
            self.skip_space();
            members.push((Member { key, key_span, node: self.value(depth)? }, true));
            self.skip_space();
            if self.take(b'}') {
                return members::unite(members);
            }
            if !self.take(b',') {
                return self.error("expected `,` or `}` in a JSON object");
            }
            self.skip_space();
        }
    }

    /// A string.
    fn string(&mut self) -> Result<String, DocumentError> {
        let start = self.offset;
        self.advance();
        loop {
            self.skip_while(|byte| byte != b'"' && byte != b'\\');
            match self.peek() {
                Some(b'\\') => {
                    self.advance();
                    self.advance();
                }
                Some(_) => break,
                None => {
                    self.offset = start;
                    return self.error("a JSON string has no end");
                }
            }
        }
        self.advance();
        let text = self.text.get(start..self.offset).unwrap_or_default();
        match scalar(text) {
            Some(json::Node::Text(text)) => Ok(text.into_owned()),
            _ => {
                self.offset = start;
                self.error("a JSON string has an invalid escape or a control character")
            }
        }
    }

    /// A number, `true`, `false` or `null`.
    fn word(&mut self) -> Result<Value, DocumentError> {
        let start = self.offset;
        self.skip_while(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'-' | b'.' | b'_'));
        let text = self.text.get(start..self.offset).unwrap_or_default();
        match scalar(text) {
            Some(json::Node::Other(json::Type::Boolean(value))) => Ok(Value::Boolean(value)),
            Some(json::Node::Other(json::Type::Null)) => Ok(Value::Null),
            Some(json::Node::Other(json::Type::Number)) if Decimal::read(text).is_some() => {
                Ok(Value::Number(text.into()))
            }
            _ => {
                self.offset = start;
                self.error("expected a JSON value")
            }
        }
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
            "-1.5e3",
            "18446744073709551615",
            "1e400",
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
        rejects(r#"{"a": 1, "a": 2}"#, 109, r#"the key "a" stands twice"#);
        rejects(r#"{"a": 1, "\u0061": 2}"#, 109, r#"the key "a" stands twice"#);
        rejects(r#"{"a": tru}"#, 106, "expected a JSON value");
        rejects(r#"{"a": "x}"#, 106, "a JSON string has no end");
        rejects(r#"{"a": "\q"}"#, 106, "a JSON string has an invalid escape or a control character");
        rejects(&"[".repeat(501), 600, TOO_DEEP);
        rejects(&"[".repeat(500), 600, "the JSON text ends where a value should be");
    }
}
