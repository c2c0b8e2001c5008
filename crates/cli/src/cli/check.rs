//! `fresh-images check`.

use std::io::{self, ErrorKind, Write};
use std::num::NonZero;
use std::path::Path;
use std::process::ExitCode;
use std::sync::{Mutex, PoisonError};
use std::thread;

use anstream::AutoStream;
use fresh_images_manifests::report::{Entry, Report, Unreadable};
use fresh_images_manifests::subject::Subject;
use fresh_images_manifests::{Answer, Judge, Options, Question, check_by, in_parallel};

use super::args::{Check, Output};
use super::baseline::Baseline;
use super::config::{self, Config};
use super::files::{self, Found, Input, Walk};
use super::kustomize::Kustomizations;
use super::policies::Policies;
use super::progress::Progress;
use super::{diff, fix, output, render, text, write};

/// Some input cannot be used.
const UNUSABLE: u8 = 2;

/// Judges what the user names.
pub(super) fn run(mut args: Check) -> ExitCode {
    let for_policy =
        [(args.built_in, "--built-in"), (!args.namespace_labels.is_empty(), "--namespace-labels")];
    let configured = config::complete(&mut args);
    let args = &args;
    let config = match configured {
        Ok(config) => config,
        Err(problems) => return fail(args, &problems),
    };
    if let Some((_, option)) = for_policy.iter().find(|(is_given, _)| *is_given && args.policy.is_empty()) {
        return fail(args, &[format!("{option} needs a policy: see --policy")]);
    }
    match judge_all(args, &config) {
        Ok((mut report, texts)) => match known(args, &mut report) {
            Err(problem) => fail(args, &[problem]),
            Ok(()) if args.diff => print(args, &report, Some(texts.concat())),
            Ok(()) => print(args, &report, (args.fix && !args.write).then(|| fix::join(&texts))),
        },
        Err(problems) => fail(args, &problems),
    }
}

/// Marks what a baseline knows, and writes a new one if the user wants that.
fn known(args: &Check, report: &mut Report) -> Result<(), String> {
    let read = |path: &Path| Baseline::read(path).map_err(|problem| problem.to_string());
    let today = today();
    let baseline = args.baseline.as_deref().map(read).transpose()?;
    if let Some(path) = &args.write_baseline {
        let old = match baseline {
            Some(baseline) => baseline,
            None if path.exists() => read(path)?,
            None => Baseline::new(path),
        };
        let new = Baseline::of(report, &old, path);
        write::create(path, new.render().as_bytes())
            .map_err(|problem| format!("{}: {problem}", path.display()))?;
        new.apply(report, today);
    } else if let Some(baseline) = baseline {
        baseline.apply(report, today);
    }
    Ok(())
}

/// The day now, in UTC.
fn today() -> jiff::civil::Date {
    jiff::Timestamp::now().to_zoned(jiff::tz::TimeZone::UTC).date()
}

/// Nothing could be judged.
fn fail(args: &Check, problems: &[String]) -> ExitCode {
    // A program that reads the report gets one whatever happens.
    if args.output != Output::Text {
        let mut report = Report::default();
        for problem in problems {
            report.add(Entry::Unreadable(Unreadable::file("", problem.as_str())));
        }
        print(args, &report, None);
    }
    complain(args, problems)
}

/// What came of one file.
#[derive(Default)]
struct Judged {
    report: Report,
    /// How many documents it has, readable or not.
    documents: usize,
    /// Its text with everything fixed, for standard output.
    text: Option<String>,
}

/// The verdicts and the fixed texts, or why nothing can be judged.
fn judge_all(args: &Check, config: &Config) -> Result<(Report, Vec<String>), Vec<String>> {
    if args.write && args.paths.iter().any(|path| path.as_os_str() == "-") {
        return Err(vec!["standard input cannot be written to; use --fix without --write".into()]);
    }
    if args.diff && args.paths.iter().any(|path| path.as_os_str() == "-") {
        return Err(vec!["--diff cannot patch standard input: name files, or use --fix".into()]);
    }
    let policies = Policies::load(args, config.settings.as_ref())?;
    if args.fixes() && !policies.mutates() {
        return Err(vec![
            "--fix and --diff need settings with `mutate`, such as `mutate: {to: pullAlways}`: see --settings and --policy"
                .into(),
        ]);
    }
    let no_manifests = config.file().into_iter().chain(args.baseline.as_deref());
    let walk = Walk {
        exclude: &args.exclude,
        excluded: config.excluded.as_ref(),
        include_hidden: args.include_hidden,
        no_manifests: &no_manifests.map(files::normal).collect::<Vec<_>>(),
    };
    let Found { mut inputs, hidden } = walk.find(&args.paths);
    if args.render {
        inputs = render::plan(inputs);
    }
    let kustomizations = Kustomizations::of(&inputs);
    let progress = Mutex::new(Progress::new(inputs.len()));
    let progress = || progress.lock().unwrap_or_else(PoisonError::into_inner);
    let judge = Shown { policies: &policies, show: &|| progress().show() };
    // A file that is named twice is written before it is read again.
    let cores = thread::available_parallelism().map_or(1, NonZero::get);
    let threads = if args.write { 1 } else { cores };
    // A few large files keep all cores busy as well.
    let in_file = if inputs.len() < cores || args.write { cores } else { 1 };
    let judged = in_parallel(&inputs, threads, |input| {
        let options = Options { threads: in_file, ..judged_as(args, input, &kustomizations) };
        let judged = judge_file(args, input, options, &judge);
        progress().file_done();
        judged
    });
    progress().finish();
    let (mut report, mut texts, mut documents) = (Report::default(), Vec::new(), 0_usize);
    for file in judged {
        report.extend(file.report);
        texts.extend(file.text);
        documents = documents.saturating_add(file.documents);
    }
    report.hide(hidden);
    kustomizations.note(&mut report);
    policies.note(&mut report, today());
    if args.verbose {
        config.note(&mut report);
    }
    if documents == 0 && report.entries().is_empty() && report.passed_over().is_empty() {
        let paths: Vec<String> = args.paths.iter().map(|path| path.display().to_string()).collect();
        return Err(vec![format!("no documents found in {}", paths.join(", "))]);
    }
    Ok((report, texts))
}

