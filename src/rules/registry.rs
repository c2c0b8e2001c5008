//! Images come from allowed registries.
//!
//! - Settings: `registries.allow`, `registries.reject`.
//! - Allowed: an image at or below one of `allow`, if it has entries, and below none of `reject`.
//! - A host in upper case is on no allow-list, but cannot pass a reject-list by its case: DNS ignores case.

use super::Image;
use crate::pattern::{HostCase, RegistryPattern};
use crate::policy::Policy;
use crate::text::{Quoted, enumerated};
use crate::verdict::Reason;

/// How many allowed registries a message names.
const NAMED: usize = 4;

pub(super) fn check(policy: &Policy, image: &Image<'_>) -> Option<Reason> {
    let lists = &policy.registries;
    if let Some(pattern) =
        lists.reject.iter().find(|pattern| pattern.matches(&image.reference, HostCase::Ignore))
    {
        return Some(Reason::RegistryRejected { pattern: pattern.to_string() });
    }
    let allowed = lists.allow.is_empty()
        || lists.allow.iter().any(|pattern| pattern.matches(&image.reference, HostCase::Exact));
    (!allowed).then(|| Reason::RegistryNotAllowed { allowed: enumerate(&lists.allow) })
}

/// `a`, `a or b`, `a, b or c`, `a, b, c, d or 5 more`.
fn enumerate(patterns: &[RegistryPattern]) -> String {
    let shown = |pattern: &RegistryPattern| Quoted::bare(&pattern.to_string(), 128).to_string();
    let mut names: Vec<String> = patterns.iter().take(NAMED).map(shown).collect();
    let rest = patterns.len().saturating_sub(NAMED);
    if rest > 0 {
        names.push(format!("{rest} more"));
    }
    enumerated(&names, " or ").to_string()
}
