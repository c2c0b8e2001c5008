//! `fresh-images stale` with a real registry, which holds real indexes, manifests and configs.

use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::fake;
use super::images::Pusher;
use super::server::{PASSWORD, Server, fresh_directory};

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

/// The Secret of a Docker config, as kubectl prints it.
fn secret(namespace: &str, config: &Path) -> Value {
    let config = fs::read(config).expect("readable");
    json!({
        "apiVersion": "v1",
        "data": {".dockerconfigjson": super::server::base64(&config)},
        "kind": "Secret",
        "metadata": {"name": "pull", "namespace": namespace},
        "type": "kubernetes.io/dockerconfigjson",
    })
}

#[test]
fn pull_secrets_read_what_docker_login_cannot() {
    let Some(server) = Server::start_closed() else { return };
    let host = &server.host.clone();
    let directory = fresh_directory("stale-secrets");
    let image = format!("{host}/shop/web:1");
    let mut with_secret = pod("a", "n1", &image, &format!("{host}/shop/web@sha256:{}", "1".repeat(64)));
    with_secret["spec"]["imagePullSecrets"] = json!([{"name": "pull"}, {"name": "missing"}]);
    let right = secret("shop", &server.docker_config(PASSWORD));
    let wrong = secret("shop", &server.docker_config("wrong"));
    let elsewhere = secret("other", &server.docker_config(PASSWORD));
    let config_map = json!({"data": {"x": ["y"]}, "kind": "Odd", "metadata": {"name": "pull"}});
    let ask = |secret: &Value, more: &[&str]| {
        let items = [node("n1", AMD64), with_secret.clone(), config_map.clone(), secret.clone()];
        let arguments = [&["--insecure-registry", host], more].concat();
        let (code, report) = stale(&directory, &items, &arguments);
        let finding = &report["findings"][0];
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        (code, text(&finding["code"]), text(&finding["reason"]), report["notes"].to_string())
    };
    let (code, found, reason, _) = ask(&right, &[]);
    assert_eq!((code, found.as_str()), (Some(2), "digest-unresolved"));
    assert!(reason.ends_with("run `docker login`, or see --pull-secrets"), "{reason}");
    // The registry now says that there is no such tag, so the password was right.
    let (code, found, _, notes) = ask(&right, &["--pull-secrets"]);
    assert_eq!((code, found.as_str()), (Some(2), "tag-gone"));
    assert!(notes.contains("Secret shop/missing: it is not there"), "{notes}");
    for other in [&wrong, &elsewhere] {
        let (_, found, reason, notes) = ask(other, &["--pull-secrets"]);
        assert_eq!(found, "digest-unresolved");
        assert!(!reason.contains("--pull-secrets"), "{reason}");
        for secret in [super::server::base64(b"builder:wrong").as_str(), "builder"] {
            assert!(!format!("{reason}{notes}").contains(secret), "{reason}{notes}");
        }
    }
}

#[test]
fn a_registry_that_gets_too_many_requests_is_asked_again() {
    let answers = Arc::new(AtomicUsize::new(0));
    let digest = format!("sha256:{}", "1".repeat(64));
    let (count, found) = (Arc::clone(&answers), digest.clone());
    let host = fake::serving(move |path, stream| {
        let is_busy = path.contains("/manifests/") && count.fetch_add(1, Ordering::Relaxed) < 2;
        let status = if is_busy { "429 Too Many Requests" } else { "200 OK" };
        write!(
            stream,
            "HTTP/1.1 {status}\r\nDocker-Content-Digest: {found}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
        )
    });
    let directory = fresh_directory("stale-busy");
    let id = format!("{host}/shop/web@{digest}");
    let items = [node("n1", AMD64), pod("a", "n1", &format!("{host}/shop/web:1"), &id)];
    let (code, report) = stale(&directory, &items, &["--insecure-registry", &host]);
    assert_eq!((code, report["findings"][0]["code"].as_str()), (Some(0), Some("same-digest")), "{report}");
    assert_eq!(answers.load(Ordering::Relaxed), 3);
}

/// What is said of an image whose registry is busy at first, and wants a pause; and how long that took.
fn busy_for(seconds: &str, name: &str) -> (String, Duration) {
    let answers = Arc::new(AtomicUsize::new(0));
    let digest = format!("sha256:{}", "1".repeat(64));
    let (found, wanted) = (digest.clone(), seconds.to_owned());
    let host = fake::serving(move |path, stream| {
        // The second time is the question for how long.
        let is_busy = path.contains("/manifests/") && answers.fetch_add(1, Ordering::Relaxed) < 2;
        let status =
            if is_busy { format!("429 Too Many Requests\r\nRetry-After: {wanted}") } else { "200 OK".into() };
        write!(
            stream,
            "HTTP/1.1 {status}\r\nDocker-Content-Digest: {found}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
        )
    });
    let directory = fresh_directory(name);
    let items = [pod("a", "n1", &format!("{host}/shop/web:1"), &format!("{host}/shop/web@{digest}"))];
    let started = Instant::now();
    let (_, report) = stale(&directory, &items, &["--insecure-registry", &host]);
    (report["findings"][0]["code"].as_str().unwrap_or_default().into(), started.elapsed())
}

