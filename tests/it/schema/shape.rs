//! What settings look like, found by asking: an unknown key is answered with those that are known.

use std::collections::BTreeMap;

use fresh_images::validate_settings;
use serde_json::{Map, Value, json};

/// What may stand somewhere in settings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Shape {
    Object(BTreeMap<String, Shape>),
    List(Box<Shape>),
    /// One of these, sorted.
    Choice(Vec<String>),
    Text,
    Boolean,
}

/// No key, and no value of a choice.
const UNKNOWN: &str = "?";

impl Shape {
    /// What the library reads.
    pub(crate) fn of_the_library() -> Self {
        Self::at("settings", &|value| value)
    }

    /// `put` makes settings of what stands at `path`.
    fn at(path: &str, put: &dyn Fn(Value) -> Value) -> Self {
        let known = |path: &str, value: Value, before: &str| -> Option<Vec<String>> {
            let error = validate_settings(put(value).to_string().as_bytes()).err()?;
            let problem = error.problems().iter().find(|problem| problem.path().to_string() == path)?;
            let (_, known) = problem.text().split_once(before)?;
            Some(known.split(", ").map(str::to_owned).collect())
        };
        let unknown_key = format!(r#"{path}["{UNKNOWN}"]"#);
        if let Some(keys) = known(&unknown_key, json!({UNKNOWN: 0}), "unknown key; known keys are ") {
            let shape = |key: String| {
                let put = |value| put(Value::Object(Map::from_iter([(key.clone(), value)])));
                let shape = Self::at(&format!("{path}.{key}"), &put);
                (key, shape)
            };
            return Self::Object(keys.into_iter().map(shape).collect());
        }
        if let Some(mut choices) = known(path, UNKNOWN.into(), "known values are ") {
            choices.sort();
            return Self::Choice(choices);
        }
        let expected =
            known(path, json!({UNKNOWN: 0}), "expected ").and_then(|texts| texts.into_iter().next());
        match expected.as_deref() {
            Some("a list") => {
                Self::List(Box::new(Self::at(&format!("{path}[0]"), &|value| put(json!([value])))))
            }
            Some("a string") => Self::Text,
            Some("a boolean") => Self::Boolean,
            other => panic!("{path}: what is expected here? {other:?}"),
        }
    }

    /// What a schema describes.
    pub(crate) fn of_schema(root: &Value, schema: &Value) -> Self {
        if let Some(target) = schema["$ref"].as_str() {
            let target = target.strip_prefix('#').and_then(|pointer| root.pointer(pointer));
            return Self::of_schema(root, target.expect("a definition"));
        }
        // Something, or null.
        if let Some([one, null]) = schema["anyOf"].as_array().map(Vec::as_slice)
            && *null == json!({"type": "null"})
        {
            return Self::of_schema(root, one);
        }
        if let Some(choices) = schema["oneOf"].as_array() {
            let mut choices: Vec<String> =
                choices.iter().map(|choice| choice["const"].as_str().expect("a const").into()).collect();
            choices.sort();
            return Self::Choice(choices);
        }
        let kind = schema["type"].as_str().or_else(|| schema["type"][0].as_str());
        match kind.expect("a type") {
            "object" => {
                assert_eq!(schema["additionalProperties"], false, "{schema}");
                let properties = schema["properties"].as_object().expect("properties");
                let shape = |(key, schema): (&String, &Value)| (key.clone(), Self::of_schema(root, schema));
                Self::Object(properties.iter().map(shape).collect())
            }
            "array" => Self::List(Box::new(Self::of_schema(root, &schema["items"]))),
            "string" => Self::Text,
            "boolean" => Self::Boolean,
            other => panic!("{other}: {schema}"),
        }
    }

    /// Every key, as a path such as `exempt[].images`.
    pub(crate) fn paths(&self) -> Vec<String> {
        let mut paths = Vec::new();
        self.collect_paths("", &mut paths);
        paths
    }

    fn collect_paths(&self, path: &str, paths: &mut Vec<String>) {
        match self {
            Self::Object(members) => {
                for (key, shape) in members {
                    let path = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
                    paths.push(path.clone());
                    shape.collect_paths(&path, paths);
                }
            }
            Self::List(entry) => entry.collect_paths(&format!("{path}[]"), paths),
            Self::Choice(_) | Self::Text | Self::Boolean => {}
        }
    }
}
