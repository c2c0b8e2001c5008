//! Mending: what `require` would reject is given the pull policy `Always`, or the digest that its tag has now.
//!
//! ```
//! use fresh_images::{evaluate, response};
//!
//! let payload = br#"{
//!     "request": {
//!         "operation": "CREATE",
//!         "kind": {"group": "", "version": "v1", "kind": "Pod"},
//!         "object": {"spec": {"containers": [{"name": "web", "image": "nginx:1.25"}]}}
//!     },
//!     "settings": {"mutate": {"to": "pullAlways"}}
//! }"#;
//! let verdict = evaluate(payload);
//! assert!(verdict.is_accepted());
//! assert_eq!(
//!     verdict.mutated_object(),
//!     Some(r#"{"spec": {"containers": [{"name": "web", "image": "nginx:1.25","imagePullPolicy":"Always"}]}}"#),
//! );
//! assert_eq!(verdict.warnings(), ["container at spec.containers[0]: set imagePullPolicy: Always"]);
//! # Ok::<(), serde_json::Error>(())
//! ```
//!
//! The text of the object is edited, so whatever the policy does not know stays as it is. Nothing is mended that another
//! rule rejects, and nothing at all if the object is rejected for something else.
//!
//! | file | what it decides |
//! |---|---|
//! | `mutate/scope.rs` | what must never be mutated |
//! | `mutate/look_up.rs` | what a registry is asked, and which answers count |
//! | `mutate/template.rs` | where the annotation goes |
//! | `mutate/record.rs` | what the annotation says |
//! | `mutate/edit.rs` | the new text |

mod edit;
mod look_up;
mod record;
mod scope;
mod template;

use crate::image_use::{ImageList, ImageUse};
use crate::policy::{Mutation, PinDigest, Policy};
use crate::pull_policy::PullPolicy;
use crate::reference::Reference;
use crate::rules::{self, Image};
use crate::settings::IfUnresolved;
use crate::verdict::{Change, Changes, Finding, Findings, Problem, Subject};

use edit::Edits;
use look_up::LookUps;
pub use look_up::{NoRegistry, Registry};
pub use record::ANNOTATION;
pub(crate) use scope::Scope;

/// Collects what can be mended, and mends it.
pub(crate) struct Mender<'w, 'a> {
    policy: &'w Policy,
    mutation: &'w Mutation,
    scope: Scope<'w, 'a>,
    wanted: Vec<Wanted<'w, 'a>>,
}

/// An image use that can be mended.
struct Wanted<'w, 'a> {
    list: &'w ImageList,
    image_use: &'w ImageUse<'a>,
    image: Image<'w>,
    /// By the digest of its tag.
    by_digest: bool,
    /// By `Always`; with `by_digest` only if there is no digest.
    by_always: bool,
}

/// What came of it.
pub(crate) struct Mended {
    /// The new text of the object; `None` if nothing changed.
    pub(crate) object: Option<String>,
    pub(crate) changes: Changes,
    /// What could not be mended after all.
    pub(crate) findings: Findings,
}

/// Stands for the digest that is not known yet; a rule that lists digests is asked again later.
const SOME_DIGEST: &str = "sha256:0000000000000000000000000000000000000000000000000000000000000000";

impl<'w, 'a> Mender<'w, 'a> {
    pub(crate) fn new(policy: &'w Policy, mutation: &'w Mutation, scope: Scope<'w, 'a>) -> Self {
        Self { policy, mutation, scope, wanted: Vec::new() }
    }

    /// Takes an image use that is rejected as it is. `false` if it cannot be mended.
    // Not inlined, nor is `mend`: most requests need no change, and should not carry the code with them.
    #[inline(never)]
    pub(crate) fn take(
        &mut self,
        list: &'w ImageList,
        image_use: &'w ImageUse<'a>,
        image: Image<'w>,
    ) -> bool {
        if rules::is_fresh(self.policy, &image)
            || !rules::is_otherwise_accepted(self.policy, &image)
            || !self.scope.allows(list, image_use)
        {
            return false;
        }
        let always = Image { pull_policy: PullPolicy::ALWAYS, ..image };
        let can_pull = self.scope.allows_pull_policy() && rules::is_fresh(self.policy, &always);
        let (by_digest, by_always) = match self.mutation {
            Mutation::PullAlways => (false, can_pull),
            Mutation::PinDigest(pin) => {
                let by_digest = !image.reference.is_pinned()
                    && self.scope.allows_image(list)
                    && pin.asks(image.reference.registry())
                    && rules::judge(self.policy, &pinned(image, image_use, SOME_DIGEST, pin))
                        .next()
                        .is_none();
                (by_digest, can_pull && pin.if_unresolved == IfUnresolved::PullAlways)
            }
        };
        if by_digest || by_always {
            self.wanted.push(Wanted { list, image_use, image, by_digest, by_always });
        }
        by_digest || by_always
    }

