//! `export`: the settings as Kubernetes' own policies, on standard output.
//!
//! ```text
//! error: settings.yaml:3:1: settings.mutate: a ValidatingAdmissionPolicy changes nothing. …
//! ```

use std::io::{self, Write as _};
use std::process::ExitCode;

use fresh_images::settings::Settings;
use fresh_images_export::{ApiVersion, Options, map, vap};
use fresh_images_manifests::report::Unreadable;
use fresh_images_manifests::settings;

use super::args::{Export, Map, MapVersion};
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
    let written = match &args.settings {
        Some(path) => read(path).and_then(settings::read).map_err(|problem| vec![problem])?,
        None => settings::Settings::default(),
    };
    let located = |message: String| written.problems(&message);
    let settings =
        Settings::from_json(written.json.as_bytes()).map_err(|error| located(error.to_string()))?;
    let options = Options { name: args.name, at: args.at };
    let exported = match api {
        None => vap(&settings, &options),
        Some(api) => map(&settings, &options, api),
    };
    exported.map_err(|refused| located(refused.to_string()))
}
