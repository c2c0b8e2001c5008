//! From a payload to a verdict.

use std::cell::OnceCell;

use crate::image_use::{ImageList, ImageUse, ListKind};
use crate::mirror_pod;
use crate::mutate::{Mended, Mender, NoRegistry, Registry, Scope};
use crate::policy::{Policy, Requester};
use crate::pull_policy::PullPolicy;
use crate::reference::Reference;
use crate::request::{self, Object, Payload, Request};
use crate::rules;
use crate::settings::{self, Enforcement, OnUpdate, Problems, SettingsError};
use crate::update::Update;
use crate::verdict::{Finding, Findings, Problem, Subject, Verdict};
use crate::workload::{Entry, Kind, Workload};

/// The one subresource whose requests name images.
const EPHEMERAL_CONTAINERS: &str = "ephemeralcontainers";
/// The operation that replaces an object.
const UPDATE: &str = "UPDATE";

/// Judges a payload as policy-server hands it to a policy: `{"request": …, "settings": …}`, where the request
/// is an AdmissionRequest of `admission.k8s.io/v1` as JSON.
///
/// Never fails: what cannot be judged is rejected, with a finding that says why.
///
/// ```
/// let verdict = fresh_images::evaluate(br#"{"request": {"kind": {"group": "", "kind": "Pod"}}}"#);
/// assert_eq!(
///     verdict.message().as_deref(),
///     Some("request.object: expected an object, found nothing [malformed-request]"),
/// );
/// ```
pub fn evaluate(payload: &[u8]) -> Verdict {
    evaluate_with(payload, &NoRegistry)
}

/// Judges a payload as [`evaluate`] does; `mutate` can look digests up in `registry`.
pub fn evaluate_with(payload: &[u8], registry: &dyn Registry) -> Verdict {
    let Payload { request, settings } = match request::read(payload) {
        Ok(payload) => payload,
        Err(error) => {
            let problem = Problem::MalformedRequest { problem: format!("not readable as JSON: {error}") };
            return Verdict::enforce(vec![Finding::at(error.path(), problem)], 0);
        }
    };
    if !is_judged(&request) {
        return Verdict::accept(0);
    }
    let mut problems = Problems::default();
    let settings = settings::read(settings.as_ref(), &mut problems);
    let policy = Policy::check(&settings, &mut problems);
    match problems.finish(policy) {
        Ok(policy) => judge(&policy, request, payload, registry),
        Err(error) => Verdict::enforce(settings_findings(&error), 0),
    }
}

/// Whether the request can start a container: not what deletes or connects, and no subresource but that of
/// ephemeral containers. An unknown operation is judged.
fn is_judged(request: &Request<'_>) -> bool {
    let sub_resource = request.sub_resource.as_deref().unwrap_or_default();
    // A key that stands twice may have hidden the operation that counts.
    request.has_duplicate
        || !matches!(request.operation.as_deref(), Some("DELETE" | "CONNECT"))
            && matches!(sub_resource, "" | EPHEMERAL_CONTAINERS)
}

fn settings_findings(error: &SettingsError) -> Vec<Finding> {
    let finding = |problem: &settings::SettingsProblem| {
        Finding::at(problem.path(), Problem::InvalidSettings { problem: problem.text().into() })
    };
    error.problems().iter().map(finding).collect()
}

