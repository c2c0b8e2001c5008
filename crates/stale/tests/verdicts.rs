//! Every row of the tables of verdicts, with a registry in memory; random rebuilds; and hostile input.
//!
//! The real registry is asked by the tests of the command.

#![expect(
    clippy::expect_used,
    clippy::arithmetic_side_effects,
    reason = "helpers of tests may panic like the tests"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Mutex;

use fresh_images_stale::{Cluster, Code, Help, Judge, Registry, RegistryError, Report, Verdict};
use proptest::prelude::*;
use serde_json::{Value, json};

/// A digest that says what it is of: 64 hex digits from a text.
fn digest(text: &str) -> String {
    let mut hash = 0xcbf2_9ce4_8422_2325_u128;
    let mut hex = String::new();
    while hex.len() < 64 {
        for byte in text.bytes().chain([0]) {
            hash = (hash ^ u128::from(byte)).wrapping_mul(0x0100_0000_01b3_0000_0001_0000_01b3);
        }
        hex.push_str(&format!("{hash:032x}"));
    }
    format!("sha256:{}", hex.get(..64).expect("long enough"))
}

/// What it holds, and what it was asked for.
#[derive(Default)]
struct Memory {
    tags: BTreeMap<String, String>,
    /// By repository and digest.
    manifests: BTreeMap<(String, String), Value>,
    configs: BTreeMap<(String, String), Value>,
    asked: Mutex<Vec<String>>,
    /// Hosts that do not answer.
    down: BTreeSet<String>,
}

impl Memory {
    fn ask(&self, what: &str, place: &str) -> Result<(), RegistryError> {
        self.asked.lock().expect("no panic").push(format!("{what} {place}"));
        let host = place.split('/').next().unwrap_or_default();
        if self.down.contains(host) {
            return Err(RegistryError::Failed(format!("{host} refused the connection")));
        }
        Ok(())
    }

    fn get(&self, what: &str, repository: &str, digest: &str) -> Result<Vec<u8>, RegistryError> {
        self.ask(what, &format!("{repository}@{digest}"))?;
        let held = if what == "GET" { &self.manifests } else { &self.configs };
        let blob = held.get(&(repository.into(), digest.into())).ok_or(RegistryError::NotFound)?;
        Ok(blob.to_string().into_bytes())
    }

    /// Content built for a platform: the digests of its manifest and of its config. `layers` is how it was compressed.
    fn image(&mut self, repository: &str, content: &str, platform: &str, layers: &str) -> (String, String) {
        let (os, architecture) = platform.split_once('/').expect("a platform");
        let config = digest(&format!("config {content} {platform}"));
        let body = json!({"os": os, "architecture": architecture, "created": format!("2026-11-20T10:00:00Z {content}")});
        self.configs.insert((repository.into(), config.clone()), body);
        let manifest = digest(&format!("manifest {content} {platform} {layers}"));
        self.manifests.insert(
            (repository.into(), manifest.clone()),
            json!({"schemaVersion": 2, "config": {"digest": config}}),
        );
        (manifest, config)
    }

    /// An index of manifests, with what BuildKit attests about them; `salt` makes it another one.
    fn index(&mut self, repository: &str, images: &[(&str, &str)], salt: &str) -> String {
        let mut entries: Vec<Value> = Vec::new();
        for (manifest, platform) in images {
            let (os, architecture) = platform.split_once('/').expect("a platform");
            entries.push(json!({"digest": manifest, "platform": {"os": os, "architecture": architecture}}));
            entries.push(json!({
                "digest": digest(&format!("attestation {manifest} {salt}")),
                "platform": {"os": "unknown", "architecture": "unknown"},
                "annotations": {"vnd.docker.reference.type": "attestation-manifest"},
            }));
        }
        let index = digest(&format!("index {images:?} {salt}"));
        self.manifests
            .insert((repository.into(), index.clone()), json!({"schemaVersion": 2, "manifests": entries}));
        index
    }

    fn move_tag(&mut self, image: &str, digest: &str) {
        self.tags.insert(image.into(), digest.into());
    }

