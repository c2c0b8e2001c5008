//! Requests as policy-server sends them: every field of an AdmissionRequest, keys sorted.

use serde_json::{Value, json};

/// A request with a name for the table.
pub(crate) struct Request {
    pub(crate) name: &'static str,
    pub(crate) payload: Vec<u8>,
}

impl Request {
    fn new(name: &'static str, kind: &Value, operation: &str, objects: [Value; 2], settings: &Value) -> Self {
        let [object, old_object] = objects;
        let payload = json!({
            "request": {
                "dryRun": false,
                "kind": kind,
                "name": "web",
                "namespace": "shop",
                "object": object,
                "oldObject": old_object,
                "operation": operation,
                "options": {"apiVersion": "meta.k8s.io/v1", "kind": "CreateOptions"},
                "requestKind": kind,
                "uid": "4dae6f5b-2b46-4a2b-a8a3-4d2f6f1c9b7a",
                "userInfo": {
                    "groups": ["system:serviceaccounts", "system:serviceaccounts:ci", "system:authenticated"],
                    "uid": "f7cb2a4e-5f4b-4b07-8e71-2f2d7a4c1f0c",
                    "username": "system:serviceaccount:ci:deployer",
                },
            },
            "settings": settings,
        });
        // `Value` keeps objects sorted, as it does in policy-server.
        Self { name, payload: payload.to_string().into_bytes() }
    }

    pub(crate) fn kibibytes(&self) -> f64 {
        u32::try_from(self.payload.len()).map_or(f64::NAN, f64::from) / 1024.0
    }
}

/// What a cluster sends all day.
pub(crate) fn usual() -> Vec<Request> {
    let none = json!({});
    let pod_kind = json!({"group": "", "kind": "Pod", "version": "v1"});
    let hundred = || pod(containers(100, 10));
    let knative = json!({"group": "serving.knative.dev", "kind": "Service", "version": "v1"});
    vec![
        Request::new("Pod", &pod_kind, "CREATE", [pod(containers(1, 3)), Value::Null], &none),
        Request::new("Pod, rejected", &pod_kind, "CREATE", [pod(stale()), Value::Null], &none),
        Request::new(
            "Pod, every setting",
            &pod_kind,
            "CREATE",
            [pod(containers(1, 3)), Value::Null],
            &settings(),
        ),
        Request::new("Pod of 100 containers", &pod_kind, "CREATE", [hundred(), Value::Null], &none),
        Request::new(
            "the same, all mutated",
            &pod_kind,
            "CREATE",
            [pod(not_always(containers(100, 10))), Value::Null],
            &json!({"mutate": {"to": "pullAlways"}}),
        ),
        Request::new("the same, UPDATE", &pod_kind, "UPDATE", [hundred(), hundred()], &none),
        Request::new(
            "the same, Knative Service",
            &knative,
            "CREATE",
            [service(containers(100, 10)), Value::Null],
            &none,
        ),
    ]
}

/// What an API server just takes.
pub(crate) fn large() -> Vec<Request> {
    let none = json!({});
    let pod_kind = json!({"group": "", "kind": "Pod", "version": "v1"});
    let knative = json!({"group": "serving.knative.dev", "kind": "Service", "version": "v1"});
    let three_mebibytes = || containers(1, 41_500);
    vec![
        Request::new(
            "10,000 containers",
            &pod_kind,
            "CREATE",
            [pod(containers(10_000, 0)), Value::Null],
            &none,
        ),
        Request::new("Pod of 3 MiB", &pod_kind, "CREATE", [pod(three_mebibytes()), Value::Null], &none),
        Request::new(
            "Knative Service of 3 MiB",
            &knative,
            "CREATE",
            [service(three_mebibytes()), Value::Null],
            &none,
        ),
    ]
}

fn pod(containers: Vec<Value>) -> Value {
    json!({
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {
            "labels": {"app.kubernetes.io/name": "web", "app.kubernetes.io/part-of": "shop"},
            "name": "web",
            "namespace": "shop",
        },
        "spec": {"containers": containers, "restartPolicy": "Always", "serviceAccountName": "web"},
    })
}

fn service(containers: Vec<Value>) -> Value {
    json!({
        "apiVersion": "serving.knative.dev/v1",
        "kind": "Service",
        "metadata": {"name": "web", "namespace": "shop"},
        "spec": {"template": {"spec": {"containerConcurrency": 50, "containers": containers}}},
    })
}

fn containers(count: usize, variables: usize) -> Vec<Value> {
    let env: Vec<Value> = (0..variables)
        .map(|index| json!({"name": format!("SHOP_SETTING_{index}"), "value": "postgres://db.shop.svc/shop?ssl=true"}))
        .collect();
    (0..count)
        .map(|index| {
            json!({
                "env": env,
                "image": format!("harbor.example.com/shop/web-{index}:1.1"),
                "imagePullPolicy": "Always",
                "name": format!("web-{index}"),
                "ports": [{"containerPort": 8080, "protocol": "TCP"}],
                "resources": {"limits": {"memory": "256Mi"}, "requests": {"cpu": "100m", "memory": "128Mi"}},
            })
        })
        .collect()
}

fn not_always(mut containers: Vec<Value>) -> Vec<Value> {
    for container in &mut containers {
        container["imagePullPolicy"] = json!("IfNotPresent");
    }
    containers
}

/// A container whose image can go stale.
fn stale() -> Vec<Value> {
    vec![
        json!({"image": "harbor.example.com/shop/web:1.1", "imagePullPolicy": "IfNotPresent", "name": "web"}),
    ]
}

/// Settings that use everything there is, and accept.
fn settings() -> Value {
    json!({
        "enforcement": "reject",
        "exempt": [{"images": ["registry.k8s.io/pause"], "reason": "part of the platform"}],
        "images": {"reject": ["docker.io/bitnami/**"]},
        "onUpdate": "changed",
        "overrides": [{"images": ["registry.internal:5000/**"], "require": "digest"}],
        "registries": {"allow": ["ghcr.io", "registry.example.com:5000/team-a", "*.example.com"]},
        "require": "digestOrAlways",
        "tags": {"reject": ["latest", "*-SNAPSHOT"]},
    })
}
