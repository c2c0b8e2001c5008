//! The rules, one a file, in the order in which their findings are reported.
//!
//! | rule | settings | findings |
//! |---|---|---|
//! | `rules/registry.rs` | `registries` | `registry-not-allowed`, `registry-rejected` |
//! | `rules/image.rs` | `images` | `image-not-allowed`, `image-rejected` |
//! | `rules/tag.rs` | `tags` | `tag-rejected` |
//! | `rules/freshness.rs` | `require`, `overrides` | `mutable-image`, `digest-required`, `always-required` |
//!
//! None of them sees an image that is missing or does not parse: it is rejected for that alone.

mod freshness;
mod image;
mod registry;
mod tag;

use crate::policy::Policy;
use crate::pull_policy::PullPolicy;
use crate::reference::Reference;
use crate::settings::Rule;
use crate::skip::Lifted;
use crate::verdict::Reason;

pub(crate) use freshness::{host_case, override_of};

/// What a rule sees of an image use.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Image<'a> {
    pub(crate) reference: Reference<'a>,
    pub(crate) pull_policy: PullPolicy<'a>,
}

/// Everything that is wrong with an image under a policy, but for what is lifted.
pub(crate) fn check(policy: &Policy, image: &Image<'_>, lifted: Lifted) -> Vec<Reason> {
    let mut reasons = Vec::new();
    let mut add = |rule, check: fn(&Policy, &Image<'_>) -> Option<Reason>| {
        if !lifted.has(rule) {
            reasons.extend(check(policy, image));
        }
    };
    add(Rule::Registries, registry::check);
    add(Rule::Images, image::check);
    add(Rule::Tags, tag::check);
    if !lifted.has(Rule::Freshness) {
        freshness::check(policy, image, &mut reasons);
    }
    reasons
}
