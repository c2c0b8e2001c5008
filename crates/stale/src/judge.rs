//! Judges every container, and makes a report with one finding for each workload, container and verdict.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, OnceLock, PoisonError};
use std::thread;

use fresh_images::pull_policy::PullPolicy;
use fresh_images::reference::Reference;

use crate::cluster::{Cluster, Container, Owner, State};
use crate::code::{Code, Verdict};
use crate::content::{Contents, Registry};
use crate::help::Help;
use crate::report::{Current, Finding, Instance, Report};
use crate::running::RunningId;
use crate::split::Runs;
use crate::verdict::{Asking, Case, Found, repository};

/// Judges clusters.
#[derive(Clone, Copy, Default)]
pub struct Judge<'r> {
    registry: Option<&'r dyn Registry>,
    registries: Option<&'r BTreeSet<String>>,
    moved: bool,
    threads: usize,
}
/// What makes containers of several Pods the same one.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Key<'c> {
    namespace: &'c str,
    owner: Owner,
    noun: &'static str,
    container: &'c str,
    image: &'c str,
}

impl<'r> Judge<'r> {
    /// Asks nobody.
    pub fn offline() -> Self {
        Self { threads: 1, ..Self::default() }
    }

    /// Asks registries, as many at a time.
    pub fn asking(registry: &'r dyn Registry, threads: usize) -> Self {
        Self { registry: Some(registry), threads, ..Self::default() }
    }

    /// Asks only these hosts, and follows the names of statuses to them.
    #[must_use]
    pub fn only(self, registries: &'r BTreeSet<String>) -> Self {
        Self { registries: Some(registries), ..self }
    }

    /// Also looks up the tags of images with a digest.
    #[must_use]
    pub fn with_moved(self) -> Self {
        Self { moved: true, ..self }
    }

    /// Judges everything that was read.
    pub fn judge(&self, cluster: &Cluster) -> Report {
        let contents = self.registry.map(Contents::new);
        let asking = Asking { contents: contents.as_ref(), registries: self.registries, moved: self.moved };
        let found = self.judge_all(cluster, asking);
        let mut groups: BTreeMap<Key<'_>, Vec<(&Container, &Found)>> = BTreeMap::new();
        for (container, found) in cluster.containers.iter().zip(&found) {
            groups.entry(key(cluster, container)).or_default().push((container, found));
        }
        let mut report = Report {
            containers: cluster.containers.len(),
            images: cluster.containers.iter().map(|it| it.image.as_str()).collect::<BTreeSet<_>>().len(),
            requests: contents.as_ref().map(Contents::requests).unwrap_or_default(),
            notes: cluster.notes.clone(),
            ..Report::default()
        };
        for found in &found {
            report.summary.count(found.verdict);
        }
        for (key, members) in &groups {
            report.findings.extend(findings(cluster, key, members));
            if let Some(split) = split(cluster, key, members) {
                report.summary.split = report.summary.split.saturating_add(1);
                report.findings.push(split);
            }
        }
        report.findings.sort_by(|a, b| {
            let order = |it: &Finding| {
                (
                    it.verdict,
                    it.namespace.clone(),
                    it.name.clone(),
                    it.container.clone(),
                    it.image.clone(),
                    it.code,
                )
            };
            order(a).cmp(&order(b))
        });
        report
    }

