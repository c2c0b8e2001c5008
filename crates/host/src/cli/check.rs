//! `fresh-images check`.

use std::cell::RefCell;
use std::io::{self, ErrorKind, Write};
use std::process::ExitCode;
use std::sync::Arc;

use anstream::AutoStream;
use fresh_images_host::registry::{AskOnce, Registry, RegistryOptions};
use fresh_images_host::{Engine, Options};
use fresh_images_manifests::check;
use fresh_images_manifests::report::{Entry, Report, Unreadable, json};
use fresh_images_manifests::settings::Settings;

use super::args::{Check, Output};
use super::files;
use super::fix::Fix;
use super::judge::Judge;
use super::module::Module;
use super::progress::Progress;
use super::{settings, text};

/// Some input cannot be used.
const UNUSABLE: u8 = 2;

/// The most images that the policy looks up for one document.
const LOOK_UPS: u32 = 3;

/// Judges what the user names.
pub(super) fn run(args: &Check) -> ExitCode {
    let mut fix = args.fix.then(|| Fix::new(args.write));
    match judge(args, fix.as_mut()) {
        Ok(report) => print(args, &report, fix.and_then(|fix| fix.printed())),
        Err(problems) => complain(args, &problems),
    }
}

/// The verdicts, or why nothing can be judged.
fn judge(args: &Check, mut fix: Option<&mut Fix>) -> Result<Report, Vec<String>> {
    if args.write && args.paths.iter().any(|path| path.as_os_str() == "-") {
        return Err(vec!["standard input has no file to write to: use --fix without --write".into()]);
    }
    let whole = |problem: Unreadable| vec![problem.to_string()];
    let (settings, named) = settings::load(args).map_err(whole)?;
    let module = Module::load(args, named).map_err(whole)?;
    let engine = Engine::new(&module.bytes, options(args, &settings));
    let engine = engine.map_err(|error| whole(module.problem(&error)))?;
    let problems = settings::problems(&settings, &engine);
    if !problems.is_empty() {
        return Err(problems);
    }
    if fix.is_some() && settings.mutate().is_none() {
        return Err(vec![
            "--fix needs settings with `mutate`, such as `mutate: {to: pullAlways}`: see --settings and --policy"
                .into(),
        ]);
    }
    let judge = Judge { engine, built_in: module.is_built_in() };
    let inputs = files::find(&args.paths);
    let progress = RefCell::new(Progress::new(inputs.len()));
    let judge = |payload: &[u8]| {
        progress.borrow_mut().show();
        judge.judge(payload)
    };
    let mut report = Report::default();
    let mut documents = 0_usize;
    for input in inputs {
        match input.and_then(|input| Ok((files::read(&input)?, input))) {
            Ok((source, input)) => {
                let mut checked = check(&source, &settings.json, &judge, fix.is_some());
                if let (Some(fix), Some(fixed)) = (fix.as_deref_mut(), checked.fixed)
                    && let Err(problem) = fix.add(&input, &source, checked.documents, fixed)
                {
                    checked.report.not_mended(Some(problem));
                }
                documents = documents.saturating_add(checked.documents);
                report.extend(checked.report);
            }
            Err(problem) => report.add(Entry::Unreadable(problem)),
        }
        progress.borrow_mut().file_done();
    }
    progress.into_inner().finish();
    if documents == 0 && report.entries().is_empty() {
        let paths: Vec<String> = args.paths.iter().map(|path| path.display().to_string()).collect();
        return Err(vec![format!("no documents found in {}", paths.join(", "))]);
    }
    Ok(report)
}

/// Lets the policy ask registries, if its settings want that.
fn options(args: &Check, settings: &Settings) -> Options {
    let registry = registry_options(args);
    let mut options = Options::default();
    if settings
        .mutate()
        .and_then(|mutate| mutate.get("to"))
        .is_some_and(|to| to.as_str() == Some("pinDigest"))
    {
        // Slow registries are the registry client's to cut off, with an error that names them.
        options.time_limit = options.time_limit.saturating_add(registry.time_limit.saturating_mul(LOOK_UPS));
        options.manifest_digest = Arc::new(AskOnce::new(Registry::new(registry)));
    }
    options
}

/// How registries are asked, for modules and for digests.
pub(super) fn registry_options(args: &Check) -> RegistryOptions {
    RegistryOptions { insecure: args.insecure_registry.clone(), ..RegistryOptions::default() }
}

fn print(args: &Check, report: &Report, manifests: Option<String>) -> ExitCode {
    let text = match args.output {
        Output::Json => json::render(report, args.quiet),
        Output::Text => text::render(report, args.quiet),
    };
    let code = report.exit_code();
    let written = match manifests {
        Some(manifests) => {
            // Not the half of what somebody is about to apply.
            let manifests = if code == UNUSABLE { "" } else { &manifests };
            write(io::stdout(), manifests.as_bytes())
                .and_then(|()| write(AutoStream::new(io::stderr(), args.color.choice()), text.as_bytes()))
        }
        None => write(AutoStream::new(io::stdout(), args.color.choice()), text.as_bytes()),
    };
    match written {
        Err(error) => complain(args, &[format!("cannot write the report: {error}")]),
        Ok(()) if args.fix && !args.write && code == UNUSABLE => {
            complain(args, &["no manifests are printed, for not all of the input can be used".into()])
        }
        Ok(()) => ExitCode::from(code),
    }
}

fn write(mut stream: impl Write, text: &[u8]) -> io::Result<()> {
    match stream.write_all(text).and_then(|()| stream.flush()) {
        // Whoever reads this has read enough, as `head` does.
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(()),
        written => written,
    }
}

fn complain(args: &Check, problems: &[String]) -> ExitCode {
    let mut stream = AutoStream::new(io::stderr(), args.color.choice());
    for problem in problems {
        // If standard error is gone as well, the exit code still tells.
        let _ = stream.write_all(text::complaint(problem).as_bytes());
    }
    ExitCode::from(UNUSABLE)
}
