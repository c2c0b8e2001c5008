//! `fresh-images check`.

use std::io::{self, ErrorKind, Write};
use std::process::ExitCode;

use anstream::AutoStream;
use fresh_images_host::document::{self, Source};
use fresh_images_host::{Engine, Options, POLICY, subject};

use super::args::{Check, Output};
use super::files::{self, Input};
use super::judge::Judge;
use super::progress::Progress;
use super::report::{self, Entry, Report, Unreadable};
use super::settings;

/// Some input cannot be used.
const UNUSABLE: u8 = 2;

/// Judges what the user names.
pub(super) fn run(args: &Check) -> ExitCode {
    match judge(args) {
        Ok(report) => print(args, &report),
        Err(problems) => complain(args, &problems),
    }
}

/// The verdicts, or why nothing can be judged.
fn judge(args: &Check) -> Result<Report, Vec<String>> {
    let whole = |problem: Unreadable| vec![problem.to_string()];
    let settings = settings::load(args).map_err(whole)?;
    let (name, module) = match &args.module {
        Some(path) => (format!("{}: ", path.display()), files::read_bytes(path).map_err(whole)?),
        None => (String::new(), POLICY.to_vec()),
    };
    let engine = Engine::new(&module, Options::default()).map_err(|error| vec![format!("{name}{error}")])?;
    let problems = settings.problems(&engine);
    if !problems.is_empty() {
        return Err(problems);
    }
    let judge = Judge { engine, built_in: args.module.is_none(), settings: settings.json };
    let inputs = files::find(&args.paths);
    let mut progress = Progress::new(inputs.len());
    let mut report = Report::default();
    let mut documents = 0_usize;
    for input in inputs {
        match read(input) {
            Ok(source) => {
                documents = documents.saturating_add(check(&judge, &source, &mut report, &mut progress))
            }
            Err(problem) => report.add(Entry::Unreadable(problem)),
        }
        progress.file_done();
    }
    progress.finish();
    if documents == 0 && report.is_empty() {
        let paths: Vec<String> = args.paths.iter().map(|path| path.display().to_string()).collect();
        return Err(vec![format!("no documents found in {}", paths.join(", "))]);
    }
    Ok(report)
}

fn read(input: Result<Input, Unreadable>) -> Result<Source, Unreadable> {
    files::read(&input?)
}

/// Judges everything in a text, and tells how many documents it has.
fn check(judge: &Judge, source: &Source, report: &mut Report, progress: &mut Progress) -> usize {
    let documents = document::read(source);
    let count = documents.len();
    for document in documents {
        let subjects = match document {
            Ok(document) => subject::subjects(&document),
            Err(error) => vec![Err(error)],
        };
        for subject in subjects {
            let entry = match subject {
                Ok(subject) => match judge.judge(source, &subject) {
                    Ok(document) => Entry::Judged(document),
                    Err(problem) => {
                        Entry::Unreadable(Unreadable::at(source, subject.object.span.start, problem))
                    }
                },
                Err(error) => Entry::Unreadable(Unreadable::document(source, &error)),
            };
            report.add(entry);
            progress.show();
        }
    }
    count
}

fn print(args: &Check, report: &Report) -> ExitCode {
    let text = match args.output {
        Output::Json => report::json::render(report, args.quiet),
        Output::Text => report::text::render(report, args.quiet),
    };
    let mut stream = AutoStream::new(io::stdout(), args.color.choice());
    match stream.write_all(text.as_bytes()).and_then(|()| stream.flush()) {
        // Whoever reads this has read enough, as `head` does.
        Err(error) if error.kind() != ErrorKind::BrokenPipe => {
            complain(args, &[format!("cannot write the report: {error}")])
        }
        _ => ExitCode::from(report.exit_code()),
    }
}

fn complain(args: &Check, problems: &[String]) -> ExitCode {
    let mut stream = AutoStream::new(io::stderr(), args.color.choice());
    for problem in problems {
        // If standard error is gone as well, the exit code still tells.
        let _ = stream.write_all(report::text::complaint(problem).as_bytes());
    }
    ExitCode::from(UNUSABLE)
}
