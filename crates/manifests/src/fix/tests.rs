use proptest::prelude::*;
use serde_json::{Value as Json, json};

use super::*;
use crate::document;

const DIGEST: &str = "sha256:0000000000000000000000000000000000000000000000000000000000000000";

type Policy = fn(&mut Json);

/// As it comes from a policy.
fn read(json: &Json) -> Node {
    document::read_json(&json.to_string()).expect("JSON")
}

/// A policy that gives every image `Always`.
fn pull_always(json: &mut Json) {
    each_object(json, &|object| {
        if object.get("image").is_some_and(Json::is_string) {
            object.insert("imagePullPolicy".into(), json!("Always"));
        }
        if object.get("reference").is_some_and(Json::is_string) {
            object.insert("pullPolicy".into(), json!("Always"));
        }
    });
}

/// A policy that gives every image a digest, and says so in an annotation.
fn pin(json: &mut Json) {
    each_object(json, &|object| {
        if let Some(Json::String(image)) = object.get_mut("image") {
            *image = format!("{}@{DIGEST}", image.split(':').next().unwrap_or_default());
        }
    });
    annotate(json);
}

fn annotate(json: &mut Json) {
    if json["metadata"].is_null() {
        json["metadata"] = json!({});
    }
    if json["metadata"]["annotations"].is_null() {
        json["metadata"]["annotations"] = json!({});
    }
    json["metadata"]["annotations"]["example.com/pinned-from"] = json!("{\"web\":\"nginx\"}");
}

fn each_object(json: &mut Json, change: &dyn Fn(&mut serde_json::Map<String, Json>)) {
    match json {
        Json::Array(items) => items.iter_mut().for_each(|item| each_object(item, change)),
        Json::Object(members) => {
            members.values_mut().for_each(|member| each_object(member, change));
            change(members);
        }
        _ => {}
    }
}

/// What becomes of a text when a policy changes its documents.
fn fixed(text: &str, policy: impl Fn(&mut Json)) -> Result<String, String> {
    let source = Source::new("x", text);
    let documents: Vec<Node> =
        document::read(&source).into_iter().collect::<Result<_, _>>().expect("readable");
    let mutated = documents.iter().map(|node| {
        let mut object = node.to_json();
        policy(&mut object);
        Mutated { node: node.clone(), object: read(&object) }
    });
    let mutated: Vec<Mutated> = mutated.collect();
    apply(&source, &documents, &mutated)
        .map_err(|error| format!("{}: {error}", source.position(error.offset)))
}

#[track_caller]
fn check(policy: impl Fn(&mut Json), text: &str, expected: &str) {
    assert_eq!(fixed(text, &policy).as_deref(), Ok(expected), "{text}");
    // The second time there is nothing to do.
    assert_eq!(fixed(expected, |_| {}).as_deref(), Ok(expected));
}

#[track_caller]
fn refuses(policy: impl Fn(&mut Json), text: &str, error: &str) {
    assert_eq!(fixed(text, policy), Err(error.into()), "{text}");
}