#[test]
fn a_registry_says_how_long_it_is_to_be_left_alone() {
    let (code, elapsed) = busy_for("2", "stale-retry-after");
    assert_eq!(code, "same-digest");
    assert!(elapsed >= Duration::from_secs(2), "{elapsed:?}");
    // Nobody waits for an hour.
    let (code, elapsed) = busy_for("3600", "stale-retry-later");
    assert_eq!(code, "digest-unresolved");
    assert!(elapsed < Duration::from_secs(30), "{elapsed:?}");
}

/// A registry may answer from elsewhere, which is not to be believed with a password.
#[test]
fn credentials_do_not_follow_to_another_host() {
    let empty = |status: &str, header: &str| {
        format!("HTTP/1.1 {status}\r\n{header}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
    };
    let (other, heard) = fake::hearing(move |_| empty("404 Not Found", "X: y"));
    let (host, asked) = fake::hearing(move |request| match request.to_ascii_lowercase() {
        request if !request.contains("authorization: basic ") => {
            empty("401 Unauthorized", "WWW-Authenticate: Basic realm=\"tests\"")
        }
        request if request.contains("/manifests/") => {
            empty("307 Temporary Redirect", &format!("Location: http://{other}/stolen"))
        }
        _ => empty("200 OK", "X: y"),
    });
    let directory = fresh_directory("stale-redirect");
    let auth = super::server::base64(b"builder:secret");
    let config = json!({"auths": {host.as_str(): {"auth": auth}}});
    fs::write(directory.join("config.json"), config.to_string()).expect("a file can be written");
    let id = format!("{host}/shop/web@sha256:{}", "1".repeat(64));
    let items = [node("n1", AMD64), pod("a", "n1", &format!("{host}/shop/web:1"), &id)];
    let (code, report) = stale(&directory, &items, &["--insecure-registry", &host]);
    assert_eq!(code, Some(2), "{report}");
    let of = |requests: &Arc<Mutex<Vec<String>>>| requests.lock().expect("nobody panicked").concat();
    let has_password = |text: &str| text.contains(&auth);
    assert!(of(&heard).contains("/stolen"), "{}", of(&asked));
    assert!(has_password(&of(&asked)) && !has_password(&of(&heard)), "{}", of(&heard));
}

/// A cluster as `kubectl get --raw` prints it, from files that change while the command waits. Only the process between the
/// command and the API server is replaced; the registry is real.
#[cfg(unix)]
#[test]
fn wait_ends_when_everything_runs_what_its_tag_names() {
    use std::os::unix::fs::PermissionsExt as _;

    let Some(server) = Server::start() else { return };
    let (host, pusher) = (&server.host.clone(), Pusher::new(&server.host));
    let directory = fresh_directory("stale-wait");
    let script = "#!/bin/sh\ncase \"$3\" in\n*/pods*) cat pods.json ;;\n*/nodes*) cat nodes.json ;;\n\
                  *) echo '{\"kind\": \"List\", \"items\": []}' ;;\nesac\n";
    let write = |name: &str, text: &str| fs::write(directory.join(name), text).expect("writable");
    write("kubectl", script);
    fs::set_permissions(directory.join("kubectl"), fs::Permissions::from_mode(0o755)).expect("writable");
    let built = |content: &str| pusher.build("shop/web", content, AMD64, "gzip");
    let (old, new) = (built("old"), built("new"));
    let digest = pusher.push_built_index("shop/web:1", &[(&old, AMD64)], "1");
    let list = |items: &[Value]| json!({"kind": "List", "items": items}).to_string();
    let running = |digest: &str| {
        let mut pod = pod("web-1", "n1", &format!("{host}/shop/web:1"), &format!("{host}/shop/web@{digest}"));
        pod["metadata"]["ownerReferences"] =
            json!([{"kind": "StatefulSet", "name": "web", "controller": true}]);
        list(&[pod])
    };
    write("nodes.json", &list(&[node("n1", AMD64)]));
    write("pods.json", &running(&digest));
    // The tag moves, and the workload does not.
    let moved = pusher.push_built_index("shop/web:1", &[(&new, AMD64)], "2");
    let wait = |limit: &str| {
        let path = format!("{}:{}", directory.display(), std::env::var("PATH").unwrap_or_default());
        Command::new(env!("CARGO_BIN_EXE_fresh-images"))
            .args([
                "stale",
                "-n",
                "shop",
                "--workload",
                "sts/web",
                "--wait",
                limit,
                "--insecure-registry",
                host,
            ])
            .current_dir(&directory)
            .env("PATH", path)
            .env("DOCKER_CONFIG", &directory)
            .output()
            .expect("the binary runs")
    };
    let output = wait("1s");
    let text = String::from_utf8_lossy(&output.stdout);
    assert_eq!(output.status.code(), Some(1), "{text}");
    assert!(text.starts_with("STALE") && text.contains("StatefulSet shop/web"), "{text}");
    std::thread::scope(|scope| {
        let waiting = scope.spawn(|| wait("60s"));
        std::thread::sleep(std::time::Duration::from_secs(1));
        write("pods.new", &running(&moved));
        fs::rename(directory.join("pods.new"), directory.join("pods.json")).expect("writable");
        let output = waiting.join().expect("it ends");
        let text = String::from_utf8_lossy(&output.stdout);
        assert_eq!(output.status.code(), Some(0), "{text}{}", String::from_utf8_lossy(&output.stderr));
        assert!(text.contains("1 fresh"), "{text}");
    });
}
