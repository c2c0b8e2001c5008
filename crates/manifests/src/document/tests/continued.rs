//! Flow collections and quoted text whose later lines start in the column of their key, or before it: YAML 1.2 wants them
//! indented, kubectl does not ask for it.

use proptest::prelude::*;

use super::*;

// The answers of kubectl 1.32.
#[test]
fn lines_may_start_in_the_column_of_the_key_or_before_it() {
    for (text, expected) in [
        // Brackets and braces.
        ("a: [\n]\n", json!({"a": []})),
        ("a: {\n}\n", json!({"a": {}})),
        ("a: [\nb,\nc\n]\nd: e\n", json!({"a": ["b", "c"], "d": "e"})),
        ("a:\n  b: {\nc: d,\n e: [\nf]\n}\n  g: h\n", json!({"a": {"b": {"c": "d", "e": ["f"]}, "g": "h"}})),
        ("- a: [\n\"b\"\n  ]\n- c\n", json!([{"a": ["b"]}, "c"])),
        ("- [\na\n]\n-\n  - {\nb: c\n}\n", json!([["a"], [{"b": "c"}]])),
        ("a: [ # c\n# d\nb, # e\n\n# f\n]\n", json!({"a": ["b"]})),
        ("a: [\r\nb\r\n]\r\nc: d\r\n", json!({"a": ["b"], "c": "d"})),
        ("a: &x [\nb\n]\nc: *x\n", json!({"a": ["b"], "c": ["b"]})),
        ("a: !!seq [\n'b'\n]\n", json!({"a": ["b"]})),
        // JSON in YAML.
        (
            "a:\n  b: {\n  \"c\": \"d\",\n  \"e\": {\n    \"f\": [1]\n  }\n  }\n",
            json!({"a": {"b": {"c": "d", "e": {"f": [1]}}}}),
        ),
        // Tabs.
        ("a: [\n\tb,\n\t\t'c'\n\t]\n", json!({"a": ["b", "c"]})),
        ("a:\n  b: {\n\t\"c\": {\n\t\t\"d\": \"e\"\n\t}\n\n  \t}\n", json!({"a": {"b": {"c": {"d": "e"}}}})),
        (
            "a: |\n  x\n  \ty\nb: { # c\n\tc: d,\n e: f,\n\tg: h }\n",
            json!({"a": "x\n\ty\n", "b": {"c": "d", "e": "f", "g": "h"}}),
        ),
        // Quoted text.
        ("a: 'b\nc'\nd: e\n", json!({"a": "b c", "d": "e"})),
        ("a: \"b\nc\"\n", json!({"a": "b c"})),
        ("  a: 'b\nc\n\n d'\n  e: f\n", json!({"a": "b c\nd", "e": "f"})),
        ("a:\n  b: \"c\\\n  d\\\ne\"\n", json!({"a": {"b": "cde"}})),
        ("a:\n- 'b\n\n\nc'\n- d\n", json!({"a": ["b\n\nc", "d"]})),
        ("a: 'b\n# c: ''d'' }'\n", json!({"a": "b # c: 'd' }"})),
        ("a: 'b: [\n- c: d\n? e'\n", json!({"a": "b: [ - c: d ? e"})),
        ("a: 'b\n\tc'\nd: \"\n\t\"\n", json!({"a": "b c", "d": " "})),
        ("a: \"b\r\nc\"\r\nd: e\r\n", json!({"a": "b c", "d": "e"})),
        ("a: &x 'b\nc'\nd: *x\n", json!({"a": "b c", "d": "b c"})),
        ("a: [b, 'c\nd',\n\"e\nf\"]\n", json!({"a": ["b", "c d", "e f"]})),
        ("a:\n  [\nb\n]\n", json!({"a": ["b"]})),
        ("a:\n  'b\nc'\n", json!({"a": "b c"})),
    ] {
        check(text, json!([expected]));
        // Behind another document, and before one.
        check(&format!("x: 1\n---\n{text}---\nz: 2\n"), json!([{"x": 1}, expected, {"z": 2}]));
    }
    // What kubectl refuses as well.
    check("a: [\nb\n", json!(["1:4: invalid YAML: unclosed bracket '['"]));
    check("a:\n[\nb\n]\n", json!(["2:1: invalid YAML: simple key expected ':'"]));
    let tabs = "tabs disallowed within this context (block indentation)";
    check("a:\n\tb: c\n", json!([format!("2:2: invalid YAML: {tabs}")]));
    check("a: {\n\tb: c\n}\nd:\n\te: f\n", json!([format!("5:2: invalid YAML: {tabs}")]));
    check("a: 'b\nc\n", json!(["1:4: invalid YAML: unclosed quote"]));
    check("a: b\nc\n", json!(["2:1: invalid YAML: simple key expected ':'"]));
    check("a: 'b\nc' d\n", json!(["2:4: invalid YAML: invalid trailing content after single-quoted scalar"]));
}

