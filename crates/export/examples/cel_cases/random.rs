//! Random settings and random requests, of pieces that are near to each other.

use fresh_images::pull_policy::PullPolicy;
use fresh_images::reference::Reference;
use serde_json::{Map, Value, json};

use crate::{Case, Group};

/// SplitMix64, so that a failure can be repeated.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, limit: usize) -> usize {
        usize::try_from(self.next() % u64::try_from(limit).expect("small")).expect("small")
    }

    /// True once in `n` times.
    fn once_in(&mut self, n: usize) -> bool {
        self.below(n) == 0
    }

    fn of<'t>(&mut self, choices: &[&'t str]) -> &'t str {
        choices[self.below(choices.len())]
    }

    /// Up to `most` of them, none twice.
    fn some(&mut self, choices: &[&str], most: usize) -> Vec<String> {
        let mut chosen: Vec<String> = Vec::new();
        for _ in 0..=self.below(most) {
            let choice = self.of(choices);
            if !chosen.iter().any(|it| it == choice) {
                chosen.push(choice.to_owned());
            }
        }
        chosen
    }
}

const HEX: &str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
const DIGEST: &str = "@sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

const REGISTRIES: [&str; 21] = [
    "ghcr.io",
    "ghcr.io/org",
    "ghcr.io/o*",
    "docker.io",
    "docker.io/library",
    "docker.io/bitnami",
    "*.corp.example",
    "a.corp.example",
    "registry.example.com:5000/team-a",
    "localhost:5000",
    "localhost",
    "[::1]:5000",
    "*.docker.io",
    "evil.example:443",
    "evil.example",
    "evil.example:00",
    "*.example:443",
    "*.io",
    "*.*.io",
    "index.docker.io:443",
    "registry.example.com:05000",
];
const IMAGES: [&str; 18] = [
    "nginx",
    "nginx:latest",
    "nginx:1.*",
    "nginx:l*",
    "ghcr.io/org/*",
    "ghcr.io/org/**",
    "**",
    "**:latest",
    "**:1.25",
    "*.corp.example/**",
    "bitnami/**",
    "bitnami/r*s:7",
    "evil.example/org/*",
    "evil.example:443/**",
    "ghcr.io/org/app@sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "nginx:1.25@sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "**@sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "*.docker.io/**",
];
const TAGS: [&str; 10] =
    ["latest", "*-SNAPSHOT", "v1.*", "*", "1.25", "l*t", "*.2*", "7", "LATEST", "*-snapShot"];
const USERS: [&str; 7] =
    ["system:serviceaccount:ci:*", "admin", "o'brien*", "a\\n*", "x') || true || ('", "*", "adm*n"];
const GROUPS: [&str; 4] = ["dev", "d*", "system:nodes", "o'brien*"];
const NAMESPACES: [&str; 4] = ["ci", "team-*", "shop", "*"];
const CONTAINERS: [&str; 4] = ["istio-proxy", "*-log", "c*", "*"];
const REQUIRE: [&str; 5] = ["digestOrAlways", "digest", "always", "digestAndAlways", "none"];

const HOSTS: [&str; 32] = [
    "",
    "",
    "",
    "ghcr.io/",
    "ghcr.io/",
    "GHCR.io/",
    "ghcr.io:5000/",
    "ghcr.io:443/",
    "docker.io/",
    "index.docker.io/",
    "INDEX.docker.io/",
    "INDEX.DOCKER.IO:443/",
    "index.docker.io:0443/",
    "Docker.IO:0443/",
    "a.docker.io/",
    "A.DOCKER.IO/",
    "a.corp.example/",
    "A.corp.example/",
    "a.b.corp.example/",
    "corp.example/",
    "localhost/",
    "localhost:5000/",
    "registry.example.com:5000/",
    "evil.example/",
    "EVIL.example:443/",
    "evil.example:0443/",
    "evil.example:000/",
    "[::1]:5000/",
    "[a]:1/",
    "x/",
    "[0]/",
    "gh_cr.io/",
];
const PATHS: [&str; 20] = [
    "nginx",
    "nginx",
    "library/nginx",
    "org/app",
    "org/app",
    "org",
    "org-evil/app",
    "org/team/app",
    "team-a/app",
    "team-abc",
    "bitnami/redis",
    "bitnami/rs",
    "sha256",
    "library/sha512",
    "a__b",
    "a---b",
    "a___b",
    "",
    "a.b",
    "A",
];
const ENDS: [&str; 20] = [
    "",
    "",
    ":latest",
    ":latest",
    ":1.25",
    ":1.25",
    ":1-SNAPSHOT",
    ":v1.2",
    ":7",
    DIGEST,
    DIGEST,
    DIGEST,
    ":",
    ":-x",
    ":latest@sha256:0",
    "@sha256:E3b0",
    "@sha384:",
    "@md5:00",
    "/",
    "\n",
];
/// Characters that mean something somewhere.
const STRAY: [&str; 24] = [
    "'", "\"", "\\", "\n", " ", "/", ":", "@", ".", "-", "_", "[", "]", "*", "A", "é", "ſ", "\u{212a}",
    "\u{0}", "$", "%", "(", "\u{202e}", "0",
];

fn image(random: &mut Random) -> String {
    // Most are references, because of those there is more to say.
    let pick = |random: &mut Random, choices: &[&'static str], plain: usize| {
        let plain = if random.once_in(6) { choices.len() } else { plain };
        choices[random.below(plain)]
    };
    let mut image =
        format!("{}{}{}", pick(random, &HOSTS, 30), pick(random, &PATHS, 12), pick(random, &ENDS, 12));
    match random.below(60) {
        0 => image = HEX.into(),
        1 => image = format!("sha256:{HEX}"),
        2 => image = format!("{}{}", random.of(&HOSTS), "a".repeat(245 + random.below(14))),
        3 => image = format!("nginx:{}", "t".repeat(126 + random.below(5))),
        4 => image = format!("ghcr.io/{}", "a/".repeat(120 + random.below(10)) + "a"),
        5 => image = format!("{}/nginx", "a.".repeat(2040 + random.below(10)) + "a"),
        6 => image = format!("nginx:1.25{DIGEST}"),
        7 => image = format!("ghcr.io/org/app:latest{DIGEST}"),
        8..12 => {
            let places: Vec<usize> = image.char_indices().map(|(place, _)| place).collect();
            let place = if places.is_empty() { 0 } else { places[random.below(places.len())] };
            image.insert_str(place, random.of(&STRAY));
        }
        12 => image.clear(),
        13 => image = " ".into(),
        _ => {}
    }
    image
}

fn settings(random: &mut Random) -> Value {
    let mut settings = Map::new();
    if random.once_in(2) {
        settings.insert("require".into(), random.of(&REQUIRE).into());
    }
    for (key, choices) in [("registries", &REGISTRIES[..]), ("images", &IMAGES[..])] {
        if random.once_in(2) {
            let side = random.of(&["allow", "reject"]);
            settings.insert(key.into(), json!({side: random.some(choices, 5)}));
        }
    }
    if random.once_in(2) {
        let mut tags = json!({"reject": random.some(&TAGS, 3)});
        if random.once_in(3) {
            tags["ignoreCase"] = true.into();
        }
        settings.insert("tags".into(), tags);
    }
    if random.once_in(2) {
        let overrides: Vec<Value> = (0..=random.below(2))
            .map(|_| json!({"images": random.some(&IMAGES, 2), "require": random.of(&REQUIRE)}))
            .collect();
        settings.insert("overrides".into(), overrides.into());
    }
    if random.once_in(2) {
        let entries: Vec<Value> = (0..=random.below(2)).map(|_| exemption(random)).collect();
        settings.insert("exempt".into(), entries.into());
    }
    if random.once_in(4) {
        settings.insert("onUpdate".into(), "all".into());
    }
    if random.once_in(6) {
        settings.insert("enforcement".into(), "warn".into());
    }
    if random.once_in(3) {
        settings.insert("mutate".into(), json!({"to": "pullAlways"}));
    }
    settings.into()
}

fn exemption(random: &mut Random) -> Value {
    let mut entry = json!({"reason": "a: reason\n# that breaks out"});
    let lists: [(&str, &[&str]); 5] = [
        ("images", &IMAGES),
        ("users", &USERS),
        ("groups", &GROUPS),
        ("namespaces", &NAMESPACES),
        ("containers", &CONTAINERS),
    ];
    let chosen = random.below(lists.len());
    for (index, (key, choices)) in lists.iter().enumerate() {
        if index == chosen || random.once_in(4) {
            entry[*key] = random.some(choices, 2).into();
        }
    }
    if random.once_in(3) {
        entry["rules"] = random.some(&["registries", "images", "tags", "freshness"], 3).into();
    }
    entry
}

const KINDS: [(&str, &str, &[&str]); 9] = [
    ("", "Pod", &["spec"]),
    ("apps", "Deployment", &["spec", "template", "spec"]),
    ("apps", "ReplicaSet", &["spec", "template", "spec"]),
    ("apps", "StatefulSet", &["spec", "template", "spec"]),
    ("apps", "DaemonSet", &["spec", "template", "spec"]),
    ("", "ReplicationController", &["spec", "template", "spec"]),
    ("batch", "Job", &["spec", "template", "spec"]),
    ("batch", "CronJob", &["spec", "jobTemplate", "spec", "template", "spec"]),
    ("", "PodTemplate", &["template", "spec"]),
];
const LISTS: [&str; 4] = ["volumes", "initContainers", "containers", "ephemeralContainers"];
const POLICIES: [&str; 6] = ["", "Always", "Always", "IfNotPresent", "IfNotPresent", "Never"];

fn entry(random: &mut Random, list: &str, index: usize) -> Value {
    let name = match random.below(6) {
        0 => "istio-proxy".to_owned(),
        1 => format!("x{index}-log"),
        _ => format!("c{index}"),
    };
    let (image, mut policy) = (image(random), random.of(&POLICIES));
    if policy.is_empty() && Reference::parse(&image).is_err() {
        // Kubernetes reads some references that the policy refuses, and then fills in what the policy cannot know here.
        policy = "IfNotPresent";
    }
    if list == "volumes" {
        if random.once_in(4) {
            return json!({"name": name, "emptyDir": {}});
        }
        return json!({"name": name, "image": {"reference": image, "pullPolicy": policy}});
    }
    json!({"name": name, "image": image, "imagePullPolicy": policy})
}

fn pod_spec(random: &mut Random) -> Value {
    let mut spec = Map::new();
    for list in LISTS {
        let most = if list == "containers" { 3 } else { 2 };
        let count = random.below(most + 1).max(usize::from(list == "containers"));
        let mut entries: Vec<Value> = Vec::new();
        for index in 0..count {
            let entry = entry(random, list, index);
            // The API server refuses names that repeat.
            if !entries.iter().any(|other| other["name"] == entry["name"]) {
                entries.push(entry);
            }
        }
        if !entries.is_empty() {
            spec.insert(list.into(), entries.into());
        }
    }
    spec.into()
}

/// A pod spec that was there before: in places another one.
fn before(random: &mut Random, spec: &Value) -> Value {
    let mut old = spec.clone();
    for list in LISTS {
        let Some(entries) = old.get_mut(list).and_then(Value::as_array_mut) else { continue };
        for (index, entry) in entries.iter_mut().enumerate() {
            if random.once_in(3) {
                let name = entry["name"].clone();
                *entry = self::entry(random, list, index);
                if !random.once_in(4) {
                    entry["name"] = name;
                }
            } else if random.once_in(4) && list != "volumes" {
                // Not empty, as above.
                entry["imagePullPolicy"] = random.of(&POLICIES[1..]).into();
            }
        }
        let mut names = Vec::new();
        entries.retain(|entry| {
            let is_new = !names.contains(&entry["name"]);
            names.push(entry["name"].clone());
            is_new
        });
        if random.once_in(8) {
            entries.reverse();
        }
    }
    fill_in(&mut old);
    if random.once_in(10) {
        let (first, second) = (old["containers"].clone(), old["initContainers"].clone());
        if !second.is_null() {
            old["containers"] = second;
            old["initContainers"] = first;
        }
    }
    old
}

/// The pull policies that an API server has filled in when it wrote the object.
fn fill_in(spec: &mut Value) {
    for list in LISTS {
        for entry in spec.get_mut(list).and_then(Value::as_array_mut).into_iter().flatten() {
            let (entry, image, policy) = match list {
                "volumes" => (&mut entry["image"], "reference", "pullPolicy"),
                _ => (entry, "image", "imagePullPolicy"),
            };
            if entry.is_object() && entry[policy] == "" {
                let reference = entry[image].as_str().and_then(|image| Reference::parse(image).ok());
                entry[policy] = PullPolicy::effective(None, reference.as_ref()).as_str().into();
            }
        }
    }
}

fn object(path: &[&str], spec: Value) -> Value {
    path.iter().rev().fold(spec, |inner, key| json!({*key: inner}))
}

fn request(random: &mut Random) -> Value {
    let (group, kind, path) = KINDS[if random.once_in(2) { 0 } else { random.below(KINDS.len()) }];
    let spec = pod_spec(random);
    let user = random.of(&["admin", "system:serviceaccount:ci:builder", "o'brien", "a\\nb", "system:node:a"]);
    let mut request = json!({
        "operation": "CREATE",
        "kind": {"group": group, "version": "v1", "kind": kind},
        "namespace": random.of(&["ci", "team-a", "shop", "default"]),
        "userInfo": {"username": user, "groups": [random.of(&["system:nodes", "dev"])]},
        "object": object(path, spec.clone()),
    });
    if random.once_in(2) {
        request["operation"] = "UPDATE".into();
        request["oldObject"] = object(path, before(random, &spec));
        if kind == "Pod" && random.once_in(3) {
            request["subResource"] = "ephemeralcontainers".into();
        }
    }
    if kind.starts_with("Replica") {
        let owner = json!({"apiVersion": "apps/v1", "kind": "Deployment", "name": "a", "uid": "b"});
        request["object"]["metadata"]["ownerReferences"] = json!([owner.clone(), owner]);
        if random.once_in(2) {
            request["object"]["metadata"]["ownerReferences"][1]["controller"] = random.once_in(2).into();
        }
        if !random.once_in(3) {
            request["object"]["spec"]["replicas"] = random.below(2).into();
        }
    }
    if !kind.starts_with("Replica") && random.once_in(6) {
        // A CronJob's Job, an operator's StatefulSet, a ReplicaSet's Pod.
        let owner = json!({"apiVersion": "example.com/v1", "kind": "Owner", "name": "a", "uid": "b", "controller": true});
        request["object"]["metadata"]["ownerReferences"] = json!([owner]);
    }
    if kind == "Pod" && random.once_in(12) {
        request["object"]["metadata"]["annotations"]["kubernetes.io/config.mirror"] = "x".into();
    }
    request
}

/// How many requests are made for the same settings.
const REQUESTS: usize = 100;

/// Exemptions of containers and of one digest, each from certain rules: by chance they seldom meet an image volume.
fn exempting(require: &str) -> Value {
    let rules = json!(["registries", "images", "tags", "freshness"]);
    // A digest is always fresh.
    let of_a_digest = json!(["registries", "images", "tags"]);
    json!({
        "require": require,
        "registries": {"reject": ["ghcr.io", "docker.io"]},
        "images": {"reject": ["*.corp.example/**", "nginx"]},
        "tags": {"reject": ["1.25", "latest"]},
        "exempt": [
            {"containers": ["c*"], "rules": rules, "reason": "containers"},
            {"containers": ["*-log"], "users": ["admin"], "rules": rules, "reason": "containers of a user"},
            {"images": [format!("ghcr.io/org/app{DIGEST}"), format!("nginx{DIGEST}")], "rules": of_a_digest, "reason": "a digest"},
        ],
    })
}

/// Groups with `count` requests in all.
pub(crate) fn groups(count: usize, each: &mut dyn FnMut(Group)) {
    let mut random = Random(20_260_131);
    let mut write = |name: String, settings: Value, random: &mut Random| {
        let cases = (0..REQUESTS)
            .map(|index| Case { name: format!("{name}+{index}"), request: request(random).to_string() })
            .collect();
        each(Group { name, settings, cases });
    };
    let mut written = 0;
    while written < count {
        let settings = settings(&mut random);
        if fresh_images::validate_settings(settings.to_string().as_bytes()).is_ok() {
            write(format!("random {written}"), settings, &mut random);
            written += REQUESTS;
        }
    }
    if count > 0 {
        for require in REQUIRE.iter().cycle().take(4 * REQUIRE.len()) {
            write(format!("exempting, {require}"), exempting(require), &mut random);
        }
    }
}
