//! Metrics, in the text format of Prometheus.
//!
//! ```text
//! fresh_images_stale{namespace="shop",kind="Deployment",name="web",container="web",image="…",code="stale-content"} 2
//! ```

use std::fmt::Write as _;

use fresh_images_stale::{Finding, Report, Verdict};
use jiff::Timestamp;

/// The metrics, which end with a line end.
pub(super) fn render(report: &Report, now: Timestamp) -> String {
    let mut text = String::new();
    for (verdict, name, help) in [
        (Verdict::Stale, "fresh_images_stale", "Pods that run other content than their tag names."),
        (
            Verdict::Split,
            "fresh_images_split",
            "Pods of a workload that runs different contents under one tag.",
        ),
        (Verdict::Unknown, "fresh_images_unknown", "Pods whose content could not be compared."),
    ] {
        let _ = writeln!(text, "# HELP {name} {help}\n# TYPE {name} gauge");
        for finding in report.findings.iter().filter(|it| it.verdict == verdict) {
            let _ = writeln!(text, "{name}{{{}}} {}", labels(finding), pods(finding));
        }
    }
    let summary = &report.summary;
    text.push_str(
        "# HELP fresh_images_containers Containers by verdict.\n# TYPE fresh_images_containers gauge\n",
    );
    for (verdict, number) in [
        ("fresh", summary.fresh),
        ("pinned", summary.pinned),
        ("stale", summary.stale),
        ("unknown", summary.unknown),
        ("unchecked", summary.unchecked),
    ] {
        let _ = writeln!(text, "fresh_images_containers{{verdict=\"{verdict}\"}} {number}");
    }
    text.push_str(
        "# HELP fresh_images_checked_timestamp_seconds When this was found out.\n\
         # TYPE fresh_images_checked_timestamp_seconds gauge\n",
    );
    let _ = writeln!(text, "fresh_images_checked_timestamp_seconds {}", now.as_second());
    text
}

fn pods(finding: &Finding) -> usize {
    finding.instances.iter().map(|instance| instance.pods.len()).sum()
}

fn labels(finding: &Finding) -> String {
    let Finding { namespace, kind, name, container, image, code, .. } = finding;
    let labels = [
        ("namespace", namespace.as_str()),
        ("kind", kind),
        ("name", name),
        ("container", container),
        ("image", image),
        ("code", code.as_str()),
    ];
    let labels: Vec<String> =
        labels.iter().map(|(label, value)| format!("{label}=\"{}\"", escaped(value))).collect();
    labels.join(",")
}

fn escaped(value: &str) -> String {
    value.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n")
}
