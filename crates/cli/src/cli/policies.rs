//! All policies that judge: those of `--policy`, or one that is asked about everything.
//!
//! As in the cluster, those that mutate come first, and the others are asked about the object as it is then.
//!
//! ```text
//! web.yaml:7:12: policy strict: container "web" at spec.containers[0]: image "nginx:1.25" has no digest, …
//! ```

mod gate;

use std::collections::BTreeMap;
use std::sync::Arc;

use fresh_images_cli::{EngineError, Options as EngineOptions};
use fresh_images_manifests::policy;
use fresh_images_manifests::report::{Report, Unreadable};
use fresh_images_manifests::settings::{self, Settings};
use fresh_images_manifests::subject::Subject;
use fresh_images_manifests::{Answer, Judge as Judges, Question};
use jiff::civil::Date;
use serde_json::value::RawValue;

use super::args::Check;
use super::files;
use super::judge::Judge;
use super::module::Module;
use super::usage::{self, Unused};
#[cfg(feature = "registry")]
use fresh_images_cli::registry::{AskOnce, Registry};

use gate::Gate;

/// All policies that judge.
pub(super) struct Policies {
    /// Those that mutate come first.
    all: Vec<Ready>,
    /// What every object is judged with, if no policy was named.
    alone: Option<(Settings, Member)>,
}

/// A policy with its modules.
struct Ready {
    gate: Gate,
    /// In their order.
    members: Vec<Member>,
}

/// What judges with certain settings.
struct Member {
    judge: Arc<Judge>,
    /// Finds out what of the settings is used, if the user wants to know.
    unused: Option<Unused>,
}

impl Policies {
    /// Reads what the user named, loads the modules, and has them check their settings. Those of a configuration are meant if
    /// the user named none.
    pub(super) fn load(args: &Check, configured: Option<&Settings>) -> Result<Self, Vec<String>> {
        let mut modules = Modules { args, loaded: Vec::new() };
        let mut policies = Self { all: Vec::new(), alone: None };
        let whole = |problem: Unreadable| vec![problem.to_string()];
        if args.policy.is_empty() {
            let settings = match &args.settings {
                Some(path) => settings::read(files::read_named(path).map_err(whole)?).map_err(whole)?,
                None => configured.cloned().unwrap_or_default(),
            };
            let member = modules.ready(&settings, None)?;
            policies.alone = Some((settings, member));
            return Ok(policies);
        }
        let mut wrong = Vec::new();
        for path in &args.policy {
            for policy in files::read_named(path).and_then(|source| policy::read(&source)).map_err(whole)? {
                let mut members = Vec::new();
                for member in &policy.members {
                    let is_named = !args.built_in && args.module.is_none();
                    let module = if is_named { member.module.clone().map_err(whole)? } else { None };
                    match modules.ready(&member.settings, module) {
                        Ok(member) => members.push(member),
                        Err(problems) => wrong.extend(problems),
                    }
                }
                policies.all.push(Ready { gate: Gate::new(policy, &args.namespace_labels), members });
            }
        }
        policies.all.sort_by_key(|ready| !ready.gate.policy.mutates());
        if wrong.is_empty() { Ok(policies) } else { Err(wrong) }
    }

    /// Whether any settings mutate, so that something can be fixed.
    pub(super) fn mutates(&self) -> bool {
        let members = self.all.iter().flat_map(|ready| &ready.gate.policy.members);
        let alone = self.alone.iter().map(|(settings, _)| settings);
        members.map(|member| &member.settings).chain(alone).any(|settings| settings.mutate().is_some())
    }

    /// Says what is not known of the policies and of what they were asked about, which exemptions end soon, and what of the
    /// settings is not used.
    pub(super) fn note(self, report: &mut Report, today: Date) {
        if let Some((settings, member)) = self.alone {
            member.note(&settings, report, today);
        }
        for ready in self.all {
            for (written, member) in ready.gate.policy.members.iter().zip(ready.members) {
                member.note(&written.settings, report, today);
            }
            ready.gate.note(report);
        }
    }
}

impl Judges for Policies {
    fn asks(&self, subject: &Subject) -> bool {
        self.alone.is_some() || self.all.iter().any(|ready| ready.gate.asks(subject))
    }

