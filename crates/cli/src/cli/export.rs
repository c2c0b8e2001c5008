//! `export`: the settings as Kubernetes' own policies, on standard output or in files that the API server reads.
//!
//! ```text
//! error: settings.yaml:3:1: settings.mutate: a ValidatingAdmissionPolicy changes nothing. …
//! ```

use std::collections::BTreeSet;
use std::fs;
use std::io::{self, ErrorKind, Write as _};
use std::process::ExitCode;

use fresh_images::settings::Settings;
use fresh_images_export::{ApiVersion, Matching, Options, map, vap};
use fresh_images_manifests::policy::{self, Policy};
use fresh_images_manifests::report::Unreadable;
use fresh_images_manifests::settings;

use super::args::{self, Export, Map, MapVersion, Vap};
use super::check::write_out;
use super::files::{read_named, reason};
use super::text;
use super::write::create;

/// The exit code for input that cannot be used.
const UNUSABLE: u8 = 2;

/// What ends the names of policies that the API server reads from files.
const STATIC: &str = ".static.k8s.io";

/// A policy as Kubernetes' own.
struct Exported {
    name: String,
    mutating: Option<String>,
    validating: String,
}

/// Writes policies and their bindings, or everything that keeps them from being written.
pub(super) fn run(args: Export) -> ExitCode {
    let (args, api) = match args {
        Export::Vap(args) => (args, None),
        Export::Map(Map { vap, api_version: MapVersion::V1 }) => (vap, Some(ApiVersion::V1)),
        Export::Map(Map { vap, api_version: MapVersion::V1beta1 }) => (vap, Some(ApiVersion::V1beta1)),
    };
    let problems = match export(&args, api) {
        Ok(exported) => match write(&args, &exported) {
            Ok(()) => return ExitCode::SUCCESS,
            Err(problem) => vec![problem],
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

fn write(args: &Vap, exported: &[Exported]) -> Result<(), String> {
    let Some(directory) = &args.manifest_dir else {
        let manifests = exported.iter().flat_map(|it| it.mutating.iter().chain([&it.validating]));
        let manifests: Vec<&str> = manifests.map(String::as_str).collect();
        return write_out(io::stdout(), manifests.join("---\n").as_bytes())
            .map_err(|error| format!("cannot write the manifests: {error}"));
    };
    for it in exported {
        let file = format!("{}.yaml", it.name);
        // The API server reads each kind from a directory of its own, and refuses one with others in it.
        for (kind, manifests) in [("mutating", it.mutating.as_ref()), ("validating", Some(&it.validating))] {
            let directory = directory.join(kind);
            let path = directory.join(&file);
            let Some(manifests) = manifests else {
                // Of before, when the policy mutated. The API server would go on with it.
                match fs::remove_file(&path) {
                    Err(error) if error.kind() != ErrorKind::NotFound => {
                        return Err(format!("{}: cannot be removed: {}", path.display(), reason(&error)));
                    }
                    _ => continue,
                }
            };
            fs::create_dir_all(&directory)
                .map_err(|error| format!("cannot be written: {}", reason(&error)))
                .and_then(|()| create(&path, manifests.as_bytes()))
                .map_err(|problem| format!("{}: {problem}", path.display()))?;
        }
    }
    Ok(())
}

fn export(args: &Vap, api: Option<ApiVersion>) -> Result<Vec<Exported>, Vec<Unreadable>> {
    let one = |problem| vec![problem];
    let suffix = if args.manifest_dir.is_some() { STATIC } else { "" };
    if args.manifest_dir.is_some() && api == Some(ApiVersion::V1beta1) {
        let problem =
            "--manifest-dir: the API server reads only v1 from files. Leave out --api-version v1beta1";
        return Err(one(Unreadable::file("export map", problem)));
    }
    if let Some(path) = &args.policy {
        let policies = read_named(path).and_then(|source| policy::read(&source)).map_err(one)?;
        let (mut exported, mut problems, mut names) = (Vec::new(), Vec::new(), BTreeSet::new());
        for policy in &policies {
            // A namespace has no dot in its name.
            let name = policy.name.replace('/', ".") + suffix;
            if let Err(problem) = args::object_name(&name) {
                let message = format!("metadata.name: {problem}");
                problems.push(Unreadable { message, ..policy.place.clone() });
            } else if !names.insert(name.clone()) {
                let message =
                    format!("two policies would be exported as {name:?}: give one of them another name");
                problems.push(Unreadable { message, ..policy.place.clone() });
            }
            match of_policy(policy, name, args, api) {
                Ok(policy) => exported.push(policy),
                Err(more) => problems.extend(more),
            }
        }
        return if problems.is_empty() { Ok(exported) } else { Err(problems) };
    }
    let written = match &args.settings {
        Some(path) => read_named(path).and_then(settings::read).map_err(one)?,
        None => settings::Settings::default(),
    };
    let name = args::object_name(&format!("{}{suffix}", args.name))
        .map_err(|problem| one(Unreadable::file("--name", problem)))?;
    let options = Options { name, at: args.at, matching: None };
    of_settings(&written, options, api).map(|exported| vec![exported])
}

fn of_settings(
    written: &settings::Settings,
    options: Options,
    api: Option<ApiVersion>,
) -> Result<Exported, Vec<Unreadable>> {
    let settings =
        Settings::from_json(written.json.as_bytes()).map_err(|error| written.problems(&error.to_string()))?;
    let (mutating, validating) = match api {
        None => vap(&settings, &options).map(|vap| (None, vap)),
        Some(api) => map(&settings, &options, api).map(|map| (Some(map.mutating), map.validating)),
    }
    .map_err(|refused| written.problems(&refused.to_string()))?;
    Ok(Exported { name: options.name, mutating, validating })
}

/// A policy of Kubewarden. `export map` also takes those that only judge.
fn of_policy(
    policy: &Policy,
    name: String,
    args: &Vap,
    api: Option<ApiVersion>,
) -> Result<Exported, Vec<Unreadable>> {
    let problem = |message: String| Unreadable { message, ..policy.place.clone() };
    let member = match policy.members.as_slice() {
        [member] if !policy.is_group() => member,
        _ => return Err(vec![problem("a group cannot be exported: export its members' settings".into())]),
    };
    if policy.is_namespaced && policy.namespace.is_none() {
        let message = "metadata.namespace is missing, so the export would be of all namespaces: add it";
        return Err(vec![problem(message.into())]);
    }
    let matching = Matching::of_policy(policy.spec.to_json(), policy.namespace.as_deref())
        .map_err(|refused| refused.problems().iter().cloned().map(problem).collect::<Vec<_>>())?;
    let options = Options { name, at: args.at, matching: Some(matching) };
    let exported = of_settings(&member.settings, options, api.filter(|_| policy.mutates()));
    // What is not wrong with the settings is not in their place.
    let of_spec = |it: Unreadable| if it.message.starts_with("spec.") { problem(it.message) } else { it };
    exported.map_err(|problems| problems.into_iter().map(of_spec).collect())
}
