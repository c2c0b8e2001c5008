//! No node runs old content: an image has a digest, or is pulled always.
//!
//! - Settings: `require`, and the first of `overrides` whose images match.
//! - Allowed: what the table says.
//!
//! | `require` | digest | no digest, `Always` | no digest, other pull policy |
//! |---|---|---|---|
//! | `digestOrAlways` | allowed | allowed | `mutable-image` |
//! | `digest` | allowed | `digest-required` | `digest-required` |
//! | `always` | allowed if `Always`, else `always-required` | allowed | `always-required` |
//! | `digestAndAlways` | the same | `digest-required` | both |
//! | `none` | allowed | allowed | allowed |

use super::Image;
use crate::pattern::{HostCase, ImagePattern};
use crate::policy::Policy;
use crate::settings::Require;
use crate::verdict::Problem;

/// What the image has to have.
fn required(policy: &Policy, image: &Image<'_>) -> Require {
    let covers = |(images, require): &&(Vec<ImagePattern>, Require)| {
        // What asks for more cannot be passed by another spelling of the host, nor what asks for less be had by it.
        let stricter = strictness(*require) > strictness(policy.require);
        let case = if stricter { HostCase::Ignore } else { HostCase::Exact };
        images.iter().any(|pattern| pattern.matches(&image.reference, case))
    };
    policy.overrides.iter().find(covers).map_or(policy.require, |(_, require)| *require)
}

fn strictness(require: Require) -> u8 {
    match require {
        Require::None => 0,
        Require::DigestOrAlways => 1,
        Require::Always | Require::Digest => 2,
        Require::DigestAndAlways => 3,
    }
}

/// Whether the image lacks a digest, and whether it lacks `Always`, where that is required.
fn lacks(policy: &Policy, image: &Image<'_>) -> (bool, bool) {
    let (pinned, always) = (image.reference.is_pinned(), image.pull_policy.is_always());
    match required(policy, image) {
        Require::None => (false, false),
        Require::Digest => (!pinned, false),
        Require::DigestOrAlways => (!pinned && !always, false),
        Require::Always => (false, !always),
        Require::DigestAndAlways => (!pinned, !always),
    }
}

/// Whether neither of the two below has anything to say.
pub(super) fn is_fresh(policy: &Policy, image: &Image<'_>) -> bool {
    image.reference.is_pinned() && image.pull_policy.is_always() || lacks(policy, image) == (false, false)
}

pub(super) fn judge_digest(policy: &Policy, image: &Image<'_>) -> Option<Problem> {
    if image.reference.is_pinned() || !lacks(policy, image).0 {
        return None;
    }
    Some(match required(policy, image) {
        Require::DigestOrAlways => Problem::MutableImage {
            name: image.name(),
            pull_policy: image.pull_policy.as_str().into(),
            defaulted: image.pull_policy.is_defaulted(),
            immutable: image.pull_policy_is_immutable,
        },
        _ => Problem::DigestRequired { name: image.name() },
    })
}

pub(super) fn judge_pull_policy(policy: &Policy, image: &Image<'_>) -> Option<Problem> {
    if image.pull_policy.is_always() || !lacks(policy, image).1 {
        return None;
    }
    Some(Problem::AlwaysRequired {
        pull_policy: image.pull_policy.as_str().into(),
        defaulted: image.pull_policy.is_defaulted(),
        immutable: image.pull_policy_is_immutable,
    })
}
