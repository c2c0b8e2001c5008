//! `fresh-images check --fix` with a registry.

use std::fs;
use std::path::Path;
use std::process::Command;

use super::images::Pusher;
use super::server::{PASSWORD, Server, USER, fresh_directory};

const MANIFEST: &str = "\
# The shop.
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  template:
    metadata:
      labels:
        app: web  # who we are
    spec:
      containers:
      - image: HOST/shop/web:1.1  # the shop itself
        name: web
      - {name: log, image: 'HOST/shop/log:2'}
---
apiVersion: v1
kind: Pod
metadata:
  name: debug
spec:
  containers:
  - name: web
    image: \"HOST/shop/web:1.1\"
    imagePullPolicy: Always
";

/// The exit code, and both outputs. Credentials and cache are those of the directory.
pub(crate) fn check(directory: &Path, arguments: &[&str]) -> (Option<i32>, String, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_fresh-images"))
        .arg("check")
        .args(arguments)
        .current_dir(directory)
        .env("DOCKER_CONFIG", directory)
        .env("XDG_CACHE_HOME", directory.join("cache"))
        .env("PATH", format!("{}:{}", directory.display(), std::env::var("PATH").unwrap_or_default()))
        .env_remove("CLICOLOR_FORCE")
        .output()
        .expect("the binary runs");
    let text = |bytes| String::from_utf8(bytes).expect("the output is UTF-8");
    (output.status.code(), text(output.stdout), text(output.stderr))
}

#[test]
fn files_are_pinned_in_place() {
    let Some(server) = Server::start_closed() else { return };
    let host = &server.host.clone();
    let pusher = Pusher::new(host);
    let web = pusher.push("shop/web:1.1", "web");
    let log = pusher.push("shop/log:2", "log");
    let directory = fresh_directory("pin");
    let settings = format!("mutate: {{to: pinDigest, registries: ['{host}']}}\n");
    let manifest = MANIFEST.replace("HOST", host);
    fs::write(directory.join("settings.yaml"), settings).expect("a file can be written");
    fs::write(directory.join("web.yaml"), &manifest).expect("a file can be written");
    fs::copy(server.docker_config(PASSWORD), directory.join("config.json")).expect("a file can be copied");

    let insecure = ["--settings", "settings.yaml", "--insecure-registry", host];
    let fix = |more: &[&str]| check(&directory, &[&insecure, more, &["web.yaml"]].concat());
    let record =
        format!("{{\"containers/log\":\"{host}/shop/log:2\",\"containers/web\":\"{host}/shop/web:1.1\"}}");
    let pinned = manifest
        .replacen(&format!("{host}/shop/web:1.1"), &format!("{host}/shop/web@{web}"), 1)
        .replace(&format!("{host}/shop/log:2"), &format!("{host}/shop/log@{log}"))
        .replace(
            "who we are\n",
            &format!(
                "who we are\n      annotations:\n        fresh-images.github.io/pinned-from: '{record}'\n"
            ),
        );

    // Judged only, nothing changes.
    let (code, report, errors) = fix(&[]);
    assert_eq!((code, errors.as_str()), (Some(0), ""));
    let short = |digest: &str| digest.chars().take(19).collect::<String>();
    let changes = format!(
        "container \"web\": image \"{host}/shop/web:1.1\" is now pinned as {}...\n\
         container \"log\": image \"{host}/shop/log:2\" is now pinned as {}...\n",
        short(&web),
        short(&log)
    );
    let lines = |report: &str| -> Vec<String> {
        report
            .replace("\n      ", " ")
            .lines()
            .map(|line| line.trim_start().replace("warning: ", ""))
            .collect()
    };
    let expected = |word: &str, some: &str| -> Vec<String> {
        let report = format!(
            "{word:10} web.yaml:2  Deployment web\n{changes}accepted   web.yaml:16  Pod debug\n\n\
             2 documents, 3 images: 2 accepted (1 {some})\n"
        );
        report.lines().map(String::from).collect()
    };
    assert_eq!(lines(&report), expected("WARNING", "with warnings"));

    let (code, printed, report) = fix(&["--fix"]);
    assert_eq!((code, printed.as_str()), (Some(0), pinned.as_str()));
    assert_eq!(lines(&report), expected("fixed", "fixed"));
    assert_eq!(fs::read_to_string(directory.join("web.yaml")).expect("it is there"), manifest);

    let (code, report, errors) = fix(&["--fix", "--write"]);
    assert_eq!((code, errors.as_str()), (Some(0), ""));
    assert_eq!(lines(&report), expected("fixed", "fixed"));
    assert_eq!(fs::read_to_string(directory.join("web.yaml")).expect("it is there"), pinned);

    // The second time there is nothing to do, and nobody is asked.
    drop(server);
    let again = fix(&["--fix", "--write"]);
    let report = "accepted   web.yaml:2  Deployment web\naccepted   web.yaml:18  Pod debug\n\n\
                  2 documents, 3 images: 2 accepted\n";
    assert_eq!(again, (Some(0), report.into(), String::new()));
    assert_eq!(fs::read_to_string(directory.join("web.yaml")).expect("it is there"), pinned);
    fs::write(directory.join("web.yaml"), &manifest).expect("a file can be written");
    let (code, report, _) = fix(&["--fix", "--write"]);
    assert_eq!(code, Some(1));
    assert!(report.contains(&format!("could not be pinned: {host} refused")), "{report}");
    assert_eq!(fs::read_to_string(directory.join("web.yaml")).expect("it is there"), manifest);
}

