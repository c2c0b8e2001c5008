//! A default that does not last: an image with the tag `latest` and without a pull policy.
//!
//! Kubernetes makes the pull policy `Always` when it *creates* the object. Over an older object, `kubectl apply` leaves a
//! field alone that the manifest does not have, so the pull policy of the older object stays, and may be `IfNotPresent`. The
//! policy accepts the manifest, and the cluster may still reject it.
//!
//! Only kinds that Kubernetes gives defaults are concerned. A manifest is judged once more with what an older object may
//! have; what is wrong then, and was not before, is worth a warning.

use fresh_images::Finding;
use fresh_images::pull_policy::PullPolicy;
use fresh_images::reference::Reference;
use fresh_images::request::{Kind, ListKind};
use fresh_images::verdict::Place;
use serde_json::{Value, json};

use crate::judge::{Answer, Found, Judge, Question};
use crate::subject::Subject;

/// A warning for each image that is accepted for its default alone. The policy is asked at most once, and only if there
/// is an image with such a default.
pub(crate) fn warnings(subject: &Subject, answer: &Answer, judge: &dyn Judge) -> Result<Vec<String>, String> {
    let Some(request) = over_older(subject) else {
        return Ok(Vec::new());
    };
    let older = judge.judge(&Question { request: request.to_string(), ..Question::about(subject) })?;
    let is_new = |finding: &&Found| answer.findings.iter().all(|known| known.path() != finding.path());
    Ok(older.findings.iter().filter(is_new).filter_map(|finding| warning(subject, finding)).collect())
}

/// The request as if an older object had `IfNotPresent` wherever the default is `Always`. `None` if it has no such
/// default.
fn over_older(subject: &Subject) -> Option<Value> {
    // A request has the defaults already.
    if subject.given.is_some() {
        return None;
    }
    let group = subject.api_version.as_deref()?.split_once('/').map_or("", |(group, _)| group);
    let kind = Kind::find(group, subject.kind.as_deref()?)?;
    let mut request = subject.request.to_json();
    let pod_spec = format!("/object/{}", kind.pod_spec.join("/"));
    let lists = request.pointer_mut(&pod_spec)?.as_object_mut()?;
    let mut is_changed = false;
    for kind in ListKind::ALL {
        for entry in lists.get_mut(kind.key()).and_then(Value::as_array_mut).into_iter().flatten() {
            let image_use = if kind == ListKind::ImageVolumes { entry.get_mut("image") } else { Some(entry) };
            if let Some(image_use) = image_use.filter(|it| defaults_to_always(kind, it)) {
                image_use[kind.pull_policy_key()] = json!("IfNotPresent");
                is_changed = true;
            }
        }
    }
    is_changed.then_some(request)
}

fn defaults_to_always(kind: ListKind, image_use: &Value) -> bool {
    let text = |key: &str| image_use.get(key).and_then(Value::as_str);
    let has_policy =
        image_use.get(kind.pull_policy_key()).is_some_and(|it| !it.is_null() && it.as_str() != Some(""));
    let reference = text(kind.image_key()).and_then(|image| Reference::parse(image).ok());
    image_use.is_object()
        && !has_policy
        && reference.is_some_and(|it| PullPolicy::effective(None, Some(&it)).is_always())
}

fn warning(subject: &Subject, finding: &Finding) -> Option<String> {
    let (Place::List(list), Some(image)) = (finding.place(), finding.image()) else {
        return None;
    };
    let name = subject.locate(finding.path()).get("name").and_then(|name| name.as_str());
    let name = name.map_or_else(String::new, |name| format!(" {name:?}"));
    let (noun, key) = (list.noun(), list.pull_policy_key());
    Some(format!(
        "{noun}{name} at {}: image {image:?} has no {key}. Kubernetes makes it Always only when it creates the object; over an \
         older object, kubectl apply keeps the old one. Set {key}: Always",
        finding.path()
    ))
}

#[cfg(test)]
mod tests {
    use crate::check::{Options, check};
    use crate::document::Source;
    use crate::judge::Answer;

    /// The warnings of a manifest, one a line.
    #[track_caller]
    fn warnings(manifest: &str, settings: &str) -> String {
        let source = Source::new("web.yaml", manifest);
        let judge = |payload: &[u8]| Ok(Answer::from(fresh_images::evaluate(payload)));
        let checked = check(&source, Options::default(), settings, &judge);
        let documents = checked.report.entries().iter().filter_map(|entry| match entry {
            crate::report::Entry::Judged(document) => Some(document.warnings.join("\n")),
            crate::report::Entry::Unreadable(_) => None,
        });
        documents.collect::<Vec<_>>().join("\n")
    }

    const DEPLOYMENT: &str = "\
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  template:
    spec:
      initContainers: [{name: a, image: 'nginx:latest', imagePullPolicy: Always}]
      containers: [{name: b, image: 'ghcr.io/org/app'}, {name: c, image: 'nginx:1', imagePullPolicy: Always}]
      volumes: [{name: d, image: {reference: 'ghcr.io/org/data:latest', pullPolicy: ''}}]
";

    #[test]
    fn a_default_is_warned_of_with_its_cure() {
        assert_eq!(
            warnings(DEPLOYMENT, "{}"),
            "container \"b\" at spec.template.spec.containers[0]: image \"ghcr.io/org/app\" has no imagePullPolicy. Kubernetes \
             makes it Always only when it creates the object; over an older object, kubectl apply keeps the old one. Set \
             imagePullPolicy: Always\n\
             image volume at spec.template.spec.volumes[0].image: image \"ghcr.io/org/data:latest\" has no pullPolicy. \
             Kubernetes makes it Always only when it creates the object; over an older object, kubectl apply keeps the old \
             one. Set pullPolicy: Always"
        );
    }

    #[test]
    fn only_what_the_default_alone_lets_pass_is_warned_of() {
        // Exempt, pinned beside its tag, or given Always by the policy itself: the old pull policy changes nothing.
        for settings in [
            r#"{"require": "none"}"#,
            r#"{"exempt": [{"images": ["ghcr.io/org/**"], "reason": "x"}]}"#,
            r#"{"mutate": {"to": "pullAlways"}}"#,
        ] {
            assert_eq!(warnings(DEPLOYMENT, settings), "", "{settings}");
        }
        let digest = "a".repeat(64);
        for manifest in [
            format!("{{apiVersion: v1, kind: Pod, spec: {{containers: [{{image: 'a:latest@sha256:{digest}'}}]}}}}"),
            // Kubernetes sets no default in other kinds.
            "{apiVersion: a.example/v1, kind: Pod, spec: {containers: [{image: a}]}}".into(),
            // A request has it already, or is one to create.
            "{apiVersion: admission.k8s.io/v1, kind: AdmissionReview, request: {uid: a, operation: CREATE, kind: {group: \
             '', version: v1, kind: Pod}, object: {spec: {containers: [{image: a}]}}}}"
                .into(),
            "{apiVersion: v1, kind: Pod, spec: {containers: [{image: 'a:1', imagePullPolicy: Always}]}}".into(),
        ] {
            assert_eq!(warnings(&manifest, "{}"), "", "{manifest}");
        }
        assert!(
            warnings("{apiVersion: v1, kind: Pod, spec: {containers: [{image: a}]}}", "{}")
                .starts_with("container at")
        );
    }
}
