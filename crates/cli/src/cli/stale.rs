//! `stale`: says what runs.
//!
//! ```text
//! STALE    shop/web  container "web"  harbor.example.com/shop/web:1.1  (IfNotPresent)
//!          node-2  2 Pods  run sha256:1afe5b2c7d30…  built 2026-11-20, started 26 h ago: web-7c9f-abcde, web-7c9f-fghij
//!          the tag is now      sha256:b4dc9a1e2f61…  built 2026-11-24
//! ```

#[cfg(feature = "registry")]
mod api_server;
mod input;
mod junit;
mod kubectl;
mod live;
mod openreports;
mod prometheus;
mod sarif;
#[cfg(feature = "registry")]
mod secrets;
mod text;

#[cfg(feature = "registry")]
use std::collections::BTreeSet;
use std::io;
use std::process::ExitCode;
use std::thread;
use std::time::{Duration, Instant};

use anstream::AutoStream;
use fresh_images_stale::{Cluster, Judge, Report, Verdict};
use jiff::Timestamp;

#[cfg(feature = "registry")]
use fresh_images_cli::registry::{Pool, RegistryOptions};

use super::args::{Stale, StaleOutput};
use super::check::write_out;
use super::output;
#[cfg(feature = "registry")]
use api_server::ApiServer;
use kubectl::Kubectl;
use live::Api;

/// Some input cannot be used.
const UNUSABLE: u8 = 2;
/// How long `--wait` waits between two looks.
const PAUSE: Duration = Duration::from_secs(5);
/// How many images are looked up at a time.
#[cfg(feature = "registry")]
const THREADS: usize = 16;

/// Says what runs, or why that is not known.
pub(super) fn run(args: &Stale) -> ExitCode {
    #[cfg(not(feature = "registry"))]
    if args.apply || args.pull_secrets || args.moved || !args.registries.is_empty() {
        return complain(args, &["this build has no network: use --offline".into()]);
    }
    let report = match args.wait {
        None => look(args).map(|report| (report, false)),
        Some(limit) => wait(args, limit),
    };
    match report {
        Ok((report, is_late)) => print(args, &report, is_late),
        Err(problems) => complain(args, &problems),
    }
}

/// Looks until everything runs what it should, or the time is over, which is then said.
fn wait(args: &Stale, limit: Duration) -> Result<(Report, bool), Vec<String>> {
    let started = Instant::now();
    loop {
        let report = look(args)?;
        let is_there = |verdict| matches!(verdict, Verdict::Fresh | Verdict::Pinned);
        let late = report.findings.iter().any(|it| !is_there(it.verdict));
        let left = limit.saturating_sub(started.elapsed());
        if !late && report.containers > 0 {
            return Ok((report, false));
        }
        if left.is_zero() {
            return Ok((report, true));
        }
        thread::sleep(PAUSE.min(left));
    }
}

/// The API server of the Pod that the command runs in, or else kubectl.
fn api() -> Result<Box<dyn Api>, String> {
    #[cfg(feature = "registry")]
    if let Some(server) = ApiServer::of_this_pod() {
        return Ok(Box::new(server?));
    }
    Ok(Box::new(Kubectl))
}

/// Reads and judges once.
fn look(args: &Stale) -> Result<Report, Vec<String>> {
    let mut cluster = Cluster::default();
    if args.paths.is_empty() {
        let api = api().map_err(|problem| vec![problem])?;
        live::read(args, &*api, &mut cluster).map_err(|problem| vec![problem])?;
        #[cfg(feature = "registry")]
        if args.pull_secrets {
            secrets::get(&*api, &mut cluster);
        }
    } else {
        input::read(&args.paths, &mut cluster)?;
    }
    if !args.workload.is_empty() {
        cluster.keep(|kind, name| {
            args.workload.iter().any(|(wanted, named)| kind.eq_ignore_ascii_case(wanted) && name == named)
        });
        if cluster.containers.is_empty() && args.wait.is_none() {
            return Err(vec![
                "no container of these workloads has started: check kind, name and namespace".into(),
            ]);
        }
    }
    Ok(judge(args, &mut cluster))
}

#[cfg(feature = "registry")]
fn judge(args: &Stale, cluster: &mut Cluster) -> Report {
    let only: BTreeSet<String> = args.registries.iter().cloned().collect();
    let options = RegistryOptions { insecure: args.insecure_registry.clone(), ..RegistryOptions::default() };
    let mut pool = Pool::new(options);
    if args.pull_secrets {
        pool = pool.with_pull_secrets(secrets::credentials(cluster));
    }
    let mut judge = if args.offline { Judge::offline() } else { Judge::asking(&pool, THREADS) };
    if !only.is_empty() {
        judge = judge.only(&only);
    }
    if args.moved {
        judge = judge.with_moved();
    }
    judge.judge(cluster)
}

/// Without a network there is nobody to ask.
#[cfg(not(feature = "registry"))]
fn judge(_: &Stale, cluster: &mut Cluster) -> Report {
    Judge::offline().judge(cluster)
}

fn print(args: &Stale, report: &Report, is_late: bool) -> ExitCode {
    let now = Timestamp::now();
    #[cfg(feature = "registry")]
    if args.apply
        && let Err(problem) = apply(report, now)
    {
        return complain(args, &[problem]);
    }
    let text = match args.output {
        StaleOutput::Text => text::render(report, args.verbose, is_late, now),
        StaleOutput::Json => match serde_json::to_string_pretty(report) {
            Ok(json) => json + "\n",
            Err(error) => return complain(args, &[format!("cannot write the report: {error}")]),
        },
        StaleOutput::Sarif => sarif::render(report),
        StaleOutput::Junit => junit::render(report),
        StaleOutput::Prometheus => prometheus::render(report, now),
        StaleOutput::Openreports => openreports::render(report, now),
    };
    let printed = match &args.output_file {
        Some(path) => {
            output::write_file(path, &text).map_err(|problem| format!("{}: {problem}", path.display()))
        }
        None => write_out(AutoStream::new(io::stdout(), args.color.choice()), text.as_bytes())
            .map_err(|error| format!("cannot write the report: {error}")),
    };
    match printed {
        // Whatever is late is a failure.
        Ok(()) => ExitCode::from(if is_late { 1 } else { report.exit_code() }),
        Err(problem) => complain(args, &[problem]),
    }
}

/// Writes the Reports to the API server of this Pod.
#[cfg(feature = "registry")]
fn apply(report: &Report, now: Timestamp) -> Result<(), String> {
    let server = api_server::ApiServer::of_this_pod()
        .ok_or("--apply needs a Pod with a service account; elsewhere pipe the Reports to `kubectl apply --server-side -f -`")??;
    openreports::reports(report, now)
        .iter()
        .try_for_each(|(namespace, report)| server.apply(&openreports::path(namespace), report))
}

fn complain(args: &Stale, problems: &[String]) -> ExitCode {
    let stream = AutoStream::new(io::stderr(), args.color.choice());
    let text: String = problems.iter().map(|problem| super::text::complaint(problem)).collect();
    // If standard error is gone as well, the exit code still tells.
    let _ = write_out(stream, text.as_bytes());
    ExitCode::from(UNUSABLE)
}
