//! The corpus, and the vectors of image references.

use std::collections::BTreeMap;

use fresh_images_testing::corpus;
use fresh_images_testing::files;
use fresh_images_testing::text::Text;
use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Value, json};

use crate::{Case, Group, complete};

/// The cases of the corpus in groups of equal settings, and the vectors.
pub(crate) fn groups() -> Vec<Group> {
    let mut groups: BTreeMap<String, Group> = BTreeMap::new();
    for case in corpus::cases() {
        let settings = case.settings();
        // The text of the request, with keys that are there twice.
        let payload: BTreeMap<String, &RawValue> = serde_json::from_slice(&case.payload).expect("a payload");
        let request = complete(payload["request"].get());
        let group = groups.entry(settings).or_insert_with_key(|settings| Group {
            name: format!("corpus {settings}"),
            settings: serde_json::from_str(settings).expect("JSON"),
            cases: Vec::new(),
        });
        group.cases.push(Case { name: case.name(), request });
    }
    groups.into_values().chain([vectors()]).collect()
}

#[derive(Deserialize)]
struct Vectors {
    rows: Vec<Row>,
}

#[derive(Deserialize)]
struct Row {
    input: Text,
}

/// Each reference as a container and as an image volume, with each pull policy.
fn vectors() -> Group {
    let groups: Vec<Vectors> =
        serde_json::from_str(&files::read("tests/vectors/references.json")).expect("vectors");
    let mut cases = Vec::new();
    for row in groups.iter().flat_map(|group| &group.rows) {
        let input = row.input.text().expect("a text");
        for policy in ["", "Always", "IfNotPresent", "Never"] {
            let request = json!({
                "operation": "CREATE", "namespace": "shop",
                "kind": {"group": "", "version": "v1", "kind": "Pod"},
                "object": {"spec": {
                    "containers": [{"name": "c", "image": input, "imagePullPolicy": policy}],
                    "volumes": [{"name": "v", "image": {"reference": input, "pullPolicy": policy}}],
                }},
            });
            cases.push(Case { name: format!("vector {input:?} {policy}"), request: request.to_string() });
        }
    }
    Group { name: "vectors".into(), settings: Value::Object(serde_json::Map::new()), cases }
}
