//! What is refused, and what is written, where `tests/cel` does not look.

#![expect(clippy::unwrap_used, reason = "a failure is what a test reports")]

use fresh_images::settings::{AllowOrReject, Enforcement, Exempt, Override, Require, Rule, Settings, Tags};
use fresh_images_export::{ApiVersion, Matching, Options, map, vap};
use serde_json::json;

fn export(settings: &Settings) -> String {
    vap(settings, &Options::default()).unwrap()
}

fn refused(settings: &Settings) -> Vec<String> {
    vap(settings, &Options::default()).unwrap_err().problems().to_vec()
}

#[test]
fn settings_that_are_not_a_policy_are_refused_with_their_paths() {
    let registries = AllowOrReject { allow: vec!["GHCR.io".into(), " ".into()], ..AllowOrReject::default() };
    assert_eq!(
        refused(&Settings { registries, ..Settings::default() }),
        [
            "settings.registries.allow[0]: \"GHCR.io\" can never match: a host in upper case matches nothing",
            "settings.registries.allow[1]: \" \" is blank",
        ],
    );
}

#[test]
fn what_cel_cannot_say_is_refused_all_at_once() {
    let many: Vec<String> = (0..2_000).map(|number| format!("registry-{number}.example.com")).collect();
    let settings = Settings {
        registries: AllowOrReject { allow: many, ..AllowOrReject::default() },
        mutate: Some(fresh_images::settings::Mutate::default()),
        ..Settings::default()
    };
    let problems = refused(&settings);
    let paths: Vec<&str> = problems.iter().filter_map(|problem| problem.split(": ").next()).collect();
    assert_eq!(paths, ["settings.mutate", "settings.registries.allow"]);
    assert!(problems.iter().any(|problem| problem.contains("Kubernetes grants 1000000")), "{problems:#?}");
}

#[test]
fn a_pattern_cannot_leave_its_expression() {
    let users = vec!["*x') || true || ('".into(), "*a\nb: c".into(), "*\\".into(), "') || true || ('".into()];
    let exempt = Exempt { users, reason: "a\nspec: {}\r# b".into(), ..Exempt::default() };
    let yaml = export(&Settings { exempt: vec![exempt], ..Settings::default() });
    assert!(
        yaml.contains(
            r"matches(r'^([\s\S]*x\x{27}\x{29}\x{20}\x{7c}\x{7c}\x{20}true\x{20}\x{7c}\x{7c}\x{20}\x{28}\x{27}|[\s\S]*a\x{a}b:\x{20}c|[\s\S]*\x{5c})$')"
        ),
        "{yaml}",
    );
    assert!(yaml.contains("(n == '\\') || true || (\\''\n"), "{yaml}");
    assert!(yaml.contains("    # settings.exempt[0]: a spec: {} # b\n"), "{yaml}");
}

#[test]
fn a_reason_stays_in_its_comment() {
    let reason = "x\u{2028}    - {name: read, expression: '[]'}\u{85}y\u{202e}z".to_owned();
    let exempt = Exempt { images: vec!["nginx".into()], reason, ..Exempt::default() };
    let yaml = export(&Settings { exempt: vec![exempt], ..Settings::default() });
    assert!(yaml.contains("# settings.exempt[0]: x     - {name: read, expression: '[]'} y z\n"), "{yaml}");
}

#[test]
fn lists_that_stand_in_one_expression_are_counted_together() {
    // None has a start that could be compared first.
    let images = |entry: usize| {
        (0..30).map(|it| format!("*.example.com/team-{entry}/*-image-{it}")).collect::<Vec<_>>()
    };
    let overrides =
        |count| (0..count).map(|it| Override { images: images(it), require: Require::Digest }).collect();
    assert!(vap(&Settings { overrides: overrides(1), ..Settings::default() }, &Options::default()).is_ok());
    let problems = refused(&Settings { overrides: overrides(4), ..Settings::default() });
    assert!(
        problems.len() == 1 && problems[0].starts_with("settings.overrides: too many patterns"),
        "{problems:#?}"
    );
    let entry = |it| Exempt { images: images(it), reason: "a reason".into(), ..Exempt::default() };
    let problems = refused(&Settings { exempt: (0..4).map(entry).collect(), ..Settings::default() });
    assert!(
        problems.len() == 1 && problems[0].starts_with("settings.exempt: too many patterns"),
        "{problems:#?}"
    );

    // An exemption of one rule stands beside that rule.
    let registries = AllowOrReject {
        allow: (0..60).map(|it| format!("*.example.com/team-{it}")).collect(),
        ..AllowOrReject::default()
    };
    let of_registries = |it| Exempt { rules: vec![Rule::Registries], ..entry(it) };
    let settings =
        Settings { registries, exempt: (0..2).map(of_registries).collect(), ..Settings::default() };
    let problems = refused(&settings);
    assert!(
        problems.len() == 1 && problems[0].starts_with("settings.registries.allow: too many patterns"),
        "{problems:#?}"
    );
}

#[test]
fn patterns_that_no_image_matches_together_are_not_added_up() {
    let allow = |pattern: &dyn Fn(usize) -> String| AllowOrReject {
        allow: (0..800).map(pattern).collect(),
        ..AllowOrReject::default()
    };
    let apart = allow(&|number| format!("ghcr.io/{number}-team"));
    assert!(vap(&Settings { registries: apart, ..Settings::default() }, &Options::default()).is_ok());
    let together = allow(&|number| format!("ghcr.io/*-{number}"));
    assert!(vap(&Settings { registries: together, ..Settings::default() }, &Options::default()).is_err());
}

