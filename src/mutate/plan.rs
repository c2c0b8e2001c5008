//! Which findings can be fixed, and by which edits.
//!
//! | what is not mutated | why | what happens instead |
//! |---|---|---|
//! | an object that a controller owns, unless it is a Pod | the controller would see a difference and create replacements forever | a warning says what its Pods will get |
//! | the template of a Job on UPDATE | it is immutable | what mutation gave it is put back |
//! | the pull policy and the image volumes of a Pod on UPDATE | they are immutable | what mutation gave them is put back |
//! | an ephemeral container that exists already | it is immutable | the finding stays |
//! | an object whose metadata is malformed, or has a key twice | it is unclear what would come of it | the finding stays |
//!
//! # Applying again
//!
//! `kubectl apply` and GitOps send the manifest as it was written, again and again. On UPDATE an image use *comes back* if its
//! image is the one that the record of the old object says was replaced, and if the old object has a digest of the
//! same repository in that place. Then:
//!
//! - what cannot change gets the image of the old object;
//! - what can change is looked up anew, so a tag that has moved rolls out;
//! - if there is no answer, it gets the image of the old object as well, whatever `ifUnresolved` says.
//!
//! A pull policy that cannot change is put back if the old object has `Always` and mutation would set it. The image comes from
//! the old object, which the policy has judged, and the result is judged again: a forged record gains nothing.

use std::ops::Range;

use super::annotation::{Record, place_of};
use super::digests::{DigestResolver, LookUpError, LookUps};
use super::edit::{Edit, quoted, set};
use crate::pattern::HostCase;
use crate::policy::{Mutation, PinDigest};
use crate::pull_policy::PullPolicy;
use crate::reference::Reference;
use crate::request::{ANNOTATION, ImageList, ImageUse, Kind, ListKind, Workload};
use crate::settings::IfUnresolved;
use crate::skip::Update;
use crate::verdict::{Change, Changes, Reason, What};

/// What is known of the object and of the request.
#[derive(Clone, Copy)]
pub(crate) struct Target<'w> {
    pub(crate) workload: &'w Workload<'w>,
    pub(crate) kind: Option<&'static Kind>,
    pub(crate) is_update: bool,
    /// Whether the request is for the subresource that takes ephemeral containers alone.
    pub(crate) only_ephemeral: bool,
    /// What the object replaces.
    pub(crate) old: Option<&'w Workload<'w>>,
}

/// The image uses whose findings can all be fixed.
pub(crate) struct Plan<'w> {
    mutation: &'w Mutation,
    target: Target<'w>,
    /// What the old object says was replaced; read when it is first needed.
    old_record: Option<Record>,
    fixes: Vec<Fix<'w>>,
    /// What is left to the Pods of the object.
    pub(crate) left_to_pods: Changes,
}

/// An image use to fix: by the first of the three that is possible.
struct Fix<'w> {
    /// Its place among the entries of the workload.
    place: usize,
    list: &'w ImageList<'w>,
    image_use: &'w ImageUse<'w>,
    reference: Reference<'w>,
    /// Whether its tag would be looked up if it could change. The limit counts these, so that applying again asks for
    /// the same.
    wants_digest: bool,
    /// By the digest of its tag.
    by_digest: bool,
    /// By the image that the old object has in its place.
    by_record: Option<&'w str>,
    /// By `Always`.
    by_always: bool,
}

/// What became of a plan.
#[derive(Default)]
pub(crate) struct Outcome {
    pub(crate) edits: Vec<Edit>,
    pub(crate) changes: Changes,
    /// What each image use of the plan gets, in the order of their places.
    fixed: Vec<(usize, Fixed)>,
}

enum Fixed {
    Image(String),
    Always,
    /// Nothing, for this reason.
    Unresolved(LookUpError),
}

impl<'w> Plan<'w> {
    pub(crate) fn new(mutation: &'w Mutation, target: Target<'w>) -> Self {
        let (fixes, left_to_pods) = (Vec::new(), Changes::default());
        Self { mutation, target, old_record: None, fixes, left_to_pods }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.fixes.is_empty()
    }

