//! What a finding says in one sentence, and what follows it.

use crate::code::Verdict;
use crate::report::Finding;

impl Finding {
    /// `container web with image … runs other content than its tag names now`.
    pub fn summary(&self) -> String {
        let what = match self.verdict {
            Verdict::Stale => "runs other content than its tag names now",
            Verdict::Split => "runs different contents under one tag",
            Verdict::Unknown => "could not be compared",
            Verdict::Unchecked => "was not compared",
            Verdict::Pinned => "has a digest",
            Verdict::Fresh => "runs what its tag names",
        };
        format!("{} {} with image {} {what}", self.noun, self.container, self.image)
    }

    /// The reason, what runs where, what the tag names now, and what would help; one line each.
    pub fn details(&self) -> Vec<String> {
        let mut lines: Vec<String> = self.reason.iter().cloned().collect();
        if matches!(self.verdict, Verdict::Stale | Verdict::Split) {
            for instance in &self.instances {
                let pods = instance.pods.join(", ");
                lines.push(format!("{} runs {}: {pods}", instance.node, instance.running));
            }
        }
        lines.extend(self.current.iter().map(|current| format!("the tag is now {}", current.digest)));
        lines.extend(self.help.iter().map(ToString::to_string));
        lines
    }
}
