//! The reader against serde_json: a text is read if and only if serde_json reads it, and means the same.
//!
//! The one difference: serde_json refuses numbers that no `f64` holds, which nobody asks this reader for.

#![expect(clippy::panic, reason = "a test whose readers disagree fails")]

use fresh_images_json::{MAX_DEPTH, Node, Path, Type, Visit, read};
use fresh_images_testing::config::config;
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::Value;

/// Reads nothing but whether it is JSON.
struct Skip;

impl Visit<'_> for Skip {
    fn other(&mut self, _: &Path<'_>, _: Type) {}
}

/// A value in which all numbers are 0, which is all that the reader keeps of them; of keys that stand twice the last
/// counts, as in serde_json.
fn value(node: &Node<'_>) -> Value {
    match node {
        Node::List(nodes) => nodes.iter().map(value).collect(),
        Node::Object(members) => members.iter().map(|(key, node)| (key.to_string(), value(node))).collect(),
        Node::Other(Type::Boolean(boolean)) => (*boolean).into(),
        Node::Other(Type::Number) => 0.into(),
        Node::Other(_) => Value::Null,
        Node::Text(text) => text.to_string().into(),
    }
}

fn without_numbers(value: Value) -> Value {
    match value {
        Value::Array(entries) => entries.into_iter().map(without_numbers).collect(),
        Value::Object(members) => {
            members.into_iter().map(|(key, value)| (key, without_numbers(value))).collect()
        }
        Value::Number(_) => 0.into(),
        other => other,
    }
}

/// Holds the readers against each other, and answers whether both accept.
#[track_caller]
fn is_json(text: &[u8]) -> bool {
    let context = String::from_utf8_lossy(text);
    let mut node = Node::NULL;
    let ours = read(text, "text", &mut node);
    let theirs = serde_json::from_slice::<Value>(text);
    let skipped = read(text, "text", &mut Skip);
    match (&ours, theirs) {
        (Ok(()), Ok(theirs)) => assert_eq!(value(&node), without_numbers(theirs), "{context:?}"),
        (Err(_), Err(_)) => {}
        (Ok(()), Err(error)) => {
            assert!(error.to_string().starts_with("number out of range"), "{context:?}: {error}");
        }
        (Err(error), Ok(_)) => panic!("{context:?}: {error}"),
    }
    match (&ours, &skipped) {
        (Ok(()), Err(error)) => panic!("{context:?} is read, but not skipped: {error}"),
        // What a string means is not looked at.
        (Err(error), Ok(())) => {
            assert!(error.to_string().starts_with("unpaired surrogate"), "{context:?}: {error}");
        }
        _ => {}
    }
    ours.is_ok()
}

const VALID: [&str; 78] = [
    "null",
    "true",
    "false",
    " null",
    "null ",
    "\t\n\r null\t\n\r ",
    "\"\"",
    "[]",
    "{}",
    "[ ]",
    "{ }",
    "[null]",
    "[null,null]",
    "[ null , null ]",
    "[[],{}]",
    "[[[]]]",
    r#"{"a":1}"#,
    r#"{ "a" : 1 }"#,
    r#"{"a":1,"b":2}"#,
    r#"{"a":{"b":{}}}"#,
    r#"{"":0}"#,
    r#"{"a":1,"a":2}"#,
    r#"{"a":1,"\u0061":2}"#,
    r#"{"a\tb":1}"#,
    r#"{"\ud83d\ude00":1}"#,
    // Numbers.
    "0",
    "-0",
    "1",
    "-1",
    "10",
    "1234567890",
    "0.0",
    "-0.0",
    "0.5",
    "1.0",
    "1.50",
    "0e0",
    "0E0",
    "1e1",
    "1E1",
    "1e+1",
    "1e-1",
    "1e01",
    "1.5e10",
    "-1.5E-10",
    "0e400",
    "0.0e-400",
    "1e-400",
    "18446744073709551615",
    "18446744073709551616",
    "-9223372036854775809",
    "123456789012345678901234567890",
    "0.1234567890123456789012345678901",
    "1e308",
    "[0,1]",
    r#"{"a":-0}"#,
    // Strings.
    r#""a""#,
    r#"" ""#,
    r#""é""#,
    r#""😀""#,
    "\"\u{7f}\"",
    "\"\u{80}\"",
    "\"\u{2028}\"",
    "\"\u{feff}\"",
    "\"\u{10ffff}\"",
    r#""\"""#,
    r#""\\""#,
    r#""\/""#,
    r#""\b\f\n\r\t""#,
    r#""\u0000""#,
    r#""\u001F""#,
    r#""\u00e9\u00E9""#,
    r#""\ud83d\ude00""#,
    r#""\uD83D\uDE00""#,
    r#""\udbff\udfff""#,
    r#""\ud800\udc00\ud800\udc00""#,
    r#""\uffff\ufffe""#,
    r#""12345678\u0022\\""#,
];

