//! Whether the containers of a workload run different contents. No registry is needed.
//!
//! Two contents differ if they have different configs for one platform, or, where configs are not known, different digests
//! that no node lists as names of one image. An index and a config cannot be compared.

use crate::cluster::{Node, Platform};
use crate::code::Verdict;
use crate::running::RunningId;
use crate::verdict::Found;

/// A container of a workload.
pub(crate) struct Runs<'a> {
    pub(crate) running: RunningId,
    pub(crate) found: &'a Found,
    pub(crate) node: Option<&'a Node>,
}

impl Runs<'_> {
    fn platform(&self) -> Option<&Platform> {
        self.node?.platform.as_ref()
    }

    /// Whether both certainly run different contents.
    pub(crate) fn differs(&self, other: &Self) -> bool {
        if let (Some(platform), Some(others)) = (self.platform(), other.platform())
            && platform != others
        {
            return false;
        }
        if self.running == other.running
            || self.found.verdict == Verdict::Fresh && other.found.verdict == Verdict::Fresh
        {
            return false;
        }
        if let (Some(config), Some(others)) = (&self.found.config, &other.found.config) {
            return config != others;
        }
        match (&self.running, &other.running) {
            (RunningId::Manifest { digest, .. }, RunningId::Manifest { digest: others, .. }) => {
                let is_one = |node: Option<&Node>| {
                    let images = node.map(|node| node.images.as_slice()).unwrap_or_default();
                    images.iter().any(|image| image.has_digest(digest) && image.has_digest(others))
                };
                digest != others && !is_one(self.node) && !is_one(other.node)
            }
            _ => false,
        }
    }
}
