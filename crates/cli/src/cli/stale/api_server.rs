//! The API server of the cluster that the command runs in, as the service account of its Pod.
//!
//! Only its own certificate authority is trusted, no proxy is used, and the token is read for each request, because the
//! kubelet renews it. Source of the files and variables: `InClusterConfig` of client-go.

use std::env;
use std::fmt::Display;
use std::fs;
use std::io::BufReader;
use std::path::Path;
use std::time::Duration;

use fresh_images_stale::Cluster;
use reqwest::blocking::{Client, RequestBuilder, Response};
use reqwest::header::{ACCEPT, CONTENT_TYPE};
use reqwest::tls::Certificate;
use serde::Deserialize;
use serde_json::Value;

use super::live::Api;

/// Where the kubelet mounts what a service account needs.
const ACCOUNT: &str = "/var/run/secrets/kubernetes.io/serviceaccount";
/// How long an answer may take. A page of Pods takes well below a second.
const LIMIT: Duration = Duration::from_secs(60);
/// Who owns the fields of the Reports.
const MANAGER: &str = "fresh-images";

/// A client with the right to do what the service account may.
pub(super) struct ApiServer {
    address: String,
    client: Client,
}

/// What the API server says when it refuses.
#[derive(Default, Deserialize)]
struct Status {
    message: String,
    #[serde(default)]
    details: Details,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Details {
    kind: String,
    causes: Vec<Cause>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Cause {
    reason: String,
}

/// Why there is no answer.
struct Refusal {
    problem: String,
    /// The namespace is deleted, or about to be.
    is_gone: bool,
}

impl ApiServer {
    /// That of this Pod; nothing outside of a Pod, or where the Pod mounts no token.
    pub(super) fn of_this_pod() -> Option<Result<Self, String>> {
        let host = env::var("KUBERNETES_SERVICE_HOST").ok()?;
        let port = env::var("KUBERNETES_SERVICE_PORT").ok()?;
        if !Path::new(ACCOUNT).join("token").exists() {
            return None;
        }
        let host = if host.contains(':') { format!("[{host}]") } else { host };
        Some(Self::new(format!("https://{host}:{port}")))
    }

    fn new(address: String) -> Result<Self, String> {
        let path = Path::new(ACCOUNT).join("ca.crt");
        let unusable = |error: &dyn Display| format!("{}: {error}", path.display());
        let authority = fs::read(&path).map_err(|error| unusable(&error))?;
        let authority = Certificate::from_pem_bundle(&authority).map_err(|error| unusable(&error))?;
        fresh_images_cli::registry::use_tls();
        let client = Client::builder().tls_certs_only(authority).https_only(true).no_proxy().timeout(LIMIT);
        let client = client.user_agent(concat!("fresh-images/", env!("CARGO_PKG_VERSION"))).build();
        Ok(Self {
            address,
            client: client.map_err(|error| format!("the API server cannot be asked: {error}"))?,
        })
    }

    /// Creates or changes an object by server-side apply. In a namespace that goes away there is nothing to do.
    pub(super) fn apply(&self, path: &str, object: &Value) -> Result<(), String> {
        let path = format!("{path}?fieldManager={MANAGER}&force=true");
        let request = self.client.patch(format!("{}{path}", self.address));
        let request = request.header(CONTENT_TYPE, "application/apply-patch+yaml").body(object.to_string());
        match Self::send(request, &path) {
            Err(refusal) if !refusal.is_gone => Err(refusal.problem),
            _ => Ok(()),
        }
    }

    fn send(request: RequestBuilder, path: &str) -> Result<Response, Refusal> {
        let failed = |problem| Refusal { problem, is_gone: false };
        let file = Path::new(ACCOUNT).join("token");
        let token =
            fs::read_to_string(&file).map_err(|error| failed(format!("{}: {error}", file.display())))?;
        let request = request.bearer_auth(token.trim()).header(ACCEPT, "application/json");
        // Without the address, which the error repeats, and with its cause, which it does not.
        let answer = request.send().map_err(|error| {
            let mut cause: &dyn std::error::Error = &error;
            while let Some(next) = cause.source() {
                cause = next;
            }
            failed(format!("the API server cannot be reached: {cause}"))
        })?;
        let status = answer.status();
        if status.is_success() {
            return Ok(answer);
        }
        let path = path.split('?').next().unwrap_or_default();
        let Status { message, details } = answer
            .json()
            .unwrap_or_else(|_| Status { message: status.to_string(), details: Details::default() });
        Err(Refusal {
            problem: format!("the API server refuses {path}: {message}"),
            is_gone: details.kind == "namespaces"
                || details.causes.iter().any(|cause| cause.reason == "NamespaceTerminating"),
        })
    }
}

impl Api for ApiServer {
    fn get(&self, path: &str, cluster: &mut Cluster) -> Result<Option<String>, String> {
        let answer = Self::send(self.client.get(format!("{}{path}", self.address)), path)
            .map_err(|refusal| refusal.problem)?;
        cluster.read_json(BufReader::new(answer)).map_err(|error| format!("{path}: {error}"))
    }

    /// That of the Pod.
    fn namespace(&self) -> Result<String, String> {
        let file = Path::new(ACCOUNT).join("namespace");
        let name = fs::read_to_string(&file).map_err(|error| format!("{}: {error}", file.display()))?;
        Ok(name.trim().to_owned())
    }
}
