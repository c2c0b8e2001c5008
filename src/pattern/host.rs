//! Registry hosts: exact, or with a leading `*.` for one or more labels.

use super::error::PatternError;
use crate::reference::parse_registry;

/// How a host is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HostCase {
    /// For lists that allow or exempt: a host in upper case matches nothing.
    Exact,
    /// For lists that reject: DNS ignores case, so `EVIL.example` reaches `evil.example`.
    Ignore,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Host {
    /// With the port; starts with `.` if labels are to precede it.
    text: Box<str>,
}

impl std::fmt::Display for Host {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(if self.text.starts_with('.') { "*" } else { "" })?;
        f.write_str(&self.text)
    }
}

impl Host {
    pub(super) fn parse(text: &str) -> Result<Self, PatternError> {
        if text.bytes().any(|b| b.is_ascii_uppercase()) {
            return Err(PatternError::UppercaseHost);
        }
        let (dot, rest) = match text.strip_prefix("*.") {
            Some(rest) => (".", rest),
            None => ("", text),
        };
        if rest.contains('*') {
            return Err(PatternError::StarInHost);
        }
        let skipped = text.len().saturating_sub(rest.len());
        let host = parse_registry(rest, skipped)?;
        Ok(Self { text: format!("{dot}{host}").into() })
    }

    pub(super) fn docker_hub() -> Self {
        Self { text: crate::reference::DOCKER_HUB.into() }
    }

    pub(super) fn is_docker_hub(&self) -> bool {
        &*self.text == crate::reference::DOCKER_HUB
    }

    pub(super) fn matches(&self, registry: &str, case: HostCase) -> bool {
        let same = |a: &str| match case {
            HostCase::Exact => a == &*self.text,
            HostCase::Ignore => a.eq_ignore_ascii_case(&self.text),
        };
        if !self.text.starts_with('.') {
            return same(registry);
        }
        let upper = case == HostCase::Exact && registry.bytes().any(|b| b.is_ascii_uppercase());
        !upper
            && registry
                .len()
                .checked_sub(self.text.len())
                .is_some_and(|labels| labels > 0 && registry.get(labels..).is_some_and(same))
    }
}