    fn asked(&self) -> Vec<String> {
        self.asked.lock().expect("no panic").clone()
    }
}

impl Registry for Memory {
    fn tag(&self, image: &str) -> Result<String, RegistryError> {
        self.ask("HEAD", image)?;
        self.tags.get(image).cloned().ok_or(RegistryError::NotFound)
    }

    fn manifest(&self, repository: &str, digest: &str) -> Result<Vec<u8>, RegistryError> {
        self.get("GET", repository, digest)
    }

    fn config(&self, repository: &str, digest: &str) -> Result<Vec<u8>, RegistryError> {
        self.get("CONFIG", repository, digest)
    }
}

const REPOSITORY: &str = "ghcr.io/shop/web";
const IMAGE: &str = "ghcr.io/shop/web:1";
const AMD64: &str = "linux/amd64";
const ARM64: &str = "linux/arm64";

/// A Pod of the Deployment `web` with one container that runs.
fn pod(name: &str, node: &str, image: &str, image_id: &str) -> Value {
    json!({
        "kind": "Pod",
        "metadata": {
            "name": name,
            "namespace": "shop",
            "labels": {"pod-template-hash": "7c9f"},
            "ownerReferences": [{"kind": "ReplicaSet", "name": "web-7c9f", "controller": true}],
        },
        "spec": {
            "nodeName": node,
            "containers": [{"name": "web", "image": image, "imagePullPolicy": "IfNotPresent"}],
        },
        "status": {"phase": "Running", "containerStatuses": [{
            "name": "web",
            "image": image,
            "imageID": image_id,
            "state": {"running": {"startedAt": "2026-11-21T10:00:00Z"}},
        }]},
    })
}

fn node(name: &str, platform: &str, images: &[&[&str]]) -> Value {
    let (os, architecture) = platform.split_once('/').expect("a platform");
    let images: Vec<Value> = images.iter().map(|names| json!({"names": names})).collect();
    json!({
        "kind": "Node",
        "metadata": {"name": name},
        "status": {"nodeInfo": {"operatingSystem": os, "architecture": architecture}, "images": images},
    })
}

fn read(items: &[Value]) -> Cluster {
    let mut cluster = Cluster::default();
    let list = json!({"apiVersion": "v1", "items": items, "kind": "List"});
    cluster.read_json(list.to_string().as_bytes()).expect("a list of objects");
    cluster
}

fn judge(items: &[Value], registry: &Memory) -> Report {
    Judge::asking(registry, 3).judge(&read(items))
}

/// The verdict on one Pod on a node of this platform.
#[track_caller]
fn one(registry: &Memory, image_id: &str, platform: &str) -> (Verdict, Code) {
    let report = judge(&[pod("a", "n1", IMAGE, image_id), node("n1", platform, &[])], registry);
    assert_eq!(report.findings.len(), 1, "{:?}", report.findings);
    report.findings.first().map(|finding| (finding.verdict, finding.code)).expect("a finding")
}

fn id(digest: &str) -> String {
    format!("{REPOSITORY}@{digest}")
}

#[test]
fn the_digest_of_the_tag_is_fresh_after_one_request() {
    let mut registry = Memory::default();
    let (manifest, _) = registry.image(REPOSITORY, "a", AMD64, "gzip");
    let index = registry.index(REPOSITORY, &[(&manifest, AMD64)], "1");
    registry.move_tag(IMAGE, &index);
    assert_eq!(one(&registry, &id(&index), AMD64), (Verdict::Fresh, Code::SameDigest));
    assert_eq!(registry.asked(), [format!("HEAD {IMAGE}")]);
    // CRI-O may name the manifest of the platform.
    assert_eq!(one(&registry, &id(&manifest), AMD64), (Verdict::Fresh, Code::SameDigest));
}

