use crate::document::{self, Source};
use crate::policy::{self, Asked, NamespaceLabels, namespace_labels};
use crate::subject;

/// What becomes of a manifest with a policy of this kind and metadata, and this `spec`.
#[track_caller]
fn asked_by(head: &str, spec: &str, manifest: &str) -> String {
    let text =
        format!("{{apiVersion: policies.kubewarden.io/v1, kind: {head}, spec: {{module: m, {spec}}}}}");
    let policy = policy::read(&Source::new("p", text)).expect("a policy").remove(0);
    let document = document::read(&Source::new("m", manifest)).remove(0).expect("a document");
    let subject = subject::subjects(&document).remove(0).expect("a subject");
    let labels = ["shop:team=a,tier=web", "bare:"].map(|text| namespace_labels(text).expect("labels"));
    match policy.scope.asked(&subject, &NamespaceLabels::from(labels)) {
        Asked::No => "no".into(),
        Asked::Perhaps { label } => label,
        Asked::Yes => "yes".into(),
    }
}

#[track_caller]
fn asked(spec: &str, manifest: &str) -> String {
    asked_by("ClusterAdmissionPolicy", spec, manifest)
}

#[test]
fn rules_say_which_kinds() {
    let pod = "{apiVersion: v1, kind: Pod, metadata: {namespace: shop}}";
    let deployment = "{apiVersion: apps/v1, kind: Deployment}";
    let policy = "{apiVersion: networking.k8s.io/v1, kind: NetworkPolicy}";
    let gateway = "{apiVersion: gateway.networking.k8s.io/v1, kind: Gateway}";
    let ingress = "{apiVersion: networking.k8s.io/v1, kind: IngressClass}";
    for (rule, manifest, expected) in [
        ("", pod, "yes"),
        ("apiGroups: [''], resources: [pods], operations: [CREATE]", pod, "yes"),
        ("apiGroups: [''], resources: [pods], operations: [UPDATE, DELETE]", pod, "no"),
        ("apiGroups: [apps], resources: ['*'], operations: ['*']", pod, "no"),
        ("apiGroups: ['*'], resources: ['*'], operations: ['*']", pod, "yes"),
        ("resources: ['*/*']", pod, "yes"),
        ("resources: ['pods/*']", pod, "yes"),
        ("resources: [pods/ephemeralcontainers]", pod, "no"),
        ("resources: ['*/ephemeralcontainers']", pod, "no"),
        ("resources: [pod]", pod, "no"),
        ("resources: [pods, deployments]", deployment, "yes"),
        ("apiGroups: [], resources: [pods]", pod, "no"),
        // The API server converts versions, unless the policy says otherwise.
        ("apiVersions: [v1beta1]", deployment, "yes"),
        // Plurals: as kubectl guesses, and regular ones.
        ("resources: [networkpolicies]", policy, "yes"),
        ("resources: [ingressclasses]", ingress, "yes"),
        ("resources: [gateways]", gateway, "yes"),
        ("resources: [gatewaies]", gateway, "yes"),
        ("resources: [ingresss]", ingress, "no"),
        // A Pod has a namespace, whether its manifest says so or not; of other kinds only the cluster knows.
        ("resources: ['*'], scope: Cluster", pod, "no"),
        ("resources: ['*'], scope: Cluster", deployment, "no"),
        ("resources: ['*'], scope: Cluster", gateway, "yes"),
        ("resources: ['*'], scope: Namespaced", pod, "yes"),
    ] {
        assert_eq!(asked(&format!("rules: [{{{rule}}}]"), manifest), expected, "{rule}: {manifest}");
    }
    let both = "rules: [{resources: [pods]}, {resources: [deployments], apiVersions: [v1beta1]}]";
    assert_eq!(asked(both, deployment), "yes");
    assert_eq!(asked(&format!("matchPolicy: Exact, {both}"), deployment), "no");
    assert_eq!(asked(&format!("matchPolicy: Exact, {both}"), pod), "yes");
    // The cluster takes no policy without rules, so nothing is known of what it would send.
    assert_eq!((asked("rules: []", pod), asked("mode: protect", pod)), ("yes".into(), "yes".into()));
}