    /// Mends everything that was taken. The registry is asked here, and nowhere else.
    #[inline(never)]
    pub(crate) fn mend(&self, payload: &[u8], registry: &dyn Registry) -> Mended {
        let mut mending = Mending::default();
        let by_digest = self.wanted.iter().filter(|it| it.by_digest);
        let mut look_ups = LookUps::new(by_digest.map(|it| it.image.reference));
        let too_many = look_ups.are_too_many();
        for wanted in &self.wanted {
            match self.mutation {
                Mutation::PinDigest(pin) if wanted.by_digest => {
                    match look_ups.get(wanted.image.reference, registry) {
                        Ok(digest) => self.pin(wanted, pin, digest, &mut mending),
                        Err(_) if wanted.by_always && !too_many => mending.set_always(wanted),
                        Err(reason) => {
                            let name = wanted.image.name();
                            mending
                                .findings
                                .add(|| wanted.finding(Problem::DigestUnresolved { name, reason }));
                        }
                    }
                }
                _ => mending.set_always(wanted),
            }
        }
        self.finish(mending, payload)
    }

    /// Pins an image, unless a rule has something against this very digest.
    fn pin(&self, wanted: &Wanted<'w, 'a>, pin: &PinDigest, digest: &str, mending: &mut Mending<'w, 'a>) {
        let image = pinned(wanted.image, wanted.image_use, digest, pin);
        let mut problems = rules::judge(self.policy, &image).peekable();
        if problems.peek().is_none() {
            mending.edits.set_image(wanted.image_use, &image.reference.to_string());
            mending.changes.add(|| Change::pinned(wanted.list, wanted.image_use, digest));
            mending.pinned.push((self.scope.name_of(wanted.list, wanted.image_use), wanted.image_use));
        }
        for problem in problems {
            mending.findings.add(|| wanted.finding(problem));
        }
    }

    fn finish(&self, mending: Mending<'w, 'a>, payload: &[u8]) -> Mended {
        let Mending { mut edits, changes, pinned, mut findings } = mending;
        if !pinned.is_empty()
            && let Some(template) = self.scope.template()
        {
            edits.set_annotation(template.place(), &record::write(template.record(), pinned));
        }
        if edits.is_empty() {
            return Mended { object: None, changes, findings };
        }
        let object = edits.apply(payload, self.scope.object_at());
        if object.is_none() {
            // What cannot be edited is not accepted as it is.
            for wanted in &self.wanted {
                for problem in rules::judge(self.policy, &wanted.image) {
                    findings.add(|| wanted.finding(problem));
                }
            }
        }
        Mended { object, changes, findings }
    }
}

/// What is mended so far.
#[derive(Default)]
struct Mending<'w, 'a> {
    edits: Edits,
    changes: Changes,
    /// For the record: the places of images that a digest replaces.
    pinned: Vec<(String, &'w ImageUse<'a>)>,
    findings: Findings,
}

impl Mending<'_, '_> {
    fn set_always(&mut self, wanted: &Wanted<'_, '_>) {
        self.edits.set_always(wanted.list.kind, wanted.image_use);
        self.changes.add(|| Change::always(wanted.list, wanted.image_use));
    }
}

impl Wanted<'_, '_> {
    fn finding(&self, problem: Problem) -> Finding {
        Finding::new(Subject::of(self.list, self.image_use), problem)
    }
}

impl PinDigest {
    /// Whether a registry may be asked: only those that are listed, and only as they are written.
    fn asks(&self, registry: &str) -> bool {
        self.registries.iter().any(|host| host.matches(registry, crate::pattern::HostCase::Exact))
    }
}

/// The image with a digest; without a field, another pull policy may be its default then.
fn pinned<'w>(image: Image<'w>, image_use: &'w ImageUse<'_>, digest: &'w str, pin: &PinDigest) -> Image<'w> {
    let reference: Reference<'w> = image.reference.pinned(digest, pin.keep_tag);
    let pull_policy = PullPolicy::effective(image_use.pull_policy.as_deref(), Some(&reference));
    Image { reference, pull_policy, ..image }
}