#[test]
fn another_index_of_the_same_content_is_fresh() {
    let mut registry = Memory::default();
    let (manifest, config) = registry.image(REPOSITORY, "a", AMD64, "gzip");
    let (recompressed, same) = registry.image(REPOSITORY, "a", AMD64, "zstd");
    assert_eq!(config, same);
    let old = registry.index(REPOSITORY, &[(&manifest, AMD64)], "first build");
    let new = registry.index(REPOSITORY, &[(&recompressed, AMD64)], "second build");
    registry.move_tag(IMAGE, &new);
    for image_id in [
        id(&old),
        id(&manifest),
        config.clone(),
        config.trim_start_matches("sha256:").to_owned(),
        format!("docker://{config}"),
        format!("docker://{old}"),
        format!("docker-pullable://{}", id(&old)),
        // A runtime may name another repository that has the same content: the digest is looked up in that of the spec.
        format!("quay.io/aaa/copy@{old}"),
    ] {
        assert_eq!(one(&registry, &image_id, AMD64), (Verdict::Fresh, Code::SameContent), "{image_id}");
    }
}

#[test]
fn other_content_is_stale_with_both_builds() {
    let mut registry = Memory::default();
    let (manifest, config) = registry.image(REPOSITORY, "old", AMD64, "gzip");
    let old = registry.index(REPOSITORY, &[(&manifest, AMD64)], "1");
    let (manifest, _) = registry.image(REPOSITORY, "new", AMD64, "gzip");
    let new = registry.index(REPOSITORY, &[(&manifest, AMD64)], "2");
    registry.move_tag(IMAGE, &new);
    for image_id in [id(&old), config.clone(), format!("docker://{old}")] {
        let report = judge(&[pod("a", "n1", IMAGE, &image_id), node("n1", AMD64, &[])], &registry);
        let finding = report.findings.first().expect("a finding");
        assert_eq!((finding.verdict, finding.code), (Verdict::Stale, Code::StaleContent), "{image_id}");
        assert_eq!((finding.kind.as_str(), finding.name.as_str()), ("Deployment", "web"));
        let current = finding.current.as_ref().expect("it was looked up");
        assert_eq!(current.digest, new);
        assert_eq!(current.created.as_deref(), Some("2026-11-20T10:00:00Z new"));
        let instance = finding.instances.first().expect("an instance");
        assert_eq!(instance.created.as_deref(), Some("2026-11-20T10:00:00Z old"));
        assert_eq!(report.exit_code(), 1);
    }
}

#[test]
fn only_the_platform_of_the_node_counts() {
    let mut registry = Memory::default();
    let (arm, _) = registry.image(REPOSITORY, "same", ARM64, "gzip");
    let (amd, _) = registry.image(REPOSITORY, "old", AMD64, "gzip");
    let old = registry.index(REPOSITORY, &[(&amd, AMD64), (&arm, ARM64)], "1");
    let (amd, _) = registry.image(REPOSITORY, "new", AMD64, "gzip");
    let new = registry.index(REPOSITORY, &[(&amd, AMD64), (&arm, ARM64)], "2");
    registry.move_tag(IMAGE, &new);
    assert_eq!(one(&registry, &id(&old), AMD64), (Verdict::Stale, Code::StaleContent));
    assert_eq!(one(&registry, &id(&old), ARM64), (Verdict::Fresh, Code::SameContent));
    assert_eq!(one(&registry, &id(&old), "linux/s390x"), (Verdict::Unknown, Code::NoPlatform));
    // Without the node nobody knows which of them runs.
    let report = judge(&[pod("a", "n1", IMAGE, &id(&old))], &registry);
    let codes: Vec<Code> = report.findings.iter().map(|finding| finding.code).collect();
    assert_eq!((codes, report.exit_code()), (vec![Code::PlatformUnknown], 2));
}

#[test]
fn a_digest_that_is_gone_is_stale_unless_the_node_knows_better() {
    let mut registry = Memory::default();
    let (manifest, _) = registry.image(REPOSITORY, "new", AMD64, "gzip");
    let new = registry.index(REPOSITORY, &[(&manifest, AMD64)], "2");
    registry.move_tag(IMAGE, &new);
    let gone = digest("gone");
    assert_eq!(one(&registry, &id(&gone), AMD64), (Verdict::Stale, Code::StaleDigest));
    let names: &[&str] = &[&id(&gone), &id(&new), IMAGE];
    let report = judge(&[pod("a", "n1", IMAGE, &id(&gone)), node("n1", AMD64, &[names])], &registry);
    assert_eq!(report.findings.first().map(|it| it.code), Some(Code::SameContent));
}

