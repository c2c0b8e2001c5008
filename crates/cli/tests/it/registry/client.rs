//! The client alone.

use std::fs;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use fresh_images::mutate::DigestResolver;
use fresh_images_cli::registry::{AskOnce, Registry, RegistryOptions};

use super::fake;
use super::images::Pusher;
use super::server::{PASSWORD, Server, fresh_directory};

/// Long enough for a machine that is busy, and short enough to wait for.
pub(crate) const LIMIT: Duration = Duration::from_secs(2);

pub(crate) fn client(host: &str, docker_config: Option<PathBuf>) -> Registry {
    Registry::new(RegistryOptions {
        connect_limit: LIMIT,
        time_limit: LIMIT,
        layer_limit: LIMIT,
        insecure: vec![host.into()],
        docker_config,
    })
}

/// Asks for an image that the registry need not have, and gives the error.
#[track_caller]
fn error(host: &str, registry: &Registry) -> String {
    let started = Instant::now();
    let error = registry.manifest_digest(&format!("{host}/shop/web:1.1")).expect_err("no digest");
    assert!(started.elapsed() < LIMIT + Duration::from_secs(1), "{error}: {:?}", started.elapsed());
    error.replace(host, "HOST")
}

#[test]
fn the_digest_is_that_of_the_content() {
    let Some(server) = Server::start() else { return };
    let (pusher, registry) = (Pusher::new(&server.host), client(&server.host, None));
    let look_up = |name: &str| registry.manifest_digest(&format!("{}/{name}", server.host));

    let first = pusher.push("shop/web:1.1", "first");
    assert_eq!(look_up("shop/web:1.1"), Ok(first.clone()));
    // Pushed again under the same tag, it is something else.
    let second = pusher.push("shop/web:1.1", "second");
    assert_ne!(first, second);
    assert_eq!(look_up("shop/web:1.1"), Ok(second));
    assert_eq!(look_up(&format!("shop/web@{first}")), Ok(first.clone()));
    // The same content is the same image.
    assert_eq!(pusher.push("shop/web:1.2", "first"), first);

    pusher.push("shop/web:arm", "arm");
    let index = pusher.push_index("shop/web:all", ["shop/web:1.1", "shop/web:arm"]);
    assert_eq!(look_up("shop/web:all"), Ok(index));

    let missing = |name: &str| look_up(name).map_err(|error| error.replace(&server.host, "HOST"));
    assert_eq!(missing("shop/web:2"), Err("HOST has no shop/web:2".into()));
    assert_eq!(missing("shop/none:2"), Err("HOST has no shop/none:2".into()));
    let none = format!("shop/web@sha256:{}", "0".repeat(64));
    assert_eq!(missing(&none), Err(format!("HOST has no {none}")));
}

#[test]
fn what_was_asked_once_is_known() {
    let Some(server) = Server::start() else { return };
    let (pusher, registry) = (Pusher::new(&server.host), AskOnce::new(client(&server.host, None)));
    let image = format!("{}/shop/web:1.1", server.host);
    let missing = registry.manifest_digest(&image);
    assert!(missing.is_err());
    let first = pusher.push("shop/web:1.2", "first");
    let digest = |tag: &str| registry.manifest_digest(&format!("{}/shop/web:{tag}", server.host));
    assert_eq!(digest("1.2"), Ok(first.clone()));
    pusher.push("shop/web:1.1", "late");
    pusher.push("shop/web:1.2", "late");
    assert_eq!(digest("1.1"), missing);
    assert_eq!(digest("1.2"), Ok(first));

    // It is waited for only once.
    let host = fake::silent();
    let registry = AskOnce::new(client(&host, None));
    let expected = Err(format!("{host} did not answer within 2s"));
    assert_eq!(registry.manifest_digest(&format!("{host}/a:1")), expected);
    let started = Instant::now();
    assert_eq!(registry.manifest_digest(&format!("{host}/b:1")), expected);
    assert!(started.elapsed() < LIMIT / 2, "{:?}", started.elapsed());
}

#[test]
fn credentials_come_from_the_docker_config() {
    let Some(server) = Server::start_closed() else { return };
    let host = &server.host;
    let digest = Pusher::new(host).push("shop/web:1.1", "first");
    let registry = client(host, Some(server.docker_config(PASSWORD)));
    assert_eq!(registry.manifest_digest(&format!("{host}/shop/web:1.1")), Ok(digest));

    let none = "HOST requires credentials, but the Docker config has none for it";
    assert_eq!(error(host, &client(host, None)), none);
    // Of another registry.
    let other = Server::start_closed().expect("it started before");
    assert_eq!(error(host, &client(host, Some(other.docker_config(PASSWORD)))), none);
    let wrong = client(host, Some(server.docker_config("wrong")));
    assert_eq!(error(host, &wrong), "HOST requires credentials, but rejected those of the Docker config");
}