    /// Plans to fix everything that is wrong with an image use. `update` has the object beside the one that it replaces. `false` if
    /// that is not possible.
    // Not inlined, nor is `resolve`: most requests need no change, and should not load this code.
    #[inline(never)]
    pub(crate) fn fix(
        &mut self,
        place: usize,
        list: &'w ImageList<'w>,
        image_use: &'w ImageUse<'w>,
        reference: Reference<'w>,
        update: Option<&Update<'w>>,
        reasons: &[Reason],
    ) -> bool {
        let (can_pin, can_pull) = match self.mutation {
            Mutation::PullAlways => (false, true),
            Mutation::PinDigest(pin) => {
                (pin.asks(reference.registry()), pin.if_unresolved == IfUnresolved::PullAlways)
            }
        };
        let by_digest =
            can_pin && reasons.iter().all(|it| matches!(it, Reason::MutableImage | Reason::DigestRequired));
        let by_always =
            can_pull && reasons.iter().all(|it| matches!(it, Reason::MutableImage | Reason::AlwaysRequired));
        if !(by_digest || by_always) || !self.may_change(list, image_use, update) {
            return false;
        }
        if self.target.workload.metadata.is_owned && !self.is_pod() {
            let what = if by_digest { What::PodsPinned } else { What::PodsAlways };
            self.left_to_pods.add(|| Change::new(list, image_use, what));
            return true;
        }
        let (image_can_change, pull_policy_can_change) =
            (self.image_can_change(list), self.pull_policy_can_change());
        let old = update.and_then(|it| it.old_use(list, image_use));
        let had_always = old.is_some_and(|it| it.pull_policy.as_deref() == Some(PullPolicy::ALWAYS));
        let by_record =
            old.filter(|_| by_digest).and_then(|old| self.replaced(list, image_use, reference, old));
        let (wants_digest, by_digest) = (by_digest, by_digest && image_can_change);
        let by_always = by_always && (pull_policy_can_change || had_always);
        let is_possible = by_digest || by_record.is_some() || by_always;
        if is_possible {
            self.fixes.push(Fix {
                place,
                list,
                image_use,
                reference,
                wants_digest,
                by_digest,
                by_record,
                by_always,
            });
        }
        is_possible
    }

    /// The image of an old image use, if it is a digest that replaced the image which comes back.
    fn replaced(
        &mut self,
        list: &ImageList<'_>,
        image_use: &ImageUse<'_>,
        reference: Reference<'_>,
        old: &'w ImageUse<'w>,
    ) -> Option<&'w str> {
        let metadata = &self.target.old.filter(|it| !it.metadata.is_unclear)?.metadata;
        let record = self.old_record.get_or_insert_with(|| Record::parse(metadata.record.as_deref()));
        let replaced = record.image(&place_of(self.target.kind, list, image_use))?;
        let image = old.image.as_deref()?;
        let digest = Reference::parse(image).ok()?;
        let is_same = digest.is_pinned()
            && digest.registry() == reference.registry()
            && digest.repository() == reference.repository();
        (is_same && Some(replaced) == image_use.image.as_deref()).then_some(image)
    }

    /// Turns the plan into edits of the object, which is a part of the payload. The resolver is asked here, and nowhere
    /// else. Without a place for the annotation nothing is edited.
    #[inline(never)]
    pub(crate) fn resolve(
        &self,
        payload: &str,
        object: Range<usize>,
        resolver: &dyn DigestResolver,
    ) -> Outcome {
        let mut outcome = Outcome::default();
        let mut record = None;
        let asked = self.fixes.iter().filter(|it| it.wants_digest).map(|it| it.reference);
        let mut look_ups = LookUps::new(asked, resolver);
        for fix in &self.fixes {
            let Fix { place, list, image_use, reference, .. } = fix;
            let answer = fix.by_digest.then(|| look_ups.get(*reference));
            let keeps_tag = matches!(self.mutation, Mutation::PinDigest(pin) if pin.keep_tag);
            let (fixed, what) = match (answer, fix.by_record) {
                (Some(Ok(digest)), _) => {
                    let image = reference.with_digest(&digest, keeps_tag).to_string();
                    (Fixed::Image(image), What::Pinned { digest })
                }
                (failed, Some(image)) => {
                    let failed = failed.and_then(Result::err).map(|error| error.reason);
                    (Fixed::Image(image.into()), What::PutBack { image: image.into(), failed })
                }
                (Some(Err(error)), None) if !fix.by_always => {
                    outcome.fixed.push((*place, Fixed::Unresolved(error)));
                    continue;
                }
                (failed, None) => {
                    let failed = failed.and_then(Result::err).map(|error| error.reason);
                    (Fixed::Always, What::Always { failed })
                }
            };
            match &fixed {
                Fixed::Image(image) => {
                    outcome.edits.push(Edit { at: image_use.image_at.clone(), text: quoted(image) });
                    let place = place_of(self.target.kind, list, image_use);
                    let image = image_use.image.as_deref().unwrap_or_default();
                    record.get_or_insert_with(|| Record::parse(self.record())).add(place, image);
                }
                _ => outcome.edits.push(set_always(list.kind, image_use)),
            }
            outcome.changes.add(|| Change::new(list, image_use, what));
            outcome.fixed.push((*place, fixed));
        }
        if let Some(record) = record {
            match set(payload, object, &self.annotation_path(), &quoted(&record.to_text())) {
                Some(edit) => outcome.edits.push(edit),
                None => return Outcome::default(),
            }
        }
        outcome
    }

    /// On the Pod or its template; in an unknown kind on the object, because its template may have no metadata.
    fn annotation_path(&self) -> Vec<&'static str> {
        let to_pod_spec = self.target.kind.map_or(&[][..], |kind| kind.pod_spec);
        let (_, to_template) = to_pod_spec.split_last().unwrap_or((&"", &[]));
        [to_template, &["metadata", "annotations", ANNOTATION]].concat()
    }

    /// What was recorded before. The annotations of the template of a Job are immutable too.
    fn record(&self) -> Option<&'w str> {
        let Target { workload, old, .. } = self.target;
        let of = if self.is_existing_job() { old? } else { workload };
        of.metadata.record.as_deref()
    }

    fn is_pod(&self) -> bool {
        self.target.kind.is_some_and(Kind::is_pod)
    }

    fn is_existing_pod(&self) -> bool {
        self.is_pod() && self.target.is_update && !self.target.only_ephemeral
    }

    fn is_existing_job(&self) -> bool {
        self.target.is_update && self.target.kind.is_some_and(Kind::is_job)
    }

    /// Whether anything of an image use may be mutated.
    fn may_change(
        &self,
        list: &ImageList<'_>,
        image_use: &ImageUse<'_>,
        update: Option<&Update<'_>>,
    ) -> bool {
        let Target { workload, is_update, only_ephemeral, .. } = self.target;
        if list.kind == ListKind::EphemeralContainers && self.is_pod() && is_update {
            // Without an old object or a name nobody can tell whether it is new.
            let is_new = only_ephemeral && update.is_some_and(|it| it.is_new(list, image_use));
            if !is_new {
                return false;
            }
        }
        !workload.metadata.is_unclear
    }

    fn pull_policy_can_change(&self) -> bool {
        !self.is_existing_pod() && !self.is_existing_job()
    }

    fn image_can_change(&self, list: &ImageList<'_>) -> bool {
        let is_immutable = self.is_existing_pod() && list.kind == ListKind::ImageVolumes;
        !(is_immutable || self.is_existing_job())
    }
}