#[test]
fn an_expression_longer_than_kubernetes_reads_is_refused() {
    let users = (0..4_000).map(|number| format!("system:serviceaccount:ci-{number}:builder")).collect();
    let exempt = Exempt { users, reason: "a reason".into(), ..Exempt::default() };
    let problems = refused(&Settings { exempt: vec![exempt], ..Settings::default() });
    assert!(
        problems.len() == 1 && problems[0].contains("characters, and Kubernetes reads 100000"),
        "{problems:#?}"
    );
}

/// Exported with the `spec` of a policy.
fn of_policy(spec: serde_json::Value) -> Result<String, Vec<String>> {
    let matching = Matching::of_policy(spec, None).map_err(|refused| refused.problems().to_vec())?;
    Ok(vap(&Settings::default(), &Options { matching: Some(matching), ..Options::default() }).unwrap())
}

#[test]
fn texts_of_a_policy_stay_where_they_belong() {
    let rules =
        json!([{"apiGroups": [""], "apiVersions": ["v1"], "resources": ["pods"], "operations": ["CREATE"]}]);
    let yaml = of_policy(json!({
        "rules": rules,
        "failurePolicy": "Ignore",
        "message": "Ask \"platform\"\nfor help",
        "matchConditions": [
            {"name": "a: b", "expression": "object.metadata.name != 'x'\n&& true"},
            {"name": "c", "expression": "  true\n&& true"},
        ],
    }))
    .unwrap();
    assert!(yaml.contains("# spec.failurePolicy. A request that costs more"), "{yaml}");
    assert!(yaml.contains("  failurePolicy: \"Ignore\"\n"), "{yaml}");
    assert!(yaml.contains("message: \"Ask \\\"platform\\\" for help\"\n"), "{yaml}");
    assert!(!yaml.contains("messageExpression"), "{yaml}");
    assert!(
        yaml.contains(
            "- name: \"a: b\"\n      expression: |-\n        object.metadata.name != 'x'\n        && true\n"
        ),
        "{yaml}"
    );
    assert!(yaml.contains("- name: \"c\"\n      expression: \"  true\\n&& true\"\n"), "{yaml}");

    // YAML reads some characters as line ends, and refuses others.
    let odd =
        json!({"rules": rules, "matchConditions": [{"name": "d", "expression": "'\u{85}\u{7f}' == ''"}]});
    assert!(of_policy(odd).unwrap().contains(r#"expression: "'\u0085\u007f' == ''""#));

    let taken = json!({"rules": rules, "matchConditions": [{"name": "not-owned", "expression": "true"}]});
    let problems = of_policy(taken).unwrap_err();
    assert!(problems[0].starts_with("spec.matchConditions[0].name: "), "{problems:#?}");
}

#[test]
fn a_message_takes_the_place_of_rejections_alone() {
    let rules =
        json!([{"apiGroups": [""], "apiVersions": ["v1"], "resources": ["pods"], "operations": ["CREATE"]}]);
    let exported = |spec: serde_json::Value, enforcement: Enforcement| {
        let options =
            Options { matching: Some(Matching::of_policy(spec, None).unwrap()), ..Options::default() };
        vap(&Settings { enforcement, ..Settings::default() }, &options).unwrap()
    };
    let spec = json!({"rules": rules, "message": "Ask for help"});
    assert!(!exported(spec.clone(), Enforcement::Reject).contains("messageExpression"));
    assert!(exported(spec, Enforcement::Warn).contains("messageExpression"));
    let monitor = json!({"rules": rules, "message": "Ask for help", "mode": "monitor"});
    assert!(exported(monitor, Enforcement::Reject).contains("messageExpression"));
}

#[test]
fn what_only_monitors_mutates_nothing() {
    let rules =
        json!([{"apiGroups": [""], "apiVersions": ["v1"], "resources": ["pods"], "operations": ["CREATE"]}]);
    let matching = Matching::of_policy(json!({"rules": rules, "mode": "monitor"}), None).unwrap();
    let options = Options { matching: Some(matching), ..Options::default() };
    let settings = Settings::from_json(br#"{"mutate": {"to": "pullAlways"}}"#).unwrap();
    let problems = map(&settings, &options, ApiVersion::V1).unwrap_err().problems().to_vec();
    assert!(
        problems.len() == 1 && problems[0].starts_with("spec.mode: monitor changes nothing"),
        "{problems:#?}"
    );
}

#[test]
fn an_exemption_of_certain_rules_stands_in_these_rules() {
    let exempt = Exempt {
        groups: vec!["oidc:admins".into()],
        rules: vec![Rule::Registries],
        reason: "not mirrored yet".into(),
        ..Exempt::default()
    };
    let registries = AllowOrReject { allow: vec!["ghcr.io".into()], ..AllowOrReject::default() };
    let yaml = export(&Settings { registries, exempt: vec![exempt], ..Settings::default() });
    assert!(yaml.contains("# settings.exempt[0] of registries: not mirrored yet\n"), "{yaml}");
    assert!(yaml.contains("name: judged\n      expression: |-\n        variables.read\n"), "{yaml}");
    assert_eq!(yaml.matches("&& !(variables.exempt0)").count(), 1, "{yaml}");
    assert!(yaml.contains("request.userInfo.?groups.orValue([]).exists(g, g == 'oidc:admins')"), "{yaml}",);
}

#[test]
fn a_rule_that_is_off_writes_nothing() {
    let defaults = export(&Settings::default());
    for variable in ["otherRegistries", "rejectedTags", "required", "withoutDigest", "notAlways"] {
        assert!(!defaults.contains(&format!("name: {variable}\n")), "{variable}");
    }
    let tags = Tags { reject: vec!["latest".into()], ..Tags::default() };
    assert!(export(&Settings { tags, ..Settings::default() }).contains("# settings.tags.reject\n"));
}
