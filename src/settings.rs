//! Settings: what an administrator writes, key by key, not yet checked for meaning.
//!
//! ```
//! use fresh_images::settings::{Require, Settings};
//!
//! let settings = Settings::from_json(br#"{"require": "digest", "registries": {"allow": ["ghcr.io"]}}"#)?;
//! assert_eq!(settings.require, Require::Digest);
//! assert_eq!(settings.registries.allow, ["ghcr.io"]);
//!
//! // Every problem at once, each with its path.
//! let error = Settings::from_json(br#"{"registry": [], "tags": {"reject": "latest"}}"#).unwrap_err();
//! assert_eq!(
//!     error.to_string(),
//!     "settings.registry: unknown key; known keys are require, registries, tags, images, overrides, exempt, \
//!      enforcement, onUpdate, mutate\n\
//!      settings.tags.reject: expected a list, found a string",
//! );
//! # Ok::<(), fresh_images::settings::SettingsError>(())
//! ```
//!
//! A [`Policy`](crate::policy::Policy) is made of them, which is the only thing that can judge.

mod problem;
mod read;

pub(crate) use problem::{MAX_COMPARED, MAX_QUOTED, SettingsProblems, parse_list};
pub use problem::{SettingsError, SettingsProblem};
pub(crate) use read::{SETTINGS, from_json, read};

/// The settings of the policy. The default, `{}`, asks for a digest or `Always` and nothing else.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Settings {
    /// `require`: what an image must have.
    pub require: Require,
    /// `registries`: which registries images may come from.
    pub registries: AllowOrReject,
    /// `tags`: which tags images may have.
    pub tags: Tags,
    /// `images`: which images may be used.
    pub images: AllowOrReject,
    /// `overrides`: what certain images must have instead. The first match counts.
    pub overrides: Vec<Override>,
    /// `exempt`: what is not judged at all.
    pub exempt: Vec<Exempt>,
    /// `enforcement`: whether to reject or only to warn.
    pub enforcement: Enforcement,
    /// `onUpdate`: which image uses are judged when an object is updated.
    pub on_update: OnUpdate,
    /// `mutate`: how to change what would be rejected; if absent, nothing is changed.
    pub mutate: Option<Mutate>,
}

/// What an image must have.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Require {
    /// `always`: the effective pull policy `Always`.
    Always,
    /// `digest`: a digest.
    Digest,
    /// `digestAndAlways`: both.
    DigestAndAlways,
    /// `digestOrAlways`: at least one of them, so that no node runs old content.
    #[default]
    DigestOrAlways,
    /// `none`: nothing.
    None,
}

impl Require {
    /// The word of the settings.
    pub fn word(self) -> &'static str {
        match self {
            Self::Always => "always",
            Self::Digest => "digest",
            Self::DigestAndAlways => "digestAndAlways",
            Self::DigestOrAlways => "digestOrAlways",
            Self::None => "none",
        }
    }

    /// Whether this asks for more. Of `always` and `digest` neither does.
    pub fn is_stricter_than(self, other: Self) -> bool {
        let strictness = |require| match require {
            Self::None => 0,
            Self::DigestOrAlways => 1,
            Self::Always | Self::Digest => 2,
            Self::DigestAndAlways => 3,
        };
        strictness(self) > strictness(other)
    }
}

/// Two lists of patterns, of which at most one may have entries.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AllowOrReject {
    /// `allow`: what does not match is rejected. An empty list means the same as no list.
    pub allow: Vec<String>,
    /// `reject`: what matches is rejected.
    pub reject: Vec<String>,
}

/// Tags.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tags {
    /// `ignoreCase`: whether `latest` also means `LATEST`.
    pub ignore_case: bool,
    /// `reject`: patterns of tags, such as `latest` or `*-SNAPSHOT`.
    pub reject: Vec<String>,
}

/// What certain images must have instead of `require`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Override {
    /// `images`: patterns of images.
    pub images: Vec<String>,
    /// `require`: what they must have.
    pub require: Require,
}

/// What is not judged. Every list that has entries must match; at least one must have some.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Exempt {
    /// `containers`: patterns of the names of containers, of all kinds.
    pub containers: Vec<String>,
    /// `groups`: patterns of the groups of the user of the request.
    pub groups: Vec<String>,
    /// `images`: patterns of images.
    pub images: Vec<String>,
    /// `namespaces`: patterns of namespaces of the request.
    pub namespaces: Vec<String>,
    /// `reason`: why, for a person who reads the settings later.
    pub reason: String,
    /// `rules`: the only rules that are lifted. An empty list means all, and that what is no image is not judged either.
    pub rules: Vec<Rule>,
    /// `until`: the last day on which it holds, in UTC, as in `2027-01-31`. Absent if it does not end.
    pub until: Option<String>,
    /// `users`: patterns of user names of the request.
    pub users: Vec<String>,
}

/// What an exemption can lift.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Rule {
    /// `freshness`: what `require` and `overrides` ask for.
    #[default]
    Freshness,
    /// `images`: which images may be used.
    Images,
    /// `registries`: which registries images may come from.
    Registries,
    /// `tags`: which tags images may have.
    Tags,
}

impl Rule {
    /// The word of the settings.
    pub fn word(self) -> &'static str {
        match self {
            Self::Freshness => "freshness",
            Self::Images => "images",
            Self::Registries => "registries",
            Self::Tags => "tags",
        }
    }
}

/// What happens to an object that has findings.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Enforcement {
    /// `reject`: it is rejected.
    #[default]
    Reject,
    /// `warn`: it is accepted, and the user is warned of what would be rejected.
    Warn,
}

/// Which image uses are judged when an object is updated.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum OnUpdate {
    /// `all`: all of them.
    All,
    /// `changed`: those whose image or effective pull policy is another than before.
    #[default]
    Changed,
}

/// How to mutate image uses that would be rejected for what `require` asks.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Mutate {
    /// `to`: what they are given.
    pub to: MutateTo,
    /// `registries`: the hosts that are asked for digests, and no others; for `pinDigest`.
    pub registries: Vec<String>,
    /// `ifUnresolved`: what happens where no digest can be had; for `pinDigest`. Absent to reject.
    pub if_unresolved: Option<IfUnresolved>,
    /// `keepTag`: whether the tag stays beside the digest; for `pinDigest`. Absent if not.
    pub keep_tag: Option<bool>,
}

/// What an image use is given.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum MutateTo {
    /// `pinDigest`: the digest that its tag has now.
    PinDigest,
    /// `pullAlways`: the pull policy `Always`.
    #[default]
    PullAlways,
}

/// What happens to an image whose digest cannot be had.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum IfUnresolved {
    /// `pullAlways`: it is given the pull policy `Always`.
    PullAlways,
    /// `reject`: it is rejected.
    #[default]
    Reject,
}

impl Settings {
    /// Reads settings from JSON. `null` means the same as `{}`.
    ///
    /// # Errors
    ///
    /// Text that is not JSON, unknown and duplicate keys, and values of wrong types: all of them at once.
    pub fn from_json(json: &[u8]) -> Result<Self, SettingsError> {
        let mut problems = SettingsProblems::default();
        let settings = read::from_json(json, &mut problems);
        problems.finish(settings)
    }
}
