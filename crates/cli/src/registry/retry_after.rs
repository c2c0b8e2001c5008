//! How long a registry wants to be left alone: the header `Retry-After` of an answer “too many requests”.
//!
//! | header | pause |
//! |---|---|
//! | none, or a date | ours: 1, 3 and 9 seconds |
//! | `2` | two seconds |
//! | more than [`LONGEST`] | none: waiting makes no sense, so that is the last word |
//!
//! The OCI client does not hand on headers. So the same is asked once more, without credentials and without following where it
//! leads.

use std::time::Duration;

use oci_client::Reference;
use reqwest::blocking::Client;
use reqwest::header::RETRY_AFTER;
use reqwest::redirect::Policy;

/// The longest pause, in seconds, that anybody would wait for.
pub(super) const LONGEST: u64 = 60;
/// How long the question itself may take.
const PATIENCE: Duration = Duration::from_secs(5);

/// The seconds that the registry of an image names, if it does.
pub(super) fn ask(image: &Reference, is_insecure: bool) -> Option<u64> {
    super::use_tls();
    let client = Client::builder().timeout(PATIENCE).redirect(Policy::none()).build().ok()?;
    let scheme = if is_insecure { "http" } else { "https" };
    let which = image.digest().or(image.tag())?;
    let url = format!("{scheme}://{}/v2/{}/manifests/{which}", image.resolve_registry(), image.repository());
    let answer = client.head(url).send().ok()?;
    answer.headers().get(RETRY_AFTER)?.to_str().ok()?.trim().parse().ok()
}
