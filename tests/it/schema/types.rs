//! The settings once more, as the schema has them. The tests beside this file hold both together.
//!
//! The library reads settings by hand, key by key, so its types say neither names nor which of them may be absent.

#![expect(dead_code, reason = "only the shape of these types counts")]

use schemars::JsonSchema;
use serde_json::{Value, json};

/// Settings of the admission policy fresh-images. `{}` requires a digest or the pull policy Always, and nothing else.
#[derive(JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schemars(title = "fresh-images", extend("type" = ["object", "null"]))]
pub(crate) struct Settings {
    /// What an image must have.
    #[schemars(extend("default" = "digestOrAlways"))]
    require: Option<Require>,
    /// Where images may come from: `allow` or `reject`. A pattern is a registry with its port, or a registry and the
    /// first components of a repository. `*.corp.example` matches all hosts below `corp.example`.
    registries: Option<Registries>,
    /// Tags that no image may have.
    tags: Option<Tags>,
    /// Which images may be used: `allow` or `reject`. In a pattern, `*` matches anything except `/`, and a last `**`
    /// matches everything that follows. A pattern without a tag matches all tags and digests.
    images: Option<Images>,
    /// What certain images must have instead of `require`. The first match counts.
    #[schemars(extend("default" = []))]
    overrides: Option<Vec<Override>>,
    /// What the policy does not judge. Each entry needs a reason and at least one list, and every list in it must match.
    #[schemars(extend("default" = []))]
    exempt: Option<Vec<Exempt>>,
    /// What happens to an object that has findings.
    #[schemars(extend("default" = "reject"))]
    enforcement: Option<Enforcement>,
    /// Which images are judged when an object is updated.
    #[schemars(extend("default" = "changed"))]
    on_update: Option<OnUpdate>,
    /// How to change what `require` would reject. Absent: change nothing.
    mutate: Option<Mutate>,
}

#[derive(JsonSchema)]
#[serde(rename_all = "camelCase")]
enum Require {
    /// A digest, or `Always` as the effective pull policy: no node runs old content.
    DigestOrAlways,
    /// A digest, so that every node runs the same content.
    Digest,
    /// `Always` as the effective pull policy, so that each start resolves the tag again.
    Always,
    /// Both a digest and `Always` as the effective pull policy.
    DigestAndAlways,
    /// Nothing: only the other settings apply.
    None,
}

#[derive(JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(extend("not" = both_lists()))]
struct Registries {
    /// Images from other registries are rejected. An empty list means the same as no list.
    #[schemars(extend("default" = [], "examples" = [["ghcr.io", "registry.example.com:5000/team-a", "*.corp.example"]]))]
    allow: Option<Vec<Text>>,
    /// Images from these registries are rejected.
    #[schemars(extend("default" = [], "examples" = [["docker.io"]]))]
    reject: Option<Vec<Text>>,
}

#[derive(JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Tags {
    /// Patterns of tags, in which `*` matches any characters. An image with neither tag nor digest has the tag `latest`; a digest alone has no tag.
    #[schemars(extend("default" = [], "examples" = [["latest", "*-SNAPSHOT"]]))]
    reject: Option<Vec<Text>>,
    /// `true`: upper and lower case are the same, so `latest` also means `LATEST`.
    #[schemars(extend("default" = false))]
    ignore_case: Option<bool>,
}

#[derive(JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(extend("not" = both_lists()))]
struct Images {
    /// Other images are rejected. An empty list means the same as no list.
    #[schemars(extend("default" = [], "examples" = [["nginx", "ghcr.io/org/*:1.*", "registry.example.com:5000/**"]]))]
    allow: Option<Vec<Text>>,
    /// These images are rejected.
    #[schemars(extend("default" = [], "examples" = [["docker.io/bitnami/**"]]))]
    reject: Option<Vec<Text>>,
}

#[derive(JsonSchema)]
#[serde(deny_unknown_fields)]
struct Override {
    /// Patterns of images, as in `images`.
    #[schemars(length(min = 1), extend("examples" = [["registry.example.com:5000/**"]]))]
    images: Vec<Text>,
    /// What these images must have, instead of the top-level `require`.
    require: Require,
}

