//! What a scalar of YAML means, as kubectl reads it: YAML 1.1, as go-yaml v2 implements it.
//!
//! | written | means |
//! |---|---|
//! | `yes`, `on`, `True` | true |
//! | `0777`, `0o777`, `0x1FF`, `0b111111111`, `5_1_1` | 511 |
//! | `1.10` | 1.1 (so an image tag needs quotes) |
//! | `1:30`, `2001-12-14`, `0b2`, `1e400` | the text itself |
//! | `!!str 1`, `"1"` | the text `1` |

use granit_parser::{ScalarStyle, Tag};

use super::Value;
use super::number::decimal;

/// What a scalar means.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Scalar {
    Boolean(bool),
    /// A number with a fraction or an exponent, in the form of JSON; nothing for one that JSON does not have.
    Float(Option<String>),
    /// What JSON readers take as an integer.
    Integer(String),
    Null,
    Text(String),
}

impl Scalar {
    pub(super) fn read(text: &str, style: ScalarStyle, tag: Option<&Tag>) -> Result<Self, String> {
        let Some(tag) = tag else {
            return Ok(if style == ScalarStyle::Plain { Self::plain(text) } else { Self::Text(text.into()) });
        };
        let wanted = tag.suffix_in_namespace("tag:yaml.org,2002:").unwrap_or_default();
        let found = Self::plain(text);
        match (&*wanted, found) {
            ("bool", found @ Self::Boolean(_))
            | ("float", found @ Self::Float(_))
            | ("float" | "int", found @ Self::Integer(_))
            | ("null", found @ Self::Null) => Ok(found),
            ("bool" | "float" | "int" | "null", _) => Err(format!("{text:?} is not of the type !!{wanted}")),
            ("binary", _) => Err("the tag !!binary is not supported".into()),
            // Including tags that nobody knows.
            _ => Ok(Self::Text(text.into())),
        }
    }

    fn plain(text: &str) -> Self {
        match text {
            "" | "~" | "null" | "Null" | "NULL" => Self::Null,
            "y" | "Y" | "yes" | "Yes" | "YES" | "true" | "True" | "TRUE" | "on" | "On" | "ON" => {
                Self::Boolean(true)
            }
            "n" | "N" | "no" | "No" | "NO" | "false" | "False" | "FALSE" | "off" | "Off" | "OFF" => {
                Self::Boolean(false)
            }
            ".nan" | ".NaN" | ".NAN" | ".inf" | ".Inf" | ".INF" | "+.inf" | "+.Inf" | "+.INF" | "-.inf"
            | "-.Inf" | "-.INF" => Self::Float(None),
            _ if text.starts_with(|c: char| c.is_ascii_digit() || matches!(c, '+' | '-')) => {
                let digits = text.replace('_', "");
                integer(&digits)
                    .or_else(|| Some(Self::Float(Some(decimal(&digits)?))))
                    .unwrap_or_else(|| Self::Text(text.into()))
            }
            _ if text.starts_with('.') => {
                decimal(text).map_or_else(|| Self::Text(text.into()), |number| Self::Float(Some(number)))
            }
            _ => Self::Text(text.into()),
        }
    }

    /// As a value of JSON, which has no infinite numbers.
    pub(super) fn into_value(self) -> Result<Value, String> {
        Ok(match self {
            Self::Boolean(value) => Value::Boolean(value),
            Self::Float(value) => Value::Number(value.ok_or("JSON has no such number")?.into()),
            Self::Integer(value) => Value::Number(value.into()),
            Self::Null => Value::Null,
            Self::Text(text) => Value::Text(text.into()),
        })
    }

    /// As a key of a mapping, which JSON wants to be a string.
    pub(super) fn into_key(self) -> Result<String, &'static str> {
        match self {
            Self::Boolean(value) => Ok(value.to_string()),
            // Kubectl writes it with 32 bits, as nobody would expect.
            Self::Float(_) => Err("a key of a mapping must not be a decimal number; quote it"),
            Self::Integer(value) => Ok(value),
            Self::Null => Err("a key of a mapping must not be null"),
            Self::Text(text) => Ok(text),
        }
    }
}

