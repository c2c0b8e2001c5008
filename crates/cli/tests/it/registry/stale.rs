//! `fresh-images stale` with a real registry, which holds real indexes, manifests and configs.

use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::{Value, json};

use super::images::Pusher;
use super::server::{Server, fresh_directory};

const AMD64: &str = "amd64";
const ARM64: &str = "arm64";

/// Runs the command on objects.
fn stale(directory: &Path, items: &[Value], arguments: &[&str]) -> (Option<i32>, Value) {
    let list = json!({"apiVersion": "v1", "kind": "List", "items": items});
    fs::write(directory.join("cluster.json"), list.to_string()).expect("a file can be written");
    let output = Command::new(env!("CARGO_BIN_EXE_fresh-images"))
        .args(["stale", "--output", "json"])
        .args(arguments)
        .arg("cluster.json")
        .current_dir(directory)
        .env("DOCKER_CONFIG", directory)
        .output()
        .expect("the binary runs");
    let text = String::from_utf8(output.stdout).expect("the output is UTF-8");
    let problem = String::from_utf8_lossy(&output.stderr);
    (
        output.status.code(),
        serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error}: {text}{problem}")),
    )
}

fn node(name: &str, architecture: &str) -> Value {
    json!({
        "kind": "Node",
        "metadata": {"name": name},
        "status": {"nodeInfo": {"operatingSystem": "linux", "architecture": architecture}},
    })
}

fn pod(name: &str, node: &str, image: &str, image_id: &str) -> Value {
    json!({
        "kind": "Pod",
        "metadata": {"name": name, "namespace": "shop"},
        "spec": {"nodeName": node, "containers": [{"name": "web", "image": image, "imagePullPolicy": "IfNotPresent"}]},
        "status": {"containerStatuses": [{"name": "web", "image": image, "imageID": image_id, "state": {"running": {}}}]},
    })
}

/// The verdict and the code of each finding, by the name of its Pod.
fn verdicts(report: &Value) -> Vec<(String, String, String)> {
    let text = |finding: &Value, key: &str| finding[key].as_str().expect(key).to_owned();
    let findings = report["findings"].as_array().expect("findings");
    let mut found: Vec<_> =
        findings.iter().map(|it| (text(it, "name"), text(it, "verdict"), text(it, "code"))).collect();
    found.sort();
    found
}