/// A program tells the password, as Docker's credential helpers do. One that hangs is not waited for.
#[cfg(unix)]
#[test]
fn credential_helpers_are_asked() {
    use std::os::unix::fs::PermissionsExt;

    let Some(server) = Server::start_closed() else { return };
    let host = &server.host;
    let digest = Pusher::new(host).push("shop/web:1.1", "web");
    let directory = fresh_directory("helper");
    let helper = directory.join("docker-credential-test");
    let pod = format!(
        "{{apiVersion: v1, kind: Pod, metadata: {{name: web}}, spec: {{containers: [{{name: web, image: '{host}/shop/web:1.1'}}]}}}}"
    );
    let settings = format!("mutate: {{to: pinDigest, registries: ['{host}']}}\n");
    fs::write(directory.join("pod.yaml"), pod).expect("a file can be written");
    fs::write(directory.join("settings.yaml"), settings).expect("a file can be written");
    fs::write(directory.join("config.json"), format!(r#"{{"credHelpers": {{"{host}": "test"}}}}"#))
        .expect("a file can be written");
    let check = |script: &str| {
        fs::write(&helper, format!("#!/bin/sh\n{script}\n")).expect("a file can be written");
        fs::set_permissions(&helper, fs::Permissions::from_mode(0o755)).expect("a mode can be set");
        let arguments = ["--fix", "--settings", "settings.yaml", "--insecure-registry", host, "pod.yaml"];
        check(&directory, &arguments)
    };

    let told = format!(
        r#"read server; test "$server" = {host} && echo '{{"Username": "{USER}", "Secret": "{PASSWORD}"}}'"#
    );
    let (code, printed, report) = check(&told);
    assert_eq!(code, Some(0), "{report}");
    assert!(printed.contains(&format!("image: '{host}/shop/web@{digest}'")), "{printed}");

    let problem = |script: &str| {
        let (code, _, report) = check(script);
        assert_eq!(code, Some(1), "{report}");
        let words: Vec<&str> = report.split_whitespace().collect();
        let report = words.join(" ").replace(host, "HOST");
        let start = report.find("could not be pinned: ").expect("it says so");
        let end = report[start..].find(". Pin it as").expect("it says how to go on");
        report[start..start + end].replace(&directory.display().to_string(), "DIR")
    };
    assert_eq!(
        problem("read server; echo credentials not found in native keychain; exit 1"),
        "could not be pinned: HOST requires credentials, but the Docker config has none for it",
    );
    let unusable = "could not be pinned: no credentials for HOST from DIR/config.json: ";
    assert_eq!(problem("read server; echo boom; exit 1"), format!("{unusable}docker-credential-test failed"));
    assert_eq!(problem("read server; echo boom"), format!("{unusable}Credential helper response malformed"));
    assert_eq!(problem("exec sleep 20"), format!("{unusable}the credential helper did not answer within 5s"),);
}