/// An integer with the prefixes that Go knows, if it has 64 bits.
fn integer(text: &str) -> Option<Scalar> {
    let (negative, digits) = match text.as_bytes().first()? {
        b'-' => (true, text.get(1..)?),
        b'+' => (false, text.get(1..)?),
        _ => (false, text),
    };
    let lower = digits.to_ascii_lowercase();
    let (radix, digits) = [("0x", 16), ("0o", 8), ("0b", 2)]
        .iter()
        .find_map(|(prefix, radix)| Some((*radix, lower.strip_prefix(prefix)?)))
        .or_else(|| Some((8, lower.strip_prefix('0').filter(|rest| !rest.is_empty())?)))
        .unwrap_or((10, &lower));
    // Rust would take another sign here.
    if digits.starts_with(['+', '-']) {
        return None;
    }
    let value = u64::from_str_radix(digits, radix).ok()?;
    let number = if negative { 0_i64.checked_sub_unsigned(value)?.to_string() } else { value.to_string() };
    Some(Scalar::Integer(number))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[track_caller]
    fn check(text: &str, expected: serde_json::Value) {
        let value = Scalar::plain(text).into_value().expect("a value");
        let node = super::super::Node { value, span: 0..0 };
        assert_eq!(node.to_json(), expected, "{text}");
    }

    #[track_caller]
    fn check_text(texts: &[&str]) {
        for text in texts {
            check(text, json!(text));
        }
    }

    // The answers of kubectl 1.32.
    #[test]
    fn plain_scalars_mean_what_they_mean_to_kubectl() {
        for (text, expected) in [
            ("0777", json!(511)),
            ("08", json!(8)),
            ("0888", json!(888)),
            ("0o14", json!(12)),
            ("0O14", json!(12)),
            ("0x1F", json!(31)),
            ("0X1f", json!(31)),
            ("-0x10", json!(-16)),
            ("0b101", json!(5)),
            ("-0b11", json!(-3)),
            ("-0777", json!(-511)),
            ("0_7", json!(7)),
            ("1_000", json!(1000)),
            ("1__0", json!(10)),
            ("1_", json!(1)),
            ("+5", json!(5)),
            ("0", json!(0)),
            ("-0", json!(0)),
            ("1e3", json!(1000)),
            ("1.0", json!(1)),
            ("1.10", json!(1.1)),
            ("1.0e+3", json!(1000)),
            (".5", json!(0.5)),
            ("+.5", json!(0.5)),
            ("5.", json!(5)),
            ("1_0.5_0", json!(10.5)),
            ("1e-400", json!(0)),
            ("9223372036854775808", json!(9_223_372_036_854_775_808_u64)),
            ("18446744073709551616", json!(18_446_744_073_709_551_616.0)),
            ("-9223372036854775809", json!(-9_223_372_036_854_775_809.0)),
            ("~", json!(null)),
            ("NULL", json!(null)),
            ("yes", json!(true)),
            ("N", json!(false)),
            ("oFF", json!("oFF")),
        ] {
            check(text, expected);
        }
        check_text(&[
            "_1",
            "1e400",
            "0b12",
            "1:30",
            "190:20:30",
            ".",
            "0x",
            "1e",
            "e5",
            "0b",
            "=",
            "<<",
            "0x1p-2",
        ]);
        check_text(&[
            "Infinity",
            "NaN",
            "nUll",
            "tRue",
            "2001-12-14",
            "1.2.3",
            "--1",
            "+-1",
            "0x-1",
            "+",
            "-inf",
        ]);
    }

    #[test]
    fn tags_decide() {
        let read = |text, suffix: &str| {
            let tag = Tag::new("tag:yaml.org,2002:", suffix);
            Scalar::read(text, ScalarStyle::DoubleQuoted, Some(&tag))
        };
        assert_eq!(read("123", "str"), Ok(Scalar::Text("123".into())));
        assert_eq!(read("3", "int"), Ok(Scalar::Integer("3".into())));
        assert_eq!(read("3", "float"), Ok(Scalar::Integer("3".into())));
        assert_eq!(read("yes", "bool"), Ok(Scalar::Boolean(true)));
        assert_eq!(read("", "null"), Ok(Scalar::Null));
        assert_eq!(read("2001-12-14", "timestamp"), Ok(Scalar::Text("2001-12-14".into())));
        assert_eq!(read("1.5", "int"), Err("\"1.5\" is not of the type !!int".into()));
        assert_eq!(read("aGk=", "binary"), Err("the tag !!binary is not supported".into()));
        let local = Tag::new("!", "foo");
        assert_eq!(Scalar::read("3", ScalarStyle::Plain, Some(&local)), Ok(Scalar::Text("3".into())));
        assert_eq!(Scalar::read("3", ScalarStyle::SingleQuoted, None), Ok(Scalar::Text("3".into())));
    }

    #[test]
    fn keys_become_text() {
        for (text, key) in
            [("1", "1"), ("0x10", "16"), ("true", "true"), ("yes", "true"), ("2001-12-14", "2001-12-14")]
        {
            assert_eq!(Scalar::plain(text).into_key().as_deref(), Ok(key), "{text}");
        }
        assert!(Scalar::Null.into_key().is_err());
        for text in ["1.10", "-.5", "1e3", "16777217.0", ".inf"] {
            let error = "a key of a mapping must not be a decimal number; quote it";
            assert_eq!(Scalar::plain(text).into_key(), Err(error), "{text}");
        }
    }

    #[test]
    fn infinite_values_are_refused() {
        for text in [".inf", "-.inf", ".nan"] {
            assert!(Scalar::plain(text).into_value().is_err(), "{text}");
        }
    }
}
