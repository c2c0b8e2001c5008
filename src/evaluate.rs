//! From a payload to a verdict: read, skip, check, mutate, conclude.

use std::ops::Range;

use crate::date::{Clock, Date, SystemClock};
use crate::mutate::{self, DigestResolver, Outcome, Plan, Target, Unresolved};
use crate::policy::{Mutation, Policy};
use crate::pull_policy::PullPolicy;
use crate::reference::Reference;
use crate::request::{
    self, Defect, ImageList, ImageUse, Kind, ListKind, Malformed, ObjectField, Payload, Request, Workload,
};
use crate::rules;
use crate::settings::{self, Enforcement, OnUpdate, SETTINGS, SettingsError, SettingsProblems};
use crate::skip::exemption::Candidate;
use crate::skip::{Update, mirror_pod, old_revision};
use crate::verdict::{Existing, Finding, Findings, Reason, Verdict};
use fresh_images_json::{Path, PathBuf};

/// The one subresource whose requests name images.
const EPHEMERAL_CONTAINERS: &str = "ephemeralcontainers";
/// What an author writes as the image of a template that an OpenShift image trigger fills in. Kubernetes accepts it in
/// templates for this purpose. Source: `validateContainers` of its `pkg/apis/core/validation`.
const TO_BE_TRIGGERED: &str = " ";
/// The operation that replaces an object.
const UPDATE: &str = "UPDATE";

/// What the policy asks of whoever runs it.
#[derive(Clone, Copy)]
pub struct Host<'h> {
    /// Looks digests up, for `mutate: {to: pinDigest}`.
    pub digests: &'h dyn DigestResolver,
    /// Tells the day, for exemptions with `until`. It is asked only if there are some.
    pub clock: &'h dyn Clock,
}

impl<'h> Host<'h> {
    /// The true time, and these digests.
    pub fn new(digests: &'h dyn DigestResolver) -> Self {
        Self { digests, clock: &SystemClock }
    }
}

/// The true time, and no digests.
impl Default for Host<'_> {
    fn default() -> Self {
        Self::new(&Unresolved)
    }
}

/// Evaluates a payload as policy-server hands it to a policy: `{"request": …, "settings": …}`, where the request
/// is an AdmissionRequest of `admission.k8s.io/v1` as JSON.
///
/// Never fails: what cannot be evaluated is rejected, with a finding that says why.
///
/// ```
/// let verdict = fresh_images::evaluate(br#"{"request": {"kind": {"group": "", "kind": "Pod"}}}"#);
/// assert_eq!(
///     verdict.message().as_deref(),
///     Some("request.object: expected an object, found nothing [malformed-request]"),
/// );
/// ```
pub fn evaluate(payload: &[u8]) -> Verdict {
    evaluate_with(payload, &Host::default())
}

/// Evaluates a payload as [`evaluate`] does, with what this host gives.
///
/// ```
/// use fresh_images::Host;
/// use fresh_images::date::Date;
///
/// let payload = br#"{
///     "request": {
///         "operation": "CREATE",
///         "namespace": "legacy",
///         "kind": {"group": "", "version": "v1", "kind": "Pod"},
///         "object": {"spec": {"containers": [{"name": "web", "image": "nginx:1.25"}]}}
///     },
///     "settings": {"exempt": [{"namespaces": ["legacy"], "until": "2027-01-31", "reason": "moves"}]}
/// }"#;
/// let on = |day: &str| {
///     let today: Option<Date> = day.parse().ok();
///     fresh_images::evaluate_with(payload, &Host { clock: &today, ..Host::default() })
/// };
/// assert!(on("2027-01-31").is_accepted());
/// assert!(on("2027-02-01").message().unwrap().ends_with(". It was exempt until 2027-01-31 [mutable-image]"));
/// // A host without a clock says so.
/// assert_eq!(
///     on("").message().as_deref(),
///     Some(
///         "settings.exempt[0].until: this host has no clock that is set, so the policy cannot know whether the exemption \
///          still holds. Set the clock, or remove `until` [invalid-settings]",
///     ),
/// );
/// ```
pub fn evaluate_with(payload: &[u8], host: &Host<'_>) -> Verdict {
    let Payload { request, settings } = match request::read(payload) {
        Ok(payload) => payload,
        Err(error) => {
            let defect = Defect::NotJson { reason: error.to_string() };
            let malformed = Malformed::new(error.path().clone(), defect);
            return Verdict::enforce(vec![malformed.into()], 0);
        }
    };
    if !can_start_container(&request) {
        return Verdict::accept(0);
    }
    let mut problems = SettingsProblems::default();
    let settings = settings::read(settings.as_ref(), &mut problems);
    let policy = Policy::check(&settings, &mut problems);
    match problems.finish(policy) {
        Ok(policy) => evaluate_request(&policy, request, payload, host),
        Err(error) => Verdict::enforce(settings_findings(&error), 0),
    }
}

