//! How the verdict on a container is found.
//!
//! | what is known | verdict |
//! |---|---|
//! | the spec has a digest | pinned |
//! | the running digest is that of the tag, or of one of the images in its index | fresh |
//! | the running content has the config that the tag has for the node's platform | fresh: another index, the same content |
//! | the configs differ | stale |
//! | the registry no longer has the running digest, and the node says that both are one image | fresh |
//! | the registry no longer has the running digest | stale, and nothing was compared |
//! | the node's own tag names another image than the one that runs | stale |
//! | anything else | unknown or unchecked, with a reason |

use std::collections::BTreeSet;

use fresh_images::reference::Reference;

use crate::cluster::{Container, Node, Platform, State};
use crate::code::{Code, Verdict};
use crate::content::{Contents, RegistryError};
use crate::report::Current;
use crate::running::{RunningId, is_bare};

/// A container and what is known of its node.
pub(crate) struct Case<'a> {
    pub(crate) container: &'a Container,
    pub(crate) node: Option<&'a Node>,
}

/// What was found for a container.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Found {
    pub(crate) verdict: Verdict,
    pub(crate) code: Code,
    /// Why it is not known, or what was not compared.
    pub(crate) reason: Option<String>,
    /// What the tag names, if it was looked up.
    pub(crate) current: Option<Current>,
    /// The config of what runs, if it is known.
    pub(crate) config: Option<String>,
    /// When what runs was built, if it is known.
    pub(crate) created: Option<String>,
}

impl Found {
    fn new(verdict: Verdict, code: Code) -> Self {
        Self { verdict, code, reason: None, current: None, config: None, created: None }
    }

    fn because(self, reason: impl Into<String>) -> Self {
        Self { reason: Some(reason.into()), ..self }
    }

    fn unknown(code: Code, reason: impl Into<String>) -> Self {
        Self::new(Verdict::Unknown, code).because(reason)
    }
}

/// Where questions may go.
#[derive(Clone, Copy)]
pub(crate) struct Asking<'a> {
    /// `None`: nobody is asked.
    pub(crate) contents: Option<&'a Contents<'a>>,
    /// The only hosts that are asked, if there is a list.
    pub(crate) registries: Option<&'a BTreeSet<String>>,
    /// Whether tags beside digests are looked up.
    pub(crate) moved: bool,
}

impl Asking<'_> {
    fn may_ask(&self, host: &str) -> bool {
        self.registries.is_none_or(|hosts| hosts.contains(host))
    }

    /// A host that a status names is asked only if the user lists it.
    fn may_follow(&self, host: &str) -> bool {
        self.registries.is_some_and(|hosts| hosts.contains(host))
    }
}

