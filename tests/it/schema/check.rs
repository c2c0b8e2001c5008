//! JSON Schema, as far as settings.schema.json uses it. A keyword that is not known here fails the test.

use serde_json::Value;

/// Whether a value fits a schema.
pub(crate) fn fits(root: &Value, schema: &Value, value: &Value) -> bool {
    let schema = match schema {
        Value::Bool(fits) => return *fits,
        Value::Object(keywords) => keywords,
        _ => panic!("no schema: {schema}"),
    };
    let all = |schemas: &Value| -> Vec<bool> {
        schemas
            .as_array()
            .expect("a list of schemas")
            .iter()
            .map(|schema| fits(root, schema, value))
            .collect()
    };
    schema.iter().all(|(keyword, argument)| match keyword.as_str() {
        "$schema" | "$defs" | "title" | "description" | "default" | "examples" | "format" => true,
        "$ref" => {
            let pointer = argument.as_str().and_then(|target| target.strip_prefix('#'));
            fits(root, pointer.and_then(|pointer| root.pointer(pointer)).expect("a definition"), value)
        }
        "type" => match argument {
            Value::Array(names) => names.iter().any(|name| *name == type_of(value)),
            name => *name == type_of(value),
        },
        "const" => value == argument,
        "anyOf" => all(argument).contains(&true),
        "oneOf" => all(argument).into_iter().filter(|fits| *fits).count() == 1,
        "not" => !fits(root, argument, value),
        "if" => fits(root, &schema[if fits(root, argument, value) { "then" } else { "else" }], value),
        "then" | "else" => schema.contains_key("if"),
        "required" => value.as_object().is_none_or(|members| {
            let mut keys = argument.as_array().expect("keys").iter().filter_map(Value::as_str);
            keys.all(|key| members.contains_key(key))
        }),
        "properties" => value.as_object().is_none_or(|members| {
            members.iter().all(|(key, value)| argument.get(key).is_none_or(|it| fits(root, it, value)))
        }),
        "additionalProperties" => {
            assert_eq!(*argument, false, "not known here");
            let properties = schema.get("properties").and_then(Value::as_object).expect("properties");
            value.as_object().is_none_or(|members| members.keys().all(|key| properties.contains_key(key)))
        }
        "items" => {
            value.as_array().is_none_or(|entries| entries.iter().all(|entry| fits(root, argument, entry)))
        }
        "minItems" => {
            assert_eq!(*argument, 1, "not known here");
            value.as_array().is_none_or(|entries| !entries.is_empty())
        }
        "maxItems" => {
            assert_eq!(*argument, 0, "not known here");
            value.as_array().is_none_or(Vec::is_empty)
        }
        "pattern" => {
            let fits: fn(&str) -> bool = match argument.as_str() {
                Some(r"\S") => |text| !text.trim().is_empty(),
                Some("^[0-9]{4}-[0-9]{2}-[0-9]{2}$") => |text| {
                    let form = |c: char| if c.is_ascii_digit() { '0' } else { c };
                    text.chars().map(form).eq("0000-00-00".chars())
                },
                _ => panic!("{argument}: not known here"),
            };
            value.as_str().is_none_or(fits)
        }
        _ => panic!("{keyword}: not known here"),
    })
}

fn type_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(_) => "number",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    }
}