/// Whether the request can start a container: not what deletes or connects, no subresource but that of ephemeral
/// containers, and no group whose objects name no images. An unknown operation is evaluated.
fn can_start_container(request: &Request<'_>) -> bool {
    let sub_resource = request.sub_resource.as_deref().unwrap_or_default();
    // A duplicate key may have hidden the operation that counts.
    request.has_duplicate
        || !matches!(request.operation.as_deref(), Some("DELETE" | "CONNECT"))
            && matches!(sub_resource, "" | EPHEMERAL_CONTAINERS)
            && request::names_images(request.group(), request.kind())
}

fn settings_findings(error: &SettingsError) -> Vec<Finding> {
    let finding =
        |problem: &settings::SettingsProblem| Finding::of_settings(problem.path().clone(), problem.text());
    error.problems().iter().map(finding).collect()
}

/// What is found where exemptions end and nobody knows the day.
fn no_clock(exemption: usize) -> Finding {
    let path = Path::root(SETTINGS);
    let path = path.key("exempt");
    let path = path.index(exemption);
    Finding::of_settings(
        path.key("until").to_buf(),
        "this host has no clock that is set, so the policy cannot know whether the exemption still holds. Set the clock, \
         or remove `until`",
    )
}

fn evaluate_request(policy: &Policy, mut request: Request<'_>, payload: &[u8], host: &Host<'_>) -> Verdict {
    let ending = policy.exempt.iter().position(|it| it.until.is_some());
    let today = ending.and_then(|_| host.clock.today());
    if let (Some(ending), None) = (ending, today) {
        return conclude(policy, vec![no_clock(ending)], 0);
    }
    let problems = std::mem::take(&mut request.problems);
    if !problems.is_empty() {
        return conclude(policy, problems.into_iter().map(Finding::from).collect::<Vec<_>>(), 0);
    }
    let ObjectField::Read(workload) = std::mem::take(&mut request.object) else {
        let malformed =
            Malformed::new(PathBuf::new("request.object"), Defect::Missing { expected: "an object" });
        return conclude(policy, vec![malformed.into()], 0);
    };
    let old = std::mem::take(&mut request.old_object);
    let request = &request;
    let mut evaluation = Evaluation::new(policy, request, old, today);
    if evaluation.is_pod && !evaluation.only_ephemeral && mirror_pod::is_mirror_pod(request, &workload) {
        return Verdict::accept(workload.images()).with_warning(mirror_pod::WARNING);
    }
    let workload = evaluation.prepare(workload);
    let images = workload.images();
    evaluation.is_audited_mirror_pod = mirror_pod::is_in_audit(request, &workload);
    evaluation.is_old_revision = old_revision::is_old_revision(payload, evaluation.kind, &workload);
    let workload = &mut { workload };
    let verdict = match &policy.mutation {
        None => conclude(policy, evaluation.check(workload, &mut Pass::Only), images),
        Some(mutation) => {
            let object = request.object_text_at(std::str::from_utf8(payload).unwrap_or_default());
            evaluation.mutate(mutation, workload, payload, object, host.digests)
        }
    };
    if !verdict.is_accepted() || !evaluation.starts_pods(workload, payload) {
        return verdict;
    }
    // New Pods are created, so they are evaluated whole.
    evaluation.old = None;
    evaluation.is_update = false;
    verdict.with_new_pods(&evaluation.check_new_pods(workload))
}

fn conclude(policy: &Policy, findings: impl Into<Findings>, images: usize) -> Verdict {
    match policy.enforcement {
        Enforcement::Reject => Verdict::enforce(findings, images),
        Enforcement::Warn => Verdict::warn(findings, images),
    }
}

/// Everything besides the object that its evaluation depends on.
struct Evaluation<'p, 'a> {
    policy: &'p Policy,
    request: &'p Request<'a>,
    kind: Option<&'static Kind>,
    is_pod: bool,
    is_update: bool,
    /// Whether the request is for the subresource that takes ephemeral containers alone.
    only_ephemeral: bool,
    /// Whether the object wants no Pods, and only remembers what it once ran.
    is_old_revision: bool,
    is_audited_mirror_pod: bool,
    /// The object that is replaced, if it is well-formed.
    old: Option<Workload<'a>>,
    /// The day, if some exemption ends.
    today: Option<Date>,
}

