//! docs/settings.md: every setting has an example that is accepted and one that is rejected, and both are.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Value, json};

use super::shape::Shape;
use fresh_images_testing::files::read;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Example {
    settings: Value,
    /// Whether the container is in the template of a Deployment.
    #[serde(default)]
    template: bool,
    container: Value,
    verdict: String,
    namespace: Option<String>,
    user: Option<String>,
    groups: Option<Vec<String>>,
    before: Option<Value>,
}

impl Example {
    /// `accepted`, or the codes of what was found.
    fn judged(&self) -> String {
        let object = |container: &Value| {
            let pod = json!({"spec": {"containers": [container]}});
            if self.template { json!({"spec": {"template": pod}}) } else { pod }
        };
        let (group, kind) = if self.template { ("apps", "Deployment") } else { ("", "Pod") };
        let request = json!({
            "operation": if self.before.is_some() { "UPDATE" } else { "CREATE" },
            "kind": {"group": group, "version": "v1", "kind": kind},
            "namespace": self.namespace,
            "userInfo": {"username": self.user, "groups": self.groups},
            "object": object(&self.container),
            "oldObject": self.before.as_ref().map(object),
        });
        let payload = json!({"request": request, "settings": self.settings}).to_string();
        match fresh_images::evaluate(payload.as_bytes()).message() {
            None => "accepted".into(),
            Some(message) => {
                let codes = message.lines().filter_map(|line| line.rsplit_once('[')?.1.strip_suffix(']'));
                codes.collect::<Vec<_>>().join(", ")
            }
        }
    }
}

#[test]
fn every_setting_has_examples_that_hold() {
    let text = read("docs/settings.md");
    let mut documented: BTreeMap<&str, [usize; 2]> = BTreeMap::new();
    for section in text.split("\n## `").skip(1) {
        let (path, rest) = section.split_once("`\n").expect("a heading");
        let verdicts = documented.entry(path).or_default();
        for block in rest.split("```yaml\n").skip(1) {
            let block = block.split("```").next().expect("a block");
            let example: Example =
                yaml_serde::from_str(block).unwrap_or_else(|error| panic!("{block}: {error}"));
            assert_eq!(example.judged(), example.verdict, "{path}:\n{block}");
            let place = usize::from(example.verdict != "accepted");
            verdicts[place] = verdicts[place].saturating_add(1);
            let key = path.split(['.', '[']).next().expect("a key");
            assert!(example.settings.get(key).is_some(), "{path}: without it\n{block}");
        }
    }
    assert!(documented.values().all(|verdicts| !verdicts.contains(&0)), "{documented:?}");
    let paths = Shape::of_the_library().paths();
    let has_more = |path: &String| {
        paths
            .iter()
            .any(|other| other.starts_with(&format!("{path}.")) || other.starts_with(&format!("{path}[]")))
    };
    let mut leaves: Vec<&str> = paths.iter().filter(|path| !has_more(path)).map(String::as_str).collect();
    leaves.sort_unstable();
    assert_eq!(documented.keys().copied().collect::<Vec<_>>(), leaves);
}