#[test]
fn content_decides_and_not_the_digest_of_an_index() {
    let Some(server) = Server::start() else { return };
    let (host, pusher) = (&server.host.clone(), Pusher::new(&server.host));
    let directory = fresh_directory("stale");
    let old = pusher.build("shop/web", "old", AMD64, "gzip");
    let recompressed = pusher.build("shop/web", "old", AMD64, "zstd");
    let new = pusher.build("shop/web", "new", AMD64, "gzip");
    let arm = pusher.build("shop/web", "arm", ARM64, "gzip");
    let first = pusher.push_built_index("shop/web:first", &[(&old, AMD64), (&arm, ARM64)], "1");
    pusher.push_built_index("shop/web:same", &[(&recompressed, AMD64), (&arm, ARM64)], "2");
    let moved = pusher.push_built_index("shop/web:moved", &[(&new, AMD64), (&arm, ARM64)], "3");
    let gone = format!("sha256:{}", "0".repeat(64));
    let image = |tag: &str| format!("{host}/shop/web:{tag}");
    let id = |digest: &str| format!("{host}/shop/web@{digest}");
    let items = [
        node("n1", AMD64),
        node("n2", ARM64),
        pod("a-first", "n1", &image("first"), &id(&first)),
        pod("b-child", "n1", &image("first"), &id(&old.manifest)),
        pod("c-config", "n1", &image("first"), &old.config),
        pod("d-rebuilt", "n1", &image("same"), &id(&first)),
        pod("e-moved", "n1", &image("moved"), &id(&first)),
        pod("f-moved-elsewhere", "n2", &image("moved"), &id(&first)),
        pod("g-old-config", "n1", &image("moved"), &old.config),
        pod("h-deleted", "n1", &image("moved"), &id(&gone)),
        pod("i-no-tag", "n1", &image("none"), &id(&first)),
        pod("j-pinned", "n1", &id(&first), &id(&first)),
        pod("k-docker", "n1", &image("moved"), &format!("docker://{first}")),
    ];
    let (code, report) = stale(&directory, &items, &["--insecure-registry", host]);
    let expected = [
        ("a-first", "fresh", "same-digest"),
        ("b-child", "fresh", "same-digest"),
        ("c-config", "fresh", "same-content"),
        ("d-rebuilt", "fresh", "same-content"),
        ("e-moved", "stale", "stale-content"),
        ("f-moved-elsewhere", "fresh", "same-content"),
        ("g-old-config", "stale", "stale-content"),
        ("h-deleted", "stale", "stale-digest"),
        ("i-no-tag", "unknown", "tag-gone"),
        ("j-pinned", "pinned", "pinned"),
        ("k-docker", "stale", "stale-content"),
    ];
    assert_eq!(verdicts(&report), expected.map(|(a, b, c)| (a.to_owned(), b.to_owned(), c.to_owned())));
    assert_eq!(code, Some(1));
    let finding = report["findings"].as_array().expect("findings").iter().find(|it| it["name"] == "e-moved");
    let finding = finding.expect("a finding");
    assert_eq!(finding["current"], json!({"digest": moved, "created": "2026-11-24T00:00:00Z"}));
    assert_eq!(finding["instances"][0]["created"], "2026-11-20T00:00:00Z");
}

#[test]
fn a_thousand_pods_need_one_request_an_image() {
    let Some(server) = Server::start() else { return };
    let (host, pusher) = (&server.host.clone(), Pusher::new(&server.host));
    let directory = fresh_directory("stale-many");
    let built = pusher.build("shop/web", "old", AMD64, "gzip");
    let mut items = vec![node("n1", AMD64)];
    for image in 0..100 {
        let digest =
            pusher.push_built_index(&format!("shop/web:{image}"), &[(&built, AMD64)], &image.to_string());
        for number in 0..10 {
            let name = format!("p{image}-{number}");
            items.push(pod(
                &name,
                "n1",
                &format!("{host}/shop/web:{image}"),
                &format!("{host}/shop/web@{digest}"),
            ));
        }
    }
    let started = std::time::Instant::now();
    let (code, report) = stale(&directory, &items, &["--insecure-registry", host]);
    let seconds = started.elapsed().as_secs_f32();
    println!("1,000 Pods, 100 images: {seconds:.1} s");
    assert_eq!(code, Some(0), "{}", report["findings"][0]);
    assert_eq!((&report["requests"], &report["summary"]["fresh"]), (&json!(100), &json!(1000)));
    assert!(seconds < 5.0, "{seconds} s");
}

#[test]
fn a_registry_that_is_down_leaves_it_unknown() {
    let directory = fresh_directory("stale-down");
    let id = format!("localhost:1/shop/web@sha256:{}", "1".repeat(64));
    let items = [node("n1", AMD64), pod("a", "n1", "localhost:1/shop/web:1", &id)];
    let (code, report) = stale(&directory, &items, &["--insecure-registry", "localhost:1"]);
    assert_eq!((code, report["findings"][0]["code"].as_str()), (Some(2), Some("digest-unresolved")));
    assert_eq!(report["findings"][0]["reason"], "localhost:1 refused the connection");
    // Another list of hosts: nobody is asked, and nothing is undecided.
    let (code, report) = stale(&directory, &items, &["--registries", "ghcr.io,quay.io"]);
    assert_eq!((code, report["findings"][0]["code"].as_str()), (Some(0), Some("registry-not-listed")));
}