const INVALID: [&str; 127] = [
    "",
    " ",
    "\n",
    "nul",
    "nulll",
    "null null",
    "Null",
    "NULL",
    "tru",
    "True",
    "falsey",
    "f",
    "fals",
    "fa1se",
    "undefined",
    "NaN",
    "nan",
    "Infinity",
    "-Infinity",
    "a",
    "'a'",
    "`a`",
    "null,",
    ",",
    ":",
    "null\0",
    "\0",
    "\0null",
    "\u{feff}null",
    "null\u{feff}",
    "\u{a0}null",
    "\u{2028}null",
    "\u{b}null",
    "\u{c}null",
    "/**/null",
    "null // a",
    "# a\nnull",
    "\\",
    "\"",
    // Lists.
    "[",
    "]",
    "[]]",
    "[[]",
    "[,]",
    "[1,]",
    "[,1]",
    "[1,,2]",
    "[1 2]",
    "[1;2]",
    "[1:2]",
    "[1}",
    "{]",
    "[1",
    "[1,",
    "[}",
    "[\"a\"",
    "(1)",
    "[...]",
    // Objects.
    "{",
    "}",
    "{}}",
    "{{}}",
    "{,}",
    r#"{"a"}"#,
    r#"{"a":}"#,
    r#"{"a":1,}"#,
    r#"{,"a":1}"#,
    r#"{"a":1,,"b":2}"#,
    r#"{"a" 1}"#,
    r#"{"a"::1}"#,
    r#"{"a":1 "b":2}"#,
    r#"{"a":1;"b":2}"#,
    r#"{"a"=1}"#,
    "{a:1}",
    "{'a':1}",
    "{1:1}",
    "{null:1}",
    "{[]:1}",
    "{\"a\n\":1}",
    r#"{"a":1"#,
    r#"{"a":"#,
    r#"{"a""#,
    r#"{"a"#,
    r#"{""#,
    r#"{"a":1]"#,
    r#"{"a":1}{"b":2}"#,
    // Numbers.
    "-",
    "+1",
    "01",
    "-01",
    "00",
    "1.",
    ".1",
    "-.1",
    "1.e1",
    "1e",
    "1e+",
    "1e-",
    "1e1.5",
    "1.2.3",
    "1ee1",
    "e1",
    "--1",
    "1-",
    "0x10",
    "1_000",
    "1,000",
    "1 000",
    "0b1",
    "1f",
    "١",
    "- 1",
    "1e 1",
    // Strings.
    "\"a",
    "\"\n\"",
    "\"\t\"",
    "\"\0\"",
    "\"\u{1f}\"",
    r#""\a""#,
    r#""\x41""#,
    r#""\'""#,
    r#""\ ""#,
    r#""\u""#,
    r#""\u12""#,
    r#""\u12g4""#,
    r#""\u+123""#,
    r#""\U0041""#,
];

