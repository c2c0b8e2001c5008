//! What is kept of an object is bounded, and what is beyond the bounds is refused unread.

use fresh_images::verdict::Verdict;
use serde_json::{Value, json};

const MAX_PROBLEMS: usize = 1_000;
const MAX_USES: usize = 50_000;

fn evaluate(sub_resource: &str, spec: &Value) -> Verdict {
    let payload = json!({"request": {
        "operation": "UPDATE",
        "kind": {"group": "", "kind": "Pod"},
        "subResource": sub_resource,
        "object": {"spec": spec},
    }});
    fresh_images::evaluate(payload.to_string().as_bytes())
}

/// How many findings the message tells, those that it only counts included.
fn told(verdict: &Verdict) -> usize {
    let message = verdict.message().unwrap_or_default();
    let counted = message.lines().last().and_then(|last| last.strip_prefix("and ")?.strip_suffix(" more"));
    let counted = counted.and_then(|count| count.parse::<usize>().ok());
    // The line that counts is none of them.
    counted.map_or(0, |count| count.saturating_sub(1)).saturating_add(message.lines().count())
}

#[test]
fn at_most_1000_problems_are_kept() {
    for count in [1, MAX_PROBLEMS - 2, MAX_PROBLEMS - 1, MAX_PROBLEMS, MAX_PROBLEMS + 1, 5 * MAX_PROBLEMS] {
        // Lists are read in this order.
        let spec = json!({"containers": vec![1; count], "initContainers": 1, "volumes": [1]});
        let verdict = evaluate("", &spec);
        assert_eq!(told(&verdict), MAX_PROBLEMS.min(count + 2), "{count}");
        assert_eq!(verdict.findings().len(), MAX_PROBLEMS.min(count + 2), "{count}");
        assert_eq!(verdict.status(), Some(400));
    }
}

#[test]
fn what_was_not_read_for_its_problems_is_refused() {
    // On this subresource the problems of another list are dropped, but not the fact that reading has ended.
    for (count, expected) in [
        (MAX_PROBLEMS - 1, "spec.ephemeralContainers[0]"),
        (MAX_PROBLEMS, "spec.containers[999]"),
        (MAX_PROBLEMS + 1, "spec.containers[999]"),
    ] {
        let spec = json!({"containers": vec![1; count], "ephemeralContainers": [{"image": "a:1"}]});
        let verdict = evaluate("ephemeralcontainers", &spec);
        let paths: Vec<String> =
            verdict.findings().iter().map(|finding| finding.path().to_string()).collect();
        assert_eq!(paths, [expected], "{count}");
    }
}

#[test]
fn what_was_not_read_for_its_number_is_refused() {
    for (count, expected) in [
        (MAX_USES - 2, &["spec.ephemeralContainers[0]"][..]),
        (MAX_USES, &["request.object"]),
        (MAX_USES + 1, &["request.object"]),
    ] {
        let spec = json!({"containers": vec![json!({"image": "a"}); count], "ephemeralContainers": [{"image": "a:1"}]});
        let verdict = evaluate("ephemeralcontainers", &spec);
        let paths: Vec<String> =
            verdict.findings().iter().map(|finding| finding.path().to_string()).collect();
        assert_eq!(paths, expected, "{count}");
    }
}
