//! Certain tags not.
//!
//! - Settings: `tags.reject`.
//! - Allowed: an image whose tag matches none of them. The tag is the explicit one, even beside a digest, or
//!   `latest` where there is neither tag nor digest; a digest alone has no tag.

use super::Image;
use crate::policy::Policy;
use crate::verdict::Reason;

pub(super) fn check(policy: &Policy, image: &Image<'_>) -> Option<Reason> {
    let tag = image.reference.effective_tag()?;
    let pattern = policy.rejected_tags.iter().find(|pattern| pattern.matches(tag))?;
    Some(Reason::TagRejected { pattern: pattern.to_string() })
}