impl<'a> Case<'a> {
    fn platform(&self) -> Option<&'a Platform> {
        self.node?.platform.as_ref()
    }

    /// The verdict.
    pub(crate) fn judge(&self, asking: Asking<'_>) -> Found {
        let Container { image, image_id, state, noun, .. } = self.container;
        let reference = match Reference::parse(image) {
            Ok(reference) => reference,
            Err(error) => {
                return Found::unknown(Code::InvalidReference, format!("the image is no reference: {error}"));
            }
        };
        if reference.is_pinned() {
            return self.pinned(&reference, asking);
        }
        if let State::Waiting(reason) = state {
            let why = if reason.is_empty() {
                "the container waits".into()
            } else {
                format!("the container waits: {reason}")
            };
            return Found::unknown(Code::NotRunning, why);
        }
        let running = RunningId::read(image_id);
        match &running {
            RunningId::Nothing if *noun == "image volume" => {
                return Found::unknown(
                    Code::ImageVolume,
                    "the status does not name the digest of an image volume",
                );
            }
            RunningId::Nothing => return Found::unknown(Code::NotRunning, "the status has no imageID"),
            RunningId::Imported => {
                return Found::unknown(
                    Code::Imported,
                    "the image was imported from a file, so no registry knows it",
                );
            }
            RunningId::Unknown => {
                return Found::unknown(Code::ImageIdUnknown, "the imageID has an unknown form");
            }
            RunningId::Manifest { .. } | RunningId::Config { .. } => {}
        }
        let config = match &running {
            RunningId::Config { digest, may_be_manifest: false } => Some(digest.clone()),
            _ => None,
        };
        let mut found = self.compare(&reference, &running, asking);
        found.config = found.config.or(config);
        found
    }

    fn pinned(&self, reference: &Reference<'_>, asking: Asking<'_>) -> Found {
        let pinned = Found::new(Verdict::Pinned, Code::Pinned);
        let (Some(contents), true, Some(tag)) = (asking.contents, asking.moved, reference.tag()) else {
            return pinned;
        };
        if !asking.may_ask(reference.registry()) {
            return pinned;
        }
        match contents.tag(&format!("{}:{tag}", repository(reference))) {
            Ok(digest) if Some(digest.as_str()) != reference.digest() => Found {
                current: Some(Current { digest, created: None }),
                ..Found::new(Verdict::Pinned, Code::TagMoved)
            },
            _ => pinned,
        }
    }

    /// What the node knows, and if that does not decide it, what the registry knows.
    fn compare(&self, reference: &Reference<'_>, running: &RunningId, asking: Asking<'_>) -> Found {
        let repository = repository(reference);
        let image = format!("{repository}:{}", reference.effective_tag().unwrap_or_default());
        let (contents, host) = match asking.contents {
            Some(contents) if asking.may_ask(reference.registry()) => (contents, reference.registry()),
            Some(_) => {
                let reason = format!("{} is not in --registries", reference.registry());
                return self.by_node(
                    &image,
                    running,
                    Found::new(Verdict::Unchecked, Code::RegistryNotListed).because(reason),
                );
            }
            None => return self.by_node(&image, running, Found::new(Verdict::Unchecked, Code::Offline)),
        };
        let current = match contents.tag(&image) {
            Ok(digest) => digest,
            Err(RegistryError::NotFound) => {
                let reason = format!("{host} has no {image} any more");
                return self.by_node(&image, running, Found::unknown(Code::TagGone, reason));
            }
            Err(RegistryError::Failed(reason)) => {
                return self.by_node(&image, running, Found::unknown(Code::DigestUnresolved, reason));
            }
        };
        let compared = Compared { case: self, contents, asking, repository: &repository, current: &current };
        let mut found = compared
            .judge(running)
            .unwrap_or_else(|error| Found::unknown(Code::DigestUnresolved, format!("{repository}: {error}")));
        if found.verdict == Verdict::Stale {
            // Both are known: when the new one was built tells the user more than a digest.
            let configs = contents.configs_of(&repository, &current, self.platform()).unwrap_or_default();
            let created =
                configs.first().and_then(|config| contents.config(&repository, config).ok()?.created.clone());
            found.current = Some(Current { digest: current, created });
        } else {
            found.current = Some(Current { digest: current, created: None });
        }
        found
    }

    /// What the node says, where the registry says nothing: its tag may name another image than the one that runs.
    fn by_node(&self, image: &str, running: &RunningId, otherwise: Found) -> Found {
        if !is_bare(&self.container.status_image) {
            return otherwise;
        }
        let entry = self.node.and_then(|node| node.holding(image));
        match entry {
            Some(entry) if entry.has_digest(running.digest().unwrap_or_default()) => otherwise,
            Some(_) => Found {
                code: Code::StaleOnNode,
                verdict: Verdict::Stale,
                reason: Some(
                    "the node pulled this tag again, and it names another image than the one that runs"
                        .into(),
                ),
                ..otherwise
            },
            None => Found {
                code: Code::UntaggedOnNode,
                verdict: Verdict::Unknown,
                reason: Some(
                    "the node's tag no longer names what runs: it was pulled again, or removed".into(),
                ),
                ..otherwise
            },
        }
    }
}

/// `registry/repository`, canonical.
pub(crate) fn repository(reference: &Reference<'_>) -> String {
    format!("{}/{}", reference.registry(), reference.repository())
}

