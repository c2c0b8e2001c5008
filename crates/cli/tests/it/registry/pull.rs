//! `fresh-images check --policy FILE`, where it names another module than the built-in one.

use std::fs;
use std::path::{Path, PathBuf};

use fresh_images_cli::POLICY;

use super::command::check;
use super::fake;
use super::images::Pusher;
use super::server::{PASSWORD, Server, fresh_directory};
use crate::guests;

const POD: &str = "\
apiVersion: v1
kind: Pod
metadata: {name: web}
spec:
  containers:
  - name: web
    image: nginx:1.25
    imagePullPolicy: Always
";

/// A directory with a manifest that the settings of the policy reject.
fn directory() -> PathBuf {
    let directory = fresh_directory("pull");
    fs::write(directory.join("pod.yaml"), POD).expect("a file can be written");
    directory
}

/// Judges with the module that a policy names. Gives the exit code and both outputs.
fn pull(directory: &Path, module: &str, more: &[&str]) -> (Option<i32>, String, String) {
    let policy = format!(
        "apiVersion: policies.kubewarden.io/v1\nkind: ClusterAdmissionPolicy\nmetadata: {{name: mine}}\nspec:\n  \
         settings: {{require: digest}}\n  module: {module}\n"
    );
    fs::write(directory.join("policy.yaml"), policy).expect("a file can be written");
    check(directory, &[&["--policy", "policy.yaml"], more, &["pod.yaml"]].concat())
}

#[test]
fn the_module_is_pulled_from_where_the_policy_names() {
    let Some(server) = Server::start_closed() else { return };
    let host = server.host.clone();
    let digest = Pusher::new(&host).push_module("policies/fresh-images:v1", POLICY);
    let directory = directory();
    fs::copy(server.docker_config(PASSWORD), directory.join("config.json")).expect("a file can be copied");
    let insecure = ["--insecure-registry", &host];
    let tag = format!("registry://{host}/policies/fresh-images:v1");
    let digest = format!("registry://{host}/policies/fresh-images@{digest}");

    let by_tag = pull(&directory, &tag, &insecure);
    let report = "\
REJECTED   pod.yaml:1  Pod web
    pod.yaml:7:12: container \"web\" at spec.containers[0]: image \"nginx:1.25\" has no digest, and this
      policy requires one. Pin the image as docker.io/library/nginx@sha256:… [digest-required]

1 document, 1 image: 1 rejected
";
    assert_eq!(by_tag, (Some(1), report.into(), String::new()));
    assert_eq!(pull(&directory, tag.trim_start_matches("registry://"), &insecure), by_tag);
    // The cache has its manifest and its layer.
    drop(server);
    assert_eq!(pull(&directory, &digest, &insecure), by_tag);
    let refused = format!(
        "error: policy.yaml:6:11: the module cannot be pulled: {host} refused the connection. Use --built-in to \
         judge with the built-in module\n"
    );
    assert_eq!(pull(&directory, &tag, &insecure), (Some(2), String::new(), refused));
}

/// Not the built-in one.
#[test]
fn the_module_that_was_pulled_decides() {
    let Some(server) = Server::start() else { return };
    let host = &server.host;
    let module = guests::constant(r#"{"accepted":true,"valid":true,"warnings":["hm"]}"#);
    Pusher::new(host).push_module("policies/other:v1", &module);
    let judged =
        pull(&directory(), &format!("registry://{host}/policies/other:v1"), &["--insecure-registry", host]);
    let report = "WARNING    pod.yaml:1  Pod web\n    warning: hm\n\n1 document, 1 image: 1 accepted (1 with warnings)\n";
    assert_eq!(judged, (Some(0), report.into(), String::new()));
}

#[test]
fn what_cannot_be_pulled_says_where_and_why() {
    let (Some(open), Some(closed)) = (Server::start(), Server::start_closed()) else { return };
    let pusher = Pusher::new(&open.host);
    pusher.push_module("policies/broken:v1", b"(module)");
    pusher.push("policies/image:v1", "web");
    let down = fake::closed();
    let directory = directory();
    let insecure = ["--insecure-registry", &open.host, "--insecure-registry", &closed.host];
    for (host, name, arguments, expected) in [
        (&open.host, "none:v1", &insecure[..], "the module cannot be pulled: HOST has no none:v1"),
        (
            &open.host,
            "policies/image:v1",
            &insecure,
            "the module cannot be pulled: HOST/policies/image:v1 is not a policy: it has a layer of the type \
             application/vnd.oci.image.layer.v1.tar instead of a single module",
        ),
        (
            &open.host,
            "policies/broken:v1",
            &insecure,
            "the module is not usable: magic header not detected: bad magic \
             number - expected=[ 0x0, 0x61, 0x73, 0x6d, ] actual=[ 0x28, 0x6d, 0x6f, 0x64, ] (at offset 0x0)",
        ),
        (
            &open.host,
            "policies/broken:v1",
            &[],
            "the module cannot be pulled: HOST does not speak TLS, and is not listed as an insecure registry. If that \
             is intended, use --insecure-registry HOST",
        ),
        (
            &closed.host,
            "a:v1",
            &insecure,
            "the module cannot be pulled: HOST requires credentials, but the Docker config has none for it. Use docker \
             login HOST",
        ),
        (
            &down,
            "a:v1",
            &[],
            "the module cannot be pulled: HOST refused the connection. Use --built-in to judge with the built-in module",
        ),
    ] {
        let (code, report, error) = pull(&directory, &format!("registry://{host}/{name}"), arguments);
        assert_eq!(error.replace(host, "HOST"), format!("error: policy.yaml:6:11: {expected}\n"));
        assert_eq!((code, report.as_str()), (Some(2), ""), "{expected}");
    }
}
