//! Certain images only, or certain images not.
//!
//! - Settings: `images.allow`, `images.reject`.
//! - Allowed: an image that matches one of `allow`, if it has entries, and none of `reject`.

use super::Image;
use crate::pattern::HostCase;
use crate::policy::Policy;
use crate::verdict::Reason;

pub(super) fn check(policy: &Policy, image: &Image<'_>) -> Option<Reason> {
    let lists = &policy.images;
    if let Some(pattern) =
        lists.reject.iter().find(|pattern| pattern.matches(&image.reference, HostCase::Ignore))
    {
        return Some(Reason::ImageRejected { pattern: pattern.to_string() });
    }
    let allowed = lists.allow.is_empty()
        || lists.allow.iter().any(|pattern| pattern.matches(&image.reference, HostCase::Exact));
    (!allowed).then_some(Reason::ImageNotAllowed)
}
