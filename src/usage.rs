//! Which entries of settings no image matches, so that they can be removed.
//!
//! ```
//! use fresh_images::settings::Settings;
//! use fresh_images::usage::Usage;
//!
//! let settings = Settings::from_json(
//!     br#"{
//!         "registries": {"allow": ["ghcr.io", "quay.io"]},
//!         "exempt": [{"namespaces": ["ci"], "reason": "builds are tried out there"}]
//!     }"#,
//! )?;
//! let mut usage = Usage::new(&settings)?;
//! usage.see(
//!     br#"{"request": {
//!         "operation": "CREATE",
//!         "namespace": "shop",
//!         "kind": {"group": "", "version": "v1", "kind": "Pod"},
//!         "object": {"spec": {"containers": [{"name": "web", "image": "ghcr.io/shop/web:1.1"}]}}
//!     }}"#,
//! );
//! let unused: Vec<_> = usage.unused().map(ToString::to_string).collect();
//! assert_eq!(
//!     unused,
//!     [
//!         "settings.registries.allow[1]: no image matches \"quay.io\"",
//!         "settings.exempt[0]: nothing matches this exemption (builds are tried out there)",
//!     ],
//! );
//! # Ok::<(), fresh_images::settings::SettingsError>(())
//! ```
//!
//! The guest does not use this.

use crate::pattern::HostCase;
use crate::policy::{Mutation, Policy};
use crate::reference::Reference;
use crate::request::{self, ObjectField, Payload};
use crate::rules;
use crate::settings::{MAX_QUOTED, SETTINGS, Settings, SettingsError, SettingsProblem};
use crate::skip::exemption::{Candidate, List};
use crate::text::Quoted;
use fresh_images_json::PathBuf;

/// Settings, and which of their entries were used by what was seen.
#[derive(Clone, Debug)]
pub struct Usage {
    settings: Settings,
    policy: Policy,
    used: Vec<bool>,
    unused: Vec<SettingsProblem>,
}

/// An image use that was seen.
struct Seen<'a> {
    candidate: Candidate<'a>,
    reference: Option<Reference<'a>>,
}

impl Usage {
    /// Nothing is used yet.
    ///
    /// # Errors
    ///
    /// Settings that make no policy.
    pub fn new(settings: &Settings) -> Result<Self, SettingsError> {
        let policy = Policy::new(settings)?;
        let mut unused = Vec::new();
        each(settings, &policy, &mut |path, text, _| {
            unused.push(SettingsProblem::new(path(), text()));
        });
        Ok(Self { settings: settings.clone(), policy, used: vec![false; unused.len()], unused })
    }

    /// Marks what the image uses of this payload match. Its settings do not count. What is malformed is left out.
    pub fn see(&mut self, payload: &[u8]) {
        let Ok(Payload { mut request, .. }) = request::read(payload) else { return };
        let ObjectField::Read(workload) = std::mem::take(&mut request.object) else { return };
        for (list, image_use) in workload.entries().filter_map(Result::ok) {
            let reference = Reference::parse(image_use.image.as_deref().unwrap_or_default()).ok();
            let name = image_use.name.as_deref();
            let candidate = Candidate::new(&request, list.kind, name, reference.as_ref());
            let seen = Seen { candidate, reference };
            let mut used = self.used.iter_mut();
            each(&self.settings, &self.policy, &mut |_, _, matches| {
                if let Some(used) = used.next()
                    && !*used
                {
                    *used = matches(&seen);
                }
            });
        }
    }

    /// Adds what another one has seen with the same settings.
    pub fn merge(&mut self, other: &Self) {
        for (used, other) in self.used.iter_mut().zip(&other.used) {
            *used |= other;
        }
    }

    /// What nothing matched, each with its path, in the order of the settings. Of an exemption that is not used, only the
    /// whole is named.
    pub fn unused(&self) -> impl Iterator<Item = &SettingsProblem> {
        let mut whole: Option<&PathBuf> = None;
        self.unused.iter().zip(&self.used).filter_map(move |(problem, used)| {
            let path = problem.path();
            if *used || whole.is_some_and(|whole| whole.contains(path)) {
                return None;
            }
            whole = Some(path);
            Some(problem)
        })
    }
}

