//! `mutate`: how image uses are mended that lack what `require` asks for.

use super::patterns::parse_list;
use crate::pattern::Host;
use crate::settings::{IfUnresolved, MutateTo, Problems, Require, Settings};

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

/// Checks `mutate`.
pub(super) fn parse(settings: &Settings, problems: &mut Problems) -> Option<Mutation> {
    let mutate = settings.mutate.as_ref()?;
    let at = |key: &str| format!("settings.mutate.{key}");
    let mends = |require: Require| match mutate.to {
        MutateTo::PinDigest => !matches!(require, Require::Always | Require::None),
        MutateTo::PullAlways => !matches!(require, Require::Digest | Require::None),
    };
    let mut required = settings.overrides.iter().map(|entry| entry.require);
    if !mends(settings.require) && !required.any(mends) {
        problems.add_at(at("to"), "mends nothing that `require` rejects");
    }
    // Read whatever `to` is, so that switching it brings no surprise.
    let path = format_args!("settings.mutate.registries");
    let registries = parse_list(&mutate.registries, path, problems, Host::parse_exact);
    let to = match mutate.to {
        MutateTo::PullAlways => return Some(Mutation::PullAlways),
        MutateTo::PinDigest => {
            PinDigest { registries, if_unresolved: mutate.if_unresolved, keep_tag: mutate.keep_tag }
        }
    };
    if mutate.registries.is_empty() {
        problems.add_at(at("registries"), "missing: pinDigest asks only the registries that stand here");
    }
    Some(Mutation::PinDigest(to))
}
