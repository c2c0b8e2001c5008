//! What a finding says in one sentence, and what follows it, for tools that show text.

use fresh_images_stale::{Finding, Verdict};

/// `container web with image … runs other content than its tag names now`.
pub(super) fn summary(finding: &Finding) -> String {
    let what = match finding.verdict {
        Verdict::Stale => "runs other content than its tag names now",
        Verdict::Split => "runs different contents under one tag",
        Verdict::Unknown => "could not be compared",
        Verdict::Unchecked => "was not compared",
        Verdict::Pinned => "has a digest",
        Verdict::Fresh => "runs what its tag names",
    };
    format!("{} {} with image {} {what}", finding.noun, finding.container, finding.image)
}

/// The reason, what runs where, what the tag names now, and what would help; one line each.
pub(super) fn details(finding: &Finding) -> Vec<String> {
    let mut lines: Vec<String> = finding.reason.iter().cloned().collect();
    if matches!(finding.verdict, Verdict::Stale | Verdict::Split) {
        for instance in &finding.instances {
            let pods = instance.pods.join(", ");
            lines.push(format!("{} runs {}: {pods}", instance.node, instance.running));
        }
    }
    lines.extend(finding.current.iter().map(|current| format!("the tag is now {}", current.digest)));
    lines.extend(finding.help.iter().map(ToString::to_string));
    lines
}