    /// The verdict on each container, in their order.
    fn judge_all(&self, cluster: &Cluster, asking: Asking<'_>) -> Vec<Found> {
        // What is asked about one image is asked by one thread.
        let mut images: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
        for (place, container) in cluster.containers.iter().enumerate() {
            images.entry(&container.image).or_default().push(place);
        }
        let results: Vec<OnceLock<Found>> = cluster.containers.iter().map(|_| OnceLock::new()).collect();
        let judge = |place: usize| {
            if let (Some(container), Some(result)) = (cluster.containers.get(place), results.get(place)) {
                let case = Case { container, node: cluster.node(&container.pod) };
                result.get_or_init(|| case.judge(asking));
            }
        };
        let queue = Mutex::new(images.into_values());
        let next = || queue.lock().unwrap_or_else(PoisonError::into_inner).next();
        let take_turns = || {
            while let Some(places) = next() {
                places.into_iter().for_each(judge);
            }
        };
        if self.threads <= 1 {
            take_turns();
        } else {
            thread::scope(|scope| {
                for _ in 1..self.threads {
                    // If there is no other thread, this one does all.
                    let _ = thread::Builder::new().spawn_scoped(scope, take_turns);
                }
                take_turns();
            });
        }
        results.into_iter().filter_map(OnceLock::into_inner).collect()
    }
}
fn key<'c>(cluster: &Cluster, container: &'c Container) -> Key<'c> {
    let pod = &container.pod;
    // A static Pod belongs to its node, which is no workload.
    let owner = cluster.owner(pod).filter(|owner| owner.kind != "Node");
    let owner = owner.unwrap_or_else(|| Owner { kind: "Pod".into(), name: pod.name.clone() });
    Key {
        namespace: &pod.namespace,
        owner,
        noun: container.noun,
        container: &container.name,
        image: &container.image,
    }
}

/// The containers of a workload, by what was found.
fn findings(cluster: &Cluster, key: &Key<'_>, members: &[(&Container, &Found)]) -> Vec<Finding> {
    let mut by_verdict: BTreeMap<_, Vec<(&Container, &Found)>> = BTreeMap::new();
    for (container, found) in members {
        let verdict = (found.verdict, found.code, found.reason.as_deref());
        by_verdict.entry(verdict).or_default().push((*container, *found));
    }
    by_verdict.into_values().map(|members| finding(cluster, key, &members)).collect()
}

fn finding(cluster: &Cluster, key: &Key<'_>, members: &[(&Container, &Found)]) -> Finding {
    let (verdict, code, reason) =
        members.first().map_or((Verdict::Unknown, Code::NotRunning, None), |(_, found)| {
            (found.verdict, found.code, found.reason.clone())
        });
    let reference = Reference::parse(key.image).ok();
    let written = members.first().and_then(|(container, _)| container.pull_policy.as_deref());
    let pull_policy = PullPolicy::effective(written, reference.as_ref());
    let current = members.iter().find_map(|(_, found)| found.current.clone());
    let help = match (verdict, &reference) {
        (Verdict::Stale, Some(reference)) => help(cluster, members, reference, pull_policy, current.as_ref()),
        _ => Vec::new(),
    };
    Finding {
        verdict,
        code,
        namespace: key.namespace.into(),
        kind: key.owner.kind.clone(),
        name: key.owner.name.clone(),
        noun: key.noun,
        container: key.container.into(),
        image: key.image.into(),
        pull_policy: pull_policy.as_str().into(),
        reason,
        current,
        instances: instances(members),
        help,
    }
}

/// What runs, by node and content.
fn instances(members: &[(&Container, &Found)]) -> Vec<Instance> {
    let mut instances: BTreeMap<(&str, &str), Instance> = BTreeMap::new();
    for (container, found) in members {
        let running = RunningId::read(&container.image_id);
        let shown = running.digest().map_or_else(|| container.image_id.clone(), Into::into);
        let place = (container.pod.node.as_str(), container.image_id.as_str());
        let instance = instances.entry(place).or_insert_with(|| Instance {
            node: container.pod.node.clone(),
            running: shown,
            config: found.config.clone(),
            created: found.created.clone(),
            started: None,
            pods: Vec::new(),
        });
        if let State::Running(started) = &container.state
            && !started.is_empty()
            && instance.started.as_ref().is_none_or(|first| started < first)
        {
            instance.started = Some(started.clone());
        }
        instance.pods.push(container.pod.name.clone());
    }
    instances.into_values().collect()
}

