//! The rules, one a file, in the order in which their findings are told.
//!
//! | rule | settings | findings |
//! |---|---|---|
//! | `rules/registry.rs` | `registries` | `registry-not-allowed`, `registry-rejected` |
//! | `rules/image.rs` | `images` | `image-not-allowed`, `image-rejected` |
//! | `rules/tag.rs` | `tags` | `tag-rejected` |
//! | `rules/freshness.rs` | `require`, `overrides` | `mutable-image`, `digest-required`, `always-required` |
//!
//! An image that is missing or does not parse is judged by none of them: it is rejected for that alone.

mod freshness;
mod image;
mod registry;
mod tag;

use crate::policy::Policy;
use crate::pull_policy::PullPolicy;
use crate::reference::Reference;
use crate::verdict::Problem;

/// What a rule sees of an image use.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Image<'a> {
    pub(crate) reference: Reference<'a>,
    pub(crate) pull_policy: PullPolicy<'a>,
    /// Whether it stands in a Pod that exists, whose pull policies cannot change.
    pub(crate) pull_policy_is_immutable: bool,
}

impl Image<'_> {
    /// `registry/repository`, canonical.
    pub(crate) fn name(&self) -> String {
        format!("{}/{}", self.reference.registry(), self.reference.repository())
    }
}

/// A rule: what is wrong with an image under a policy, if anything is.
type Rule = fn(&Policy, &Image<'_>) -> Option<Problem>;

const RULES: [Rule; 5] =
    [registry::judge, image::judge, tag::judge, freshness::judge_digest, freshness::judge_pull_policy];

/// Whether the image has what `require` asks for.
pub(crate) fn is_fresh(policy: &Policy, image: &Image<'_>) -> bool {
    freshness::is_fresh(policy, image)
}

/// Whether no other rule rejects the image.
pub(crate) fn is_otherwise_accepted(policy: &Policy, image: &Image<'_>) -> bool {
    [registry::judge, image::judge, tag::judge].iter().all(|rule: &Rule| rule(policy, image).is_none())
}

/// Everything that is wrong with an image.
pub(crate) fn judge(policy: &Policy, image: &Image<'_>) -> impl Iterator<Item = Problem> {
    RULES.iter().filter_map(|rule| rule(policy, image))
}