/// The policies, where somebody watches.
struct Shown<'a> {
    policies: &'a Policies,
    show: &'a (dyn Fn() + Sync),
}

impl Judge for Shown<'_> {
    fn asks(&self, subject: &Subject) -> bool {
        self.policies.asks(subject)
    }

    fn judge(&self, question: &Question<'_>) -> Result<Answer, String> {
        (self.show)();
        self.policies.judge(question)
    }
}

/// How an input is judged.
fn judged_as<'a>(
    args: &'a Check,
    input: &Result<Input, Unreadable>,
    kustomizations: &Kustomizations,
) -> Options<'a> {
    let options = Options { fix: args.fixes(), namespace: args.namespace.as_deref(), ..Options::default() };
    match input {
        Ok(Input::Found(path)) => {
            Options { found: !args.strict, patch: kustomizations.is_patch(path), ..options }
        }
        _ => options,
    }
}

fn judge_file(
    args: &Check,
    input: &Result<Input, Unreadable>,
    options: Options<'_>,
    judge: &dyn Judge,
) -> Judged {
    let read = input
        .as_ref()
        .map_err(Clone::clone)
        .and_then(|input| Ok((input, files::read_for(input, args.namespace.as_deref())?)));
    let (input, source) = match read {
        Ok(read) => read,
        Err(problem) => {
            let mut judged = Judged::default();
            judged.report.add(Entry::Unreadable(problem));
            return judged;
        }
    };
    let mut checked = check_by(&source, options, judge);
    if let Input::Rendered(rendering) = input {
        rendering.locate(&mut checked.report);
    }
    if args.write
        && let Some(text) = checked.fixed.take()
        && let Err(problem) = fix::write(input, &source, &text)
    {
        checked.report.not_fixed(Some(problem));
    }
    if args.diff {
        let patch = checked.fixed.map(|text| diff::patch(source.name(), source.text(), &text));
        return Judged { report: checked.report, documents: checked.documents, text: patch };
    }
    // Comments alone are not a manifest.
    let text = checked.fixed.filter(|_| checked.documents > 0);
    Judged { report: checked.report, documents: checked.documents, text }
}

fn print(args: &Check, report: &Report, manifests: Option<String>) -> ExitCode {
    let text = output::render(args.output, report, args.detail(), !args.no_group);
    let code = report.exit_code();
    // Not the half of what somebody is about to apply.
    let manifests = manifests.map(|manifests| if code == UNUSABLE { String::new() } else { manifests });
    if let Some(path) = &args.output_file
        && let Err(problem) = output::write_file(path, &text)
    {
        return complain(args, &[format!("{}: {problem}", path.display())]);
    }
    let stream = |text: &str| match &manifests {
        _ if args.output_file.is_some() => Ok(()),
        Some(_) => write_out(AutoStream::new(io::stderr(), args.color.choice()), text.as_bytes()),
        None => write_out(AutoStream::new(io::stdout(), args.color.choice()), text.as_bytes()),
    };
    let printed =
        manifests.as_deref().map_or(Ok(()), |manifests| write_out(io::stdout(), manifests.as_bytes()));
    match printed.and_then(|()| stream(&text)) {
        Err(error) => complain(args, &[format!("cannot write the report: {error}")]),
        Ok(()) if args.diff && code == UNUSABLE => {
            complain(args, &["no patch is printed because part of the input could not be read".into()])
        }
        Ok(()) if args.fix && !args.write && code == UNUSABLE => {
            complain(args, &["no manifests are printed because part of the input could not be read".into()])
        }
        Ok(()) => ExitCode::from(code),
    }
}

/// Writes all of a text, or as much as its reader wants.
pub(super) fn write_out(mut stream: impl Write, text: &[u8]) -> io::Result<()> {
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