    fn judge(&self, question: &Question<'_>) -> Result<Answer, String> {
        if let Some((settings, member)) = &self.alone {
            return member.judge(&question.payload(&settings.json));
        }
        let mut question = question.clone();
        let mut all = Answer { accepted: true, ..Answer::default() };
        let mut mutated = Vec::new();
        for ready in self.all.iter().filter(|ready| ready.gate.asks(question.subject)) {
            let mut answer = ready.answer(&question)?;
            if let Some(object) = &answer.object {
                question.request = with_object(&question.request, object)
                    .ok_or("the policy returned an object that is not valid JSON")?;
                mutated.push(all.warnings.len()..all.warnings.len().saturating_add(answer.warnings.len()));
            }
            if self.all.len() > 1 && !ready.gate.policy.is_group() {
                answer = answer.by(&ready.gate.policy.name);
            }
            all.and(answer);
        }
        if !all.accepted {
            // Nothing is mutated after all, whatever a policy before said.
            all.object = None;
            let warnings = std::mem::take(&mut all.warnings).into_iter().enumerate();
            let kept = warnings.filter(|(index, _)| !mutated.iter().any(|range| range.contains(index)));
            all.warnings = kept.map(|(_, warning)| warning).collect();
        }
        Ok(all)
    }
}

impl Ready {
    fn answer(&self, question: &Question<'_>) -> Result<Answer, String> {
        let members = self.gate.policy.members.iter().zip(&self.members);
        let answers =
            members.map(|(written, member)| member.judge(&question.payload(&written.settings.json)));
        Ok(self.gate.policy.conclude(answers.collect::<Result<_, _>>()?))
    }
}

impl Member {
    fn judge(&self, payload: &[u8]) -> Result<Answer, String> {
        if let Some(unused) = &self.unused {
            unused.see(payload);
        }
        self.judge.judge(payload)
    }

    fn note(self, settings: &Settings, report: &mut Report, today: Date) {
        usage::note_ends(settings, report, today);
        if let Some(unused) = self.unused {
            unused.note(settings, report);
        }
    }
}

/// A request with another object.
fn with_object(request: &str, object: &str) -> Option<String> {
    let mut members: BTreeMap<String, &RawValue> = serde_json::from_str(request).ok()?;
    members.insert("object".into(), serde_json::from_str(object).ok()?);
    serde_json::to_string(&members).ok()
}

/// Modules that were loaded: policies often name the same one.
struct Modules<'a> {
    args: &'a Check,
    loaded: Vec<(Identity, Arc<Judge>)>,
}

#[derive(PartialEq, Eq)]
struct Identity {
    /// Nothing if the policy names none.
    name: Option<String>,
    /// Whether it may ask registries.
    pins: bool,
}

impl Modules<'_> {
    /// A module that takes the settings.
    fn ready(&mut self, settings: &Settings, named: Option<policy::Module>) -> Result<Member, Vec<String>> {
        let to = settings.mutate().and_then(|mutate| mutate.get("to"));
        let pins = to.is_some_and(|to| to.as_str() == Some("pinDigest"));
        let identity = Identity { name: named.as_ref().map(|module| module.name.clone()), pins };
        let known = self.loaded.iter().find(|(loaded, _)| *loaded == identity);
        let judge = match known {
            Some((_, judge)) => Arc::clone(judge),
            None => {
                let judge = self.load(named, pins).map_err(|problem| vec![problem.to_string()])?;
                self.loaded.push((identity, Arc::clone(&judge)));
                judge
            }
        };
        let problems = judge.problems(settings);
        if !problems.is_empty() {
            return Err(problems);
        }
        let unused = self.args.unused.then(|| Unused::new(settings)).transpose();
        Ok(Member { judge, unused: unused.map_err(|problem| vec![problem])? })
    }

    fn load(&self, named: Option<policy::Module>, pins: bool) -> Result<Arc<Judge>, Unreadable> {
        let module = Module::load(self.args, named)?;
        let judge = Judge::new(&module, self.options(pins));
        judge.map(Arc::new).map_err(|error: EngineError| module.problem(&error))
    }

    /// Lets a policy ask registries, if its settings want that.
    fn options(&self, pins: bool) -> EngineOptions {
        #[cfg_attr(not(feature = "registry"), expect(unused_mut, reason = "nothing is changed then"))]
        let mut options = EngineOptions::default();
        #[cfg(not(feature = "registry"))]
        let _ = (self, pins);
        #[cfg(feature = "registry")]
        if pins {
            let registry = Registry::new(self.args.registry_options());
            options.resolver = Arc::new(AskOnce::new(registry));
        }
        options
    }
}
