//! What a visitor gets to see: values, paths, errors with their places.

#![expect(clippy::arithmetic_side_effects, reason = "the lengths of a few texts are added up")]

use fresh_images_json::{
    Field, Invalid, Keys, List, MAX_DEPTH, Node, Object, Path, PathBuf, Type, Visit, each_member, field,
    read, read_first,
};

/// Path and text of the error.
fn problem(text: &[u8]) -> Option<(String, String)> {
    let mut node = Node::NULL;
    let error = read(text, "text", &mut node).err()?;
    Some((error.path().to_string(), error.to_string()))
}

#[test]
fn errors_say_what_was_expected_and_where() {
    let deep = "[".repeat(MAX_DEPTH + 1);
    let deep_path = format!("text{}", "[0]".repeat(MAX_DEPTH));
    for (text, path, message) in [
        ("", "text", "unexpected end of input at byte 0"),
        (" x", "text", "expected a value at byte 1"),
        ("nul", "text", "expected a value at byte 0"),
        ("01", "text", "invalid number at byte 0"),
        ("1 2", "text", "trailing characters at byte 2"),
        ("[1 2]", "text[1]", "expected `,` or `]` at byte 3"),
        ("[1}", "text[1]", "expected `,` or `]` at byte 2"),
        ("[1, x]", "text[1]", "expected a value at byte 4"),
        ("[1", "text[1]", "unexpected end of input at byte 2"),
        (r#"{"a" 1}"#, "text", "expected `:` at byte 5"),
        (r#"{"a": 1 "b": 2}"#, "text", "expected `,` or `}` at byte 8"),
        (r#"{"a": 1]"#, "text", "expected `,` or `}` at byte 7"),
        ("{a: 1}", "text", "expected a key in double quotes at byte 1"),
        (r#"{"a": {"b": [x]}}"#, "text.a.b[0]", "expected a value at byte 13"),
        ("\"a\u{1}\"", "text", "control character in a string at byte 2"),
        (r#""a\x""#, "text", "unknown escape in a string at byte 2"),
        (r#""a\u00g0""#, "text", "unknown escape in a string at byte 2"),
        (r#"["a\ud800"]"#, "text[0]", "unpaired surrogate in a string at byte 2"),
        (&deep, &deep_path, "more than 127 nested lists and objects at byte 127"),
    ] {
        assert_eq!(problem(text.as_bytes()), Some((path.to_owned(), message.to_owned())), "{text:?}");
    }
    assert_eq!(problem(b"\"a\xff\""), Some(("text".into(), "invalid UTF-8 at byte 2".into())));
    let mut node = Node::NULL;
    assert_eq!(read(b"[1 2]", "text", &mut node).map_err(|error| error.offset()), Err(3));
    for (text, is_too_deep) in [(deep.as_str(), true), ("[1 2]", false)] {
        let error = read(text.as_bytes(), "text", &mut node).map_err(|error| error.is_too_deep());
        assert_eq!(error, Err(is_too_deep), "{text}");
    }
}

#[test]
fn the_first_value_of_a_text_is_read_alone() {
    let mut node = Node::NULL;
    for (text, end) in [("[1] [2]", Some(3)), (" 12,", Some(3)), ("\"a\"", Some(3)), ("", None), (" ]", None)]
    {
        assert_eq!(read_first(text, MAX_DEPTH, "text", &mut node).ok(), end, "{text:?}");
    }
    assert!(read_first("[[1]]", 1, "text", &mut node).is_err_and(|error| error.is_too_deep()));
}

#[test]
fn a_path_knows_its_root() {
    assert_eq!(PathBuf::new("text").key("a").root(), "text");
    assert_eq!(PathBuf::default().root(), "");
}

/// Where each entry of a list ends.
#[derive(Default)]
struct Ends(Vec<usize>);

impl<'de> Visit<'de> for Ends {
    fn other(&mut self, _: &Path<'_>, _: Type) {}

    fn list(&mut self, path: &Path<'_>, list: &mut List<'_, 'de>) -> Result<(), Invalid> {
        self.0.push(list.position());
        let mut entry = Node::NULL;
        while list.entry(path, &mut entry)? {
            self.0.push(list.position());
        }
        Ok(())
    }
}

#[test]
fn a_list_says_how_far_it_was_read() {
    let mut ends = Ends::default();
    assert_eq!(read(br#" [1, {"a": 2}]"#, "text", &mut ends), Ok(()));
    assert_eq!(ends.0, [2, 3, 13]);
}

/// Tells what it is shown, where only one method is defined.
#[derive(Default)]
struct Only(Vec<String>);

impl Visit<'_> for Only {
    fn other(&mut self, path: &Path<'_>, found: Type) {
        self.0.push(format!("{path} is {}", found.noun()));
    }
}

#[test]
fn what_a_visitor_has_no_method_for_is_another_value() {
    for (text, noun) in [
        ("null", "null"),
        ("true", "a boolean"),
        ("false", "a boolean"),
        ("-1.5e3", "a number"),
        (r#""a""#, "a string"),
        (r#""\n""#, "a string"),
        ("[]", "a list"),
        ("[1, [2], {}]", "a list"),
        ("{}", "an object"),
        (r#"{"a": {"b": []}, "c": 1}"#, "an object"),
    ] {
        let mut only = Only::default();
        assert_eq!(read(text.as_bytes(), "text", &mut only), Ok(()), "{text}");
        assert_eq!(only.0, [format!("text is {noun}")], "{text}");
    }
}

/// Stops although there is no error.
struct Stopping;

impl Visit<'_> for Stopping {
    fn other(&mut self, _: &Path<'_>, _: Type) {}

    fn list(&mut self, _: &Path<'_>, _: &mut List<'_, '_>) -> Result<(), Invalid> {
        Err(Invalid)
    }
}

#[test]
fn a_visitor_that_stops_of_its_own_is_an_error() {
    let error = read(b"[1]", "text", &mut Stopping).map_err(|error| error.to_string());
    assert_eq!(error, Err("reading stopped at byte 1".into()));
}

/// Reads nothing of what it is given.
#[derive(Default)]
struct Lazy(Vec<String>);

impl<'de> Visit<'de> for Lazy {
    fn other(&mut self, path: &Path<'_>, _: Type) {
        self.0.push(path.to_string());
    }

    fn list(&mut self, path: &Path<'_>, list: &mut List<'_, 'de>) -> Result<(), Invalid> {
        // One entry, and the others are left.
        list.entry(&path.index(0), self)?;
        Ok(())
    }

    fn object(&mut self, _: &Path<'_>, _: &mut Object<'_, 'de>) -> Result<(), Invalid> {
        Ok(())
    }
}

#[test]
fn what_a_visitor_leaves_unread_is_passed_over() {
    let mut lazy = Lazy::default();
    assert_eq!(read(br#"[{"a": [1]}, 2]"#, "text", &mut lazy), Ok(()));
    assert_eq!(lazy.0, [""; 0]);
    assert_eq!(read(br#"[[1, {"a": 2}], "b"]"#, "text", &mut lazy), Ok(()));
    assert_eq!(lazy.0, ["text[0][0]"]);
    let error = read(br#"[[1, {"a": 2}, "b"]"#, "text", &mut lazy).map_err(|error| error.to_string());
    assert_eq!(error, Err("unexpected end of input at byte 19".into()));
}

/// The members of an object, and a key that stands twice.
#[derive(Default)]
struct Members {
    fields: Vec<String>,
    duplicate: Option<String>,
}

impl<'de> Visit<'de> for Members {
    fn other(&mut self, _: &Path<'_>, _: Type) {}

    fn object(&mut self, path: &Path<'_>, object: &mut Object<'_, 'de>) -> Result<(), Invalid> {
        let keys: Keys<'_> = each_member(object, path, &mut |key, path, object| {
            let value = match field(object, path)? {
                Field::Null => "nothing".into(),
                Field::Text(text) => text.into_owned(),
                Field::Wrong(found) => found.noun().into(),
            };
            self.fields.push(format!("{path} ({key}): {value}"));
            Ok(())
        })?;
        self.duplicate = keys.duplicate().map(|key| key.into_owned());
        Ok(())
    }
}

#[test]
fn each_member_is_read_with_its_path() {
    let mut members = Members::default();
    let text = br#"{"b": "x", "a.b": null, "c": 1, "d": [{}], "": "\n", "b": {"e": 1}}"#;
    assert_eq!(read(text, "text", &mut members), Ok(()));
    assert_eq!(
        members.fields,
        [
            "text.b (b): x",
            "text[\"a.b\"] (a.b): nothing",
            "text.c (c): a number",
            "text.d (d): a list",
            "text[\"\"] (): \n",
            "text.b (b): an object",
        ],
    );
    assert_eq!(members.duplicate.as_deref(), Some("b"));
}

#[test]
fn paths_are_text() {
    let root = Path::root("settings");
    for (key, text) in [
        ("require", "settings.require"),
        ("a_b-c$9", "settings.a_b-c$9"),
        ("", "settings[\"\"]"),
        ("a.b", "settings[\"a.b\"]"),
        ("a/b c", "settings[\"a/b c\"]"),
        ("\"\\", "settings[\"\\\"\\\\\"]"),
        ("é\n", "settings[\"\\u{e9}\\n\"]"),
        (&"k".repeat(64), &format!("settings.{}", "k".repeat(64))),
        (&"k".repeat(65), &format!("settings[\"{}...\"]", "k".repeat(64))),
    ] {
        assert_eq!(root.key(key).to_string(), text);
    }
    let (list, entry);
    list = root.key("tags");
    entry = list.index(3);
    assert_eq!(entry.key("a").to_string(), "settings.tags[3].a");

    // Below a root that is not shown.
    let object = entry.as_root("request.object");
    assert_eq!(object.to_string(), "request.object");
    assert_eq!(object.key("spec").to_string(), "spec");
    assert_eq!(object.key("a.b").to_string(), "[\"a.b\"]");
    assert_eq!(object.index(0).to_string(), "[0]");

    assert!(root.is_root() && object.is_root());
    assert!(!list.is_root() && !entry.is_root());
}

/// Calls `check` with a path of that many bytes.
fn with_length(length: usize, check: &dyn Fn(&Path<'_>)) {
    // A step takes 65 bytes: a dot and a key.
    fn below(path: &Path<'_>, room: usize, check: &dyn Fn(&Path<'_>)) {
        match room {
            0 => check(path),
            1..=65 => check(&path.key(&"z".repeat(room - 1))),
            _ => below(&path.key(&"k".repeat(63)), room - 64, check),
        }
    }
    below(&Path::root("root"), length - "root".len(), check);
}

#[test]
fn of_a_long_path_the_end_is_kept() {
    for length in [100, PathBuf::MAX_TEXT - 1, PathBuf::MAX_TEXT] {
        with_length(length, &|path| {
            let text = path.to_string();
            assert_eq!(text.len(), length);
            assert!(text.starts_with("root.k"), "{text}");
        });
    }
    for length in [PathBuf::MAX_TEXT + 1, PathBuf::MAX_TEXT + 2, PathBuf::MAX_TEXT + 64, 5_000] {
        with_length(length, &|path| {
            let text = path.to_string();
            assert_eq!(text.len(), PathBuf::MAX_TEXT, "{length}");
            assert!(text.starts_with("...") && text.ends_with('z'), "{text}");
        });
    }
}

#[test]
fn paths_are_compared_whole() {
    let root = Path::root("root");
    let long = "k".repeat(1_000);
    let (one, other) = (format!("{long}a"), format!("{long}b"));
    assert_ne!(root.key(&one).to_buf(), root.key(&other).to_buf());
    assert_eq!(root.key(&one).to_string(), root.key(&other).to_string());
    assert_eq!(root.key("a").index(1).to_buf(), PathBuf::new("root").key("a").index(1));
    assert_ne!(PathBuf::default(), PathBuf::new("root"));
    assert_ne!(PathBuf::new("root").key("a"), PathBuf::new("root"));
    // A root that is not shown has no part in the paths below it.
    assert_eq!(root.as_root("a").key("b").to_buf(), PathBuf::default().key("b"));
}