#[test]
fn what_is_not_known_has_a_reason_and_is_never_stale() {
    let mut registry = Memory::default();
    registry.down.insert("quay.io".into());
    let some = digest("some");
    for (image, image_id, code) in [
        ("ghcr.io/shop/web:gone", id(&some), Code::TagGone),
        ("quay.io/shop/web:1", format!("quay.io/shop/web@{some}"), Code::DigestUnresolved),
        (IMAGE, String::new(), Code::NotRunning),
        (IMAGE, format!("docker.io/library/import-2026-11-20@{some}"), Code::Imported),
        (IMAGE, "what is this".into(), Code::ImageIdUnknown),
        (IMAGE, "ghcr.io/shop/web@sha256:short".into(), Code::ImageIdUnknown),
        ("ghcr.io/shop/web:", id(&some), Code::InvalidReference),
    ] {
        let report = judge(&[pod("a", "n1", image, &image_id), node("n1", AMD64, &[])], &registry);
        let finding = report.findings.first().expect("a finding");
        assert_eq!((finding.verdict, finding.code), (Verdict::Unknown, code), "{image} {image_id}");
        assert!(finding.reason.as_ref().is_some_and(|reason| !reason.is_empty()), "{image}");
    }
}

#[test]
fn a_digest_in_the_spec_is_pinned() {
    let mut registry = Memory::default();
    let (old, new) = (digest("old"), digest("new"));
    registry.move_tag(IMAGE, &new);
    let items = [pod("a", "n1", &format!("{IMAGE}@{old}"), &id(&old))];
    let report = judge(&items, &registry);
    assert_eq!(report.findings.first().map(|it| it.code), Some(Code::Pinned));
    assert_eq!(registry.asked(), Vec::<String>::new());
    let report = Judge::asking(&registry, 1).with_moved().judge(&read(&items));
    assert_eq!(
        report.findings.first().map(|it| (it.verdict, it.code)),
        Some((Verdict::Pinned, Code::TagMoved))
    );
    assert_eq!(report.exit_code(), 0);
}

#[test]
fn split_needs_no_registry() {
    let (a, b) = (digest("a"), digest("b"));
    let two = [pod("x", "n1", IMAGE, &id(&a)), pod("y", "n2", IMAGE, &id(&b))];
    let on = |platforms: [&str; 2], images: &[&[&str]]| {
        let [one, two_] = &two;
        let items =
            [one.clone(), two_.clone(), node("n1", platforms[0], images), node("n2", platforms[1], &[])];
        Judge::offline().judge(&read(&items))
    };
    let report = on([AMD64, AMD64], &[]);
    let split = report.findings.first().expect("a finding");
    assert_eq!((split.verdict, split.code, split.instances.len()), (Verdict::Split, Code::SplitContent, 2));
    assert_eq!((report.exit_code(), report.summary.split), (1, 1));
    // Another platform has another manifest.
    assert_eq!(on([AMD64, ARM64], &[]).summary.split, 0);
    // The node says that both are one image.
    let names: &[&str] = &[&id(&a), &id(&b)];
    assert_eq!(on([AMD64, AMD64], &[names]).summary.split, 0);
}

#[test]
fn equal_content_is_not_split() {
    let mut registry = Memory::default();
    let (manifest, _) = registry.image(REPOSITORY, "a", AMD64, "gzip");
    let old = registry.index(REPOSITORY, &[(&manifest, AMD64)], "1");
    let new = registry.index(REPOSITORY, &[(&manifest, AMD64)], "2");
    registry.move_tag(IMAGE, &new);
    let items = [
        pod("x", "n1", IMAGE, &id(&old)),
        pod("y", "n2", IMAGE, &id(&new)),
        node("n1", AMD64, &[]),
        node("n2", AMD64, &[]),
    ];
    let report = judge(&items, &registry);
    assert_eq!((report.summary.split, report.summary.fresh, report.exit_code()), (0, 2, 0));
}