/// The pull policy goes beside the image.
fn set_always(list: ListKind, image_use: &ImageUse<'_>) -> Edit {
    match &image_use.pull_policy_at {
        Some(at) => Edit { at: at.clone(), text: "\"Always\"".into() },
        None => {
            let end = image_use.image_at.end;
            Edit { at: end..end, text: format!(",\"{}\":\"Always\"", list.pull_policy_key()) }
        }
    }
}

impl Outcome {
    /// Edits the image uses of the workload.
    pub(crate) fn edit(&self, workload: &mut Workload<'_>) {
        let mut entries = workload.entries_mut().enumerate();
        for (place, fixed) in &self.fixed {
            let entry = entries.find(|(it, _)| it == place);
            match (fixed, entry) {
                (Fixed::Image(image), Some((_, Some(image_use)))) => {
                    image_use.image = Some(image.clone().into())
                }
                (Fixed::Always, Some((_, Some(image_use)))) => image_use.pull_policy = Some("Always".into()),
                _ => {}
            }
        }
    }

    fn fixed(&self, place: usize) -> Option<&Fixed> {
        let index = self.fixed.binary_search_by(|(it, _)| it.cmp(&place)).ok()?;
        self.fixed.get(index).map(|(_, fixed)| fixed)
    }

    /// Whether something of an image use was edited.
    pub(crate) fn is_edited(&self, place: usize) -> bool {
        matches!(self.fixed(place), Some(Fixed::Image(_) | Fixed::Always))
    }

    /// Why an image use remains as it is.
    pub(crate) fn unresolved(&self, place: usize) -> Option<&LookUpError> {
        if let Some(Fixed::Unresolved(error)) = self.fixed(place) { Some(error) } else { None }
    }
}

impl PinDigest {
    /// Whether a registry may be asked: only those that are listed, and only as they are written.
    fn asks(&self, registry: &str) -> bool {
        self.registries.iter().any(|host| host.matches(registry, HostCase::Exact))
    }
}