/// Valid escapes of code units that are no character.
const SURROGATES: [&str; 13] = [
    r#""\ud800""#,
    r#""\udbff""#,
    r#""\udc00""#,
    r#""\udfff""#,
    r#""\ud800\ud800""#,
    r#""\udc00\ud800""#,
    r#""\ud800a""#,
    r#""\ud800 \udc00""#,
    r#""\ud800\n""#,
    r#""\ud800\u0041""#,
    r#""a\ud800\\udc00""#,
    r#"["\ud800"]"#,
    r#"{"\udc00":1}"#,
];

#[test]
fn valid_texts_are_read() {
    for text in VALID {
        assert!(is_json(text.as_bytes()), "{text:?}");
    }
}

#[test]
fn invalid_texts_are_refused() {
    for text in INVALID {
        assert!(!is_json(text.as_bytes()), "{text:?}");
        assert!(read(text.as_bytes(), "text", &mut Skip).is_err(), "{text:?} is skipped");
    }
}

#[test]
fn surrogates_without_partner_are_refused_where_they_are_read() {
    for text in SURROGATES {
        assert!(!is_json(text.as_bytes()), "{text:?}");
    }
    assert!(read(br#"{"a": "\ud800"}"#, "text", &mut Skip).is_ok());
}

#[test]
fn what_is_no_utf_8_is_refused() {
    for text in [
        &b"\xff"[..],
        b"\"\xff\"",
        b"\"\x80\"",
        b"\"\xc3\"",
        b"\"\xc0\xaf\"",
        b"\"\xed\xa0\x80\"",
        b"\"\xf4\x90\x80\x80\"",
        b"\"\xe2\x82\"",
        b"null\xff",
        b"[\xff]",
        b"{\"a\xff\":1}",
        b"\xef\xbb\xbfnull",
        b"n\x00u\x00l\x00l\x00",
        b"\xff\xfen\x00",
    ] {
        assert!(!is_json(text), "{text:?}");
    }
}

#[test]
fn numbers_that_no_f64_holds_are_numbers() {
    for text in ["1e309", "-1e309", "1e400", "123456789e999999999", "1e18446744073709551616"] {
        assert!(serde_json::from_str::<Value>(text).is_err(), "{text}");
        assert!(is_json(text.as_bytes()), "{text}");
    }
    assert!(is_json("9".repeat(309).as_bytes()));
    assert!(is_json(format!("0.{}", "9".repeat(1000)).as_bytes()));
}

#[test]
fn nesting_ends_at_the_same_depth() {
    let nested = |open: &str, inside: &str, close: &str, depth: usize| {
        format!("{}{inside}{}", open.repeat(depth), close.repeat(depth))
    };
    for (open, inside, close) in [
        ("[", "", "]"),
        ("[", "1", "]"),
        ("[1,", "1", "]"),
        ("{\"a\":", "1", "}"),
        ("{\"a\":1,\"b\":", "\"\"", ",\"c\":1}"),
    ] {
        for depth in [1, 2, 64, MAX_DEPTH - 1, MAX_DEPTH] {
            assert!(is_json(nested(open, inside, close, depth).as_bytes()), "{open} {depth}");
        }
        for depth in [MAX_DEPTH + 1, MAX_DEPTH + 2, 1000] {
            assert!(!is_json(nested(open, inside, close, depth).as_bytes()), "{open} {depth}");
            // Nothing closes it.
            assert!(!is_json(open.repeat(depth).as_bytes()), "{open} {depth}");
        }
    }
    // Beside each other is not in one another.
    let wide = format!("[{}[]]", format!("{},", nested("[", "", "]", MAX_DEPTH - 1)).repeat(20));
    assert!(is_json(wide.as_bytes()));
}

/// A piece of a string as JSON writes it.
fn piece() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => any::<char>().prop_map(|character| match character {
            '"' | '\\' | '\0'..='\x1f' => format!("\\u{:04x}", u32::from(character)),
            plain => plain.to_string(),
        }),
        4 => "[a-z ]{1,9}",
        1 => select(vec!["\\n", "\\t", "\\\\", "\\\"", "\\/", "\\b", "\\ud83d\\ude00", "\\u00e9", "\\u0000", "\\uFFFF"])
            .prop_map(str::to_owned),
    ]
}