/// "Somebody pulls the tag anew on this node": `status.image` becomes a bare id.
#[test]
fn the_node_tells_that_its_tag_moved() {
    let (old, new) = (digest("old"), digest("new"));
    let mut stale = pod("a", "n1", IMAGE, &id(&old));
    stale["status"]["containerStatuses"][0]["image"] = json!(digest("config"));
    let names: &[&str] = &[&id(&new), IMAGE];
    let report = Judge::offline().judge(&read(&[stale.clone(), node("n1", AMD64, &[names])]));
    let finding = report.findings.first().expect("a finding");
    assert_eq!((finding.verdict, finding.code), (Verdict::Stale, Code::StaleOnNode));
    assert!(
        finding.help.contains(&Help::RestartTakesNodeTag { nodes: vec!["n1".into()] }),
        "{:?}",
        finding.help
    );
    let report = Judge::offline().judge(&read(&[stale, node("n1", AMD64, &[])]));
    assert_eq!(report.findings.first().map(|it| it.code), Some(Code::UntaggedOnNode));
}

#[test]
fn the_help_fits_what_the_node_holds() {
    let mut registry = Memory::default();
    let (manifest, _) = registry.image(REPOSITORY, "old", AMD64, "gzip");
    let old = registry.index(REPOSITORY, &[(&manifest, AMD64)], "1");
    let (manifest, _) = registry.image(REPOSITORY, "new", AMD64, "gzip");
    let new = registry.index(REPOSITORY, &[(&manifest, AMD64)], "2");
    registry.move_tag(IMAGE, &new);
    let pinned = format!("{REPOSITORY}@{new}");
    let help = |policy: &str, names: &[&str]| {
        let mut pod = pod("a", "n1", IMAGE, &id(&old));
        pod["spec"]["containers"][0]["imagePullPolicy"] = json!(policy);
        let report = judge(&[pod, node("n1", AMD64, &[names])], &registry);
        report.findings.first().expect("a finding").help.clone()
    };
    let (nodes, policy) = (vec!["n1".to_owned()], "IfNotPresent".to_owned());
    let cure = Help::AlwaysOrPin { pinned: pinned.clone() };
    assert_eq!(
        help("IfNotPresent", &[&id(&old), IMAGE]),
        [Help::RestartKeepsOld { nodes: nodes.clone(), policy: policy.clone() }, cure.clone()]
    );
    assert_eq!(
        help("IfNotPresent", &[&id(&new), IMAGE]),
        [Help::RestartTakesNodeTag { nodes: nodes.clone() }, cure.clone()]
    );
    assert_eq!(help("IfNotPresent", &[]), [Help::RestartMayKeepOld { policy }, cure]);
    // It was started a day after the new content was built.
    assert_eq!(help("Always", &[]).first(), Some(&Help::Restart));
}

#[test]
fn a_status_sends_nobody_to_strange_hosts() {
    let mut registry = Memory::default();
    let (manifest, _) = registry.image(REPOSITORY, "new", AMD64, "gzip");
    registry.move_tag(IMAGE, &manifest);
    let other = "evil.example/shop/web";
    let (old, _) = registry.image(other, "new", AMD64, "gzip too");
    let items = [pod("a", "n1", IMAGE, &format!("{other}@{old}")), node("n1", AMD64, &[])];
    let report = judge(&items, &registry);
    assert_eq!(report.findings.first().map(|it| it.code), Some(Code::StaleDigest));
    assert!(registry.asked().iter().all(|asked| !asked.contains("evil")), "{:?}", registry.asked());
    // The user may trust it.
    let hosts = BTreeSet::from(["ghcr.io".to_owned(), "evil.example".to_owned()]);
    let report = Judge::asking(&registry, 1).only(&hosts).judge(&read(&items));
    assert_eq!(report.findings.first().map(|it| it.code), Some(Code::SameContent));
    // A host that is not listed is not asked.
    let hosts = BTreeSet::from(["quay.io".to_owned()]);
    let report = Judge::asking(&registry, 1).only(&hosts).judge(&read(&items));
    assert_eq!(report.findings.first().map(|it| it.code), Some(Code::RegistryNotListed));
}

