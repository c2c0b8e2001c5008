//! What `fresh-images stale --offline` reports, for browsers and Node.js.
//!
//! ```
//! let answer = fresh_images_running::stale(
//!     r#"{"kind": "Pod", "metadata": {"name": "a", "namespace": "shop"},
//!         "spec": {"containers": [{"name": "web", "image": "ghcr.io/shop/web:1"}]},
//!         "status": {"containerStatuses": [{"name": "web", "state": {"running": {}},
//!             "image": "ghcr.io/shop/web:1",
//!             "imageID": "ghcr.io/shop/web@sha256:1111111111111111111111111111111111111111111111111111111111111111"}]}}"#,
//! );
//! assert!(answer.contains(r#""summary":"container web with image ghcr.io/shop/web:1 was not compared""#));
//! assert_eq!(fresh_images_running::stale("Pods"), r#"{"error":"invalid JSON: expected value at line 1 column 1"}"#);
//! ```
//!
//! It is a module of its own beside `crates/playground`: most who open the page judge manifests, and a visit loads only what
//! it needs. No registry is asked, so it shows what the cluster itself knows: splits, and nodes whose tag moved.

use fresh_images_stale::{Cluster, Finding, Judge, Report};
use serde::Serialize;
use wasm_bindgen::prelude::wasm_bindgen;

/// A report and what its findings say, or why there is none.
#[derive(Serialize)]
#[serde(untagged)]
enum Answer<'r> {
    Report {
        /// How many Pods were read.
        pods: usize,
        #[serde(flatten)]
        report: &'r Report,
        /// What each finding says, in the same order.
        texts: Vec<Text>,
    },
    Error {
        error: String,
    },
}

/// A finding in words.
#[derive(Serialize)]
struct Text {
    summary: String,
    details: Vec<String>,
}

impl From<&Finding> for Text {
    fn from(finding: &Finding) -> Self {
        Self { summary: finding.summary(), details: finding.details() }
    }
}

/// `stale(cluster)`: the report on what `kubectl get pods,nodes,replicasets -A -o json` printed, as JSON; see `stale.d.ts`.
#[wasm_bindgen]
pub fn stale(cluster: &str) -> String {
    let mut read = Cluster::default();
    // A byte order mark, which some shells of Windows write.
    let text = cluster.trim_start_matches('\u{feff}');
    let report;
    let answer = match read.read_json(text.as_bytes()) {
        Err(error) => Answer::Error { error: error.to_string() },
        Ok(_) => {
            report = Judge::offline().judge(&read);
            let texts = report.findings.iter().map(Text::from).collect();
            Answer::Report { pods: read.pods, report: &report, texts }
        }
    };
    // Strings and numbers always serialize.
    serde_json::to_string(&answer).unwrap_or_default()
}
