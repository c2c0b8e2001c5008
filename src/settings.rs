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
//!     "settings.registry: unknown key; known are require, registries, tags, images, overrides, exempt, \
//!      enforcement, onUpdate, mutate\n\
//!      settings.tags.reject: expected a list, found a string",
//! );
//! # Ok::<(), fresh_images::settings::SettingsError>(())
//! ```
//!
//! A [`Policy`] is made of them, which is the only thing that can judge.

mod error;
mod read;

pub(crate) use error::Problems;
pub use error::{SettingsError, SettingsProblem};
pub(crate) use read::read;

use crate::policy::Policy;

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
    /// `mutate`: how to mend what would be rejected; absent to judge only.
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

/// Two lists of patterns, of which at most one may have entries.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AllowOrReject {
    /// `allow`: what does not match is rejected. Empty is as good as absent.
    pub allow: Vec<String>,
    /// `reject`: what matches is rejected.
    pub reject: Vec<String>,
}

/// Tags.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tags {
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
    /// `images`: patterns of images.
    pub images: Vec<String>,
    /// `namespaces`: patterns of namespaces of the request.
    pub namespaces: Vec<String>,
    /// `reason`: why, for whoever reads the settings later.
    pub reason: String,
    /// `users`: patterns of user names of the request.
    pub users: Vec<String>,
}

/// What happens to an object that has findings.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Enforcement {
    /// `reject`: it is rejected.
    #[default]
    Reject,
    /// `warn`: it is accepted, and the user is told what would be rejected.
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

/// How image uses are mended that would be rejected for what `require` asks.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Mutate {
    /// `to`: what they are given.
    pub to: MutateTo,
    /// `registries`: the hosts that are asked for digests, and no others; for `pinDigest`.
    pub registries: Vec<String>,
    /// `ifUnresolved`: what happens where no digest can be had; for `pinDigest`.
    pub if_unresolved: IfUnresolved,
    /// `keepTag`: whether the tag stays beside the digest; for `pinDigest`.
    pub keep_tag: bool,
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
    /// Reads settings from JSON. `null` is as good as `{}`.
    ///
    /// # Errors
    ///
    /// Text that is no JSON, unknown and duplicate keys, and values of wrong types: all of them at once.
    pub fn from_json(json: &[u8]) -> Result<Self, SettingsError> {
        let mut problems = Problems::default();
        let settings = read::from_json(json, &mut problems);
        problems.finish(settings)
    }
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
    let mut problems = Problems::default();
    let settings = read::from_json(json, &mut problems);
    let _ = Policy::check(&settings, &mut problems);
    problems.finish(())
}
