//! The policy: settings whose every pattern is understood, and nothing else can judge.
//!
//! ```
//! use fresh_images::policy::Policy;
//! use fresh_images::settings::Settings;
//!
//! let settings = Settings::from_json(br#"{"registries": {"allow": ["ghcr.io", "GHCR.io", "ghcr.io/"]}}"#)?;
//! let error = Policy::new(&settings).unwrap_err();
//! assert_eq!(
//!     error.to_string(),
//!     "settings.registries.allow[1]: \"GHCR.io\" can never match: a host in upper case matches nothing\n\
//!      settings.registries.allow[2]: \"ghcr.io/\" is a duplicate of an earlier entry",
//! );
//! # Ok::<(), fresh_images::settings::SettingsError>(())
//! ```

use fresh_images_json::Path;

use crate::pattern::{Host, ImagePattern, PatternError, RegistryPattern, TagPattern};
use crate::settings::{
    self, AllowOrReject, Enforcement, IfUnresolved, MAX_COMPARED, MAX_QUOTED, MutateTo, OnUpdate, Require,
    SETTINGS, Settings, SettingsError, SettingsProblems, parse_list,
};
use crate::skip::{Exemption, exemption};
use crate::text::Quoted;

/// A policy in force.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Policy {
    pub(crate) require: Require,
    pub(crate) registries: Lists<RegistryPattern>,
    pub(crate) rejected_tags: Vec<TagPattern>,
    pub(crate) images: Lists<ImagePattern>,
    pub(crate) overrides: Vec<Override>,
    pub(crate) exempt: Vec<Exemption>,
    pub(crate) enforcement: Enforcement,
    pub(crate) on_update: OnUpdate,
    /// `None` to judge only.
    pub(crate) mutation: Option<Mutation>,
}

/// What certain images must have instead of what the policy requires.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Override {
    pub(crate) images: Vec<ImagePattern>,
    pub(crate) require: Require,
}

/// What is allowed, if anything is listed, and what is rejected.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Lists<P> {
    pub(crate) allow: Vec<P>,
    pub(crate) reject: Vec<P>,
}

/// What image uses are given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Mutation {
    /// The digest that their tag has now.
    PinDigest(PinDigest),
    /// The pull policy `Always`.
    PullAlways,
}

/// Pinning by digest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct PinDigest {
    /// The only hosts that are asked, exactly.
    pub(crate) registries: Vec<Host>,
    pub(crate) if_unresolved: IfUnresolved,
    pub(crate) keep_tag: bool,
}

impl Policy {
    /// Checks settings.
    ///
    /// # Errors
    ///
    /// Blank patterns, patterns that can never match, duplicates, `allow` beside `reject`, entries of `overrides` and
    /// `exempt` that name nothing or that an earlier one leaves nothing, exemptions of everything, and a `mutate` that
    /// does nothing or has keys of another: all of them at once.
    pub fn new(settings: &Settings) -> Result<Self, SettingsError> {
        let mut problems = SettingsProblems::default();
        let policy = Self::check(settings, &mut problems);
        problems.finish(policy)
    }

    /// A policy that leaves out whatever is a problem; not to be used if there is one.
    pub(crate) fn check(settings: &Settings, problems: &mut SettingsProblems) -> Self {
        let root = &Path::root(SETTINGS);
        Self {
            require: settings.require,
            registries: lists(
                &settings.registries,
                &root.key("registries"),
                problems,
                RegistryPattern::parse,
            ),
            rejected_tags: parse_list(
                &settings.tags.reject,
                &root.key("tags").key("reject"),
                problems,
                if settings.tags.ignore_case { TagPattern::parse_ignoring_case } else { TagPattern::parse },
            ),
            images: lists(&settings.images, &root.key("images"), problems, ImagePattern::parse),
            overrides: overrides(settings, &root.key("overrides"), problems),
            exempt: exemption::parse(&settings.exempt, &root.key("exempt"), problems),
            enforcement: settings.enforcement,
            on_update: settings.on_update,
            mutation: mutation(settings, &root.key("mutate"), problems),
        }
    }
}

fn lists<P: PartialEq>(
    settings: &AllowOrReject,
    path: &Path<'_>,
    problems: &mut SettingsProblems,
    parse: fn(&str) -> Result<P, PatternError>,
) -> Lists<P> {
    let lists = Lists {
        allow: parse_list(&settings.allow, &path.key("allow"), problems, parse),
        reject: parse_list(&settings.reject, &path.key("reject"), problems, parse),
    };
    if !settings.allow.is_empty() && !settings.reject.is_empty() {
        problems.add(
            path,
            "`allow` and `reject` cannot be combined, because everything that is not allowed is rejected",
        );
    }
    lists
}

