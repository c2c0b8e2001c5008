//! Settings: what is accepted, and every way in which they can be wrong, with the whole message.

use fresh_images::policy::Policy;
use fresh_images::settings::{
    AllowOrReject, Enforcement, Exempt, IfUnresolved, Mutate, MutateTo, OnUpdate, Override, Require, Rule,
    Settings, SettingsError, Tags,
};
use fresh_images::validate_settings;

#[track_caller]
fn accepts(json: &str) {
    assert_eq!(validate_settings(json.as_bytes()), Ok(()), "{json}");
}

/// One line for each problem.
#[track_caller]
fn refuses(json: &str, problems: &[&str]) {
    let result = validate_settings(json.as_bytes()).map_err(|error| error.to_string());
    assert_eq!(result, Err(problems.join("\n")), "{json}");
}

#[track_caller]
fn reads(json: &str, expected: &Settings) {
    let settings = Settings::from_json(json.as_bytes());
    assert_eq!(settings.as_ref(), Ok(expected), "{json}");
    assert!(settings.as_ref().is_ok_and(|settings| Policy::new(settings).is_ok()), "{json}");
}

fn texts(texts: &[&str]) -> Vec<String> {
    texts.iter().map(ToString::to_string).collect()
}

/// Every key that there is.
const EXAMPLE: &str = r#"{
    "require": "digestOrAlways",
    "registries": {"allow": ["ghcr.io", "registry.example.com:5000/team-a", "*.corp.example"]},
    "tags": {"reject": ["latest", "*-SNAPSHOT"], "ignoreCase": true},
    "images": {"reject": ["docker.io/bitnami/**"]},
    "overrides": [{"images": ["registry.internal:5000/**"], "require": "digest"}],
    "exempt": [
        {"images": ["registry.k8s.io/pause"], "reason": "part of the platform"},
        {
            "namespaces": ["ci"],
            "users": ["system:serviceaccount:ci:*"],
            "groups": ["oidc:cluster-admins"],
            "rules": ["registries", "images", "tags", "freshness"],
            "until": "2027-01-31",
            "containers": ["istio-proxy"],
            "reason": "injected by the mesh"
        }
    ],
    "enforcement": "reject",
    "onUpdate": "changed",
    "mutate": {
        "to": "pinDigest",
        "registries": ["registry.example.com:5000"],
        "ifUnresolved": "reject",
        "keepTag": false
    }
}"#;

#[test]
fn every_key_is_read() {
    let expected = Settings {
        require: Require::DigestOrAlways,
        registries: AllowOrReject {
            allow: texts(&["ghcr.io", "registry.example.com:5000/team-a", "*.corp.example"]),
            reject: Vec::new(),
        },
        tags: Tags { reject: texts(&["latest", "*-SNAPSHOT"]), ignore_case: true },
        images: AllowOrReject { allow: Vec::new(), reject: texts(&["docker.io/bitnami/**"]) },
        overrides: vec![Override { images: texts(&["registry.internal:5000/**"]), require: Require::Digest }],
        exempt: vec![
            Exempt {
                images: texts(&["registry.k8s.io/pause"]),
                reason: "part of the platform".into(),
                ..Exempt::default()
            },
            Exempt {
                namespaces: texts(&["ci"]),
                users: texts(&["system:serviceaccount:ci:*"]),
                groups: texts(&["oidc:cluster-admins"]),
                rules: vec![Rule::Registries, Rule::Images, Rule::Tags, Rule::Freshness],
                until: Some("2027-01-31".into()),
                containers: texts(&["istio-proxy"]),
                reason: "injected by the mesh".into(),
                ..Exempt::default()
            },
        ],
        enforcement: Enforcement::Reject,
        on_update: OnUpdate::Changed,
        mutate: Some(Mutate {
            to: MutateTo::PinDigest,
            registries: texts(&["registry.example.com:5000"]),
            if_unresolved: Some(IfUnresolved::Reject),
            keep_tag: Some(false),
        }),
    };
    reads(EXAMPLE, &expected);
}