/// Whether some of them run different contents, all that do.
fn split(cluster: &Cluster, key: &Key<'_>, members: &[(&Container, &Found)]) -> Option<Finding> {
    let runs: Vec<Runs<'_>> = members
        .iter()
        .map(|(container, found)| Runs {
            running: RunningId::read(&container.image_id),
            found,
            node: cluster.node(&container.pod),
        })
        .collect();
    // One of each content is enough.
    let mut kinds: Vec<usize> = Vec::new();
    for (place, run) in runs.iter().enumerate() {
        if run.running.digest().is_none() || run.found.verdict == Verdict::Pinned {
            continue;
        }
        let is_known = |known: &usize| {
            runs.get(*known).is_some_and(|known| {
                known.running == run.running
                    && known.found == run.found
                    && known.node.map(std::ptr::from_ref) == run.node.map(std::ptr::from_ref)
            })
        };
        if !kinds.iter().any(is_known) {
            kinds.push(place);
        }
    }
    let differs = |a: &usize, b: &usize| match (runs.get(*a), runs.get(*b)) {
        (Some(a), Some(b)) => a.differs(b),
        _ => false,
    };
    if !kinds.iter().any(|a| kinds.iter().any(|b| differs(a, b))) {
        return None;
    }
    let running: Vec<(&Container, &Found)> = members
        .iter()
        .filter(|(container, _)| RunningId::read(&container.image_id).digest().is_some())
        .copied()
        .collect();
    let split = finding(cluster, key, &running);
    Some(Finding {
        verdict: Verdict::Split,
        code: Code::SplitContent,
        reason: None,
        help: Vec::new(),
        ..split
    })
}

/// What would make stale containers fresh.
fn help(
    cluster: &Cluster,
    members: &[(&Container, &Found)],
    reference: &Reference<'_>,
    policy: PullPolicy<'_>,
    current: Option<&Current>,
) -> Vec<Help> {
    let repository = repository(reference);
    let image = format!("{repository}:{}", reference.effective_tag().unwrap_or_default());
    let pinned = current.map(|current| format!("{repository}@{}", current.digest));
    let (mut keeps, mut moved, mut mirrored) = (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
    for (container, _) in members {
        let node = &container.pod.node;
        let running = RunningId::read(&container.image_id);
        let held = cluster.node(&container.pod).and_then(|node| node.holding(&image));
        match held {
            Some(held) if held.has_digest(running.digest().unwrap_or_default()) => {
                keeps.insert(node.clone());
            }
            Some(_) => {
                moved.insert(node.clone());
            }
            None => {}
        }
        if let (State::Running(started), Some(built)) =
            (&container.state, current.and_then(|it| it.created.as_ref()))
            && is_later(started, built)
        {
            mirrored.insert(node.clone());
        }
    }
    let list = |nodes: BTreeSet<String>| nodes.into_iter().collect::<Vec<_>>();
    let mut help = Vec::new();
    if policy.is_always() {
        help.push(Help::Restart);
        if !mirrored.is_empty() {
            help.push(Help::Mirror { nodes: list(mirrored) });
        }
        help.extend(pinned.map(|pinned| Help::Pin { pinned }));
        return help;
    }
    let policy = policy.as_str().to_owned();
    if !keeps.is_empty() {
        help.push(Help::RestartKeepsOld { nodes: list(keeps), policy });
    } else if moved.is_empty() {
        help.push(Help::RestartMayKeepOld { policy });
    }
    if !moved.is_empty() {
        help.push(Help::RestartTakesNodeTag { nodes: list(moved) });
    }
    let pinned = pinned.unwrap_or_else(|| format!("{repository}@sha256:…"));
    help.push(Help::AlwaysOrPin { pinned });
    help
}

/// Whether a time of RFC 3339 in UTC is later, as far as its digits say.
fn is_later(time: &str, other: &str) -> bool {
    let seconds = |text: &str| text.get(..19).filter(|_| text.ends_with('Z')).map(str::to_owned);
    seconds(time).zip(seconds(other)).is_some_and(|(time, other)| time > other)
}
