//! questions-ui.yml, the form of Rancher, asks for what the library reads.

use std::collections::BTreeMap;

use fresh_images::settings::Settings;
use serde::Deserialize;
use serde_json::{Value, json};

use super::schema;
use super::shape::Shape;
use fresh_images::validate_settings;
use fresh_images_testing::files::read;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Form {
    questions: Vec<Question>,
}

/// A misspelt key would be ignored by Rancher; here it is an error.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Question {
    variable: String,
    r#type: String,
    label: String,
    description: String,
    tooltip: String,
    group: String,
    default: Option<Value>,
    options: Option<Vec<String>>,
    #[serde(default)]
    required: bool,
    #[serde(default)]
    hide_input: bool,
    show_if: Option<String>,
    #[serde(default)]
    subquestions: Vec<Question>,
    #[serde(default)]
    sequence_questions: Vec<Question>,
}

fn form() -> Vec<Question> {
    let form: Form = yaml_serde::from_str(&read("questions-ui.yml")).expect("questions-ui.yml");
    form.questions
}

/// `prefix` is what the variables of these questions start with.
fn shape(questions: &[Question], prefix: &str) -> Shape {
    let mut members = BTreeMap::new();
    for question in questions {
        let variable = &question.variable;
        let key = variable.strip_prefix(prefix).unwrap_or_else(|| panic!("{variable}: {prefix}"));
        let shape = match question.r#type.as_str() {
            "map[" => shape(&question.subquestions, &format!("{variable}.")),
            "sequence[" => Shape::List(Box::new(shape(&question.sequence_questions, ""))),
            "array[" => Shape::List(Box::new(Shape::Text)),
            "enum" => {
                let mut options = question.options.clone().expect("options");
                options.sort();
                Shape::Choice(options)
            }
            "string" => Shape::Text,
            "boolean" => Shape::Boolean,
            other => panic!("{variable}: {other}"),
        };
        assert_eq!(question.options.is_some(), question.r#type == "enum", "{variable}");
        assert_eq!(question.hide_input, question.r#type == "map[", "{variable}");
        assert!(members.insert(key.to_owned(), shape).is_none(), "{variable} is asked twice");
    }
    Shape::Object(members)
}

/// The shape as the form can ask for it: Rancher has no list of choices.
fn without_lists_of_choices(shape: Shape) -> Shape {
    match shape {
        Shape::List(entry) if matches!(*entry, Shape::Choice(_)) => Shape::List(Box::new(Shape::Text)),
        Shape::List(entry) => Shape::List(Box::new(without_lists_of_choices(*entry))),
        Shape::Object(members) => Shape::Object(
            members.into_iter().map(|(key, shape)| (key, without_lists_of_choices(shape))).collect(),
        ),
        shape => shape,
    }
}

#[test]
fn the_form_asks_for_every_setting() {
    assert_eq!(shape(&form(), ""), without_lists_of_choices(Shape::of_the_library()));
}

/// What cannot be chosen is at least named.
#[test]
fn the_form_names_the_choices_of_a_list() {
    let (Shape::Object(library), mut lists) = (Shape::of_the_library(), 0_usize) else { panic!("no object") };
    for question in form().iter().filter(|question| question.r#type == "sequence[") {
        let Some(Shape::List(entry)) = library.get(&question.variable) else { panic!("no list") };
        let Shape::Object(entry) = &**entry else { panic!("no object") };
        for question in &question.sequence_questions {
            if let Some(Shape::List(choices)) = entry.get(&question.variable)
                && let Shape::Choice(choices) = &**choices
            {
                lists = lists.saturating_add(1);
                assert!(
                    choices.iter().all(|it| question.description.contains(it)),
                    "{}",
                    question.description
                );
            }
        }
    }
    assert_eq!(lists, 1);
}

fn each<'q>(questions: &'q [Question], check: &mut dyn FnMut(&'q Question)) {
    for question in questions {
        check(question);
        each(&question.subquestions, check);
        each(&question.sequence_questions, check);
    }
}

#[test]
fn every_question_explains_itself() {
    let form = form();
    each(&form, &mut |question| {
        let texts = [&question.label, &question.description, &question.tooltip, &question.group];
        assert!(texts.iter().all(|text| !text.trim().is_empty()), "{}", question.variable);
        assert_ne!(question.description, question.tooltip, "{}", question.variable);
    });
}

/// What a question is shown for holds, or there is none.
fn is_shown(question: &Question, settings: &Value) -> bool {
    question.show_if.as_deref().is_none_or(|condition| {
        let (variable, expected) = condition.split_once('=').expect("variable=value");
        let pointer = format!("/{}", variable.replace('.', "/"));
        settings.pointer(&pointer).is_some_and(|value| value == expected)
    })
}

/// Settings with the defaults of all questions, even of those that are not shown.
fn untouched(questions: &[Question], settings: &mut Value) {
    for question in questions {
        if let Some(default) = &question.default {
            let mut place = &mut *settings;
            for key in question.variable.split('.') {
                place = &mut place[key];
            }
            if place.is_null() {
                *place = default.clone();
            }
        }
        untouched(&question.subquestions, settings);
    }
}

#[test]
fn a_form_that_nobody_touched_is_the_default() {
    let mut settings = json!({});
    untouched(&form(), &mut settings);
    let text = settings.to_string();
    assert_eq!(Settings::from_json(text.as_bytes()), Ok(Settings::default()), "{text}");
    assert_eq!(validate_settings(text.as_bytes()), Ok(()), "{text}");
    // All that has a default has one in the form.
    let schema = schema();
    let properties = schema["properties"].as_object().expect("properties");
    let expected: Vec<&String> = properties.keys().filter(|key| *key != "mutate").collect();
    assert_eq!(settings.as_object().expect("an object").keys().collect::<Vec<_>>(), expected);
    for (key, described) in properties {
        if let Some(default) = described.get("default") {
            assert_eq!(settings.get(key), Some(default), "{key}");
        }
    }
}

/// With the first default, `mutate` would stand in the settings and lack `to`.
#[test]
fn a_form_mutates_only_where_it_is_asked_to() {
    let form = form();
    let mut below = 0_usize;
    each(&form, &mut |question| {
        if question.variable.starts_with("mutate") {
            below = below.saturating_add(1);
            assert_eq!(question.default, None, "{}", question.variable);
        }
        let pins = json!({"mutate": {"to": "pinDigest"}});
        let pulls = json!({"mutate": {"to": "pullAlways"}});
        let shown = (is_shown(question, &pulls), is_shown(question, &pins));
        let needs_pinning = ["mutate.registries", "mutate.ifUnresolved", "mutate.keepTag"];
        assert_eq!(
            shown,
            (!needs_pinning.contains(&question.variable.as_str()), true),
            "{}",
            question.variable
        );
    });
    assert_eq!(below, 5);
}

/// What an entry must have is marked in the form.
#[test]
fn required_questions_are_those_of_the_schema() {
    let schema = schema();
    let mut entries = 0_usize;
    for question in form().iter().filter(|question| question.r#type == "sequence[") {
        let items = &schema["properties"][&question.variable]["items"]["$ref"];
        let target = items.as_str().expect("a definition").trim_start_matches('#');
        let mut expected: Vec<&str> = schema.pointer(target).expect(target)["required"]
            .as_array()
            .expect("required")
            .iter()
            .filter_map(Value::as_str)
            .collect();
        let mut required: Vec<&str> = question
            .sequence_questions
            .iter()
            .filter(|question| question.required)
            .map(|question| question.variable.as_str())
            .collect();
        expected.sort_unstable();
        required.sort_unstable();
        assert_eq!(required, expected, "{}", question.variable);
        entries = entries.saturating_add(1);
    }
    assert_eq!(entries, 2);
}