#[derive(JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(extend("anyOf" = some_list()))]
struct Exempt {
    /// Patterns of images, as in `images` above.
    #[schemars(extend("default" = [], "examples" = [["registry.k8s.io/pause"]]))]
    images: Option<Vec<Text>>,
    /// Patterns of namespaces of the request; `*` matches any characters.
    #[schemars(extend("default" = [], "examples" = [["ci", "ci-*"]]))]
    namespaces: Option<Vec<Text>>,
    /// Patterns of the names of users who send requests; `*` matches any characters.
    #[schemars(extend("default" = [], "examples" = [["system:serviceaccount:ci:*"]]))]
    users: Option<Vec<Text>>,
    /// Patterns of the groups of users who send requests; `*` matches any characters.
    #[schemars(extend("default" = [], "examples" = [["oidc:cluster-admins"]]))]
    groups: Option<Vec<Text>>,
    /// Patterns of the names of containers, of all kinds.
    #[schemars(extend("default" = [], "examples" = [["istio-proxy"]]))]
    containers: Option<Vec<Text>>,
    /// The only rules that the entry lifts. An empty list means the same as no list: nothing is judged, not even whether
    /// the image is well-formed.
    #[schemars(extend("default" = [], "examples" = [["registries"], ["freshness"]]))]
    rules: Option<Vec<Rule>>,
    /// The last day on which the entry holds, in UTC. Absent: it does not end.
    #[schemars(regex(pattern = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$"), extend("format" = "date", "examples" = ["2027-01-31"]))]
    until: Option<String>,
    /// Why, for the people who read the settings later.
    #[schemars(regex(pattern = r"\S"))]
    reason: String,
}

#[derive(JsonSchema)]
#[serde(rename_all = "camelCase")]
enum Rule {
    /// Which registries images may come from: `registries`.
    Registries,
    /// Which images may be used: `images`.
    Images,
    /// Which tags images may have: `tags`.
    Tags,
    /// What images must have: `require` and `overrides`.
    Freshness,
}

#[derive(JsonSchema)]
#[serde(rename_all = "camelCase")]
enum Enforcement {
    /// The object is rejected.
    Reject,
    /// The object is accepted, and the user gets a warning about what would be rejected.
    Warn,
}

#[derive(JsonSchema)]
#[serde(rename_all = "camelCase")]
enum OnUpdate {
    /// Those whose image or effective pull policy changes.
    Changed,
    /// All images.
    All,
}

#[derive(JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schemars(extend("if" = is_pin_digest(), "then" = has_registries(), "else" = has_only_to()))]
struct Mutate {
    /// What an image gets if it lacks what `require` asks for.
    to: MutateTo,
    /// For pinDigest: the only hosts that the policy asks for digests.
    #[schemars(extend("default" = [], "examples" = [["registry.example.com:5000"]]))]
    registries: Option<Vec<Text>>,
    /// For pinDigest: what happens if no digest can be found.
    #[schemars(extend("default" = "reject"))]
    if_unresolved: Option<IfUnresolved>,
    /// For pinDigest: `repository:tag@digest` instead of `repository@digest`.
    #[schemars(extend("default" = false))]
    keep_tag: Option<bool>,
}

#[derive(JsonSchema)]
#[serde(rename_all = "camelCase")]
enum MutateTo {
    /// The pull policy `Always`: it needs nothing else, and each start resolves the tag again.
    PullAlways,
    /// The digest that its tag has now: the policy server asks the registry, for at most 3 images a request.
    PinDigest,
}

#[derive(JsonSchema)]
#[serde(rename_all = "camelCase")]
enum IfUnresolved {
    /// The image is rejected.
    Reject,
    /// The image gets the pull policy `Always`.
    PullAlways,
}

/// A pattern or a name, not blank.
#[derive(JsonSchema)]
#[schemars(inline)]
struct Text(#[schemars(regex(pattern = r"\S"))] String);

/// Both lists have entries.
fn both_lists() -> Value {
    json!({
        "required": ["allow", "reject"],
        "properties": {"allow": some_entries(), "reject": some_entries()},
    })
}

/// At least one of the lists has entries.
fn some_list() -> Value {
    let lists = ["images", "namespaces", "users", "groups", "containers"];
    lists.map(|list| json!({"required": [list], "properties": {list: some_entries()}})).to_vec().into()
}

fn is_pin_digest() -> Value {
    json!({"required": ["to"], "properties": {"to": {"const": "pinDigest"}}})
}

fn has_registries() -> Value {
    json!({"required": ["registries"], "properties": {"registries": some_entries()}})
}

fn has_only_to() -> Value {
    let absent = json!({"const": null});
    json!({"properties": {"registries": {"maxItems": 0}, "ifUnresolved": absent, "keepTag": absent}})
}

fn some_entries() -> Value {
    json!({"type": "array", "minItems": 1})
}