fn judge(policy: &Policy, mut request: Request<'_>, payload: &[u8], registry: &dyn Registry) -> Verdict {
    if !request.problems.is_empty() {
        return conclude(policy, request.problems, 0);
    }
    let kind = request.known_kind();
    let Object::Read(mut workload) = std::mem::take(&mut request.object) else {
        let problem = Problem::MalformedRequest { problem: "expected an object, found nothing".into() };
        return conclude(policy, vec![Finding::at("request.object", problem)], 0);
    };
    let is_pod = kind.is_some_and(Kind::is_pod);
    let only_ephemeral = request.sub_resource.as_deref() == Some(EPHEMERAL_CONTAINERS);
    if is_pod && !only_ephemeral && mirror_pod::is_mirror_pod(&request, &workload) {
        return Verdict::accept(workload.images()).with_warning(mirror_pod::WARNING);
    }
    if only_ephemeral {
        workload.keep_ephemeral_containers();
    } else if is_pod {
        workload.require_containers();
    }

    let old = old_workload(&mut request, only_ephemeral);
    let images = workload.images();
    let is_update = request.operation.as_deref() == Some(UPDATE);
    let requester =
        Requester { namespace: request.namespace.as_deref(), username: request.username.as_deref() };
    let compared = old.as_ref().filter(|_| policy.on_update == OnUpdate::Changed);
    let scope = || Scope {
        payload,
        object_at: request.object_at.clone(),
        metadata: workload.metadata.clone(),
        kind,
        is_update,
        only_ephemeral,
        old: old.as_ref(),
        old_names: OnceCell::new(),
        template: OnceCell::new(),
    };
    let mut judge = Judge {
        policy,
        requester,
        update: compared.map(|old| Update::new(&workload, old)),
        is_pod,
        is_existing_pod: is_pod && !only_ephemeral && is_update,
        mender: policy.mutation.as_ref().map(|mutation| Mender::new(policy, mutation, scope())),
        findings: Findings::default(),
    };
    for entry in &workload.entries {
        match entry {
            Entry::Problem { finding, .. } => judge.findings.add(|| finding.clone()),
            Entry::Use(image_use) => {
                if let Some(list) = workload.list_of(image_use) {
                    judge.judge_use(list, image_use);
                }
            }
        }
    }
    let Judge { mender, mut findings, .. } = judge;
    match mender {
        // What is rejected anyway is not worth a question to a registry.
        Some(mender) if findings.is_empty() || policy.enforcement == Enforcement::Warn => {
            let Mended { object, changes, findings: others } = mender.mend(payload, registry);
            findings.extend(others);
            let verdict = conclude(policy, findings, images);
            match object {
                Some(object) => verdict.with_mutation(object, &changes),
                None => verdict,
            }
        }
        _ => conclude(policy, findings, images),
    }
}

/// The object that is replaced, if it is well-formed.
fn old_workload<'a>(request: &mut Request<'a>, only_ephemeral: bool) -> Option<Workload<'a>> {
    if request.operation.as_deref() != Some(UPDATE) {
        return None;
    }
    let Object::Read(mut old) = std::mem::take(&mut request.old_object) else {
        return None;
    };
    if only_ephemeral {
        old.keep_ephemeral_containers();
    }
    (!old.has_problems()).then_some(old)
}

fn conclude(policy: &Policy, findings: impl Into<Findings>, images: usize) -> Verdict {
    match policy.enforcement {
        Enforcement::Reject => Verdict::enforce(findings, images),
        Enforcement::Warn => Verdict::warn(findings, images),
    }
}

/// What judging one image use needs to know, and what came of it.
struct Judge<'w, 'a> {
    policy: &'w Policy,
    requester: Requester<'w>,
    update: Option<Update<'w, 'a>>,
    is_pod: bool,
    /// All but the images of such a Pod is immutable.
    is_existing_pod: bool,
    mender: Option<Mender<'w, 'a>>,
    findings: Findings,
}

impl<'w, 'a> Judge<'w, 'a> {
    fn judge_use(&mut self, list: &'w ImageList, image_use: &'w ImageUse<'a>) {
        let name = image_use.name.as_deref();
        let text = image_use.image.as_deref().unwrap_or_default();
        if text.is_empty() && list.kind == ListKind::ImageVolumes && !self.is_pod {
            // A template may leave the reference to whoever fills it in: nothing is pulled.
            return;
        }
        let parsed = Reference::parse(text);
        let reference = parsed.as_ref().ok();
        let is_exempt =
            || self.policy.exempt.iter().any(|it| it.covers(self.requester, list.kind, name, reference));
        let is_unchanged = || {
            !text.is_empty()
                && self.update.as_ref().is_some_and(|it| it.is_unchanged(list, image_use, reference))
        };
        if is_exempt() || is_unchanged() {
            return;
        }
        let findings = &mut self.findings;
        let mut find = |problem| findings.add(|| Finding::new(Subject::of(list, image_use), problem));
        match parsed {
            _ if text.is_empty() => find(Problem::MissingImage),
            Err(error) => find(Problem::InvalidReference(error)),
            Ok(reference) => {
                let pull_policy = PullPolicy::effective(image_use.pull_policy.as_deref(), Some(&reference));
                let pull_policy_is_immutable = self.is_existing_pod;
                let image = rules::Image { reference, pull_policy, pull_policy_is_immutable };
                if self.mender.as_mut().is_some_and(|mender| mender.take(list, image_use, image)) {
                    return;
                }
                rules::judge(self.policy, &image).for_each(find);
            }
        }
    }
}
