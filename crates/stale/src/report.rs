//! What is told: a finding for each workload, container and verdict.

use serde::Serialize;

use crate::code::{Code, Verdict};
use crate::help::Help;

/// What was found.
#[derive(Clone, Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Report {
    /// How many containers were judged.
    pub containers: usize,
    /// How many different images their specs name.
    pub images: usize,
    /// How many requests were made to registries.
    pub requests: usize,
    /// How many containers have each verdict; those of a split have another one as well.
    pub summary: Summary,
    /// The worst first, then by workload.
    pub findings: Vec<Finding>,
    /// What else there is to know.
    pub notes: Vec<String>,
}

/// How many containers have a verdict.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Summary {
    /// Run what their tag names.
    pub fresh: usize,
    /// Have a digest in their spec.
    pub pinned: usize,
    /// Run other content than their tag names.
    pub stale: usize,
    /// How many workloads run two contents under one tag.
    pub split: usize,
    /// Have no verdict, and should.
    pub unknown: usize,
    /// Nobody was asked.
    pub unchecked: usize,
}

/// One verdict on one container of one workload.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Finding {
    /// What is said.
    pub verdict: Verdict,
    /// Its stable name.
    pub code: Code,
    /// The namespace.
    pub namespace: String,
    /// The kind of the workload: the controller of its Pods, or the Pod itself.
    pub kind: String,
    /// Its name.
    pub name: String,
    /// `container`, `init container`, `ephemeral container` or `image volume`.
    #[serde(rename = "in")]
    pub noun: &'static str,
    /// Its name.
    pub container: String,
    /// The image of the spec.
    pub image: String,
    /// The effective pull policy.
    pub pull_policy: String,
    /// Why there is no verdict, or what was not compared.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// What the tag names now, if it was looked up.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub current: Option<Current>,
    /// What runs, by node.
    pub instances: Vec<Instance>,
    /// What would help.
    pub help: Vec<Help>,
}

/// What runs on a node.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Instance {
    /// The node; empty if the Pods are not bound.
    pub node: String,
    /// The digest that the status names, as it is there.
    pub running: String,
    /// The digest of the config, if it is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub config: Option<String>,
    /// When it was built, as its config says.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub created: Option<String>,
    /// When the first of them was started, as RFC 3339.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub started: Option<String>,
    /// The Pods.
    pub pods: Vec<String>,
}

/// What a tag names now.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Current {
    /// The digest of the index or manifest.
    pub digest: String,
    /// When the content was built, as its config says.
    pub created: Option<String>,
}

impl Summary {
    pub(crate) fn count(&mut self, verdict: Verdict) {
        let count = match verdict {
            Verdict::Fresh => &mut self.fresh,
            Verdict::Pinned => &mut self.pinned,
            Verdict::Stale => &mut self.stale,
            Verdict::Split => &mut self.split,
            Verdict::Unknown => &mut self.unknown,
            Verdict::Unchecked => &mut self.unchecked,
        };
        *count = count.saturating_add(1);
    }
}

impl Report {
    /// 0 nothing is stale or split, 1 something is, 2 something could not be decided.
    pub fn exit_code(&self) -> u8 {
        let is_bad = |it: &Finding| matches!(it.verdict, Verdict::Stale | Verdict::Split);
        if self.findings.iter().any(is_bad) {
            1
        } else if self.findings.iter().any(|it| it.verdict == Verdict::Unknown && it.code.is_undecided()) {
            2
        } else {
            0
        }
    }
}
