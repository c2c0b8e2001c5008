//! The policy, with registries behind it.

use std::sync::Arc;
use std::time::{Duration, Instant};

use fresh_images_cli::{Engine, Options, POLICY, Response};
use serde_json::{Value, json};

use super::client::{LIMIT, client};
use super::fake;
use super::images::Pusher;
use super::server::{PASSWORD, Server};

/// Time for three look-ups.
const TIME_LIMIT: Duration = Duration::from_secs(8);

fn engine(host: &str, docker_config: Option<std::path::PathBuf>) -> Engine {
    let registry = client(host, docker_config);
    let options = Options { resolver: Arc::new(registry), ..Options::default() };
    Engine::new(POLICY, options).expect("the policy compiles")
}

fn pin(engine: &Engine, host: &str, images: &[&str], mutate: Value) -> Response {
    let containers: Vec<Value> = images
        .iter()
        .enumerate()
        .map(|(index, image)| json!({"name": format!("c{index}"), "image": format!("{host}/{image}")}))
        .collect();
    let mut settings = json!({"mutate": {"to": "pinDigest", "registries": [host]}});
    if let (Some(settings), Some(mutate)) = (settings["mutate"].as_object_mut(), mutate.as_object()) {
        settings.extend(mutate.clone());
    }
    let payload = json!({
        "request": {
            "operation": "CREATE",
            "kind": {"group": "", "version": "v1", "kind": "Pod"},
            "object": {"metadata": {"name": "web"}, "spec": {"containers": containers}},
        },
        "settings": settings,
    });
    let started = Instant::now();
    let response = engine.validate(payload.to_string().as_bytes()).expect("an answer in time");
    assert!(started.elapsed() < TIME_LIMIT, "{:?}", started.elapsed());
    response
}

fn object(response: &Response) -> Value {
    assert!(response.accepted, "{response:?}");
    serde_json::from_str(response.mutated_object.as_ref().expect("it was mutated")).expect("JSON")
}

/// Somebody rebuilds an image, pushes it under the same tag and applies the same manifest again.
#[test]
fn a_rebuilt_image_is_rolled_out() {
    let Some(server) = Server::start() else { return };
    let host = &server.host;
    let (pusher, engine) = (Pusher::new(host), engine(host, None));
    let pin = |mutate| pin(&engine, host, &["shop/web:1.1"], mutate);

    let first = pusher.push("shop/web:1.1", "first");
    let response = pin(json!({}));
    assert_eq!(
        object(&response),
        json!({
            "metadata": {
                "name": "web",
                "annotations": {
                    "fresh-images.github.io/pinned-from":
                        format!("{{\"containers/c0\":\"{host}/shop/web:1.1\"}}"),
                },
            },
            "spec": {"containers": [{"name": "c0", "image": format!("{host}/shop/web@{first}")}]},
        })
    );
    let short: String = first.chars().take(19).collect();
    let warning = format!("container \"c0\": image \"{host}/shop/web:1.1\" is now pinned as {short}...");
    assert_eq!(response.warnings, Some(vec![warning]));

    let second = pusher.push("shop/web:1.1", "second");
    assert_ne!(first, second);
    let image = |response: &Response| object(response)["spec"]["containers"][0]["image"].clone();
    assert_eq!(image(&pin(json!({}))), json!(format!("{host}/shop/web@{second}")));
    assert_eq!(image(&pin(json!({"keepTag": true}))), json!(format!("{host}/shop/web:1.1@{second}")));

    // All architectures at once.
    pusher.push("shop/web:arm", "arm");
    let index = pusher.push_index("shop/web:1.1", ["shop/web:1.1", "shop/web:arm"]);
    assert_eq!(image(&pin(json!({}))), json!(format!("{host}/shop/web@{index}")));
}

/// policy-server serializes look-ups, so the policy asks it for three at most. This host serves one command.
#[test]
fn any_number_of_images_is_looked_up() {
    let Some(server) = Server::start() else { return };
    let host = &server.host;
    let pusher = Pusher::new(host);
    let images: Vec<String> = (0..7).map(|index| format!("shop/web:{index}")).collect();
    let digests: Vec<String> = images.iter().map(|image| pusher.push(image, image)).collect();
    let images: Vec<&str> = images.iter().map(String::as_str).collect();
    let response = pin(&engine(host, None), host, &images, json!({}));
    let containers = object(&response)["spec"]["containers"].clone();
    for (container, digest) in containers.as_array().expect("a list").iter().zip(&digests) {
        assert_eq!(container["image"], json!(format!("{host}/shop/web@{digest}")));
    }
}