#[test]
fn a_docker_config_that_cannot_be_used_is_an_error() {
    let directory = fresh_directory("broken-config");
    let path = directory.join("config.json");
    let host = fake::closed();
    let registry = || client(&host, Some(path.clone()));
    // No file is no error.
    assert_eq!(error(&host, &registry()), "HOST refused the connection");
    for (text, reason) in [
        ("{", "Unable to read config"),
        (r#"{"auths": {"HOST": {"auth": "%"}}}"#, "Unable to decode credential"),
        (r#"{"credsStore": "of-nobody"}"#, "Unable to communicate with credential helper"),
    ] {
        fs::write(&path, text.replace("HOST", &host)).expect("a file can be written");
        let expected = format!("no credentials for HOST from {}: {reason}", path.display());
        // Paths may be long.
        let cut: String = path.display().to_string().chars().take(120).collect();
        let expected = if path.display().to_string().len() > 120 {
            format!("no credentials for HOST from {cut}...: {reason}")
        } else {
            expected
        };
        assert_eq!(error(&host, &registry()), expected);
    }
}

/// Another manifest than the one that was asked for.
#[test]
fn a_manifest_of_another_digest_is_refused() {
    let manifest = r#"{"schemaVersion":2}"#;
    let host = fake::answering(&format!("HTTP/1.1 200 OK\r\nContent-Length: 19\r\n{CLOSE}\r\n{manifest}"));
    let registry = client(&host, None);
    let digest = registry.manifest_digest(&format!("{host}/shop/web:1.1")).expect("a digest");
    assert_eq!(registry.manifest_digest(&format!("{host}/shop/web@{digest}")), Ok(digest));
    let other = format!("{host}/shop/web@sha256:{}", "0".repeat(64));
    let error = "does not answer like a registry: its manifest does not have the requested digest";
    assert_eq!(registry.manifest_digest(&other), Err(format!("{host} {error}")));
}

/// Else the client would use the connection again.
const CLOSE: &str = "Connection: close\r\n";

#[test]
fn a_registry_that_is_none_is_an_error() {
    let manifest = r#"{"schemaVersion":2}"#;
    let lie = format!(
        "HTTP/1.1 200 OK\r\nDocker-Content-Digest: sha256:{}\r\nContent-Length: 19\r\n{CLOSE}\r\n{manifest}",
        "0".repeat(64)
    );
    let status =
        |line: &str| fake::answering(&format!("HTTP/1.1 {line}\r\nContent-Length: 2\r\n{CLOSE}\r\nno"));
    for (host, expected) in [
        (fake::closed(), "HOST refused the connection"),
        (fake::silent(), "HOST did not answer within 2s"),
        (fake::endless(), "HOST did not answer within 2s"),
        (fake::answering(fake::PAGE), "HOST answered with something that is not an image manifest"),
        (
            fake::answering("hello\r\n\r\n"),
            "HOST does not answer like a registry: invalid HTTP version parsed",
        ),
        (
            fake::answering(""),
            "HOST does not answer like a registry: connection closed before message completed",
        ),
        (
            fake::answering(&lie),
            "HOST does not answer like a registry: the digest that it reports is not that of its manifest",
        ),
        (status("500 Sorry"), "HOST answered with HTTP status 500"),
        (status("429 Slow Down"), "HOST says that it gets too many requests (HTTP status 429)"),
        (status("403 No"), "HOST denied access"),
        (status("404 No"), "HOST has no shop/web:1.1"),
        (status("401 Who"), "HOST requires credentials, but the Docker config has none for it"),
        (
            status("204 Nothing"),
            "HOST does not answer like a registry: it violates the distribution specification",
        ),
    ] {
        assert_eq!(error(&host, &client(&host, None)), expected);
    }
}

#[test]
fn plain_http_is_only_for_those_that_are_listed() {
    let Some(server) = Server::start() else { return };
    Pusher::new(&server.host).push("shop/web:1.1", "first");
    let registry = client("another.example", None);
    assert_eq!(
        error(&server.host, &registry),
        "HOST does not speak TLS, and is not listed as an insecure registry",
    );
}

#[test]
fn what_is_no_reference_is_asked_nowhere() {
    let registry = client("", None);
    for image in ["", "a b", "HTTP://x", "[::1]:5000/a:1"] {
        let expected = Err(format!("no registry can be asked for {image}"));
        assert_eq!(registry.manifest_digest(image), expected);
    }
}
