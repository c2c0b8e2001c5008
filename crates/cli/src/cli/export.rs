//! `export`: the settings as Kubernetes' own policies, on standard output.
//!
//! ```text
//! error: settings.yaml:3:1: settings.mutate: a ValidatingAdmissionPolicy changes nothing. …
//! ```

use std::io::{self, Write as _};
use std::process::ExitCode;

use fresh_images::settings::Settings;
use fresh_images_export::{ApiVersion, Matching, Options, Refused, map, vap};
use fresh_images_manifests::policy::{self, Policy};
use fresh_images_manifests::report::Unreadable;
use fresh_images_manifests::settings;

use super::args::{Export, Map, MapVersion, Vap};
use super::check::write_out;
use super::settings::read;
use super::text;

/// The exit code for input that cannot be used.
const UNUSABLE: u8 = 2;

/// Writes policies and their bindings, or everything that keeps them from being written.
pub(super) fn run(args: Export) -> ExitCode {
    let problems = match export(args) {
        Ok(manifests) => match write_out(io::stdout(), manifests.as_bytes()) {
            Ok(()) => return ExitCode::SUCCESS,
            Err(error) => vec![format!("cannot write the manifests: {error}")],
        },
        Err(problems) => problems.iter().map(ToString::to_string).collect(),
    };
    let mut stream = anstream::stderr();
    for problem in problems {
        // If standard error is gone as well, the exit code still tells.
        let _ = stream.write_all(text::complaint(&problem).as_bytes());
    }
    ExitCode::from(UNUSABLE)
}

fn export(args: Export) -> Result<String, Vec<Unreadable>> {
    let (args, api) = match args {
        Export::Vap(args) => (args, None),
        Export::Map(Map { vap, api_version: MapVersion::V1 }) => (vap, Some(ApiVersion::V1)),
        Export::Map(Map { vap, api_version: MapVersion::V1beta1 }) => (vap, Some(ApiVersion::V1beta1)),
    };
    let one = |problem| vec![problem];
    if let Some(path) = &args.policy {
        let policies = read(path).and_then(|source| policy::read(&source)).map_err(one)?;
        let exported = policies.iter().map(|policy| of_policy(policy, &args, api));
        return exported.collect::<Result<Vec<_>, _>>().map(|manifests| manifests.join("---\n"));
    }
    let written = match &args.settings {
        Some(path) => read(path).and_then(settings::read).map_err(one)?,
        None => settings::Settings::default(),
    };
    let options = Options { name: args.name, at: args.at, matching: None };
    of_settings(&written, |settings| match api {
        None => vap(settings, &options),
        Some(api) => map(settings, &options, api),
    })
}

fn of_settings(
    written: &settings::Settings,
    write: impl FnOnce(&Settings) -> Result<String, Refused>,
) -> Result<String, Vec<Unreadable>> {
    let settings =
        Settings::from_json(written.json.as_bytes()).map_err(|error| written.problems(&error.to_string()))?;
    write(&settings).map_err(|refused| written.problems(&refused.to_string()))
}

/// A policy of Kubewarden. `export map` also takes those that only judge.
fn of_policy(policy: &Policy, args: &Vap, api: Option<ApiVersion>) -> Result<String, Vec<Unreadable>> {
    let problem = |message: String| Unreadable { message, ..policy.place.clone() };
    let member = match policy.members.as_slice() {
        [member] if !policy.is_group() => member,
        _ => return Err(vec![problem("a group cannot be exported: export its members' settings".into())]),
    };
    let matching = Matching::of_policy(policy.spec.to_json(), policy.namespace.as_deref())
        .map_err(|refused| refused.problems().iter().cloned().map(problem).collect::<Vec<_>>())?;
    let name = policy.name.replace('/', "-");
    let options = Options { name, at: args.at, matching: Some(matching) };
    of_settings(&member.settings, |settings| match api {
        Some(api) if policy.mutates() => map(settings, &options, api),
        _ => vap(settings, &options),
    })
}