fn string() -> impl Strategy<Value = String> {
    vec(piece(), 0..6).prop_map(|pieces| format!("\"{}\"", pieces.concat()))
}

fn number() -> impl Strategy<Value = String> {
    let fraction =
        option::of("[0-9]{1,20}").prop_map(|digits| digits.map_or(String::new(), |it| format!(".{it}")));
    let exponent = option::of("[eE][+-]?[0-9]{1,2}").prop_map(Option::unwrap_or_default);
    ("-?(0|[1-9][0-9]{0,20})", fraction, exponent)
        .prop_map(|(whole, fraction, exponent)| whole + &fraction + &exponent)
}

fn space() -> impl Strategy<Value = &'static str> {
    select(vec!["", "", "", " ", "\n", "\t\r"])
}

fn json() -> impl Strategy<Value = String> {
    let scalar =
        prop_oneof![select(vec!["null", "true", "false"]).prop_map(str::to_owned), number(), string()];
    scalar.prop_recursive(5, 64, 5, |inner| {
        prop_oneof![
            (vec(inner.clone(), 0..5), space()).prop_map(|(entries, space)| format!(
                "[{space}{}{space}]",
                entries.join(&format!("{space},{space}"))
            )),
            (vec((string(), inner), 0..5), space()).prop_map(|(members, space)| {
                let members: Vec<String> =
                    members.iter().map(|(key, value)| format!("{key}{space}:{space}{value}")).collect();
                format!("{{{space}{}{space}}}", members.join(&format!("{space},{space}")))
            }),
        ]
    })
}

/// A change of one place: what takes the place of how many bytes.
fn mutation() -> impl Strategy<Value = (prop::sample::Index, usize, Vec<u8>)> {
    let bytes = prop_oneof![
        vec(select(b"\"\\[]{},:-+.0189eEutfnl /\n\t\0\x1f\x7f\x80\xc3\xff".to_vec()), 0..3),
        vec(any::<u8>(), 0..3),
    ];
    (any::<prop::sample::Index>(), 0..3_usize, bytes)
}

fn mutate(text: &mut Vec<u8>, (at, removed, inserted): (prop::sample::Index, usize, Vec<u8>)) {
    let at = at.index(text.len().saturating_add(1));
    let end = at.saturating_add(removed).min(text.len());
    text.splice(at..end, inserted);
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn random_json_is_read(text in json()) {
        prop_assert!(is_json(text.as_bytes()));
    }

    #[test]
    fn random_json_is_as_good_after_serde_json_wrote_it(text in json()) {
        let value: Value = serde_json::from_str(&text).unwrap();
        prop_assert!(is_json(serde_json::to_string(&value).unwrap().as_bytes()));
        prop_assert!(is_json(serde_json::to_string_pretty(&value).unwrap().as_bytes()));
    }

    #[test]
    fn mutated_json_is_read_or_refused_by_both(text in json(), mutations in vec(mutation(), 1..4)) {
        let mut text = text.into_bytes();
        for mutation in mutations {
            mutate(&mut text, mutation);
        }
        is_json(&text);
    }

    #[test]
    fn json_that_ends_early_is_refused_by_both(text in json(), at in any::<prop::sample::Index>()) {
        is_json(&text.as_bytes()[..at.index(text.len())]);
    }

    #[test]
    fn random_bytes_are_read_or_refused_by_both(text in vec(any::<u8>(), 0..64)) {
        is_json(&text);
    }
}
