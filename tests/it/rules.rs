//! Rules whose answer depends on several settings at once.

use serde_json::{Value, json};

/// The codes for a Pod with this image and `IfNotPresent`.
fn codes(image: &str, settings: &Value) -> Vec<&'static str> {
    let payload = json!({
        "request": {
            "operation": "CREATE",
            "kind": {"group": "", "version": "v1", "kind": "Pod"},
            "object": {"spec": {"containers": [
                {"name": "a", "image": image, "imagePullPolicy": "IfNotPresent"},
            ]}},
        },
        "settings": settings,
    });
    let verdict = fresh_images::evaluate(payload.to_string().as_bytes());
    verdict.findings().iter().map(|finding| finding.code().as_str()).collect()
}

/// What each `require` says of a tag that is not pulled, with those that ask for more than it.
const REQUIRE: [(&str, &[&str], &[&str]); 5] = [
    ("none", &[], &["digestOrAlways", "always", "digest", "digestAndAlways"]),
    ("digestOrAlways", &["mutable-image"], &["always", "digest", "digestAndAlways"]),
    ("always", &["always-required"], &["digestAndAlways"]),
    ("digest", &["digest-required"], &["digestAndAlways"]),
    ("digestAndAlways", &["digest-required", "always-required"], &[]),
];

#[test]
fn an_override_that_asks_for_more_cannot_be_passed_by_the_case_of_a_host() {
    for (require, policy_codes, stricter) in REQUIRE {
        for (overriding, override_codes, _) in REQUIRE {
            let settings = json!({
                "require": require,
                "overrides": [{"images": ["ghcr.io/**"], "require": overriding}],
            });
            let told = |image| codes(image, &settings);
            assert_eq!(told("ghcr.io/app:1"), override_codes, "{settings}");
            assert_eq!(told("quay.io/app:1"), policy_codes, "{settings}");
            // Neither does another case gain what asks for less, or for something else.
            let expected = if stricter.contains(&overriding) { override_codes } else { policy_codes };
            assert_eq!(told("GHCR.io/app:1"), expected, "{settings}");
        }
    }
}