#[test]
fn three_images_of_a_silent_registry_are_rejected_in_time() {
    let host = fake::silent();
    let images = ["a:1", "b:1", "c:1"];
    let response = pin(&engine(&host, None), &host, &images, json!({}));
    let message = response.message.map(|message| message.replace(&host, "HOST"));
    assert_eq!(
        message.as_deref(),
        Some(
            "container \"c0\" at spec.containers[0]: image \"HOST/a:1\" could not be pinned: HOST did not answer \
             within 2s. Pin it as HOST/a@sha256:…, or try again [digest-unresolved]\n\
             container \"c1\": image \"HOST/b:1\" [digest-unresolved]\n\
             container \"c2\": image \"HOST/c:1\" [digest-unresolved]"
        ),
    );
    assert!(!response.accepted);
    assert_eq!(response.mutated_object, None);
}

#[test]
fn what_cannot_be_pinned_is_rejected_and_says_why() {
    let host_of = |answer: &str| fake::answering(answer);
    for (host, reason) in [
        (fake::closed(), "HOST refused the connection"),
        (fake::silent(), "HOST did not answer within 2s"),
        (host_of(fake::PAGE), "HOST answered with something that is not an image manifest"),
        (host_of("hello\r\n\r\n"), "HOST does not answer like a registry: invalid HTTP version parsed"),
    ] {
        let engine = engine(&host, None);
        let response = pin(&engine, &host, &["shop/web:1.1"], json!({}));
        assert_eq!(unresolved(&response, &host), reason);
        // An administrator may prefer a pull to an outage.
        let response = pin(&engine, &host, &["shop/web:1.1"], json!({"ifUnresolved": "pullAlways"}));
        let container = &object(&response)["spec"]["containers"][0];
        assert_eq!(container["imagePullPolicy"], "Always");
        assert_eq!(container["image"], json!(format!("{host}/shop/web:1.1")));
    }
}

/// Why the only image was rejected.
#[track_caller]
fn unresolved(response: &Response, host: &str) -> String {
    let message = response.message.as_deref().unwrap_or_default().replace(host, "HOST");
    assert!(!response.accepted, "{response:?}");
    let rest = message.strip_prefix(
        "container \"c0\" at spec.containers[0]: image \"HOST/shop/web:1.1\" could not be pinned: ",
    );
    let reason = rest.and_then(|rest| rest.split_once(". Pin it as HOST/shop/web@sha256:…"));
    let Some((reason, advice)) = reason else { panic!("{message}") };
    // It helps only where the registry may answer the next time.
    let advises = advice == ", or try again [digest-unresolved]";
    let lasts = reason.contains("credentials") || reason.contains("refused");
    assert_eq!(advises, !lasts, "{message}");
    reason.into()
}

#[test]
fn a_registry_that_wants_credentials_gets_them() {
    let Some(server) = Server::start_closed() else { return };
    let host = &server.host;
    let digest = Pusher::new(host).push("shop/web:1.1", "first");
    let response = pin(&engine(host, None), host, &["shop/web:1.1"], json!({}));
    let reason = "HOST requires credentials, but the Docker config has none for it";
    assert_eq!(unresolved(&response, host), reason);

    let engine = engine(host, Some(server.docker_config(PASSWORD)));
    let response = pin(&engine, host, &["shop/web:1.1"], json!({}));
    let image = &object(&response)["spec"]["containers"][0]["image"];
    assert_eq!(image, &json!(format!("{host}/shop/web@{digest}")));

    let response = pin(&engine, host, &["shop/none:1"], json!({}));
    let message = response.message.unwrap_or_default().replace(host, "HOST");
    assert!(message.contains(" could not be pinned: HOST has no shop/none:1. "), "{message}");
}

/// Whoever may write manifests must not choose whom the policy talks to.
#[test]
fn only_listed_registries_are_asked() {
    let (listed, other) = (fake::closed(), fake::silent());
    let engine = engine(&other, None);
    let payload = json!({
        "request": {
            "operation": "CREATE",
            "kind": {"group": "", "version": "v1", "kind": "Pod"},
            "object": {"spec": {"containers": [{"name": "web", "image": format!("{other}/a:1")}]}},
        },
        "settings": {"mutate": {"to": "pinDigest", "registries": [listed]}},
    });
    let started = Instant::now();
    let response = engine.validate(payload.to_string().as_bytes()).expect("an answer");
    assert!(started.elapsed() < LIMIT, "{:?}", started.elapsed());
    assert!(response.message.unwrap_or_default().ends_with("[mutable-image]"));
}