/// A value of a document.
#[derive(Clone, Debug)]
enum Tree {
    List(Vec<Tree>, bool),
    Object(Vec<Tree>, bool),
    Quoted(Vec<String>, char),
}

fn tree() -> impl Strategy<Value = Tree> {
    let words = proptest::collection::vec("[a-zé]{1,3}|:|#|-|\\?|\\[|[,}] ", 1..5);
    let leaf =
        (words, prop::sample::select(vec!['\'', '"'])).prop_map(|(words, quote)| Tree::Quoted(words, quote));
    leaf.prop_recursive(4, 24, 4, |inner| {
        let parts = (proptest::collection::vec(inner, 1..4), any::<bool>());
        (parts, any::<bool>()).prop_map(|((parts, flow), list)| {
            if list { Tree::List(parts, flow) } else { Tree::Object(parts, flow) }
        })
    })
}

/// Writes a tree, and keeps where every piece of text in it is.
struct Writer<'s> {
    text: String,
    places: Vec<Range<usize>>,
    end: &'static str,
    /// How far the lines of a flow collection or quoted text are indented, in turn; nothing for where they should be.
    columns: Option<std::iter::Cycle<std::slice::Iter<'s, String>>>,
}

impl Writer<'_> {
    /// A line end within something whose key is in this column.
    fn break_line(&mut self, indent: usize) {
        let column = match &mut self.columns {
            Some(columns) => columns.next().cloned().unwrap_or_default(),
            None => " ".repeat(indent.saturating_add(2)),
        };
        self.text.push_str(self.end);
        self.text.push_str(&column);
    }

    fn block(&mut self, tree: &Tree, indent: usize) {
        let (parts, is_list) = match tree {
            Tree::List(parts, false) => (parts, true),
            Tree::Object(parts, false) => (parts, false),
            _ => {
                self.flow(tree, indent);
                return;
            }
        };
        for (index, part) in parts.iter().enumerate() {
            self.text.push_str(self.end);
            self.text.push_str(&" ".repeat(indent));
            self.text.push_str(&if is_list { "- ".into() } else { format!("k{index}: ") });
            self.block(part, indent.saturating_add(2));
        }
    }

    fn flow(&mut self, tree: &Tree, indent: usize) {
        let start = self.text.len();
        match tree {
            Tree::List(parts, _) | Tree::Object(parts, _) => {
                let is_list = matches!(tree, Tree::List(..));
                self.text.push(if is_list { '[' } else { '{' });
                for (index, part) in parts.iter().enumerate() {
                    self.break_line(indent);
                    if !is_list {
                        self.text.push_str(&format!("k{index}: "));
                    }
                    self.flow(part, indent);
                    self.text.push(',');
                }
                self.break_line(indent);
                self.text.push(if is_list { ']' } else { '}' });
            }
            Tree::Quoted(words, quote) => {
                self.text.push(*quote);
                for (index, word) in words.iter().enumerate() {
                    if index > 0 {
                        self.break_line(indent);
                    }
                    self.text.push_str(word.trim_end());
                }
                self.text.push(*quote);
                self.places.push(start..self.text.len());
            }
        }
    }
}

fn quoted_places(node: &Node, places: &mut Vec<Range<usize>>) {
    if node.as_str().is_some() {
        places.push(node.span.clone());
    }
    let parts = node.items().iter().chain(node.members().iter().map(|member| &member.node));
    parts.for_each(|part| quoted_places(part, places));
}

proptest! {
    #[test]
    fn a_document_reads_the_same_however_its_lines_are_indented(
        parts in proptest::collection::vec(tree(), 1..4),
        columns in proptest::collection::vec("|  |    |\t| {0,9}", 1..5),
        end in prop::sample::select(vec!["\n", "\r\n"]),
    ) {
        let tree = Tree::Object(parts, false);
        let read_one = |columns: Option<&[String]>| {
            let columns = columns.map(|columns| columns.iter().cycle());
            let mut writer = Writer { text: "# first".into(), places: Vec::new(), end, columns };
            writer.block(&tree, 0);
            writer.text.push_str(end);
            let source = Source::new("", writer.text.as_str());
            let node = read(&source).remove(0).map_err(|error| {
                TestCaseError::fail(format!("{}: {error}\n{}", source.position(error.offset), writer.text))
            })?;
            let mut places = Vec::new();
            quoted_places(&node, &mut places);
            prop_assert_eq!(places, writer.places, "{}", writer.text);
            Ok(node)
        };
        let (indented, other) = (read_one(None)?, read_one(Some(&columns))?);
        prop_assert_eq!(indented.to_json(), other.to_json());
    }
}
