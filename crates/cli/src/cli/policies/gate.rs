//! Which objects a policy is asked about, and what there is to say about that.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use fresh_images_manifests::policy::{Asked, NamespaceLabels, Policy};
use fresh_images_manifests::report::{Note, Report};
use fresh_images_manifests::subject::Subject;

/// Stands before a policy.
pub(super) struct Gate {
    pub(super) policy: Policy,
    labels: NamespaceLabels,
    /// Namespaces whose labels would have to be known, each with one of them. The empty name is that of manifests
    /// without a namespace.
    unknown: Mutex<BTreeMap<String, String>>,
}

impl Gate {
    /// For what the user tells of namespaces.
    pub(super) fn new(policy: Policy, labels: &[(String, BTreeMap<String, String>)]) -> Self {
        let mut known = NamespaceLabels::new();
        for (namespace, labels) in labels {
            known.entry(namespace.clone()).or_default().extend(labels.clone());
        }
        Self { policy, labels: known, unknown: Mutex::default() }
    }

    /// Whether the policy is asked about an object, so far as that is known.
    pub(super) fn asks(&self, subject: &Subject) -> bool {
        match self.policy.scope.asked(subject, &self.labels) {
            Asked::No => return false,
            // A manifest without a namespace may go anywhere.
            asked if asked.depends_on_name() => {}
            Asked::Perhaps { label } => {
                let namespace = subject.namespace.clone().unwrap_or_default();
                let mut unknown = self.unknown.lock().unwrap_or_else(PoisonError::into_inner);
                unknown.entry(namespace).or_insert(label);
            }
            Asked::Yes => {}
        }
        true
    }

    /// Says what is not known, once.
    pub(super) fn note(self, report: &mut Report) {
        for note in self.policy.notes {
            report.note(note);
        }
        let unknown = self.unknown.into_inner().unwrap_or_else(PoisonError::into_inner);
        let Some((namespace, label)) = unknown.iter().next_back() else { return };
        let whose = match (namespace.as_str(), unknown.len().saturating_sub(1)) {
            ("", _) => "of the namespace of manifests that name none".into(),
            (name, 0) => format!("of the namespace {name}"),
            (name, 1) => format!("of the namespace {name} and of one more"),
            (name, more) => format!("of the namespace {name} and of {more} more"),
        };
        let how = if namespace.is_empty() {
            "use --namespace NAME and --namespace-labels".into()
        } else {
            format!("use --namespace-labels {namespace}:{label}=VALUE")
        };
        let message = format!(
            "the labels {whose} are not known, and the namespaceSelector needs {label}. Their objects are judged; to say \
             which labels they have, {how}"
        );
        let place = self.policy.place;
        report.note(Note { file: place.file, line: place.line, message, is_to_do: false });
    }
}