fn overrides(settings: &Settings, path: &Path<'_>, problems: &mut SettingsProblems) -> Vec<Override> {
    let mut overrides: Vec<Override> = Vec::new();
    for (index, entry) in settings.overrides.iter().enumerate() {
        let path = &path.index(index);
        let images = parse_list(&entry.images, &path.key("images"), problems, ImagePattern::parse);
        if entry.images.is_empty() && !problems.has_below(path) {
            problems.add(path, "names no images, so it can never match");
        }
        let compared = if index < MAX_COMPARED { MAX_COMPARED } else { 0 };
        for (place, text) in entry.images.iter().enumerate().take(compared) {
            let Ok(pattern) = ImagePattern::parse(text) else {
                continue;
            };
            let shadow = earlier(&overrides).find(|(_, earlier)| earlier.covers(&pattern));
            if let Some((first, shadow)) = shadow {
                let (pattern, shadow) = (pattern.to_string(), shadow.to_string());
                problems.add(
                    &path.key("images").index(place),
                    format_args!(
                        "{} can never match here: {} of entry {first} matches all of it, and the first match counts",
                        Quoted::new(&pattern, MAX_QUOTED),
                        Quoted::new(&shadow, MAX_QUOTED),
                    ),
                );
            }
        }
        overrides.push(Override { images, require: entry.require });
    }
    overrides
}

/// The patterns of overrides, each with the place of its entry.
fn earlier(overrides: &[Override]) -> impl Iterator<Item = (usize, &ImagePattern)> {
    let patterns = overrides.iter().enumerate();
    let patterns = patterns.flat_map(|(place, entry)| entry.images.iter().map(move |image| (place, image)));
    patterns.take(MAX_COMPARED)
}

/// Checks `mutate`.
fn mutation(settings: &Settings, path: &Path<'_>, problems: &mut SettingsProblems) -> Option<Mutation> {
    let mutate = settings.mutate.as_ref()?;
    if problems.has_at(&path.key("to")) {
        // What belongs to it is unknown.
        return None;
    }
    let helps = |require: Require| match mutate.to {
        MutateTo::PinDigest => !matches!(require, Require::Always | Require::None),
        MutateTo::PullAlways => !matches!(require, Require::Digest | Require::None),
    };
    let mut required = settings.overrides.iter().map(|entry| entry.require);
    if !helps(settings.require) && !required.any(helps) {
        problems.add(&path.key("to"), "cannot give images what `require` asks for");
    }
    if mutate.to == MutateTo::PullAlways {
        let present = [
            ("registries", !mutate.registries.is_empty()),
            ("ifUnresolved", mutate.if_unresolved.is_some()),
            ("keepTag", mutate.keep_tag.is_some()),
        ];
        for (key, _) in present.into_iter().filter(|(_, is_present)| *is_present) {
            let problem = "belongs to pinDigest, but `to` is pullAlways: remove one of them";
            problems.add(&path.key(key), problem);
        }
        return Some(Mutation::PullAlways);
    }
    let path = &path.key("registries");
    let registries = parse_list(&mutate.registries, path, problems, Host::parse_exact);
    if mutate.registries.is_empty() {
        problems.add(path, "missing; pinDigest asks only the registries in this list");
    }
    let to = PinDigest {
        registries,
        if_unresolved: mutate.if_unresolved.unwrap_or_default(),
        keep_tag: mutate.keep_tag.unwrap_or_default(),
    };
    Some(Mutation::PinDigest(to))
}

/// Checks settings as [`evaluate`](crate::evaluate) does: whether they can be read, and whether they make a
/// [`Policy`].
///
/// # Errors
///
/// Everything that is wrong, at once.
///
/// ```
/// assert!(fresh_images::validate_settings(b"{}").is_ok());
///
/// let error = fresh_images::validate_settings(br#"{"require": 1, "tags": {"reject": [" "]}}"#).unwrap_err();
/// assert_eq!(
///     error.to_string(),
///     "settings.require: expected a string, found a number\n\
///      settings.tags.reject[0]: \" \" is blank",
/// );
/// ```
pub fn validate_settings(json: &[u8]) -> Result<(), SettingsError> {
    let mut problems = SettingsProblems::default();
    let settings = settings::from_json(json, &mut problems);
    let _ = Policy::check(&settings, &mut problems);
    problems.finish(())
}
