//! The policy for browsers and Node.js: what `fresh-images check` reports, as JavaScript objects.
//!
//! ```
//! let checked = fresh_images_playground::check_text(
//!     "{apiVersion: v1, kind: Pod, spec: {containers: [{name: web, image: 'nginx:1.25'}]}}",
//!     "mutate: {to: pullAlways}",
//!     None,
//! );
//! assert_eq!(
//!     checked.fixed.as_deref(),
//!     Some(
//!         "{apiVersion: v1, kind: Pod, spec: {containers: \
//!          [{name: web, image: 'nginx:1.25', imagePullPolicy: Always}]}}"
//!     ),
//! );
//! ```
//!
//! Nothing is asked over a network: digests are those that the caller knows.

use fresh_images::Host;
use fresh_images::date::{Clock, Date};
use fresh_images::mutate::DigestResolver;
use fresh_images_manifests::document::{Node, Source, read_json};
use fresh_images_manifests::report::{Report, Unreadable, json};
use fresh_images_manifests::{Answer, Options, check, policy};
use serde::Serialize;
use wasm_bindgen::prelude::wasm_bindgen;

/// What came of a text.
#[derive(Debug, Default)]
pub struct Checked {
    /// What is wrong with the settings; nothing is judged then.
    pub settings: Vec<Unreadable>,
    /// Everything that was found.
    pub report: Report,
    /// The text as it would be fixed, if the settings say how.
    pub fixed: Option<String>,
    /// Why it cannot be fixed, if it should be.
    pub unfixable: Vec<Unreadable>,
}

/// The digests that the caller knows, by canonical image with its tag: `docker.io/library/nginx:1.25`.
struct Known(Option<Node>);

impl DigestResolver for Known {
    fn manifest_digest(&self, image: &str) -> Result<String, String> {
        let digest = self.0.as_ref().and_then(|known| known.get(image));
        let digest = digest.ok_or_else(|| format!("no digest is known here for {image}"))?;
        Ok(digest.as_str().map_or_else(|| digest.json_text(), Into::into))
    }
}

/// The clock of whoever runs JavaScript: a module for browsers has none.
struct PageClock;

impl Clock for PageClock {
    #[cfg(target_arch = "wasm32")]
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "what is out of range is no day"
    )]
    fn today(&self) -> Option<Date> {
        Date::of_unix_time((js_sys::Date::now() / 1_000.0) as u64)
    }

    #[cfg(not(target_arch = "wasm32"))]
    fn today(&self) -> Option<Date> {
        fresh_images::date::SystemClock.today()
    }
}

/// Judges manifests with settings, both as YAML or JSON; the settings may also be those of a whole policy.
pub fn check_text(manifests: &str, settings: &str, digests: Option<Node>) -> Checked {
    let settings = match policy::settings(Source::new("settings", settings)) {
        Ok(settings) => settings,
        Err(problem) => return Checked { settings: vec![problem], ..Checked::default() },
    };
    if let Err(error) = fresh_images::validate_settings(settings.json.as_bytes()) {
        return Checked { settings: settings.problems(&error.to_string()), ..Checked::default() };
    }
    let source = Source::new("manifests", manifests);
    let known = Known(digests);
    let options = Options::default();
    let judge = |payload: &[u8]| {
        Ok(Answer::from(fresh_images::evaluate_with(payload, &Host { digests: &known, clock: &PageClock })))
    };
    let mut checked = Checked::default();
    if settings.mutate().is_some() {
        let with_fix = check(&source, options.fixing(), &settings.json, &judge);
        checked = Checked { report: with_fix.report, fixed: with_fix.fixed, ..checked };
    }
    if checked.fixed.is_none() {
        let report = check(&source, options, &settings.json, &judge).report;
        if !report.has_unreadable() {
            let tried = checked.report.entries().iter().filter_map(|entry| entry.unreadable());
            checked.unfixable = tried.cloned().collect();
        }
        checked.report = report;
    }
    checked
}

/// As [`Checked`], for JavaScript.
#[derive(Serialize)]
struct Output<'r> {
    settings: &'r [Unreadable],
    report: json::Output<'r>,
    fixed: Option<&'r str>,
    unfixable: &'r [Unreadable],
}

/// `check(manifests, settings, digests)`, whose answer `npm/api.js` parses: building objects from here would take 16 KiB
/// more. `digests` is JSON too.
#[wasm_bindgen(js_name = check)]
pub fn check_js(manifests: &str, settings: &str, digests: &str) -> String {
    let Checked { settings, report, fixed, unfixable } = check_text(manifests, settings, read_json(digests));
    let report = json::output(&report, false);
    let output = Output { settings: &settings, report, fixed: fixed.as_deref(), unfixable: &unfixable };
    // Strings and numbers always serialize.
    serde_json::to_string(&output).unwrap_or_default()
}

/// `evaluate(payload)`: what Kubewarden's policy-server is answered, as JSON; see `index.d.ts`.
#[wasm_bindgen]
pub fn evaluate(payload: &str) -> String {
    let answer = fresh_images::response::validation(fresh_images::evaluate_with(
        payload.as_bytes(),
        &Host { clock: &PageClock, ..Host::default() },
    ));
    String::from_utf8(answer.unwrap_or_default()).unwrap_or_default()
}

/// `validateSettings(settings)`: what Kubewarden's policy-server is answered, as JSON; see `index.d.ts`.
#[wasm_bindgen(js_name = validateSettings)]
pub fn validate_settings(settings: &str) -> String {
    let result = fresh_images::validate_settings(settings.as_bytes());
    let answer = fresh_images::response::settings_validation(&result);
    String::from_utf8(answer.unwrap_or_default()).unwrap_or_default()
}
