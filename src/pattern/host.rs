//! Registry hosts: exact, with a leading `*.` for one or more labels, or with `*` for one label.
//!
//! The last label is never `*`: `registry.*` would match a host that anybody can register.

use super::error::PatternError;
use super::glob::probe;
use crate::reference::{DOCKER_HUB, Reference, expect_length, expect_no_scheme, is_registry, parse_registry};
use crate::text::has;

/// How a host is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HostCase {
    /// For lists that allow or exempt: a host in upper case matches nothing.
    Exact,
    /// For lists that reject: `EVIL.example`, `evil.example:443` and `evil.example:0443` are all the server
    /// `evil.example`, for DNS ignores case and a registry is asked at port 443.
    Ignore,
}

/// A host, or many.
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
        let mut labels = rest.split('.').rev();
        let has_star = |label: &str| has(label, b'*');
        if labels.next().is_some_and(has_star)
            || labels.any(|label| label != "*" && has_star(label))
            || has(text, b'*') && rest.starts_with('[')
        {
            return Err(PatternError::StarInHost);
        }
        let skipped = text.len().saturating_sub(rest.len());
        let probed = probe(rest);
        let canonical = parse_registry(&probed, skipped)?;
        // `*.index.docker.io` is not `*.docker.io`.
        let host = if has(text, b'*') { rest } else { canonical };
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
        Self { text: DOCKER_HUB.into() }
    }

    pub(super) fn is_docker_hub(&self) -> bool {
        &*self.text == DOCKER_HUB
    }

    /// Refuses a path, without its `*`, that no image of this host can have: too long, or an image id.
    pub(super) fn expect_image(&self, path: &str) -> Result<(), PatternError> {
        let dot = if self.text.starts_with('.') { "a" } else { "" };
        match Reference::parse(&format!("{dot}{}/{path}", probe(&self.text))) {
            Err(error) if error.is_of_whole_path() => Err(error.into()),
            _ => Ok(()),
        }
    }

    /// Whether this matches all that the other matches: its `*` take those of the other as labels.
    pub(super) fn covers(&self, other: &Self) -> bool {
        matches(&self.text, &other.to_string())
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
    let mut labels = registry.rsplit('.');
    let rest = pattern.strip_prefix('.');
    let mut fixed = rest.unwrap_or(pattern).rsplit('.');
    fixed.all(|fixed| labels.next().is_some_and(|label| fixed == label || fixed == "*"))
        && labels.next().is_some() == rest.is_some()
}

/// Refuses an address with the length of a prefix, such as `10.0.0.0/8`, which would be a repository. Two checks of
/// characters, because the parser of `std::net::IpAddr` adds kibibytes to the guest.
pub(super) fn expect_no_network(host: &str, path: &str) -> Result<(), PatternError> {
    let is_byte = |label: &str| label.parse::<u8>().is_ok();
    let address = host.trim_start_matches('[').trim_end_matches(']');
    let longest =
        if address.split(':').count() > 2 && address.bytes().all(|b| b == b':' || b.is_ascii_hexdigit()) {
            128
        } else if host.split('.').count() == 4 && host.split('.').all(is_byte) {
            32
        } else {
            return Ok(());
        };
    if path.parse::<u8>().is_ok_and(|length| length <= longest) { Err(PatternError::Network) } else { Ok(()) }
}

/// A registry as the server that it reaches: in lower case, the port without leading zeros and left out if it is
/// 443, and `docker.io` for its other name. The registry of a pattern may have `*`.
///
/// ```
/// use fresh_images::pattern::server;
///
/// assert_eq!(server("EVIL.example:0443"), "evil.example");
/// assert_eq!(server("INDEX.docker.io:443"), "docker.io");
/// assert_eq!(server("*.corp.example:05000"), "*.corp.example:5000");
/// ```
pub fn server(registry: &str) -> String {
    let lower = registry.to_ascii_lowercase();
    let server = match lower.rsplit_once(':') {
        Some((host, port)) if !port.ends_with(']') => match port.trim_start_matches('0') {
            "443" => host.to_owned(),
            port => format!("{host}:{port}"),
        },
        _ => lower,
    };
    if server == "index.docker.io" { DOCKER_HUB.to_owned() } else { server }
}
