//! Registry hosts: exact, or with a leading `*.` for one or more labels.

use super::error::PatternError;
use crate::reference::{Reference, expect_length, expect_no_scheme, is_registry, parse_registry};

/// How a host is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HostCase {
    /// For lists that allow or exempt: a host in upper case matches nothing.
    Exact,
    /// For lists that reject: `EVIL.example`, `evil.example:443` and `evil.example:0443` are all the server
    /// `evil.example`, for DNS ignores case and a registry is asked at port 443.
    Ignore,
}

/// A host, or with a leading `*.` all below it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Host {
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
        if has_upper_case(text) {
            return Err(PatternError::UppercaseHost);
        }
        expect_length(text)?;
        let (dot, rest) = match text.strip_prefix("*.") {
            Some(rest) => (".", rest),
            None => ("", text),
        };
        if rest.contains('*') || !dot.is_empty() && rest.starts_with('[') {
            return Err(PatternError::StarInHost);
        }
        let skipped = text.len().saturating_sub(rest.len());
        let canonical = parse_registry(rest, skipped)?;
        // `*.index.docker.io` is not `*.docker.io`.
        let host = if dot.is_empty() { canonical } else { rest };
        Ok(Self { text: format!("{dot}{host}").into() })
    }

    /// Parses one host that the policy server can ask.
    pub(crate) fn parse_exact(text: &str) -> Result<Self, PatternError> {
        if text.trim().is_empty() {
            return Err(PatternError::Blank);
        }
        expect_no_scheme(text)?;
        if text.contains(['/', '*', '@']) || !is_registry(text) {
            return Err(PatternError::NotOneHost);
        }
        // Kubewarden looks images up with the crate oci-spec, which knows no host in brackets.
        if text.starts_with('[') { Err(PatternError::Ipv6Host) } else { Self::parse(text) }
    }

    pub(super) fn docker_hub() -> Self {
        Self { text: crate::reference::DOCKER_HUB.into() }
    }

    pub(super) fn is_docker_hub(&self) -> bool {
        &*self.text == crate::reference::DOCKER_HUB
    }

    /// Refuses a path, without its `*`, that no image of this host can have: too long, or an image id.
    pub(super) fn expect_image(&self, path: &str) -> Result<(), PatternError> {
        let dot = if self.text.starts_with('.') { "a" } else { "" };
        match Reference::parse(&format!("{dot}{}/{path}", self.text)) {
            Err(error) if error.is_of_whole_path() => Err(error.into()),
            _ => Ok(()),
        }
    }

    pub(crate) fn matches(&self, registry: &str, case: HostCase) -> bool {
        match case {
            HostCase::Exact => !has_upper_case(registry) && matches(&self.text, registry),
            HostCase::Ignore => {
                matches(&self.text, registry) || matches(&server(&self.text), &server(registry))
            }
        }
    }
}

fn has_upper_case(text: &str) -> bool {
    text.bytes().any(|byte| byte.is_ascii_uppercase())
}

fn matches(pattern: &str, registry: &str) -> bool {
    if !pattern.starts_with('.') {
        return pattern == registry;
    }
    registry.strip_suffix(pattern).is_some_and(|labels| !labels.is_empty())
}

/// A registry as the server that it reaches: in lower case, the port without leading zeros and left out if it is
/// 443, and `docker.io` for its other name.
fn server(registry: &str) -> String {
    let lower = registry.to_ascii_lowercase();
    let server = match lower.rsplit_once(':') {
        Some((host, port)) if !port.ends_with(']') => match port.trim_start_matches('0') {
            "443" => host.to_owned(),
            port => format!("{host}:{port}"),
        },
        _ => lower,
    };
    if server == "index.docker.io" { crate::reference::DOCKER_HUB.to_owned() } else { server }
}