#[test]
fn selectors_say_which_namespaces_and_objects() {
    let name = "kubernetes.io/metadata.name";
    let pod =
        |namespace: &str| format!("{{apiVersion: v1, kind: Pod, metadata: {{namespace: {namespace}}}}}");
    for (expression, namespace, expected) in [
        (format!("key: {name}, operator: NotIn, values: [kube-system]"), "kube-system", "no"),
        (format!("key: {name}, operator: NotIn, values: [kube-system]"), "unknown", "yes"),
        (format!("key: {name}, operator: In, values: [shop, other]"), "shop", "yes"),
        (format!("key: {name}, operator: In, values: [shop, other]"), "unknown", "no"),
        (format!("key: {name}, operator: In, values: [shop, other]"), "''", name),
        ("key: team, operator: In, values: [a, b]".into(), "shop", "yes"),
        ("key: team, operator: In, values: [b]".into(), "shop", "no"),
        ("key: team, operator: In, values: [b]".into(), "unknown", "team"),
        ("key: team, operator: NotIn, values: [a]".into(), "shop", "no"),
        ("key: team, operator: NotIn, values: [a]".into(), "bare", "yes"),
        ("key: team, operator: Exists".into(), "shop", "yes"),
        ("key: team, operator: Exists".into(), "bare", "no"),
        ("key: team, operator: DoesNotExist".into(), "shop", "no"),
        ("key: team, operator: DoesNotExist".into(), "bare", "yes"),
        ("key: team, operator: DoesNotExist".into(), "''", "team"),
    ] {
        let spec = format!("namespaceSelector: {{matchExpressions: [{{{expression}}}]}}");
        assert_eq!(asked(&spec, &pod(namespace)), expected, "{expression} of {namespace}");
    }
    let two = "namespaceSelector: {matchLabels: {team: a}, matchExpressions: [{key: tier, operator: DoesNotExist}]}";
    assert_eq!((asked(two, &pod("shop")), asked(two, &pod("unknown"))), ("no".into(), "team".into()));

    let labelled = "{apiVersion: v1, kind: Pod, metadata: {namespace: shop, labels: {app: web}}}";
    for (selector, expected) in [
        ("matchLabels: {app: web}", "yes"),
        ("matchLabels: {app: db}", "no"),
        ("matchLabels: {tier: web}", "no"),
        ("matchExpressions: [{key: tier, operator: NotIn, values: [web]}]", "yes"),
    ] {
        assert_eq!(asked(&format!("objectSelector: {{{selector}}}"), labelled), expected, "{selector}");
    }
    // What is left out by one of them is left out, whatever the other cannot know.
    let both = "namespaceSelector: {matchLabels: {a: b}}, objectSelector: {matchLabels: {app: db}}";
    assert_eq!(asked(both, "{apiVersion: v1, kind: Pod}"), "no");
}

#[test]
fn a_policy_of_a_namespace_is_asked_about_nothing_else() {
    let own = "AdmissionPolicy, metadata: {name: p, namespace: shop}";
    let pod =
        |namespace: &str| format!("{{apiVersion: v1, kind: Pod, metadata: {{namespace: {namespace}}}}}");
    let answers = ["shop", "bare", "''"].map(|it| asked_by(own, "rules: []", &pod(it)));
    assert_eq!(answers, ["yes", "no", "kubernetes.io/metadata.name"]);
    // It has no such selector: the API server drops it.
    let spec = "namespaceSelector: {matchLabels: {team: b}}";
    assert_eq!(asked_by(own, spec, &pod("shop")), "yes");
    assert_eq!(asked_by("AdmissionPolicy", spec, &pod("shop")), "yes");
}

#[test]
fn who_has_a_request_is_asked() {
    let request =
        "{uid: a, operation: UPDATE, kind: {group: apps, version: v1, kind: Deployment}, object: {}}";
    assert_eq!(asked("rules: [{resources: [pods]}]", request), "yes");
}

#[test]
fn wrong_types_have_their_places() {
    for (spec, problem) in [
        ("rules: {}", "spec.rules: expected a list, found a mapping"),
        ("rules: [a]", "spec.rules[0]: expected a mapping, found a string"),
        ("rules: [{resources: pods}]", "spec.rules[0].resources: expected a list, found a string"),
        ("rules: [{}, {apiGroups: [1]}]", "spec.rules[1].apiGroups: expected strings, found a number"),
        ("matchPolicy: []", "spec.matchPolicy: expected a string, found a list"),
        ("objectSelector: a", "spec.objectSelector: expected a mapping, found a string"),
        (
            "objectSelector: {matchLabels: {a: 1}}",
            "spec.objectSelector.matchLabels: expected strings, found a number",
        ),
        (
            "namespaceSelector: {matchExpressions: [{key: a}]}",
            "spec.namespaceSelector.matchExpressions: operator is missing",
        ),
        (
            "namespaceSelector: {matchExpressions: [{operator: In}]}",
            "spec.namespaceSelector.matchExpressions: key is missing",
        ),
        (
            "namespaceSelector: {matchExpressions: [{key: a, operator: in}]}",
            "spec.namespaceSelector.matchExpressions.operator: expected In, NotIn, Exists or DoesNotExist, found \"in\"",
        ),
    ] {
        let text = format!(
            "apiVersion: policies.kubewarden.io/v1\nkind: ClusterAdmissionPolicy\nspec: {{\n{spec}}}"
        );
        let found = policy::read(&Source::new("p", text)).expect_err(spec).to_string();
        let (place, found) = found.split_once(": ").expect("a place");
        assert!(place.starts_with("p:4:"), "{place}");
        assert_eq!(found, problem);
    }
}