#[test]
fn every_choice_has_a_name() {
    for (name, require) in [
        ("digestOrAlways", Require::DigestOrAlways),
        ("digest", Require::Digest),
        ("always", Require::Always),
        ("digestAndAlways", Require::DigestAndAlways),
        ("none", Require::None),
    ] {
        reads(&format!(r#"{{"require": "{name}"}}"#), &Settings { require, ..Settings::default() });
    }
    for (name, enforcement) in [("reject", Enforcement::Reject), ("warn", Enforcement::Warn)] {
        reads(&format!(r#"{{"enforcement": "{name}"}}"#), &Settings { enforcement, ..Settings::default() });
    }
    for (name, on_update) in [("changed", OnUpdate::Changed), ("all", OnUpdate::All)] {
        reads(&format!(r#"{{"onUpdate": "{name}"}}"#), &Settings { on_update, ..Settings::default() });
    }
}

#[test]
fn mutate_has_defaults() {
    let reads_mutate = |json: &str, mutate: Mutate| {
        reads(&format!(r#"{{"mutate": {json}}}"#), &Settings { mutate: Some(mutate), ..Settings::default() });
    };
    reads_mutate(r#"{"to": "pullAlways"}"#, Mutate::default());
    let pin = Mutate { to: MutateTo::PinDigest, registries: texts(&["ghcr.io"]), ..Mutate::default() };
    reads_mutate(r#"{"to": "pinDigest", "registries": ["ghcr.io"], "keepTag": null}"#, pin.clone());
    let pin = Mutate { if_unresolved: Some(IfUnresolved::PullAlways), keep_tag: Some(true), ..pin };
    reads_mutate(
        r#"{"to": "pinDigest", "registries": ["ghcr.io"], "ifUnresolved": "pullAlways", "keepTag": true}"#,
        pin,
    );
}

#[test]
fn mutate_asks_only_what_is_named() {
    let pin = |rest: &str| format!(r#"{{"mutate": {{"to": "pinDigest"{rest}}}}}"#);
    let missing = "settings.mutate.registries: missing; pinDigest asks only the registries in this list";
    refuses(&pin(""), &[missing]);
    refuses(&pin(r#", "registries": []"#), &[missing]);
    refuses(r#"{"mutate": {}}"#, &["settings.mutate.to: missing; set pullAlways or pinDigest"]);
    for good in ["docker.io", "index.docker.io", "localhost", "localhost:5000", "10.0.0.1:5000", "a.b"] {
        accepts(&pin(&format!(r#", "registries": ["{good}"]"#)));
    }
    let one_host = "is not one host: write `ghcr.io` or `localhost:5000`, without a path or a pattern";
    for (bad, problem) in [
        (" ", "is blank"),
        ("ghcr.io/org", one_host),
        ("ghcr.io/", one_host),
        ("*.example.com", one_host),
        ("nginx", one_host),
        ("user@ghcr.io", one_host),
        ("https://ghcr.io", "can never match: `://` at byte 5: an image reference has no scheme"),
        ("GHCR.io", "can never match: a host in upper case matches nothing"),
        ("[::1]:5000", "cannot be used: Kubewarden looks up no images on IPv6 hosts"),
        ("ghcr.io:", "can never match: empty port at byte 8"),
    ] {
        let json = pin(&format!(r#", "registries": ["{bad}"]"#));
        refuses(&json, &[&format!("settings.mutate.registries[0]: \"{bad}\" {problem}")]);
    }
    refuses(
        &pin(r#", "registries": ["docker.io", "index.docker.io"]"#),
        &["settings.mutate.registries[1]: \"index.docker.io\" is a duplicate of an earlier entry"],
    );
}

#[test]
fn mutate_must_be_able_to_change_something() {
    let nothing = "settings.mutate.to: cannot give images what `require` asks for";
    for (require, always, pin) in [
        ("digestOrAlways", true, true),
        ("digest", false, true),
        ("always", true, false),
        ("digestAndAlways", true, true),
        ("none", false, false),
    ] {
        for (to, mends) in [("pullAlways", always), ("pinDigest", pin)] {
            let registries = if to == "pinDigest" { r#", "registries": ["ghcr.io"]"# } else { "" };
            let mutate = format!(r#"{{"to": "{to}"{registries}}}"#);
            let json = format!(r#"{{"require": "{require}", "mutate": {mutate}}}"#);
            if mends {
                accepts(&json);
            } else {
                refuses(&json, &[nothing]);
                let overrides = r#"[{"images": ["nginx"], "require": "digestOrAlways"}]"#;
                accepts(&json.replacen('{', &format!(r#"{{"overrides": {overrides}, "#), 1));
            }
        }
    }
}

#[test]
fn absent_null_and_empty_are_the_same() {
    let default = Settings::default();
    assert_eq!(default.require, Require::DigestOrAlways);
    assert_eq!(default.enforcement, Enforcement::Reject);
    assert_eq!(default.on_update, OnUpdate::Changed);
    for json in [
        "null",
        "{}",
        " {\n} ",
        r#"{"require": null}"#,
        r#"{"registries": null, "tags": null, "images": null, "overrides": null, "exempt": null}"#,
        r#"{"enforcement": null, "onUpdate": null}"#,
        r#"{"registries": {}, "tags": {}, "images": {}}"#,
        r#"{"registries": {"allow": [], "reject": []}, "tags": {"reject": []}, "overrides": [], "exempt": []}"#,
        r#"{"registries": {"allow": null, "reject": null}, "images": {"allow": []}}"#,
    ] {
        reads(json, &default);
    }
    // An empty list beside one with entries contradicts nothing.
    accepts(
        r#"{"registries": {"allow": [], "reject": ["ghcr.io"]}, "images": {"allow": ["nginx"], "reject": []}}"#,
    );
    accepts(r#"{"exempt": [{"images": ["nginx"], "users": [], "namespaces": null, "reason": "x"}]}"#);
}

const KEYS: &str =
    "known keys are require, registries, tags, images, overrides, exempt, enforcement, onUpdate, mutate";
const REQUIRE: &str = "known values are digestOrAlways, digest, always, digestAndAlways, none";

#[test]
fn unknown_keys_are_problems() {
    refuses(r#"{"registry": []}"#, &[&format!("settings.registry: unknown key; {KEYS}")]);
    refuses(r#"{"Require": "digest"}"#, &[&format!("settings.Require: unknown key; {KEYS}")]);
    refuses(r#"{"": 1}"#, &[&format!("settings[\"\"]: unknown key; {KEYS}")]);
    refuses(r#"{"a.b": null}"#, &[&format!("settings[\"a.b\"]: unknown key; {KEYS}")]);
    refuses(r#"{"ré\n\"": 1}"#, &[&format!("settings[\"r\\u{{e9}}\\n\\\"\"]: unknown key; {KEYS}")]);
    refuses(
        r#"{"registries": {"deny": []}}"#,
        &["settings.registries.deny: unknown key; known keys are allow, reject"],
    );
    refuses(
        r#"{"tags": {"allow": []}}"#,
        &["settings.tags.allow: unknown key; known keys are reject, ignoreCase"],
    );
    refuses(
        r#"{"images": {"denied": 1}}"#,
        &["settings.images.denied: unknown key; known keys are allow, reject"],
    );
    refuses(
        r#"{"overrides": [{"images": ["nginx"], "require": "none", "reason": "x"}]}"#,
        &["settings.overrides[0].reason: unknown key; known keys are images, require"],
    );
    refuses(
        r#"{"exempt": [{"images": ["nginx"], "reason": "x", "labels": []}]}"#,
        &["settings.exempt[0].labels: unknown key; known keys are images, namespaces, users, groups, \
             containers, rules, until, reason"],
    );
}

#[test]
fn keys_that_stand_twice_are_problems() {
    refuses(
        r#"{"require": "digest", "require": "none"}"#,
        &["settings.require: duplicate key; remove one of them"],
    );
    refuses(
        r#"{"registries": {"allow": ["ghcr.io"], "allow": []}}"#,
        &["settings.registries.allow: duplicate key; remove one of them"],
    );
    refuses(
        r#"{"exempt": [{"images": ["nginx"], "reason": "a", "r\u0065ason": "b"}]}"#,
        &["settings.exempt[0].reason: duplicate key; remove one of them"],
    );
    refuses(
        r#"{"overrides": [{"images": ["nginx"], "require": "none", "require": "digest"}]}"#,
        &["settings.overrides[0].require: duplicate key; remove one of them"],
    );
}

#[test]
fn a_null_that_stands_twice_is_a_problem() {
    refuses(
        r#"{"require": null, "require": "none"}"#,
        &["settings.require: duplicate key; remove one of them"],
    );
    refuses(
        r#"{"require": "none", "require": null}"#,
        &["settings.require: duplicate key; remove one of them"],
    );
}

/// A value of each type with what a message calls it.
const TYPES: [(&str, &str); 6] = [
    ("true", "a boolean"),
    ("[]", "a list"),
    ("null", "null"),
    ("1.5", "a number"),
    ("{}", "an object"),
    (r#""x""#, "a string"),
];

/// `$` in `json` gets a value of every type but the expected one; null is as good as absent.
#[track_caller]
fn refuses_other_types(json: &str, path: &str, expected: &str) {
    for (value, noun) in TYPES {
        if noun != expected && noun != "null" {
            let problem = format!("{path}: expected {expected}, found {noun}");
            refuses(&json.replace('$', value), &[&problem]);
        }
    }
}

#[test]
fn wrong_types_are_problems() {
    refuses_other_types("$", "settings", "an object");
    for (key, expected) in [
        ("require", "a string"),
        ("registries", "an object"),
        ("tags", "an object"),
        ("images", "an object"),
        ("overrides", "a list"),
        ("exempt", "a list"),
        ("enforcement", "a string"),
        ("onUpdate", "a string"),
        ("mutate", "an object"),
    ] {
        refuses_other_types(&format!(r#"{{"{key}": $}}"#), &format!("settings.{key}"), expected);
    }
    for (key, list) in [
        ("registries", "allow"),
        ("registries", "reject"),
        ("tags", "reject"),
        ("images", "allow"),
        ("images", "reject"),
    ] {
        let path = format!("settings.{key}.{list}");
        refuses_other_types(&format!(r#"{{"{key}": {{"{list}": $}}}}"#), &path, "a list");
    }
    for list in ["images", "namespaces", "users", "groups", "containers", "rules"] {
        let json = format!(r#"{{"exempt": [{{"{list}": $, "reason": "x"}}]}}"#);
        refuses_other_types(&json, &format!("settings.exempt[0].{list}"), "a list");
    }
    for (key, expected) in [("registries", "a list"), ("keepTag", "a boolean"), ("ifUnresolved", "a string")]
    {
        let registries = if key == "registries" { "" } else { r#""registries": ["ghcr.io"], "# };
        let json = format!(r#"{{"mutate": {{"to": "pinDigest", {registries}"{key}": $}}}}"#);
        refuses_other_types(&json, &format!("settings.mutate.{key}"), expected);
    }
    let json = r#"{"overrides": [{"images": $, "require": "none"}]}"#;
    refuses_other_types(json, "settings.overrides[0].images", "a list");
    let json = r#"{"overrides": [{"images": ["nginx"], "require": $}]}"#;
    refuses_other_types(json, "settings.overrides[0].require", "a string");
}

#[test]
fn a_value_of_a_wrong_type_is_one_problem() {
    refuses(
        r#"{"tags": {"reject": [1]}}"#,
        &["settings.tags.reject[0]: expected a string, found a number: quote it, as in \"1.10\""],
    );
    refuses(r#"{"tags": {"reject": [null]}}"#, &["settings.tags.reject[0]: expected a string, found null"]);
    refuses(
        r#"{"registries": {"allow": ["ghcr.io", [], {}]}}"#,
        &[
            "settings.registries.allow[1]: expected a string, found a list",
            "settings.registries.allow[2]: expected a string, found an object",
        ],
    );
    refuses(
        r#"{"exempt": [{"images": ["nginx"], "reason": 1}]}"#,
        &["settings.exempt[0].reason: expected a string, found a number: quote it, as in \"1.10\""],
    );
    refuses(r#"{"overrides": [1]}"#, &["settings.overrides[0]: expected an object, found a number"]);
    refuses(r#"{"exempt": ["x"]}"#, &["settings.exempt[0]: expected an object, found a string"]);
}

#[test]
fn an_override_says_what_it_requires() {
    let missing = "settings.overrides[0].require: missing; set what these images must have";
    refuses(r#"{"overrides": [{"images": ["nginx"]}]}"#, &[missing]);
    refuses(r#"{"overrides": [{"images": ["nginx"], "require": null}]}"#, &[missing]);
}

#[test]
fn values_that_are_no_choice_are_problems() {
    for (text, quoted) in [
        ("digests", "\"digests\""),
        ("", "\"\""),
        ("Digest", "\"Digest\""),
        ("always ", "\"always \""),
        ("\\u0000é", "\"\\u{0}\\u{e9}\""),
    ] {
        refuses(
            &format!(r#"{{"require": "{text}"}}"#),
            &[&format!("settings.require: unknown value {quoted}; {REQUIRE}")],
        );
    }
    let long = "x".repeat(65);
    let cut = "x".repeat(64);
    refuses(
        &format!(r#"{{"require": "{long}"}}"#),
        &[&format!("settings.require: unknown value \"{cut}…\"; {REQUIRE}")],
    );
    refuses(
        r#"{"enforcement": "deny"}"#,
        &["settings.enforcement: unknown value \"deny\"; known values are reject, warn"],
    );
    refuses(
        r#"{"exempt": [{"images": ["nginx"], "rules": ["digest"], "reason": "x"}]}"#,
        &[
            "settings.exempt[0].rules[0]: unknown value \"digest\"; known values are registries, images, tags, freshness",
        ],
    );
    refuses(
        r#"{"onUpdate": "none"}"#,
        &["settings.onUpdate: unknown value \"none\"; known values are changed, all"],
    );
    refuses(
        r#"{"overrides": [{"images": ["nginx"], "require": "x"}]}"#,
        &[&format!("settings.overrides[0].require: unknown value \"x\"; {REQUIRE}")],
    );
}

#[test]
fn patterns_are_problems_with_their_place() {
    refuses(
        r#"{"registries": {"allow": ["", "ghcr.io", "GHCR.io", "https://ghcr.io"]}}"#,
        &[
            "settings.registries.allow[0]: \"\" is blank",
            "settings.registries.allow[2]: \"GHCR.io\" can never match: a host in upper case matches nothing",
            "settings.registries.allow[3]: \"https://ghcr.io\" can never match: `://` at byte 5: an image reference has \
             no scheme",
        ],
    );
    refuses(
        r#"{"registries": {"reject": ["*"]}}"#,
        &["settings.registries.reject[0]: \"*\" matches every registry; remove the list instead"],
    );
    refuses(
        r#"{"tags": {"reject": [" ", "a:b"]}}"#,
        &[
            "settings.tags.reject[0]: \" \" is blank",
            "settings.tags.reject[1]: \"a:b\" can never match: a second `:` at byte 1 is not allowed in a tag",
        ],
    );
    refuses(
        r#"{"images": {"reject": ["ghcr.io/**/app"]}}"#,
        &["settings.images.reject[0]: \"ghcr.io/**/app\" may have `**` only as its last component"],
    );
    refuses(
        r#"{"overrides": [{"images": ["nginx", "Org/x"], "require": "none"}]}"#,
        &["settings.overrides[0].images[1]: \"Org/x\" can never match: a host in upper case matches nothing"],
    );
    refuses(
        r#"{"exempt": [{"namespaces": ["Ci"], "users": [" "], "containers": ["a_b"], "images": ["*"], "reason": "x"}]}"#,
        &[
            "settings.exempt[0].containers[0]: \"a_b\" can never match: a name has at most 63 lower-case letters, digits \
             and `-`, and no `-` at its ends",
            "settings.exempt[0].images[0]: \"*\" is ambiguous: write `docker.io/*/…` for Docker Hub, or `**` for every \
             image",
            "settings.exempt[0].namespaces[0]: \"Ci\" can never match: a name has at most 63 lower-case letters, digits \
             and `-`, and no `-` at its ends",
            "settings.exempt[0].users[0]: \" \" is blank",
        ],
    );
}

#[test]
fn duplicates_are_problems_however_they_are_spelled() {
    refuses(
        r#"{"registries": {"allow": ["docker.io", "ghcr.io", "index.docker.io", "ghcr.io/", "docker.io/**"]}}"#,
        &[
            "settings.registries.allow[2]: \"index.docker.io\" is a duplicate of an earlier entry",
            "settings.registries.allow[3]: \"ghcr.io/\" is a duplicate of an earlier entry",
            "settings.registries.allow[4]: \"docker.io/**\" is a duplicate of an earlier entry",
        ],
    );
    refuses(
        r#"{"images": {"reject": [" ", "nginx", "docker.io/library/nginx"]}}"#,
        &[
            "settings.images.reject[0]: \" \" is blank",
            "settings.images.reject[2]: \"docker.io/library/nginx\" is a duplicate of an earlier entry",
        ],
    );
    refuses(
        r#"{"tags": {"reject": ["latest", "latest"]}}"#,
        &["settings.tags.reject[1]: \"latest\" is a duplicate of an earlier entry"],
    );
    refuses(
        r#"{"overrides": [
            {"images": ["nginx"], "require": "digest"},
            {"images": ["library/nginx", "redis"], "require": "none"}
        ]}"#,
        &[
            "settings.overrides[1].images[0]: \"docker.io/library/nginx\" can never match here: \"docker.io/library/nginx\" of entry 0 matches all of it, and the first \
           match counts",
        ],
    );
    refuses(
        r#"{"exempt": [{"users": ["a"], "reason": "x"}, {"users": ["b"], "reason": "x"}, {"users": ["a"], "reason": "y"}]}"#,
        &["settings.exempt[2]: is the same as entry 0"],
    );
}

#[test]
fn an_override_that_never_matches_is_told_at_its_place() {
    refuses(
        r#"{"overrides": [
            {"images": ["nginx"], "require": "digest"},
            {"images": [" ", "redis", "nginx"], "require": "none"}
        ]}"#,
        &[
            "settings.overrides[1].images[0]: \" \" is blank",
            "settings.overrides[1].images[2]: \"docker.io/library/nginx\" can never match here: \"docker.io/library/nginx\" of entry 0 matches all of it, and the \
             first match counts",
        ],
    );
}

#[test]
fn an_override_in_the_shadow_of_another_is_a_problem() {
    let overrides = |first: &str, second: &str| {
        format!(
            r#"{{"overrides": [{{"images": ["{first}"], "require": "digest"}}, {{"images": ["{second}"], "require": "none"}}]}}"#
        )
    };
    for (first, second) in [
        ("**", "ghcr.io/org/app"),
        ("ghcr.io/**", "ghcr.io/org/*:1.*"),
        ("ghcr.io/org/*", "ghcr.io/org/app-*"),
        ("*.corp.example/**", "eu.corp.example/app"),
        ("a.*.corp.example/**", "a.b.corp.example/**"),
        ("ghcr.io/app:1.*", "ghcr.io/app:1.2.*"),
        ("ghcr.io/*/**", "ghcr.io/org/team/**"),
    ] {
        let problem = format!(
            "settings.overrides[1].images[0]: \"{second}\" can never match here: \"{first}\" of entry 0 matches all of it, \
             and the first match counts"
        );
        refuses(&overrides(first, second), &[&problem]);
        // The other way round each has something to say.
        accepts(&overrides(second, first));
    }
    let (digest, other) = (format!("@sha256:{}", "a".repeat(64)), format!("@sha256:{}", "b".repeat(64)));
    accepts(&overrides(&format!("ghcr.io/*{digest}"), &format!("ghcr.io/app{other}")));
    accepts(&overrides(&format!("ghcr.io/*{digest}"), "ghcr.io/app"));
    for shadow in ["ghcr.io/*".to_owned(), format!("ghcr.io/*{digest}")] {
        let settings = overrides(&shadow, &format!("ghcr.io/app{digest}"));
        let problems = Settings::from_json(settings.as_bytes()).map(|it| Policy::new(&it).is_err());
        assert_eq!(problems.ok(), Some(true), "{settings}");
    }
    for (first, second) in [
        ("ghcr.io/org/*", "ghcr.io/org/team/app"),
        ("ghcr.io/org/**", "ghcr.io/org"),
        ("ghcr.io/org/app", "ghcr.io/org/**"),
        ("ghcr.io/app:1", "ghcr.io/app"),
        ("**:1", "ghcr.io/app:2"),
        ("*.corp.example/**", "corp.example/**"),
        ("*.*.example/**", "*.example/**"),
        ("ghcr.io:5000/**", "ghcr.io/app"),
    ] {
        accepts(&overrides(first, second));
    }
    refuses(
        r#"{"overrides": [
            {"images": ["nginx"], "require": "none"},
            {"images": ["ghcr.io/**"], "require": "digest"},
            {"images": ["quay.io/app", "ghcr.io/app"], "require": "none"}
        ]}"#,
        &[
            "settings.overrides[2].images[1]: \"ghcr.io/app\" can never match here: \"ghcr.io/**\" of entry 1 matches all of \
           it, and the first match counts",
        ],
    );
}

#[test]
fn what_belongs_to_pinning_is_a_problem_beside_another() {
    let belongs = |key: &str| {
        format!("settings.mutate.{key}: belongs to pinDigest, but `to` is pullAlways: remove one of them")
    };
    let always = |rest: &str| format!(r#"{{"mutate": {{"to": "pullAlways"{rest}}}}}"#);
    refuses(&always(r#", "registries": ["quay.io"]"#), &[&belongs("registries")]);
    refuses(&always(r#", "ifUnresolved": "reject""#), &[&belongs("ifUnresolved")]);
    refuses(&always(r#", "keepTag": false"#), &[&belongs("keepTag")]);
    refuses(
        &always(r#", "keepTag": true, "registries": ["*"], "ifUnresolved": "pullAlways""#),
        &[&belongs("registries"), &belongs("ifUnresolved"), &belongs("keepTag")],
    );
    accepts(&always(r#", "registries": [], "ifUnresolved": null, "keepTag": null"#));
    // Who does not say what to do is asked only for that.
    refuses(
        r#"{"mutate": {"keepTag": true}}"#,
        &["settings.mutate.to: missing; set pullAlways or pinDigest"],
    );
}

#[test]
fn an_exemption_of_everything_is_a_problem() {
    let everything = "matches everything: name what is meant, or leave the list out";
    for (list, pattern) in [
        ("namespaces", "*"),
        ("namespaces", "**"),
        ("users", "*"),
        ("users", "***"),
        ("containers", "*"),
        ("images", "**"),
        ("images", "**:*"),
    ] {
        let entry =
            |other: &str| format!(r#"{{"exempt": [{{"{list}": ["{pattern}"]{other}, "reason": "x"}}]}}"#);
        let problem = format!("settings.exempt[0].{list}[0]: \"{pattern}\" {everything}");
        refuses(&entry(""), &[&problem]);
        // It narrows nothing beside another list either.
        let other = if list == "users" { "namespaces" } else { "users" };
        refuses(&entry(&format!(r#", "{other}": ["ci"]"#)), &[&problem]);
    }
    for good in [
        r#""namespaces": ["ci-*"]"#,
        r#""users": ["*:builder"]"#,
        r#""images": ["**:*-debug", "docker.io/*/*", "*.corp.example/**"]"#,
    ] {
        accepts(&format!(r#"{{"exempt": [{{{good}, "reason": "x"}}]}}"#));
    }
    // Elsewhere it says something.
    accepts(r#"{"overrides": [{"images": ["**"], "require": "digest"}], "images": {"reject": ["**:edge"]}}"#);
}

#[test]
fn numbers_in_place_of_texts_want_quotes() {
    for (value, noun) in [("1.10", "a number"), ("20240101", "a number"), ("true", "a boolean")] {
        let problem =
            format!("settings.tags.reject[1]: expected a string, found {noun}: quote it, as in \"1.10\"");
        refuses(&format!(r#"{{"tags": {{"reject": ["1.9", {value}]}}}}"#), &[&problem]);
    }
}

#[test]
fn contradictions_are_problems() {
    let text = "`allow` and `reject` cannot be combined, because everything that is not allowed is rejected";
    refuses(
        r#"{"registries": {"allow": ["ghcr.io"], "reject": ["docker.io"]}}"#,
        &[&format!("settings.registries: {text}")],
    );
    refuses(
        r#"{"images": {"allow": ["nginx"], "reject": ["redis"]}}"#,
        &[&format!("settings.images: {text}")],
    );
    refuses(
        r#"{"overrides": [{"images": [], "require": "none"}]}"#,
        &["settings.overrides[0]: names no images, so it can never match"],
    );
}

#[test]
fn a_group_of_everybody_is_a_problem() {
    for pattern in ["system:authenticated", "system:*", "*authenticated"] {
        refuses(
            &format!(r#"{{"exempt": [{{"groups": ["{pattern}"], "users": ["alice"], "reason": "x"}}]}}"#),
            &[&format!(
                "settings.exempt[0].groups[0]: \"{pattern}\" matches system:authenticated, the group of every user: \
                 name another group"
            )],
        );
    }
    accepts(r#"{"exempt": [{"groups": ["system:masters", "oidc:*"], "reason": "x"}]}"#);
}

#[test]
fn a_word_of_the_settings_names_what_has_it() {
    for require in
        [Require::DigestOrAlways, Require::Digest, Require::Always, Require::DigestAndAlways, Require::None]
    {
        let json = format!(r#"{{"require": "{}"}}"#, require.word());
        assert_eq!(Settings::from_json(json.as_bytes()).map(|it| it.require).ok(), Some(require));
    }
    for rule in [Rule::Freshness, Rule::Images, Rule::Registries, Rule::Tags] {
        let json = format!(
            r#"{{"exempt": [{{"images": ["nginx"], "rules": ["{}"], "reason": "x"}}]}}"#,
            rule.word()
        );
        let settings = Settings::from_json(json.as_bytes());
        assert_eq!(settings.ok().map(|it| it.exempt[0].rules.clone()), Some(vec![rule]));
    }
}

#[test]
fn an_exemption_names_each_rule_once() {
    refuses(
        r#"{"exempt": [{"images": ["nginx"], "rules": ["tags", "images", "tags"], "reason": "x"}]}"#,
        &["settings.exempt[0].rules[2]: is a duplicate of an earlier entry"],
    );
    for (until, problem) in [
        ("", "\"\" is not a day; write it as 2027-01-31"),
        ("next week", "\"next week\" is not a day; write it as 2027-01-31"),
        ("31.01.2027", "\"31.01.2027\" is not a day; write it as 2027-01-31"),
        ("2027-13-01", "\"2027-13-01\" is not a day: months are 01 to 12"),
        ("2027-02-29", "\"2027-02-29\" is not a day: 2027-02 has no day 29"),
    ] {
        refuses(
            &format!(r#"{{"exempt": [{{"images": ["nginx"], "until": "{until}", "reason": "x"}}]}}"#),
            &[&format!("settings.exempt[0].until: {problem}")],
        );
    }
    refuses(
        r#"{"exempt": [{"images": ["nginx"], "until": 2027, "reason": "x"}]}"#,
        &["settings.exempt[0].until: expected a string, found a number: quote it, as in \"1.10\""],
    );
    // Entries that lift different rules differ.
    accepts(
        r#"{"exempt": [
            {"images": ["nginx"], "rules": ["tags"], "reason": "x"},
            {"images": ["nginx"], "rules": ["images"], "reason": "x"},
            {"images": ["nginx"], "rules": [], "reason": "x"}
        ]}"#,
    );
    refuses(
        r#"{"exempt": [
            {"images": ["nginx"], "rules": ["tags", "images"], "reason": "x"},
            {"images": ["nginx"], "rules": ["images", "tags"], "reason": "y"}
        ]}"#,
        &["settings.exempt[1]: is the same as entry 0"],
    );
}

#[test]
fn tags_are_duplicates_in_the_case_that_counts() {
    accepts(r#"{"tags": {"reject": ["latest", "LATEST"]}}"#);
    refuses(
        r#"{"tags": {"reject": ["latest", "LATEST"], "ignoreCase": true}}"#,
        &["settings.tags.reject[1]: \"LATEST\" is a duplicate of an earlier entry"],
    );
    refuses(
        r#"{"tags": {"ignoreCase": "yes"}}"#,
        &["settings.tags.ignoreCase: expected a boolean, found a string"],
    );
}

#[test]
fn an_exemption_has_a_reason_and_a_list() {
    let reason = "settings.exempt[0].reason: missing; say why, for the people who read this later";
    let list = "settings.exempt[0]: has no list, so it would exempt everything: add one of images, namespaces, users, \
                groups, containers";
    refuses(r#"{"exempt": [{"images": ["nginx"]}]}"#, &[reason]);
    refuses(r#"{"exempt": [{"images": ["nginx"], "reason": " \n"}]}"#, &[reason]);
    refuses(r#"{"exempt": [{"images": ["nginx"], "reason": null}]}"#, &[reason]);
    refuses(r#"{"exempt": [{"reason": "x"}]}"#, &[list]);
    refuses(r#"{"exempt": [{"images": [], "users": null, "reason": "x"}]}"#, &[list]);
    refuses(r#"{"exempt": [{}]}"#, &[reason, list]);
}

#[test]
fn all_problems_come_at_once() {
    refuses(
        r#"{
            "require": 1,
            "registries": {"allow": ["ghcr.io", "GHCR.io"], "reject": ["docker.io"], "deny": []},
            "tags": {"reject": "latest"},
            "overrides": [{"images": ["*"]}],
            "exempt": [{"users": ["alice"]}],
            "enforcement": "off",
            "enforcement": "warn",
            "mode": "protect"
        }"#,
        &[
            "settings.enforcement: duplicate key; remove one of them",
            &format!("settings.mode: unknown key; {KEYS}"),
            "settings.require: expected a string, found a number",
            "settings.registries.deny: unknown key; known keys are allow, reject",
            "settings.tags.reject: expected a list, found a string",
            "settings.overrides[0].require: missing; set what these images must have",
            "settings.registries.allow[1]: \"GHCR.io\" can never match: a host in upper case matches nothing",
            "settings.registries: `allow` and `reject` cannot be combined, because everything that is not allowed is rejected",
            "settings.overrides[0].images[0]: \"*\" is ambiguous: write `docker.io/*/…` for Docker Hub, or `**` for every \
             image",
            "settings.exempt[0].reason: missing; say why, for the people who read this later",
        ],
    );
}

#[test]
fn text_that_is_no_json_is_a_problem() {
    for (json, problem) in [
        ("", "settings: invalid JSON: unexpected end of input at byte 0"),
        ("{", "settings: invalid JSON: unexpected end of input at byte 1"),
        ("require: digest", "settings: invalid JSON: expected a value at byte 0"),
        (r#"{"require": }"#, "settings.require: invalid JSON: expected a value at byte 12"),
        (r#"{"require": "digest",}"#, "settings: invalid JSON: expected a key in double quotes at byte 21"),
        (r#"{"tags": {"reject": [01]}}"#, "settings.tags.reject[0]: invalid JSON: invalid number at byte 21"),
        ("{} {}", "settings: invalid JSON: trailing characters at byte 3"),
    ] {
        refuses(json, &[problem]);
    }
    let utf8 = validate_settings(b"{\"require\": \"\xff\"}").map_err(|error| error.to_string());
    assert_eq!(utf8, Err("settings: invalid JSON: invalid UTF-8 at byte 13".into()));
    let path = format!("settings{}", "[0]".repeat(126));
    refuses(
        &"[".repeat(200),
        &[&format!("{path}[0]: invalid JSON: more than 127 nested lists and objects at byte 127")],
    );
}

#[test]
fn problems_have_a_path_and_a_text() {
    let problems = |error: &SettingsError| -> Vec<(String, String)> {
        error.problems().iter().map(|problem| (problem.path().to_string(), problem.text().into())).collect()
    };
    let result = validate_settings(br#"{"tags": {"reject": [" "]}, "require": 1}"#);
    assert_eq!(
        result.as_ref().map_err(problems),
        Err(vec![
            ("settings.require".into(), "expected a string, found a number".into()),
            ("settings.tags.reject[0]".into(), "\" \" is blank".into()),
        ]),
    );
}

#[test]
fn a_request_with_wrong_settings_is_rejected_with_each_problem() {
    let payload = |settings: &str| {
        format!(
            r#"{{"request": {{"operation": "CREATE", "kind": {{"group": "", "kind": "Pod"}}, "object": {{"spec": {{"containers": [
                {{"name": "web", "image": "nginx@sha256:{}"}}]}}}}}}, "settings": {settings}}}"#,
            "f".repeat(64)
        )
    };
    assert!(fresh_images::evaluate(payload("{}").as_bytes()).is_accepted());
    let verdict =
        fresh_images::evaluate(payload(r#"{"require": "x", "enforcement": "warn", "mode": 1}"#).as_bytes());
    assert!(!verdict.is_accepted());
    assert_eq!(verdict.status(), Some(500));
    assert_eq!(
        verdict.message(),
        Some(format!(
            "settings.mode: unknown key; {KEYS} [invalid-settings]\nsettings.require: unknown value \"x\"; {REQUIRE} [invalid-settings]"
        )),
    );
}

#[test]
fn the_first_256_entries_are_compared() {
    // Each entry with its place, and the first once more at the end.
    let list = |count: usize, entry: fn(usize) -> String| {
        (0..count).chain([0]).map(entry).collect::<Vec<_>>().join(",")
    };
    let check = |settings: &dyn Fn(usize) -> String, problem: &str| {
        refuses(&settings(255), &[problem]);
        accepts(&settings(256));
    };
    check(
        &|count| format!(r#"{{"tags": {{"reject": [{}]}}}}"#, list(count, |place| format!(r#""v{place}""#))),
        "settings.tags.reject[255]: \"v0\" is a duplicate of an earlier entry",
    );
    check(
        &|count| {
            let entry = |place| format!(r#"{{"images": ["a{place}"], "require": "digest"}}"#);
            format!(r#"{{"overrides": [{}]}}"#, list(count, entry))
        },
        "settings.overrides[255].images[0]: \"docker.io/library/a0\" can never match here: \"docker.io/library/a0\" of entry 0 matches all of it, and the \
         first match counts",
    );
    check(
        &|count| {
            let entry = |place| format!(r#"{{"images": ["a{place}"], "reason": "x"}}"#);
            format!(r#"{{"exempt": [{}]}}"#, list(count, entry))
        },
        "settings.exempt[255]: is the same as entry 0",
    );
}
