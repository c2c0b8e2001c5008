//! SARIF 2.1.0. The places are objects of the cluster: `shop/Deployment/web/container/web`.

use fresh_images_manifests::report::printable;
use fresh_images_stale::{Code, Finding, Report, Verdict};
use serde_json::{Value, json};

use crate::cli::output::{rules, sarif};

/// One log with one run. What is fresh is not in it.
pub(super) fn render(report: &Report) -> String {
    let results: Vec<Value> = report.findings.iter().filter_map(result).collect();
    sarif::log(rules::of_stale(), &results, &[], report.exit_code())
}

fn result(finding: &Finding) -> Option<Value> {
    let Finding { namespace, kind, name, noun, container, code, .. } = finding;
    let level = match finding.verdict {
        Verdict::Stale | Verdict::Split => "error",
        Verdict::Unknown if code.is_undecided() => "warning",
        Verdict::Pinned if *code == Code::TagMoved => "note",
        Verdict::Unknown | Verdict::Unchecked | Verdict::Pinned | Verdict::Fresh => return None,
    };
    let sentences: Vec<String> =
        std::iter::once(finding.summary()).chain(finding.details()).map(|line| printable(&line)).collect();
    let place = printable(&format!("{namespace}/{kind}/{name}/{noun}/{container}"));
    Some(json!({
        "ruleId": code.as_str(),
        "level": level,
        "message": {"text": sentences.join("\n")},
        "locations": [{"logicalLocations": [{"name": container, "fullyQualifiedName": place, "kind": "resource"}]}],
        "partialFingerprints": {"freshImages/v1": format!("{code} {place} {}", printable(&finding.image))},
    }))
}
