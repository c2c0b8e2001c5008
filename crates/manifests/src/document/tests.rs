//! What documents say, and where.

use fresh_images_json::PathBuf;

use serde_json::{Value as Json, json};

use super::*;

mod continued;

/// Every document as JSON, or as `line:column: message`.
fn read_all(text: &str) -> Vec<Json> {
    let source = Source::new("test", text);
    read(&source)
        .into_iter()
        .map(|document| match document {
            Ok(node) => node.to_json(),
            Err(error) => format!("{}: {error}", source.position(error.offset)).into(),
        })
        .collect()
}

#[track_caller]
fn check(text: &str, expected: Json) {
    assert_eq!(Json::Array(read_all(text)), expected, "{text}");
}

#[test]
fn documents_of_every_form() {
    check("", json!([]));
    check("# nothing\n---\n---\n# Source: x.yaml\n---\nnull\n...\n", json!([]));
    check("a: 1\n---\nb: 2\n...\nc: 3\n", json!([{"a": 1}, {"b": 2}, {"c": 3}]));
    check("--- {a: 1}\n--- |\n  text\n", json!([{"a": 1}, "text\n"]));
    check(
        "\u{feff}a: 1\r\nb: 'x'\r\n---\r\nc: |\r\n  d\r\n  e\r\n",
        json!([{"a": 1, "b": "x"}, {"c": "d\ne\n"}]),
    );
    check("%YAML 1.2\n---\na: 1\n", json!([{"a": 1}]));
    check(
        "{\"a\": \"\\ud83d\\ude00\\/\"}\n---\n{\"b\": 1} {\"c\": 2}",
        json!([{"a": "😀/"}, {"b": 1}, {"c": 2}]),
    );
    check("---\n{\"a\": \"\\/\"}", json!([{"a": "/"}]));
    // Braces that are YAML.
    check("{a: 1, b: [x,]}", json!([{"a": 1, "b": ["x"]}]));
}

#[test]
fn an_error_costs_one_document() {
    check(
        "a: 1\n---\nb: [\n---\nc: 3\n",
        json!([{"a": 1}, "3:4: invalid YAML: unclosed bracket '['", {"c": 3}]),
    );
    check("{{ .Values.x }}\n---\na: 1\n", json!([read_all("{{ .Values.x }}\n")[0], {"a": 1}]));
    check(
        "{\"a\": 1}\n{\"b\" 2}\n---\nc: 3\n",
        json!([
            {"a": 1}, "2:6: invalid JSON: expected `:`", {"c": 3}
        ]),
    );
    check("a: \0b\nc: 1", json!(["1:4: invalid YAML: the control character \\u{0} is not allowed"]));
    for (c, escaped) in [('\u{85}', "\\u{85}"), ('\u{2028}', "\\u{2028}")] {
        let problem = "ends a line for some readers of YAML and not for others; escape it";
        let text = format!("a: 1 # b{c}a: 2\n");
        check(&text, json!([format!("1:9: invalid YAML: the control character {escaped} {problem}")]));
        check(&format!("[\"{c}\"]"), json!([[c.to_string()]]));
    }
}

#[test]
fn errors_speak_the_language_of_the_author() {
    check("{\"a\": 1, \"b\": 01x]", json!(["1:15: invalid JSON: invalid number"]));
    check("{a: 1, b: [}", json!(["1:11: invalid YAML: mismatched bracket '[' closed by '}'"]));
}

#[test]
fn keys() {
    check("{1: a, true: b, 0x10: d}", json!([{"1": "a", "true": "b", "16": "d"}]));
    check("1.5: c", json!(["1:1: a key of a mapping must not be a decimal number; quote it"]));
    check("a: 1\nb: 2\na: 3\n", json!(["3:1: duplicate key \"a\""]));
    check("a: {b: 1, \"b\": 2}", json!(["1:11: duplicate key \"b\""]));
    check("1: a\n'1': b\n", json!(["2:1: duplicate key \"1\""]));
    check("~: a", json!(["1:1: a key of a mapping must not be null"]));
    check("? [a]\n: b", json!(["1:3: a key of a mapping must be a scalar"]));
    check("? {a: 1}\n: b", json!(["1:3: a key of a mapping must be a scalar"]));
}

#[test]
fn aliases() {
    check("a: &x {b: [1]}\nc: *x\nd: *x\n", json!([{"a": {"b": [1]}, "c": {"b": [1]}, "d": {"b": [1]}}]));
    check("a: &x k\n*x : v\n", json!([{"a": "k", "k": "v"}]));
    check("a: &x 1\nb: &x 2\nc: *x\n", json!([{"a": 1, "b": 2, "c": 2}]));
    check("a: &x [*x]", json!(["1:8: alias refers to a value that contains it"]));
    check("a: &x {b: 1}\n? *x\n: v", json!(["2:3: a key of a mapping must be a scalar"]));
    // An anchor ends with its document.
    check(
        "a: &x 1\n---\nb: *x\n",
        json!([{"a": 1}, "3:4: invalid YAML: while parsing node, found unknown anchor"]),
    );
}

