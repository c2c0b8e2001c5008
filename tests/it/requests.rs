//! The request around the object: the order of its members, and who sends it.

use fresh_images::verdict::Verdict;

/// Members of a request, in this order.
fn evaluate(members: &[&str]) -> Verdict {
    fresh_images::evaluate(format!(r#"{{"request": {{{}}}}}"#, members.join(", ")).as_bytes())
}

fn message(members: &[&str]) -> Option<String> {
    evaluate(members).message()
}

#[test]
fn group_and_kind_count_wherever_they_stand() {
    // A container without an image is an error in a Deployment, and a patch in a kind that is not known.
    let object = r#""object": {"spec": {"template": {"spec": {"containers": [{"name": "a"}]}}}}"#;
    let missing =
        "container \"a\" at spec.template.spec.containers[0]: it has no image. Set image [missing-image]";
    for (kind, expected) in [
        (r#""kind": {"group": "apps", "kind": "Deployment"}"#, Some(missing)),
        (r#""kind": {"kind": "Deployment", "group": "apps"}"#, Some(missing)),
        (r#""kind": {"group": "example.com", "kind": "Deployment"}"#, None),
        (r#""kind": {"kind": "Deployment"}"#, None),
    ] {
        assert_eq!(message(&[kind, object]).as_deref(), expected, "{kind}");
        assert_eq!(message(&[object, kind]).as_deref(), expected, "{kind}");
    }
}

#[test]
fn user_info_may_be_absent_in_parts() {
    let pod = r#""kind": {"group": "", "kind": "Pod"}, "object": {"spec": {"containers": [{"image": "a"}]}}"#;
    let wrong = |path: &str, expected: &str, found: &str| {
        Some(format!("request.userInfo{path}: expected {expected}, found {found} [malformed-request]"))
    };
    for (user_info, expected) in [
        ("null", None),
        ("{}", None),
        (r#"{"username": null, "groups": null}"#, None),
        (r#"{"groups": []}"#, None),
        (r#"{"username": "", "groups": [""], "uid": 1, "extra": {}}"#, None),
        ("[]", wrong("", "an object", "a list")),
        ("\"alice\"", wrong("", "an object", "a string")),
        (r#"{"username": 1}"#, wrong(".username", "a string", "a number")),
        (r#"{"groups": "system:nodes"}"#, wrong(".groups", "a list", "a string")),
        (r#"{"groups": {}}"#, wrong(".groups", "a list", "an object")),
        (r#"{"groups": ["a", 1]}"#, wrong(".groups[1]", "a string", "a number")),
        (r#"{"groups": ["a", null]}"#, wrong(".groups[1]", "a string", "null")),
    ] {
        assert_eq!(message(&[pod, &format!(r#""userInfo": {user_info}"#)]), expected, "{user_info}");
    }
}