impl<'p, 'a> Evaluation<'p, 'a> {
    fn new(policy: &'p Policy, request: &'p Request<'a>, old: ObjectField<'a>, today: Option<Date>) -> Self {
        let kind = request.known_kind();
        let is_update = request.operation.as_deref() == Some(UPDATE);
        let only_ephemeral = request.sub_resource.as_deref() == Some(EPHEMERAL_CONTAINERS);
        let old = match old {
            ObjectField::Read(mut old) if is_update => {
                if only_ephemeral {
                    old.keep_ephemeral_containers();
                }
                (!old.is_malformed()).then_some(old)
            }
            _ => None,
        };
        Self {
            policy,
            request,
            kind,
            is_pod: kind.is_some_and(Kind::is_pod),
            is_update,
            only_ephemeral,
            is_old_revision: false,
            is_audited_mirror_pod: false,
            old,
            today,
        }
    }

    /// What counts of an object.
    fn prepare<'w>(&self, mut workload: Workload<'w>) -> Workload<'w> {
        if self.only_ephemeral {
            workload.keep_ephemeral_containers();
        } else if self.is_pod {
            workload.require_containers();
        }
        workload
    }

    fn target<'w>(&'w self, workload: &'w Workload<'_>) -> Target<'w> {
        let Self { kind, is_update, only_ephemeral, ref old, .. } = *self;
        Target { workload, kind, is_update, only_ephemeral, old: old.as_ref() }
    }

    /// Whether an update of what makes Pods starts some that will be rejected if its images would be.
    fn starts_pods(&self, workload: &Workload<'_>, payload: &[u8]) -> bool {
        match (self.kind, &self.old) {
            (Some(kind), Some(old)) if !self.is_pod && self.policy.enforcement == Enforcement::Reject => {
                workload.scale.starts_pods(&old.scale, payload, kind)
            }
            _ => false,
        }
    }

    fn existing(&self) -> Existing {
        match self.kind {
            Some(kind) if self.is_update && kind.is_job() => Existing::Job,
            // All but the images of a Pod is immutable, but ephemeral containers are new.
            _ if self.is_update && self.is_pod && !self.only_ephemeral => Existing::Pod,
            _ if self.is_pod && self.is_audited_mirror_pod => Existing::MirrorPod,
            _ => Existing::Nothing,
        }
    }

    /// What is wrong with an object, but for what a plan can fix.
    fn check<'w>(&'w self, workload: &'w Workload<'_>, pass: &mut Pass<'_, 'w>) -> Findings {
        // Nothing but its images can change in a Pod, so one that is as it was must not stop a change of anything else.
        let compares = self.is_pod || self.policy.on_update == OnUpdate::Changed;
        let update = self.old.as_ref().map(|old| Update::new(workload, old));
        let compared = update.as_ref().filter(|_| compares);
        let existing = self.existing();
        let mut findings = Findings::default();
        for (place, entry) in workload.entries().enumerate() {
            let (list, image_use) = match entry {
                Ok(_) if self.is_old_revision => continue,
                Ok(found) => found,
                Err(malformed) => {
                    findings.add(|| malformed.clone().into());
                    continue;
                }
            };
            let (reference, reasons) = self.reasons(compared, list, image_use);
            if reasons.is_empty() {
                continue;
            }
            if let (Pass::Planning(plan), Some(reference)) = (&mut *pass, reference)
                && plan.fix(place, list, image_use, reference, update.as_ref(), &reasons)
            {
                continue;
            }
            if let Pass::Mutated { rejects, outcome } = &mut *pass {
                **rejects |= outcome.is_edited(place);
                if let Some(error) = outcome.unresolved(place) {
                    let reason = Reason::DigestUnresolved(error.clone());
                    findings.add(|| self.finding(list, image_use, existing, reason));
                    continue;
                }
            }
            for reason in reasons {
                findings.add(|| self.finding(list, image_use, existing, reason));
            }
        }
        findings
    }

    /// A finding, which says so if an exemption has ended.
    fn finding(
        &self,
        list: &ImageList<'_>,
        image_use: &ImageUse<'_>,
        existing: Existing,
        reason: Reason,
    ) -> Finding {
        let rule = reason.rule();
        let finding = Finding::new(list, image_use, existing, reason);
        if self.today.is_none() {
            return finding;
        }
        let text = image_use.image.as_deref().unwrap_or_default();
        let reference = Reference::parse(text).ok();
        let candidate =
            Candidate::new(self.request, list.kind, image_use.name.as_deref(), reference.as_ref());
        finding.exempt_until(candidate.lifted_until(&self.policy.exempt, rule))
    }

    /// What is wrong with an image use, with its image if that can be parsed.
    fn reasons<'w>(
        &self,
        update: Option<&Update<'_>>,
        list: &ImageList<'_>,
        image_use: &'w ImageUse<'_>,
    ) -> (Option<Reference<'w>>, Vec<Reason>) {
        let text = image_use.image.as_deref().unwrap_or_default();
        let is_filled_in_later = match list.kind {
            ListKind::ImageVolumes => text.is_empty(),
            _ => text == TO_BE_TRIGGERED,
        };
        let is_filled_in_later = is_filled_in_later || request::fills_in(self.request.group(), text);
        if is_filled_in_later && !self.is_pod {
            // Nothing is pulled until an update sets the image, which is evaluated then.
            return (None, Vec::new());
        }
        let parsed = Reference::parse(text);
        let reference = parsed.as_ref().ok();
        let name = image_use.name.as_deref();
        let candidate = Candidate::new(self.request, list.kind, name, reference);
        let lifted = candidate.lifted(&self.policy.exempt, self.today);
        let is_unchanged =
            || !text.is_empty() && update.is_some_and(|it| it.is_unchanged(list, image_use, reference));
        if lifted.is_everything() || is_unchanged() {
            return (None, Vec::new());
        }
        match parsed {
            _ if text.is_empty() => (None, vec![Reason::MissingImage]),
            Err(error) => (None, vec![Reason::InvalidReference(error)]),
            Ok(reference) => {
                let pull_policy = PullPolicy::effective(image_use.pull_policy.as_deref(), Some(&reference));
                let image = rules::Image { reference, pull_policy };
                (Some(reference), rules::check(self.policy, &image, lifted))
            }
        }
    }

    /// What is wrong with the Pods that an object makes, but for what mutation will fix.
    fn check_new_pods(&self, workload: &Workload<'_>) -> Findings {
        match &self.policy.mutation {
            None => self.check(workload, &mut Pass::Only),
            Some(mutation) => {
                let mut plan = Plan::new(mutation, self.target(workload));
                self.check(workload, &mut Pass::Planning(&mut plan))
            }
        }
    }

    /// Plans what can be fixed, edits the object, and evaluates it once more, with the images and pull policies that were
    /// edited. The text itself is not read again, because that takes as long as all the rest; the tests do that.
    fn mutate(
        &self,
        mutation: &Mutation,
        workload: &mut Workload<'_>,
        payload: &[u8],
        object: Range<usize>,
        resolver: &dyn DigestResolver,
    ) -> Verdict {
        let images = workload.images();
        let mut plan = Plan::new(mutation, self.target(workload));
        let findings = self.check(workload, &mut Pass::Planning(&mut plan));
        // What is rejected anyway is not worth a question to a registry.
        if plan.is_empty() || !findings.is_empty() && self.policy.enforcement == Enforcement::Reject {
            return conclude(self.policy, findings, images).with_changes(&plan.left_to_pods);
        }
        let payload = std::str::from_utf8(payload).unwrap_or_default();
        let outcome = plan.resolve(payload, object.clone(), resolver);
        let mutated = mutate::apply(payload, object, &outcome.edits);
        self.conclude_mutation(workload, images, &outcome, mutated)
    }

    // Not inlined: most requests need no change, and should not load this code.
    #[inline(never)]
    fn conclude_mutation(
        &self,
        workload: &mut Workload<'_>,
        images: usize,
        outcome: &Outcome,
        mutated: Option<String>,
    ) -> Verdict {
        let mutated = mutated.filter(|_| !outcome.edits.is_empty());
        let before = (self.policy.enforcement == Enforcement::Warn).then(|| workload.clone());
        if mutated.is_some() {
            outcome.edit(workload);
        }
        let mut rejects = false;
        let findings = self.check(workload, &mut Pass::Mutated { outcome, rejects: &mut rejects });
        match (mutated, before) {
            // Who is only warned is not given what would be rejected.
            (Some(_), Some(before)) if rejects => {
                conclude(self.policy, self.check(&before, &mut Pass::Only), images)
            }
            (Some(object), _) => {
                conclude(self.policy, findings, images).with_mutation(object, &outcome.changes)
            }
            (None, _) => conclude(self.policy, findings, images),
        }
    }
}

/// Why an object is checked.
enum Pass<'p, 'w> {
    /// To report everything.
    Only,
    /// To plan what can be fixed; the rest is reported.
    Planning(&'p mut Plan<'w>),
    /// To report what is wrong after the edits, and whether an edited image is part of it.
    Mutated { outcome: &'p Outcome, rejects: &'p mut bool },
}