#[test]
fn a_pull_policy_stands_under_its_image() {
    for (text, expected) in [
        // Under the image, whatever stands before and behind it.
        ("a:\n  image: x # why\n  b: c\n", "a:\n  image: x # why\n  imagePullPolicy: Always\n  b: c\n"),
        ("a:\n- image: x\n  b: c\n", "a:\n- image: x\n  imagePullPolicy: Always\n  b: c\n"),
        (r#"{"image": "a\/b:1"}"#, r#"{"image": "a\/b:1", "imagePullPolicy": "Always"}"#),
        ("a:\n  -   image: x\n", "a:\n  -   image: x\n      imagePullPolicy: Always\n"),
        ("a:\n- - image: x\n", "a:\n- - image: x\n    imagePullPolicy: Always\n"),
        ("ü: {}\nimage: x", "ü: {}\nimage: x\nimagePullPolicy: Always"),
        // Line ends as they are.
        ("image: x\r\nb: c\r\n", "image: x\r\nimagePullPolicy: Always\r\nb: c\r\n"),
        ("b: c\r\nimage: x", "b: c\r\nimage: x\r\nimagePullPolicy: Always"),
        ("\u{feff}image: x\n", "\u{feff}image: x\nimagePullPolicy: Always\n"),
        ("image: x\n...\n", "image: x\nimagePullPolicy: Always\n...\n"),
        (
            "image: x\n---\nimage: z\n",
            "image: x\nimagePullPolicy: Always\n---\nimage: z\nimagePullPolicy: Always\n",
        ),
        // A block scalar ends before the empty lines behind it.
        ("image: >-\n  x\n\n# c\nb: c\n", "image: >-\n  x\nimagePullPolicy: Always\n\n# c\nb: c\n"),
        ("image: |-\n  x", "image: |-\n  x\nimagePullPolicy: Always"),
        ("image: \"a\\\n  b\"\nc: d\n", "image: \"a\\\n  b\"\nimagePullPolicy: Always\nc: d\n"),
        // Keys in quotes.
        ("\"image\": \"x\"\n", "\"image\": \"x\"\n\"imagePullPolicy\": \"Always\"\n"),
        ("'image': x\n", "'image': x\nimagePullPolicy: Always\n"),
        // In braces.
        (
            "a:\n- {image: x, name: a}\n- image: x\n",
            "a:\n- {image: x, imagePullPolicy: Always, name: a}\n- image: x\n  imagePullPolicy: Always\n",
        ),
        ("{name: a, image: x}", "{name: a, image: x, imagePullPolicy: Always}"),
        ("{a: [{image: x}, {b: c}]}", "{a: [{image: x, imagePullPolicy: Always}, {b: c}]}"),
        ("{\n  image: x,\n  b: c\n}\n", "{\n  image: x,\n  imagePullPolicy: Always,\n  b: c\n}\n"),
        ("{\n  image: x, # c\n  b: c\n}\n", "{\n  image: x, imagePullPolicy: Always, # c\n  b: c\n}\n"),
        ("{image: \"x\"}", "{image: \"x\", imagePullPolicy: Always}"),
        // Lines in the column of the key, or before it.
        ("a: [\n{image: x}\n]\n", "a: [\n{image: x, imagePullPolicy: Always}\n]\n"),
        ("d:\n- a: {\nimage: x,\nb: c\n}\n", "d:\n- a: {\nimage: x,\nimagePullPolicy: Always,\nb: c\n}\n"),
        (
            "a: {\n\t\"image\": \"x\"\n\t}\n",
            "a: {\n\t\"image\": \"x\",\n\t\"imagePullPolicy\": \"Always\"\n\t}\n",
        ),
        ("b: 'c\nd'\nimage: x\n", "b: 'c\nd'\nimage: x\nimagePullPolicy: Always\n"),
        ("image: 'x\n'\nb: c\n", "image: 'x\n'\nimagePullPolicy: Always\nb: c\n"),
        // In JSON.
        ("{\"image\":\"x\",\"b\":1}", "{\"image\":\"x\",\"imagePullPolicy\":\"Always\",\"b\":1}"),
        ("{\"image\": \"x\", \"b\": 1}", "{\"image\": \"x\", \"imagePullPolicy\": \"Always\", \"b\": 1}"),
        (
            "{\r\n\t\"image\": \"x\"\r\n}",
            "{\r\n\t\"image\": \"x\",\r\n\t\"imagePullPolicy\": \"Always\"\r\n}",
        ),
        (
            "{\"image\":\"x\"}{\"image\":\"y\"}",
            "{\"image\":\"x\",\"imagePullPolicy\":\"Always\"}{\"image\":\"y\",\"imagePullPolicy\":\"Always\"}",
        ),
        // Image volumes.
        (
            "v:\n- image:\n    reference: x\n  name: v\n",
            "v:\n- image:\n    reference: x\n    pullPolicy: Always\n  name: v\n",
        ),
    ] {
        check(pull_always, text, expected);
    }
}

#[test]
fn a_pull_policy_that_is_there_is_replaced() {
    for (text, expected) in [
        ("image: x\nimagePullPolicy: Never # c\n", "image: x\nimagePullPolicy: Always # c\n"),
        ("imagePullPolicy: 'Never'\nimage: x\n", "imagePullPolicy: 'Always'\nimage: x\n"),
        ("image: x\nimagePullPolicy: \"\"\n", "image: x\nimagePullPolicy: \"Always\"\n"),
        ("image: x\nimagePullPolicy: !!str Never\n", "image: x\nimagePullPolicy: !!str Always\n"),
        ("image: x\nimagePullPolicy: ~\n", "image: x\nimagePullPolicy: Always\n"),
        ("image: x\nimagePullPolicy:\n", "image: x\nimagePullPolicy: Always\n"),
        ("image: x\nimagePullPolicy : # c\nb: c", "image: x\nimagePullPolicy : Always # c\nb: c"),
        ("image: x\nimagePullPolicy:", "image: x\nimagePullPolicy: Always"),
        ("{image: x, imagePullPolicy: , b: c}", "{image: x, imagePullPolicy: Always , b: c}"),
        ("{\"imagePullPolicy\":null,\"image\":\"x\"}", "{\"imagePullPolicy\":\"Always\",\"image\":\"x\"}"),
        // It is as it should be.
        ("{image: x, imagePullPolicy: Always}", "{image: x, imagePullPolicy: Always}"),
    ] {
        check(pull_always, text, expected);
    }
}

#[test]
fn an_image_keeps_its_quotes() {
    let pinned = |json: &mut Json| {
        each_object(json, &|object| {
            if let Some(Json::String(image)) = object.get_mut("image") {
                *image = format!("x@{DIGEST}");
            }
        })
    };
    for (old, new) in [
        ("x:1", "x@D"),
        ("'x:1'", "'x@D'"),
        ("\"x:1\"", "\"x@D\""),
        ("!!str x:1", "!!str x@D"),
        ("\"\\x78:1\"", "\"x@D\""),
    ] {
        for (before, after) in [
            ("b: c\nimage: ", " # c\n"),
            ("a:\n- {image: ", ", b: c}\n"),
            ("image:   ", ""),
            ("image:\n  ", "\n"),
        ] {
            let new = new.replace('D', DIGEST);
            check(pinned, &format!("{before}{old}{after}"), &format!("{before}{new}{after}"));
        }
    }
    check(pinned, "{\"image\":\"x\"}", &format!("{{\"image\":\"x@{DIGEST}\"}}"));
    // What one line cannot take the place of.
    let several = "cannot be fixed here: the value spans several lines; write it on one line";
    for (text, place) in [
        ("image: >-\n  x\n", "2:3"),
        ("image: |\n  x\nb: c\n", "2:3"),
        ("image: x\n  y\n", "1:8"),
        ("image: \"x\\\n  y\"\n", "1:8"),
    ] {
        refuses(pinned, text, &format!("{place}: {several}"));
    }
}

#[test]
fn an_annotation_stands_where_annotations_are() {
    const RECORD: &str = "example.com/pinned-from: '{\"web\":\"nginx\"}'";
    const JSON: &str = "\"example.com/pinned-from\": \"{\\\"web\\\":\\\"nginx\\\"}\"";
    for (text, expected) in [
        // Behind the others.
        (
            "metadata:\n  annotations:\n    a: b # c\n\n  name: x\n",
            "metadata:\n  annotations:\n    a: b # c\n    R\n\n  name: x\n",
        ),
        (
            "metadata:\n  annotations:\n    a: |\n      b\n\n  name: x\n",
            "metadata:\n  annotations:\n    a: |\n      b\n    R\n\n  name: x\n",
        ),
        ("metadata:\n  annotations: {a: b}\n", "metadata:\n  annotations: {a: b, R}\n"),
        (
            "{\"metadata\":{\"annotations\":{\"a\":\"b\"}}}",
            "{\"metadata\":{\"annotations\":{\"a\":\"b\",J}}}",
        ),
        // None yet.
        ("metadata:\n  annotations: {} # c\n", "metadata:\n  annotations: {R} # c\n"),
        ("metadata:\n  annotations: null\n", "metadata:\n  annotations: {R}\n"),
        ("metadata:\n  annotations:\n  name: x\n", "metadata:\n  annotations: {R}\n  name: x\n"),
        ("metadata:\n  name: x\nspec: {}\n", "metadata:\n  name: x\n  annotations:\n    R\nspec: {}\n"),
        ("metadata:\n  labels:\n    a: b\n", "metadata:\n  labels:\n    a: b\n  annotations:\n    R\n"),
        ("metadata: {name: x}\n", "metadata: {name: x, annotations: {R}}\n"),
        ("metadata: {}\n", "metadata: {annotations: {R}}\n"),
        ("metadata:\nspec: {}\n", "metadata: {annotations: {R}}\nspec: {}\n"),
        // No metadata: before all others, or behind the kind.
        ("# c\nspec:\n  a: b\n", "# c\nmetadata:\n  annotations:\n    R\nspec:\n  a: b\n"),
        ("kind: Pod\nspec: {}\n", "kind: Pod\nmetadata:\n  annotations:\n    R\nspec: {}\n"),
        ("{spec: {a: b}}", "{metadata: {annotations: {R}}, spec: {a: b}}"),
        ("{\"spec\": {}}", "{\"metadata\": {\"annotations\": {J}}, \"spec\": {}}"),
        ("{\"metadata\": {}}", "{\"metadata\": {\"annotations\": {J}}}"),
        ("{\"metadata\": null}", "{\"metadata\": {\"annotations\": {J}}}"),
        // One that is there.
        ("metadata: {annotations: {example.com/pinned-from: x}}", "metadata: {annotations: {R}}"),
    ] {
        let json = if text.contains("\":{") { JSON.replace(": ", ":") } else { JSON.into() };
        check(annotate, text, &expected.replace('R', RECORD).replace('J', &json));
    }
}

#[test]
fn what_is_repeated_is_fixed_if_it_is_the_same_everywhere() {
    let d = DIGEST;
    for (text, expected) in [
        // The alias follows.
        ("a:\n- image: &i x:1\n- image: *i\n", format!("a:\n- image: &i x@{d}\n- image: *i\n")),
        ("a: &c\n  image: x:1\nb: *c\n", format!("a: &c\n  image: x@{d}\nb: *c\n")),
        (
            "a: &c\n  image: x:1\nb:\n  <<: *c\n  name: b\n",
            format!("a: &c\n  image: x@{d}\nb:\n  <<: *c\n  name: b\n"),
        ),
        // The alias is written out, for what it repeats stays.
        ("b: &i x:1\nc:\n  image: *i\n", format!("b: &i x:1\nc:\n  image: x@{d}\n")),
    ] {
        check(
            |json| {
                pin(json);
                json.as_object_mut().expect("an object").remove("metadata");
            },
            text,
            &expected,
        );
    }
    check(
        pull_always,
        "a: &c\n  image: x:1\nb:\n  <<: *c\n  name: b\n",
        "a: &c\n  image: x:1\n  imagePullPolicy: Always\nb:\n  <<: *c\n  name: b\n",
    );

    // Only the second of two that repeat each other is fixed.
    let second = |json: &mut Json| json["b"]["image"] = json!("y");
    let repeated = "cannot be fixed here: an anchor, an alias or a merge key shares this value with a place that needs another \
                    one; give that place a copy of its own";
    refuses(second, "a: &c\n  image: x\nb: *c\n", &format!("2:10: {repeated}"));
    refuses(second, "a: &c\n  image: x\nb: {<<: *c}\n", &format!("2:10: {repeated}"));
    let both = |json: &mut Json| {
        json["a"]["image"] = json!("z");
        json["b"]["image"] = json!("y");
    };
    refuses(
        both,
        "a: &c\n  image: x\nb: *c\n",
        "2:10: cannot be fixed here: the same text would need two different values; write it out",
    );
}

#[test]
fn what_cannot_be_written_is_refused() {
    let number = |json: &mut Json| json["a"] = json!(1);
    refuses(number, "a: b\n", "1:4: cannot be fixed here: the policy changed more than strings");
    refuses(number, "c: b\n", "1:1: cannot be fixed here: the policy added \"a\", which is not a string");
    let removed = |json: &mut Json| *json = json!({});
    refuses(removed, "b: c\na: b\n", "1:1: cannot be fixed here: the policy removed \"b\"");
    let longer = |json: &mut Json| json["a"] = json!([1, 2]);
    refuses(longer, "a: [1]\n", "1:4: cannot be fixed here: the policy changed more than strings");
    // A pair in brackets without braces has no room for another.
    refuses(
        pull_always,
        "a: [image: x]\n",
        "1:1: cannot be fixed automatically: invalid YAML: while parsing a block mapping, did not find expected key",
    );
}

#[test]
fn only_what_is_fixed_changes_in_a_list() {
    let text = "kind: List\nitems:\n- kind: Pod\n  image: x\n- kind: Pod\n  image: z\n";
    let source = Source::new("x", text);
    let documents: Vec<Node> =
        document::read(&source).into_iter().collect::<Result<_, _>>().expect("readable");
    let node = documents[0].get("items").expect("there").items()[1].clone();
    let object = json!({"kind": "Pod", "image": "z", "imagePullPolicy": "Always"});
    let fixed = apply(&source, &documents, &[Mutated { node, object: read(&object) }]);
    assert_eq!(fixed, Ok(format!("{text}  imagePullPolicy: Always\n")));

    // A list of one item starts and ends where its item does.
    let text = "items:\n- image: x\n";
    let source = Source::new("x", text);
    let documents: Vec<Node> =
        document::read(&source).into_iter().collect::<Result<_, _>>().expect("readable");
    let node = documents[0].get("items").expect("there").items()[0].clone();
    let object = json!({"image": "z"});
    assert_eq!(
        apply(&source, &documents, &[Mutated { node, object: read(&object) }]),
        Ok("items:\n- image: z\n".into())
    );
}

/// Every manifest of the project that can be read, but for two that show what cannot be fixed.
#[test]
fn manifests_of_all_kinds_can_be_fixed() {
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");
    let folders = ["examples", "tests/corpus", "crates/cli/tests/cases"];
    let entries = folders.iter().flat_map(|folder| walkdir::WalkDir::new(format!("{root}/{folder}")));
    let (mut fixed, mut refused) = (0, Vec::new());
    for entry in entries {
        let entry = entry.expect("a file");
        // These are fixed by the command line, under the one setting that they are written for.
        if entry.path().components().any(|part| part.as_os_str().to_string_lossy().starts_with("fix-write-"))
        {
            continue;
        }
        let extension = entry.path().extension().unwrap_or_default();
        let Ok(text) = std::fs::read_to_string(entry.path()) else { continue };
        if !["yaml", "yml", "json"].iter().any(|known| extension == *known) {
            continue;
        }
        let source = Source::new(entry.path().display().to_string(), text);
        let Ok(documents) = document::read(&source).into_iter().collect::<Result<Vec<Node>, _>>() else {
            continue;
        };
        let objects = documents.iter().filter(|node| matches!(node.value, document::Value::Object(_)));
        for node in objects {
            for policy in [pull_always, pin] {
                let mut object = node.to_json();
                policy(&mut object);
                match apply(&source, &documents, &[Mutated { node: node.clone(), object: read(&object) }]) {
                    Ok(_) => fixed += 1,
                    Err(error) => refused.push((entry.path().to_path_buf(), error.to_string())),
                }
            }
        }
    }
    assert!(fixed > 300, "{fixed}");
    let [(boolean, changed), (block, lines)] = refused.as_slice() else { panic!("{refused:?}") };
    assert!(boolean.ends_with("malformed/pull-policy-is-a-boolean.yaml"), "{boolean:?}");
    assert_eq!(changed, "cannot be fixed here: the policy changed more than strings");
    assert!(block.ends_with("fix-block-scalar.in/web.yaml"), "{block:?}");
    assert_eq!(lines, "cannot be fixed here: the value spans several lines; write it on one line");
}

/// A manifest as somebody may write it, in four ways.
#[derive(Clone, Debug)]
struct Manifest {
    containers: Vec<(String, String, Option<String>)>,
    annotations: Vec<String>,
}

impl Manifest {
    fn json(&self) -> Json {
        let containers = self.containers.iter().map(|(name, image, policy)| match policy {
            Some(policy) => json!({"name": name, "image": image, "imagePullPolicy": policy}),
            None => json!({"name": name, "image": image}),
        });
        let containers: Vec<Json> = containers.collect();
        let mut json = json!({"kind": "Pod", "spec": {"containers": containers}});
        let annotations = self.annotations.iter().enumerate();
        let annotations: serde_json::Map<_, _> =
            annotations.map(|(index, text)| (format!("a{index}"), json!(text))).collect();
        if !annotations.is_empty() {
            json["metadata"] = json!({"annotations": annotations});
        }
        json
    }

    fn yaml(&self, end: &str) -> String {
        let quoted = |text: &str| scalar::text(text, scalar::Style::Yaml);
        let mut lines = vec!["# first".to_string(), "kind: Pod   # which".into()];
        if !self.annotations.is_empty() {
            lines.extend(["metadata:".into(), "    annotations: # some".into()]);
        }
        for (index, text) in self.annotations.iter().enumerate() {
            lines.push(format!("        a{index}: {} # note", quoted(text)));
        }
        lines.extend(["".into(), "spec:".into(), "  containers:".into()]);
        for (name, image, policy) in &self.containers {
            lines.push(format!("  -   name:  {}", quoted(name)));
            if let Some(policy) = policy {
                lines.push(format!("      imagePullPolicy: {} # when", quoted(policy)));
            }
            lines.push(format!("      image: {}\t# \"what\"", quoted(image)));
            lines.push("  # next".into());
        }
        lines.join(end)
    }
}

fn manifest() -> impl Strategy<Value = Manifest> {
    // Whatever means something to YAML or JSON.
    let text = "[a-z0-9:#'\"{}, \\\\&*!|>%@`~.é-]{0,9}";
    let container = (text, text, proptest::option::of(text));
    let manifest = (proptest::collection::vec(container, 1..4), proptest::collection::vec(text, 0..3));
    manifest.prop_map(|(containers, annotations)| Manifest { containers, annotations })
}

proptest! {
    #[test]
    fn any_manifest_can_be_fixed(manifest in manifest()) {
        let json = manifest.json();
        let texts = [manifest.yaml("\n"), manifest.yaml("\r\n"), json.to_string(), format!("{json:#}")];
        for (index, text) in texts.iter().enumerate() {
            let policies: [(Policy, bool); 2] = [(pull_always, false), (pin, true)];
            for (policy, pins) in policies {
                let fixed = fixed(text, policy).map_err(|error| TestCaseError::fail(format!("{error}\n{text}")))?;
                let documents = document::read(&Source::new("", fixed.as_str()));
                let mut expected = json.clone();
                policy(&mut expected);
                prop_assert_eq!(documents.len(), 1);
                for document in documents {
                    prop_assert_eq!(document.map(|node| node.to_json()), Ok(expected.clone()));
                }
                // Lines are added, and no other is touched.
                if index < 2 {
                    let end = if index == 0 { "\n" } else { "\r\n" };
                    prop_assert!(fixed.split_inclusive('\n').rev().skip(1).all(|line| line.ends_with(end)));
                    prop_assert_eq!(fixed.contains('\r'), index == 1);
                    let is_ours = |line: &&str| {
                        ["image: ", "imagePullPolicy: ", "pinned-from"].iter().any(|key| line.trim().starts_with(key))
                            || line.trim().starts_with("example.com/")
                    };
                    let others = |text: &str| -> Vec<String> {
                        let lines = text.split_inclusive('\n').filter(|line| !is_ours(line));
                        lines.map(String::from).collect()
                    };
                    let (old, new) = (others(text), others(&fixed));
                    let added = new.len().saturating_sub(old.len());
                    // `metadata:` and `annotations:`, if there were none.
                    let room = pins && manifest.annotations.is_empty();
                    prop_assert_eq!(added, if room { 2 } else { 0 }, "{}", fixed);
                    prop_assert!(is_subsequence(&old, &new), "{}", fixed);
                }
            }
        }
    }
}

fn is_subsequence(part: &[String], whole: &[String]) -> bool {
    let mut whole = whole.iter();
    part.iter().all(|line| whole.any(|other| other == line))
}
