//! The credentials of `imagePullSecrets`, and for which images the kubelet uses them.
//!
//! ```
//! use fresh_images_cli::registry::PullSecret;
//!
//! let secrets = PullSecret::read(br#"{"auths": {"https://*.example.com/shop": {"username": "ci", "password": "x"}}}"#)?;
//! assert!(secrets[0].is_for("harbor.example.com", "shop/web"));
//! assert!(!secrets[0].is_for("harbor.example.com", "ml/train"));
//! assert!(!secrets[0].is_for("example.com", "shop/web"));
//! # Ok::<(), String>(())
//! ```
//!
//! Source: `pkg/credentialprovider/keyring.go` of Kubernetes. A key is a host, with `*` within a label, and perhaps the
//! start of a path. Several secrets may be for one image; the one with the longest path is tried first.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::fmt;

use docker_credential::DockerCredential;
use serde::Deserialize;
use serde_json::Value;

/// What Docker Hub is called in these files, and in images.
const DOCKER_HUB: [&str; 3] = ["index.docker.io", "docker.io", "registry-1.docker.io"];

/// A user of a registry, or of a part of it.
#[derive(Clone, PartialEq, Eq)]
pub struct PullSecret {
    /// With `*` within a label.
    host: String,
    /// Without a slash in front; empty for the whole host.
    path: String,
    pub(super) user: String,
    pub(super) password: String,
}

/// Both forms: `.dockerconfigjson` has the member `auths`, and `.dockercfg` is what that holds.
#[derive(Deserialize)]
#[serde(untagged)]
enum Written {
    Config { auths: BTreeMap<String, Value> },
    Old(BTreeMap<String, Value>),
}

impl PullSecret {
    /// Those of a `.dockerconfigjson` or `.dockercfg`, the most exact first. Entries without a password are left out.
    ///
    /// # Errors
    ///
    /// A text that is neither. What it holds is not repeated.
    pub fn read(json: &[u8]) -> Result<Vec<Self>, String> {
        let (Written::Config { auths } | Written::Old(auths)) =
            serde_json::from_slice(json).map_err(|_| "it is no Docker config".to_owned())?;
        let mut secrets: Vec<Self> = auths.iter().filter_map(|(key, entry)| Self::of(key, entry)).collect();
        secrets.sort_by_key(|secret| Reverse(secret.path.len()));
        Ok(secrets)
    }

    fn of(key: &str, entry: &Value) -> Option<Self> {
        // Decoded as `docker login` writes it.
        let config = serde_json::json!({"auths": {key: entry}}).to_string();
        let credential = docker_credential::get_credential_from_reader(config.as_bytes(), key).ok()?;
        let DockerCredential::UsernamePassword(user, password) = credential else { return None };
        let address = key.strip_prefix("https://").or_else(|| key.strip_prefix("http://")).unwrap_or(key);
        let (host, path) = address.split_once('/').unwrap_or((address, ""));
        let version =
            |path: &'_ str| ["v1/", "v2/"].iter().find(|it| path.starts_with(**it)).map(|it| it.len());
        let path = path.get(version(path).unwrap_or_default()..).unwrap_or_default();
        let path = if path == "v1" || path == "v2" { "" } else { path.trim_end_matches('/') };
        Some(Self { host: host.into(), path: path.into(), user, password })
    }

    /// Whether the kubelet uses it for an image of this repository, such as `shop/web`.
    pub fn is_for(&self, registry: &str, repository: &str) -> bool {
        let is_hub = |host: &str| DOCKER_HUB.contains(&host);
        let is_host = is_hub(&self.host) && is_hub(registry) || matches(&self.host, registry);
        is_host && repository.starts_with(&self.path)
    }
}

/// Who it is for, never what it is.
impl fmt::Debug for PullSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PullSecret")
            .field("host", &self.host)
            .field("path", &self.path)
            .finish_non_exhaustive()
    }
}

/// A `*` matches within a label, and never a dot or a port.
fn matches(pattern: &str, host: &str) -> bool {
    let with_port = |host: &'_ str| host.rsplit_once(':').map(|(_, port)| port.to_owned());
    let labels = |host: &'_ str| -> Vec<String> {
        host.split(':').next().unwrap_or_default().split('.').map(str::to_owned).collect()
    };
    let (wanted, given) = (labels(pattern), labels(host));
    with_port(pattern) == with_port(host)
        && wanted.len() == given.len()
        && wanted.iter().zip(&given).all(|(pattern, label)| matches_label(pattern, label))
}

fn matches_label(pattern: &str, label: &str) -> bool {
    match pattern.split_once('*') {
        None => pattern == label,
        Some((start, rest)) => label.strip_prefix(start).is_some_and(|left| {
            left.char_indices()
                .map(|(at, _)| at)
                .chain([left.len()])
                .any(|at| left.get(at..).is_some_and(|end| matches_label(rest, end)))
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(key: &str) -> PullSecret {
        let json = format!(r#"{{"{key}": {{"auth": "Y2k6eDp5"}}}}"#);
        let mut secrets = PullSecret::read(json.as_bytes()).expect("it is a config");
        secrets.pop().expect("a secret")
    }

    #[test]
    fn keys_are_those_of_the_kubelet() {
        for (key, registry, repository, expected) in [
            ("ghcr.io", "ghcr.io", "shop/web", true),
            ("https://ghcr.io/v2/", "ghcr.io", "shop/web", true),
            ("ghcr.io/shop", "ghcr.io", "shop/web", true),
            ("ghcr.io/shop", "ghcr.io", "other/web", false),
            ("https://index.docker.io/v1/", "docker.io", "library/nginx", true),
            ("docker.io", "docker.io", "library/nginx", true),
            ("*.io", "ghcr.io", "shop/web", true),
            ("*.io", "docker.io", "library/nginx", true),
            ("*.example.com", "a.b.example.com", "web", false),
            ("harbor-*.example.com", "harbor-eu.example.com", "web", true),
            ("localhost:5000", "localhost:5000", "web", true),
            ("localhost", "localhost:5000", "web", false),
            ("quay.io", "ghcr.io", "shop/web", false),
        ] {
            assert_eq!(of(key).is_for(registry, repository), expected, "{key} {registry}/{repository}");
        }
    }

    #[test]
    fn a_password_may_have_a_colon_and_is_not_shown() {
        let secret = of("ghcr.io");
        assert_eq!((secret.user.as_str(), secret.password.as_str()), ("ci", "x:y"));
        assert!(!format!("{secret:?}").contains("x:y"));
    }

    #[test]
    fn the_most_exact_comes_first() {
        let json =
            br#"{"auths": {"ghcr.io": {"auth": "YTpi"}, "ghcr.io/shop": {"auth": "YzpkCg=="}, "x.io": {}}}"#;
        let users: Vec<String> =
            PullSecret::read(json).expect("a config").into_iter().map(|secret| secret.user).collect();
        assert_eq!(users, ["c", "a"]);
        assert_eq!(PullSecret::read(b"[]"), Err("it is no Docker config".into()));
    }
}