#[test]
fn each_question_is_asked_once() {
    let mut registry = Memory::default();
    let mut items = vec![node("n1", AMD64, &[])];
    for image in 0..10 {
        let repository = format!("ghcr.io/shop/web{image}");
        let (manifest, _) = registry.image(&repository, "old", AMD64, "gzip");
        let old = registry.index(&repository, &[(&manifest, AMD64)], "1");
        let (manifest, _) = registry.image(&repository, "new", AMD64, "gzip");
        let new = registry.index(&repository, &[(&manifest, AMD64)], "2");
        registry.move_tag(&format!("{repository}:1"), &new);
        for number in 0..20 {
            items.push(pod(
                &format!("p{image}-{number}"),
                "n1",
                &format!("{repository}:1"),
                &format!("{repository}@{old}"),
            ));
        }
    }
    let report = judge(&items, &registry);
    assert_eq!((report.summary.stale, report.containers), (200, 200));
    let (asked, different) = (registry.asked(), registry.asked().into_iter().collect::<BTreeSet<_>>());
    assert_eq!(asked.len(), different.len(), "{asked:?}");
    assert_eq!(report.requests, asked.len());
}

#[test]
fn hostile_indexes_and_configs_are_bounded() {
    let mut registry = Memory::default();
    let entries: Vec<Value> =
        (0..10_000).map(|number| json!({"digest": digest(&number.to_string())})).collect();
    let index = digest("large");
    registry.manifests.insert((REPOSITORY.into(), index.clone()), json!({"manifests": entries}));
    registry.move_tag(IMAGE, &index);
    let started = std::time::Instant::now();
    assert_eq!(one(&registry, &id(&digest("old")), AMD64), (Verdict::Unknown, Code::DigestUnresolved));
    assert_eq!(registry.asked().len(), 2);
    assert!(started.elapsed().as_secs() < 5);
    for body in [json!([]), json!("x"), json!({"manifests": 1}), json!({"config": {}}), json!({})] {
        registry.manifests.insert((REPOSITORY.into(), index.clone()), body.clone());
        assert_eq!(
            one(&registry, &id(&digest("old")), AMD64),
            (Verdict::Unknown, Code::DigestUnresolved),
            "{body}"
        );
    }
    // An index in an index.
    let inner = registry.index(REPOSITORY, &[(&index, AMD64)], "inner");
    registry.manifests.insert((REPOSITORY.into(), index.clone()), json!({"manifests": [{"digest": inner}]}));
    assert_eq!(one(&registry, &id(&digest("old")), AMD64), (Verdict::Unknown, Code::DigestUnresolved));
}

#[test]
fn every_kind_of_container_counts_and_what_has_ended_does_not() {
    let status = |name: &str, state: Value| json!({"name": name, "image": IMAGE, "imageID": id(&digest("old")), "state": state});
    let running = json!({"running": {"startedAt": "2026-11-21T10:00:00Z"}});
    let written = |name: &str| json!({"name": name, "image": IMAGE});
    let pod = json!({
        "kind": "Pod",
        "metadata": {"name": "a"},
        "spec": {
            "nodeName": "n1",
            "initContainers": [written("setup"), written("sidecar")],
            "containers": [written("web"), written("starting"), written("done")],
            "ephemeralContainers": [written("debug")],
            "volumes": [{"name": "model", "image": {"reference": IMAGE}}, {"name": "tmp", "emptyDir": {}}],
        },
        "status": {
            "initContainerStatuses": [status("setup", json!({"terminated": {"exitCode": 0}})), status("sidecar", running.clone())],
            "containerStatuses": [
                status("web", running.clone()),
                status("starting", json!({"waiting": {"reason": "ImagePullBackOff"}})),
                status("done", json!({"terminated": {"exitCode": 0}})),
            ],
            "ephemeralContainerStatuses": [status("debug", running)],
        },
    });
    let ended = json!({
        "kind": "Pod",
        "metadata": {"name": "b"},
        "spec": {"containers": [written("web")]},
        "status": {"phase": "Succeeded", "containerStatuses": [status("web", json!({"running": {}}))]},
    });
    let report =
        Judge::offline().judge(&read(&[pod, ended, json!({"kind": "Service", "spec": {"containers": 1}})]));
    let found: Vec<(&str, &str, Code)> =
        report.findings.iter().map(|it| (it.noun, it.container.as_str(), it.code)).collect();
    assert_eq!(
        found,
        [
            ("image volume", "model", Code::ImageVolume),
            ("container", "starting", Code::NotRunning),
            ("ephemeral container", "debug", Code::Offline),
            ("init container", "sidecar", Code::Offline),
            ("container", "web", Code::Offline),
        ]
    );
    assert_eq!(report.exit_code(), 0);
}

