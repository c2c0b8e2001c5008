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
use crate::pattern::HostCase;
use crate::policy::{Override, Policy};
use crate::reference::Reference;
use crate::settings::Require;
use crate::verdict::Reason;

pub(super) fn check(policy: &Policy, image: &Image<'_>, reasons: &mut Vec<Reason>) {
    let (has_digest, is_always) = (image.reference.is_pinned(), image.pull_policy.is_always());
    if has_digest && is_always {
        return;
    }
    let require = required(policy, image);
    if require == Require::DigestOrAlways && !has_digest && !is_always {
        reasons.push(Reason::MutableImage);
    }
    if matches!(require, Require::Digest | Require::DigestAndAlways) && !has_digest {
        reasons.push(Reason::DigestRequired);
    }
    if matches!(require, Require::Always | Require::DigestAndAlways) && !is_always {
        reasons.push(Reason::AlwaysRequired);
    }
}

/// What the image must have.
fn required(policy: &Policy, image: &Image<'_>) -> Require {
    let entry = override_of(policy, &image.reference).and_then(|place| policy.overrides.get(place));
    entry.map_or(policy.require, |entry| entry.require)
}

/// The place of the override that counts: the first that matches.
pub(crate) fn override_of(policy: &Policy, image: &Reference<'_>) -> Option<usize> {
    policy.overrides.iter().position(|entry| {
        let case = host_case(policy, entry);
        entry.images.iter().any(|pattern| pattern.matches(image, case))
    })
}

/// A stricter override matches any spelling of the host; a looser one only the exact spelling.
pub(crate) fn host_case(policy: &Policy, entry: &Override) -> HostCase {
    if entry.require.is_stricter_than(policy.require) { HostCase::Ignore } else { HostCase::Exact }
}