/// Takes the path of an entry, what to say if it is not used, and whether it matches.
type Visit<'v> = &'v mut dyn FnMut(&dyn Fn() -> PathBuf, &dyn Fn() -> String, &dyn Fn(&Seen<'_>) -> bool);

/// Visits every entry that can match something, always in the same order.
fn each(settings: &Settings, policy: &Policy, visit: Visit<'_>) {
    let root = || PathBuf::new(SETTINGS);
    let no_image = |text: &str| format!("no image matches {}", Quoted::new(text, MAX_QUOTED));
    let mut list =
        |key: &str, below: &str, texts: &[String], matches: &dyn Fn(usize, &Reference<'_>) -> bool| {
            for (index, text) in texts.iter().enumerate() {
                visit(&|| root().key(key).key(below).index(index), &|| no_image(text), &|seen| {
                    seen.reference.as_ref().is_some_and(|image| matches(index, image))
                });
            }
        };
    let Settings { registries, tags, images, overrides, exempt, mutate, .. } = settings;
    let (exact, any) = (HostCase::Exact, HostCase::Ignore);
    list("registries", "allow", &registries.allow, &|index, image| {
        policy.registries.allow.get(index).is_some_and(|it| it.matches(image, exact))
    });
    list("registries", "reject", &registries.reject, &|index, image| {
        policy.registries.reject.get(index).is_some_and(|it| it.matches(image, any))
    });
    list("tags", "reject", &tags.reject, &|index, image| {
        let pattern = policy.rejected_tags.get(index);
        image.effective_tag().zip(pattern).is_some_and(|(tag, it)| it.matches(tag))
    });
    list("images", "allow", &images.allow, &|index, image| {
        policy.images.allow.get(index).is_some_and(|it| it.matches(image, exact))
    });
    list("images", "reject", &images.reject, &|index, image| {
        policy.images.reject.get(index).is_some_and(|it| it.matches(image, any))
    });
    if let Some(Mutation::PinDigest(pin)) = &policy.mutation {
        let texts = mutate.as_ref().map_or(&[][..], |mutate| &mutate.registries);
        list("mutate", "registries", texts, &|index, image| {
            pin.registries.get(index).is_some_and(|it| it.matches(image.registry(), exact))
        });
    }
    for (place, (texts, entry)) in overrides.iter().zip(&policy.overrides).enumerate() {
        for (index, (text, pattern)) in texts.images.iter().zip(&entry.images).enumerate() {
            visit(
                &|| root().key("overrides").index(place).key("images").index(index),
                &|| no_image(text),
                // The first override that matches counts.
                &|seen| {
                    let image = seen.reference.as_ref();
                    image.is_some_and(|image| {
                        rules::override_of(policy, image) == Some(place)
                            && pattern.matches(image, rules::host_case(policy, entry))
                    })
                },
            );
        }
    }
    for (place, (texts, entry)) in exempt.iter().zip(&policy.exempt).enumerate() {
        visit(
            &|| root().key("exempt").index(place),
            &|| format!("nothing matches this exemption ({})", texts.reason),
            &|seen| entry.covers(&seen.candidate),
        );
        let lists = [
            (List::Images, &texts.images),
            (List::Namespaces, &texts.namespaces),
            (List::Users, &texts.users),
            (List::Groups, &texts.groups),
            (List::Containers, &texts.containers),
        ];
        for (list, texts) in lists {
            for (index, text) in texts.iter().enumerate() {
                visit(
                    &|| root().key("exempt").index(place).key(list.key()).index(index),
                    &|| format!("nothing matches {}", Quoted::new(text, MAX_QUOTED)),
                    &|seen| entry.covers(&seen.candidate) && entry.has_match(list, index, &seen.candidate),
                );
            }
        }
    }
}