#[test]
fn lists_of_the_api_server_and_pages_are_read() {
    let mut cluster = Cluster::default();
    let page = r#"{"kind": "PodList", "apiVersion": "v1", "metadata": {"continue": "next"}, "items": [
        {"metadata": {"name": "a", "namespace": "shop"}, "spec": {"containers": [{"name": "web", "image": "nginx:1"}]},
         "status": {"containerStatuses": [{"name": "web", "state": {"running": {}}, "imageID": ""}]}}]}
        {"kind": "ReplicaSetList", "items": null}"#;
    assert_eq!(cluster.read_json(page.as_bytes()).expect("two lists"), None);
    assert_eq!((cluster.pods, cluster.containers.len()), (1, 1));
    let one = r#"{"kind": "PodList", "metadata": {"continue": "next"}, "items": []}"#;
    assert_eq!(cluster.read_json(one.as_bytes()).expect("a list").as_deref(), Some("next"));
    for broken in ["[", "[]", "{", r#"{"kind": "Pod", "spec": {"containers": 1}}"#, "nonsense"] {
        assert!(cluster.read_json(broken.as_bytes()).is_err(), "{broken}");
    }
}

proptest! {
    /// Whatever is rebuilt with equal configs is never stale; whatever has different configs is never fresh.
    #[test]
    fn rebuilds_are_judged_by_their_content(
        same in any::<bool>(),
        platforms in 1_usize..4,
        node_platform in 0_usize..3,
        old_layers in 0_u8..3,
        new_layers in 0_u8..3,
        old_is_index in any::<bool>(),
        new_is_index in any::<bool>(),
        form in 0_u8..5,
    ) {
        const ALL: [&str; 3] = [AMD64, ARM64, "linux/s390x"];
        let mut registry = Memory::default();
        let mut build = |content: &str, layers: u8, is_index: bool| {
            let mut images: Vec<(String, String)> = Vec::new();
            for platform in ALL.iter().take(platforms) {
                images.push(registry.image(REPOSITORY, content, platform, &layers.to_string()));
            }
            let place = node_platform % platforms;
            let (manifest, config) = images.get(place).cloned().expect("built");
            if !is_index {
                return (manifest.clone(), manifest, config);
            }
            let entries: Vec<(&str, &str)> =
                images.iter().zip(ALL).map(|((manifest, _), platform)| (manifest.as_str(), platform)).collect();
            let index = registry.index(REPOSITORY, &entries, content);
            (index, manifest, config)
        };
        let (old, old_manifest, old_config) = build("old", old_layers, old_is_index);
        let (new, _, new_config) = build(if same { "old" } else { "new" }, new_layers, new_is_index);
        prop_assert_eq!(old_config == new_config, same);
        registry.move_tag(IMAGE, &new);
        let image_id = match form {
            0 => id(&old),
            1 => id(&old_manifest),
            2 => old_config.clone(),
            3 => format!("docker://{old}"),
            _ => format!("docker://{old_config}"),
        };
        let platform = ALL.get(node_platform % platforms).expect("a platform");
        let (verdict, code) = one(&registry, &image_id, platform);
        prop_assert_eq!(verdict, if same { Verdict::Fresh } else { Verdict::Stale }, "{} {}", code, image_id);
    }
}