/// A container whose tag was looked up.
struct Compared<'a> {
    case: &'a Case<'a>,
    contents: &'a Contents<'a>,
    asking: Asking<'a>,
    repository: &'a str,
    /// The digest of the tag.
    current: &'a str,
}

impl Compared<'_> {
    fn judge(&self, running: &RunningId) -> Result<Found, RegistryError> {
        let Self { case, contents, repository, current, .. } = *self;
        let same_digest = Ok(Found::new(Verdict::Fresh, Code::SameDigest));
        let digest = running.digest().unwrap_or_default();
        if digest == current {
            return same_digest;
        }
        if let crate::content::Manifest::Index(children) = &*contents.manifest(repository, current)?
            && children.iter().any(|child| child.digest == digest)
        {
            return same_digest;
        }
        let platform = case.platform();
        let wanted: BTreeSet<String> =
            contents.configs_of(repository, current, platform)?.into_iter().collect();
        if wanted.is_empty() {
            let platform = platform.map(ToString::to_string).unwrap_or_default();
            return Ok(Found::unknown(Code::NoPlatform, format!("the tag has no image for {platform}")));
        }
        if let RunningId::Config { .. } = running
            && wanted.contains(digest)
        {
            return Ok(Found {
                config: Some(digest.into()),
                ..Found::new(Verdict::Fresh, Code::SameContent)
            });
        }
        if let RunningId::Config { may_be_manifest: false, .. } = running {
            let created = contents.config(repository, digest).ok().and_then(|config| config.created.clone());
            return Ok(Found {
                config: Some(digest.into()),
                created,
                ..Found::new(Verdict::Stale, Code::StaleContent)
            });
        }
        let Some((from, runs)) = self.configs_of_running(running, digest)? else {
            return Ok(self.gone(digest));
        };
        let config = if let [config] = &*runs { Some(config.clone()) } else { None };
        let created = || {
            let config = contents.config(&from, runs.first()?).ok()?;
            config.created.clone()
        };
        let runs: BTreeSet<String> = runs.iter().cloned().collect();
        Ok(if runs == wanted {
            Found { config, ..Found::new(Verdict::Fresh, Code::SameContent) }
        } else if runs.is_disjoint(&wanted) && !runs.is_empty() {
            Found { created: created(), config, ..Found::new(Verdict::Stale, Code::StaleContent) }
        } else {
            let reason = "the content is the same for some platforms only, and which one the node has is not known: add \
                          nodes to the input";
            Found { config, ..Found::unknown(Code::PlatformUnknown, reason) }
        })
    }

    /// The configs of what runs, and the repository that has them. The repository of the spec is asked, and that of the
    /// status only if the user lists its host.
    fn configs_of_running(
        &self,
        running: &RunningId,
        digest: &str,
    ) -> Result<Option<(String, Vec<String>)>, RegistryError> {
        let platform = self.case.platform();
        match self.contents.configs_of(self.repository, digest, platform) {
            Ok(configs) => return Ok(Some((self.repository.into(), configs))),
            Err(RegistryError::NotFound) => {}
            Err(error) => return Err(error),
        }
        let RunningId::Manifest { repository: other, .. } = running else { return Ok(None) };
        let Ok(other) = Reference::parse(other) else { return Ok(None) };
        let name = repository(&other);
        if name == self.repository || !self.asking.may_follow(other.registry()) {
            return Ok(None);
        }
        match self.contents.configs_of(&name, digest, platform) {
            Ok(configs) => Ok(Some((name, configs))),
            // Another registry is asked for help only.
            Err(_) => Ok(None),
        }
    }

    /// The registry does not have what runs.
    fn gone(&self, digest: &str) -> Found {
        let images = self.case.node.map(|node| node.images.as_slice()).unwrap_or_default();
        if images.iter().any(|image| image.has_digest(digest) && image.has_digest(self.current)) {
            return Found::new(Verdict::Fresh, Code::SameContent);
        }
        Found::new(Verdict::Stale, Code::StaleDigest)
            .because("the registry no longer has the digest that runs, so the contents were not compared")
    }
}
