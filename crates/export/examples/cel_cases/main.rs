//! Writes the cases of `tests/cel`: exported policies, each with requests and with what the policy itself says of them.
//! A JSON document each group, on standard output.
//!
//! ```console
//! $ cargo run -p fresh-images-export --example cel_cases -- 100000 > cases.jsonl
//! ```
//!
//! The argument is how many random requests there are, beside the corpus and the vectors.

#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    reason = "what cannot be read fails the test that reads this program's output"
)]

mod corpus;
mod random;

use std::collections::BTreeMap;
use std::io::{self, BufWriter, Write};

use fresh_images::settings::Settings;
use fresh_images_export::{ApiVersion, Options, map, vap};
use serde_json::value::RawValue;
use serde_json::{Value, json};

/// Requests that are judged under the same settings.
struct Group {
    name: String,
    settings: Value,
    cases: Vec<Case>,
}

struct Case {
    name: String,
    /// An AdmissionRequest as JSON.
    request: String,
}

/// What the policy says, as though it rejected: an export that only warns says the same in its warnings. And the object that it
/// makes of a request.
fn expected(case: &Case, settings: &Value) -> Value {
    let evaluate = |settings: &Value| {
        let payload = format!(r#"{{"request":{},"settings":{settings}}}"#, case.request);
        fresh_images::evaluate(payload.as_bytes())
    };
    let mut rejecting = settings.clone();
    if let Some(members) = rejecting.as_object_mut() {
        members.remove("enforcement");
    }
    let verdict = evaluate(&rejecting);
    let findings = verdict.findings();
    let mutated =
        evaluate(settings).mutated_object().map(|text| RawValue::from_string(text.into()).expect("JSON"));
    json!({
        "name": case.name,
        "allowed": verdict.is_accepted(),
        "codes": findings.iter().map(|finding| finding.code().as_str()).collect::<Vec<_>>(),
        "lines": findings.iter().map(ToString::to_string).collect::<Vec<_>>(),
        "mutated": mutated,
    })
}

/// A request as an API server would send it: in a namespace, from somebody, with an operation.
fn complete(request: &str) -> String {
    let Ok(mut members) = serde_json::from_str::<BTreeMap<String, Box<RawValue>>>(request) else {
        return request.into();
    };
    let given = |value: Value| RawValue::from_string(value.to_string()).expect("JSON");
    let is_absent = |members: &BTreeMap<String, Box<RawValue>>, key: &str| {
        members.get(key).is_none_or(|value| matches!(value.get(), "null" | "{}"))
    };
    for (key, value) in [
        ("namespace", json!("default")),
        ("userInfo", json!({"username": "admin"})),
        ("operation", json!("CREATE")),
    ] {
        if is_absent(&members, key) {
            members.insert(key.into(), given(value));
        }
    }
    serde_json::to_string(&members).expect("JSON")
}

fn write(out: &mut impl Write, group: &Group) {
    let json = group.settings.to_string();
    let options = Options::default();
    let exported = match Settings::from_json(json.as_bytes()) {
        Ok(settings) if settings.mutate.is_some() => {
            map(&settings, &options, ApiVersion::V1).map(|map| (map.mutating, map.validating))
        }
        Ok(settings) => vap(&settings, &options).map(|vap| (String::new(), vap)),
        Err(error) => Err(error.to_string().into()),
    };
    let mut line = json!({
        "name": group.name,
        "settings": json,
        "warns": group.settings["enforcement"] == "warn",
    });
    match exported {
        Ok((mutating, validating)) => {
            line["mutation"] = mutating.into();
            line["manifests"] = validating.into();
        }
        Err(refused) => line["refused"] = refused.problems().into(),
    }
    let cases = group.cases.iter().map(|case| {
        let expected = expected(case, &group.settings);
        let request = RawValue::from_string(case.request.clone()).expect("JSON");
        let head = expected.to_string();
        let head = head.strip_suffix('}').expect("an object");
        format!(r#"{head},"request":{request}}}"#)
    });
    let head = line.to_string();
    let head = head.strip_suffix('}').expect("an object");
    let cases: Vec<String> = cases.collect();
    writeln!(out, r#"{head},"cases":[{}]}}"#, cases.join(",")).expect("standard output");
}

/// Ten patterns of each sort, none of which rejects what the costs are measured with.
fn ten() -> Value {
    let numbered =
        |text: &str| (0..10).map(|number| text.replace('#', &number.to_string())).collect::<Vec<_>>();
    let mut allowed = numbered("registry-#.example.com:5000/team");
    allowed[9] = "registry.example.com:5000/team-a".into();
    json!({
        "registries": {"allow": allowed},
        "images": {"reject": numbered("registry.example.com:5000/team-#/shop-*:1.*")},
        "tags": {"reject": numbered("*-SNAPSHOT-#")},
        "overrides": [{"images": numbered("registry-#.example.com/team/**"), "require": "digest"}],
        "exempt": [{
            "images": numbered("registry-#.example.com/pause"),
            "users": numbered("system:serviceaccount:ci-#:*"),
            "reason": "part of the platform",
        }, {"containers": numbered("istio-proxy-#"), "images": numbered("istio-#/**"), "reason": "injected by the mesh"}],
    })
}

/// About as much as fits. What the costs are measured with is allowed by the last pattern.
fn many() -> Value {
    let mut allowed: Vec<String> =
        (1..800).map(|number| format!("registry-{number}.example.com:5000/team")).collect();
    allowed.push("registry.example.com:5000/team-a".into());
    let rejected: Vec<String> =
        (0..200).map(|number| format!("registry.example.com:5000/team-{number}/shop-*:1.*")).collect();
    json!({"registries": {"allow": allowed}, "images": {"reject": rejected}})
}

fn main() {
    let count: usize = std::env::args().nth(1).map_or(0, |count| count.parse().expect("a number"));
    let mut out = BufWriter::new(io::stdout().lock());
    for group in corpus::groups() {
        write(&mut out, &group);
    }
    for (name, settings) in [
        ("costs with default settings", json!({})),
        ("costs with ten patterns of each sort", ten()),
        ("costs with 800 registries and 200 rejected images", many()),
    ] {
        write(&mut out, &Group { name: name.into(), settings, cases: Vec::new() });
    }
    random::groups(count, &mut |group| write(&mut out, &group));
}
