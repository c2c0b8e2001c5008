//! What decides how many Pods an object of a known kind starts, and when.
//!
//! | kind | an update starts Pods if |
//! |---|---|
//! | Deployment, StatefulSet | its template changes, or `replicas` grow; not with `replicas: 0` |
//! | DaemonSet | its template changes |
//! | ReplicaSet, ReplicationController | `replicas` grow |
//! | Job | `parallelism` grows, or it is no longer suspended |
//! | CronJob | its template changes, or it is no longer suspended |
//!
//! Only the places are kept while the object is read. Their text is looked at where it matters, which is rare. The API
//! server writes both objects of an update in the same way, so equal templates have equal text.

use std::ops::Range;

use super::kind::Kind;

/// Places in the payload, as bytes: members of the object's `spec`.
#[derive(Clone, Debug, Default)]
pub(crate) struct Scale {
    /// `replicas`, or the `parallelism` of a Job.
    count: Option<Range<usize>>,
    suspend: Option<Range<usize>>,
    /// `template`, or the `jobTemplate` of a CronJob.
    template: Option<Range<usize>>,
}

impl Scale {
    /// Keeps the place of a member of `spec`, if it decides.
    pub(super) fn keep(&mut self, key: &str, at: Range<usize>) {
        match key {
            "replicas" | "parallelism" => self.count = Some(at),
            "suspend" => self.suspend = Some(at),
            "template" | "jobTemplate" => self.template = Some(at),
            _ => {}
        }
    }

    /// Whether the object wants no Pods. An object without `replicas` wants one.
    pub(crate) fn is_zero(&self, payload: &[u8]) -> bool {
        text(payload, &self.count) == Some(b"0")
    }

    /// Whether an object starts Pods that the old one would not have started.
    pub(crate) fn starts_pods(&self, old: &Self, payload: &[u8], kind: &Kind) -> bool {
        let count = |scale: &Self| -> u64 {
            let digits = text(payload, &scale.count).and_then(|text| std::str::from_utf8(text).ok());
            digits.and_then(|digits| digits.parse().ok()).unwrap_or(1)
        };
        let is_suspended = |scale: &Self| text(payload, &scale.suspend) == Some(b"true");
        if is_suspended(self) || count(self) == 0 {
            return false;
        }
        let has_grown = count(self) > count(old) || is_suspended(old);
        // A Job keeps its template, and what holds a revision does not start its Pods again.
        let follows_template = !kind.is_revision() && kind.kind != "Job";
        has_grown || follows_template && text(payload, &self.template) != text(payload, &old.template)
    }
}

fn text<'p>(payload: &'p [u8], at: &Option<Range<usize>>) -> Option<&'p [u8]> {
    payload.get(at.clone()?).map(<[u8]>::trim_ascii)
}