// The answers of kubectl 1.32.
#[test]
fn merge_keys() {
    check(
        "x: &a {a: 1, b: 2}\nz: {<<: *a, a: last}\n",
        json!([{"x": {"a": 1, "b": 2}, "z": {"a": "last", "b": 2}}]),
    );
    check(
        "x: &a {a: 1, b: 2}\nz: {a: first, <<: *a}\n",
        json!([{"x": {"a": 1, "b": 2}, "z": {"a": 1, "b": 2}}]),
    );
    check("m: {<<: [{a: 1, c: 3}, {a: 2, d: 4}]}", json!([{"m": {"a": 1, "c": 3, "d": 4}}]));
    check("m: {<<: {a: 1}, <<: {a: 2, b: 3}}", json!([{"m": {"a": 2, "b": 3}}]));
    check("m: {<<: {a: 1, <<: {b: 2, a: 3}}}", json!([{"m": {"a": 3, "b": 2}}]));
    check("m: {\"<<\": {a: 1}}", json!([{"m": {"<<": {"a": 1}}}]));
    check("m: [<<]", json!([{"m": ["<<"]}]));
    for wrong in ["1", "null", "[[{a: 1}]]", "[{a: 1}, 3]"] {
        let text = format!("m: {{<<: {wrong}}}");
        check(&text, json!(["1:9: a merge key (<<) needs a mapping, or a list of mappings"]));
    }
    check("m: {<<: {a: 1}, a: 2, a: 3}", json!(["1:23: duplicate key \"a\""]));
}

#[test]
fn alias_bombs_are_cut_off() {
    let mut bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n".to_string();
    for level in 1..12 {
        let previous = level - 1;
        let aliases = vec![format!("*a{previous}"); 10].join(", ");
        bomb.push_str(&format!("a{level}: &a{level} [{aliases}]\n"));
    }
    let errors = read_all(&bomb);
    assert!(
        errors[0]
            .as_str()
            .is_some_and(|error| error.ends_with(": the aliases of this document expand to more than 4 MiB"))
    );

    // A few aliases of a long text.
    let long = format!("a: &a {}\nb: [{}]\n", "x".repeat(1024 * 1024), "*a, ".repeat(4));
    assert_eq!(read_all(&long), ["2:17: the aliases of this document expand to more than 4 MiB"]);

    // Aliases that only nest.
    let mut deep = "a0: &a0 [x]\n".to_string();
    for level in 1..600 {
        deep.push_str(&format!("a{level}: &a{level} [*a{}]\n", level - 1));
    }
    let errors = read_all(&deep);
    assert!(errors[0].as_str().is_some_and(|error| error.ends_with(limits::TOO_DEEP)), "{errors:?}");
}

#[test]
fn nesting_has_a_limit() {
    let blocks = |levels: usize| format!("{}x", "- ".repeat(levels));
    assert!(read_all(&blocks(500))[0].is_array());
    assert_eq!(read_all(&blocks(501)), [format!("1:1001: {}", limits::TOO_DEEP)]);
    for flow in ["[", "{a: ", "[{a: "] {
        assert!(read_all(&flow.repeat(10_000))[0].is_string());
    }
    for open in ["- ", "? ", "a:\n ", "&a ", "!a ", "{[", "'", "\"", "|\n", "%", "<<: "] {
        read_all(&open.repeat(2_000));
    }
}

/// The text at the path in the first document.
#[track_caller]
fn check_span(text: &str, path: &str, expected: &str, position: &str) {
    let source = Source::new("test", text);
    let document = read(&source).remove(0).expect("valid");
    let steps = path.split(['.', '[', ']']).filter(|step| !step.is_empty());
    let path = steps.fold(PathBuf::default(), |path, step| match step.parse() {
        Ok(index) => path.index(index),
        Err(_) => path.key(step),
    });
    let node = document.nearest(&path);
    assert_eq!(source.text().get(node.span.clone()), Some(expected), "{text}");
    assert_eq!(source.position(node.span.start).to_string(), position, "{text}");
}

