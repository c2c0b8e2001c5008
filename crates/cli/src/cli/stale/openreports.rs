//! Reports of `openreports.io/v1alpha1`, one for each namespace, so that they show where users look at those of the audit
//! scanner. A List in JSON, for `kubectl apply --filename -`.
//!
//! Source of the form: the CRD of openreports/reports-api v0.2.1, `config/crd/openreports.io_reports.yaml`.

use std::collections::BTreeMap;

use fresh_images_stale::{Finding, Report, Verdict};
use jiff::Timestamp;
use serde_json::{Value, json};

/// The name of each Report, and what says where it comes from.
const NAME: &str = "fresh-images-stale";

/// The List, which ends with a line end.
pub(super) fn render(report: &Report, now: Timestamp) -> String {
    let reports: Vec<Value> = reports(report, now).into_values().collect();
    let list = json!({"apiVersion": "v1", "kind": "List", "items": reports});
    format!("{list:#}\n")
}

/// The Reports by namespace. Every namespace with a container has one, so that what is no longer true goes.
pub(super) fn reports(report: &Report, now: Timestamp) -> BTreeMap<&str, Value> {
    let mut namespaces: BTreeMap<&str, Vec<&Finding>> = BTreeMap::new();
    for finding in &report.findings {
        namespaces.entry(&finding.namespace).or_default().push(finding);
    }
    namespaces
        .into_iter()
        .map(|(namespace, findings)| (namespace, of_namespace(namespace, &findings, now)))
        .collect()
}

/// Where the API server has the Report of a namespace.
#[cfg(feature = "registry")]
pub(super) fn path(namespace: &str) -> String {
    format!("/apis/openreports.io/v1alpha1/namespaces/{namespace}/reports/{NAME}")
}

fn of_namespace(namespace: &str, findings: &[&Finding], now: Timestamp) -> Value {
    let count = |result: &str| findings.iter().filter(|finding| result_of(finding) == result).count();
    let results: Vec<Value> = findings.iter().map(|finding| result(finding, now)).collect();
    json!({
        "apiVersion": "openreports.io/v1alpha1",
        "kind": "Report",
        "metadata": {
            "name": NAME,
            "namespace": namespace,
            "labels": {"app.kubernetes.io/managed-by": "fresh-images"},
        },
        "source": "fresh-images",
        "summary": {
            "pass": count("pass"),
            "fail": count("fail"),
            "warn": count("warn"),
            "error": count("error"),
            "skip": count("skip"),
        },
        "results": results,
    })
}

fn result_of(finding: &Finding) -> &'static str {
    match finding.verdict {
        Verdict::Stale | Verdict::Split => "fail",
        Verdict::Unknown if finding.code.is_undecided() => "error",
        Verdict::Unknown | Verdict::Unchecked => "skip",
        Verdict::Pinned | Verdict::Fresh => "pass",
    }
}

fn result(finding: &Finding, now: Timestamp) -> Value {
    let pods = finding.instances.iter().flat_map(|instance| &instance.pods);
    let pods: Vec<Value> = pods
        .map(|pod| json!({"apiVersion": "v1", "kind": "Pod", "namespace": finding.namespace, "name": pod}))
        .collect();
    let mut properties = BTreeMap::from([
        ("workload", format!("{}/{}", finding.kind, finding.name)),
        ("container", finding.container.clone()),
        ("image", finding.image.clone()),
    ]);
    if let Some(current) = &finding.current {
        properties.insert("current", current.digest.clone());
    }
    json!({
        "source": "fresh-images",
        "policy": NAME,
        "rule": finding.code.as_str(),
        "category": "Freshness",
        "severity": if result_of(finding) == "fail" { "high" } else { "info" },
        "result": result_of(finding),
        "message": message(finding),
        "resources": pods,
        "properties": properties,
        "timestamp": {"seconds": now.as_second(), "nanos": 0},
    })
}

fn message(finding: &Finding) -> String {
    let mut text = finding.summary();
    for sentence in finding.reason.iter().cloned().chain(finding.help.iter().map(ToString::to_string)) {
        text.push_str(". ");
        text.push_str(sentence.trim_end_matches('.'));
    }
    text
}
