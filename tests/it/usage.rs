//! Which entries of settings nothing matches.

#![expect(clippy::expect_used, reason = "a helper of a test may panic like the test")]

use fresh_images::settings::Settings;
use fresh_images::usage::Usage;
use serde_json::{Value, json};

/// The paths of what Pods with these images do not use. Each is that of a container `web`, or written as `name=image`.
fn unused(settings: &Value, images: &[&str]) -> Vec<String> {
    let settings = Settings::from_json(settings.to_string().as_bytes()).expect("settings");
    let mut usage = Usage::new(&settings).expect("a policy");
    for image in images {
        let (name, image) = image.split_once('=').unwrap_or(("web", image));
        let object = json!({"spec": {"containers": [{"name": name, "image": image}]}});
        let request = json!({"kind": {"group": "", "kind": "Pod"}, "namespace": "shop", "object": object});
        let mut other = Usage::new(&settings).expect("a policy");
        other.see(json!({"request": request}).to_string().as_bytes());
        usage.merge(&other);
    }
    usage.unused().map(|problem| problem.path().to_string()).collect()
}

#[test]
fn every_list_is_looked_at() {
    let settings = json!({
        "registries": {"allow": ["ghcr.io", "quay.io"]},
        "images": {"reject": ["ghcr.io/shop/old", "ghcr.io/shop/older"]},
        "tags": {"reject": ["latest", "*-SNAPSHOT"]},
        "overrides": [{"images": ["ghcr.io/shop/**", "ghcr.io/ml/**"], "require": "digest"}],
        "exempt": [
            {"images": ["ghcr.io/shop/log"], "reason": "frozen"},
            {"namespaces": ["ci"], "reason": "builds"},
        ],
    });
    assert_eq!(
        unused(&settings, &[]),
        [
            "settings.registries.allow[0]",
            "settings.registries.allow[1]",
            "settings.tags.reject[0]",
            "settings.tags.reject[1]",
            "settings.images.reject[0]",
            "settings.images.reject[1]",
            "settings.overrides[0].images[0]",
            "settings.overrides[0].images[1]",
            "settings.exempt[0]",
            "settings.exempt[1]",
        ]
    );
    assert_eq!(
        unused(&settings, &["ghcr.io/shop/old:1-SNAPSHOT", "ghcr.io/shop/log:1"]),
        [
            "settings.registries.allow[1]",
            "settings.tags.reject[0]",
            "settings.images.reject[1]",
            "settings.overrides[0].images[1]",
            "settings.exempt[1]",
        ]
    );
}

#[test]
fn a_list_of_an_exemption_is_used_by_what_the_whole_covers() {
    let settings = json!({"exempt": [
        {"images": ["ghcr.io/shop/log", "ghcr.io/shop/db"], "containers": ["web", "job"], "reason": "frozen"},
    ]});
    assert_eq!(
        // `db` is in a container that the exemption does not name.
        unused(&settings, &["ghcr.io/shop/log:1", "other=ghcr.io/shop/db:1"]),
        ["settings.exempt[0].images[1]", "settings.exempt[0].containers[1]"]
    );
}