#[test]
fn every_value_has_its_place() {
    let text =
        "é: x\r\nspec:\r\n  list:\r\n  - image: nginx:1 # c\r\n    b: {\"k\" : \"v\\n\", s: 'it''s'}\r\n";
    check_span(text, "spec.list[0].image", "nginx:1", "4:12");
    check_span(text, "spec.list[0].b.k", "\"v\\n\"", "5:15");
    check_span(text, "spec.list[0].b.s", "'it''s'", "5:25");
    check_span(text, "spec.list[0].b", "{\"k\" : \"v\\n\", s: 'it''s'}", "5:8");
    check_span("image: |\n  nginx\n", "image", "nginx\n", "2:3");
    check_span("image: |\n  !a b\n", "image", "!a b\n", "2:3");
    check_span("image: &i !!str nginx # c\n", "image", "nginx", "1:17");
    check_span("image: \"nginx\" \n", "image", "\"nginx\"", "1:8");
    check_span("image: \"n\\\\\\\"x\" # \"c\"\n", "image", "\"n\\\\\\\"x\"", "1:8");
    check_span("image: 'n''x' # 'c'\n", "image", "'n''x'", "1:8");
    check_span("image: '' # 'c'\n", "image", "''", "1:8");
    check_span("a: {} # }\n", "a", "{}", "1:4");
    check_span("a: [x] # ]\nb: 1\n", "a", "[x]", "1:4");
    // What is not written stands at the end of its key.
    check_span("image:\nb: 1\n", "image", "", "1:6");
    check_span("a: &i nginx\nimage: *i\n", "image", "*i", "2:8");
    check_span("a: &a {image: nginx}\nb: *a\n", "b.image", "nginx", "1:15");
    check_span("a: &a\n  image: nginx\n", "a", "image: nginx", "2:3");
    check_span("a:\n  b: [x]\n\n# c\nd: 1", "a", "b: [x]", "2:3");
    check_span("a:\n- b:\n  c: 1\n", "a", "b:\n  c: 1", "2:3");
    check_span("{\"é\": \"ü\", \"image\": \"nginx\"}", "image", "\"nginx\"", "1:21");
    check_span("# é\n---\nimage: nginx\n", "image", "nginx", "3:8");
}

#[test]
fn keys_have_their_place() {
    let source = Source::new("test", "a: 1\n\"b c\": 2\n");
    let document = read(&source).remove(0).expect("valid");
    let keys: Vec<_> =
        document.members().iter().map(|member| source.text().get(member.key_span.clone())).collect();
    assert_eq!(keys, [Some("a"), Some("\"b c\"")]);
}

/// Texts that nobody writes, put together from the pieces of YAML and JSON: always the same ones.
fn odd_texts() -> impl Iterator<Item = String> {
    const PIECES: [&str; 64] = [
        "---",
        "...",
        "\n",
        "\r\n",
        "\r",
        " ",
        "  ",
        "\t",
        "- ",
        "? ",
        ": ",
        ":",
        "&a ",
        "*a",
        "!t ",
        "!!str ",
        "!!int ",
        "|",
        "|-",
        "|2",
        "> ",
        ">+\n",
        "'",
        "\"",
        "{",
        "}",
        "[",
        "]",
        ",",
        " #",
        "#",
        "%YAML 1.2\n",
        "%TAG ! x\n",
        "\u{feff}",
        "é",
        "😀",
        "\u{85}",
        "\0",
        "\\",
        "\\x",
        "\\ud83d",
        "<<: ",
        "<<",
        "a: ",
        "b",
        "~",
        "@",
        "`",
        "\n\n",
        "\n  ",
        "\n- ",
        "\na: ",
        "null",
        "1e400",
        "0x",
        "{\"a\": ",
        "\"b\"",
        "{{ x }}",
        "kind: List\nitems:\n- ",
        "apiVersion: v1\n",
        "kind: Pod\n",
        "true",
        ".inf",
        "-0",
    ];
    let mut state = 1_u64;
    let mut next = move |end: usize| {
        // Marsaglia's xorshift.
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        usize::try_from(state >> 32).unwrap_or_default().checked_rem(end).unwrap_or_default()
    };
    (0..20_000).map(move |_| (0..next(24)).map(|_| PIECES[next(PIECES.len())]).collect())
}

#[test]
fn no_text_makes_a_reader_panic() {
    #[track_caller]
    fn check_places(node: &Node, text: &str) {
        assert!(text.get(node.span.clone()).is_some(), "{text:?}: {:?}", node.span);
        node.items().iter().for_each(|item| check_places(item, text));
        for member in node.members() {
            assert!(text.get(member.key_span.clone()).is_some(), "{text:?}: {:?}", member.key_span);
            check_places(&member.node, text);
        }
    }
    for text in odd_texts() {
        let source = Source::new("odd", text.as_str());
        for document in read(&source) {
            match document {
                Ok(node) => {
                    check_places(&node, &text);
                    crate::subject::subjects(&node);
                }
                Err(error) => assert!(error.offset <= text.len(), "{text:?}: {error:?}"),
            }
        }
    }
}
