//! No image is missed: every built-in workload with an image in every place that can hold one, and a guard that
//! fails once a newer version of Kubernetes has a further place.
//!
//! The guard fills every field of every workload through the types of `k8s-openapi`, and holds whatever then sounds
//! like an image or a container against a table.

#![expect(clippy::expect_used, reason = "a test that cannot build its workload fails")]

use std::collections::BTreeSet;

use fresh_images::request::{KINDS, Kind};
use k8s_openapi::Resource;
use k8s_openapi::api::apps::v1::{
    DaemonSet, DaemonSetSpec, Deployment, DeploymentSpec, ReplicaSet, ReplicaSetSpec, StatefulSet,
    StatefulSetSpec,
};
use k8s_openapi::api::batch::v1::{CronJob, CronJobSpec, Job, JobSpec, JobTemplateSpec};
use k8s_openapi::api::core::v1::{
    Container, EphemeralContainer, ImageVolumeSource, PersistentVolumeClaim, Pod, PodSpec, PodTemplate,
    PodTemplateSpec, ReplicationController, ReplicationControllerSpec, Volume,
};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

/// Every field of a pod spec whose name has `image`, `container`, `reference` or `pullPolicy` in it, and what it
/// holds.
///
/// A failure here means that Kubernetes has a new field. If it can name an image that a node runs or mounts, the
/// policy has to judge it; only then does it belong in this table.
const FIELDS: [(&str, Holds); 18] = [
    ("affinity.nodeAffinity.preferredDuringSchedulingIgnoredDuringExecution[].preference", Holds::Else),
    ("containers", Holds::Else),
    ("containers[].image", Holds::Image),
    ("containers[].imagePullPolicy", Holds::Else),
    ("containers[].ports[].containerPort", Holds::Else),
    ("ephemeralContainers", Holds::Else),
    ("ephemeralContainers[].image", Holds::Image),
    ("ephemeralContainers[].imagePullPolicy", Holds::Else),
    ("ephemeralContainers[].ports[].containerPort", Holds::Else),
    ("imagePullSecrets", Holds::Else),
    ("initContainers", Holds::Else),
    ("initContainers[].image", Holds::Image),
    ("initContainers[].imagePullPolicy", Holds::Else),
    ("initContainers[].ports[].containerPort", Holds::Else),
    ("volumes[].image", Holds::Else),
    ("volumes[].image.pullPolicy", Holds::Else),
    ("volumes[].image.reference", Holds::Image),
    // A block device of Ceph.
    ("volumes[].rbd.image", Holds::Else),
];

#[derive(Clone, Copy, PartialEq, Eq)]
enum Holds {
    Image,
    Else,
}

/// A pod spec with an image in every place, each named after its place, and two of each.
fn pod_spec() -> PodSpec {
    let container = |name: &str| Container {
        name: name.into(),
        image: Some(format!("example.com/{name}:1")),
        ..Container::default()
    };
    let ephemeral = |name: &str| EphemeralContainer {
        name: name.into(),
        image: Some(format!("example.com/{name}:1")),
        ..EphemeralContainer::default()
    };
    let volume = |name: &str| Volume {
        name: name.into(),
        image: Some(ImageVolumeSource {
            reference: Some(format!("example.com/{name}:1")),
            pull_policy: None,
        }),
        ..Volume::default()
    };
    PodSpec {
        containers: vec![container("container-0"), container("container-1")],
        init_containers: Some(vec![container("init-0"), container("init-1")]),
        ephemeral_containers: Some(vec![ephemeral("ephemeral-0"), ephemeral("ephemeral-1")]),
        volumes: Some(vec![
            volume("volume-0"),
            Volume { name: "empty".into(), ..Volume::default() },
            volume("volume-2"),
        ]),
        ..PodSpec::default()
    }
}

/// The places of `pod_spec` and their images.
const PLACES: [(&str, &str); 8] = [
    ("containers[0]", "example.com/container-0:1"),
    ("containers[1]", "example.com/container-1:1"),
    ("ephemeralContainers[0]", "example.com/ephemeral-0:1"),
    ("ephemeralContainers[1]", "example.com/ephemeral-1:1"),
    ("initContainers[0]", "example.com/init-0:1"),
    ("initContainers[1]", "example.com/init-1:1"),
    ("volumes[0].image", "example.com/volume-0:1"),
    ("volumes[2].image", "example.com/volume-2:1"),
];

/// Path and image of each finding.
fn findings(kind: &Kind, object: &Value) -> BTreeSet<(String, String)> {
    let payload = json!({
        "request": {
            "operation": "CREATE",
            "kind": {"group": kind.group, "version": "v1", "kind": kind.kind},
            "object": object,
        },
        "settings": {},
    });
    let verdict = fresh_images::evaluate(payload.to_string().as_bytes());
    verdict
        .findings()
        .iter()
        .map(|finding| (finding.path().to_string(), finding.image().unwrap_or_default().to_owned()))
        .collect()
}

#[track_caller]
fn finds_every_image<R: Resource + Serialize>(pod_spec: &str, object: &R) {
    let kind = Kind::find(R::GROUP, R::KIND).expect("the kind is known");
    assert_eq!(kind.pod_spec.join("."), pod_spec, "{}", R::KIND);
    let object = serde_json::to_value(object).expect("it serializes");
    let expected: BTreeSet<_> =
        PLACES.iter().map(|(path, image)| (format!("{pod_spec}.{path}"), (*image).to_owned())).collect();
    assert_eq!(findings(kind, &object), expected, "{}", R::KIND);

    // The same object of a kind that nobody knows.
    let unknown = Kind { group: "example.com", kind: "Unknown", pod_spec: &[] };
    assert_eq!(findings(&unknown, &object), expected, "{} by discovery", R::KIND);
}

#[test]
fn every_image_of_every_kind_is_found() {
    let template = || PodTemplateSpec { spec: Some(pod_spec()), ..PodTemplateSpec::default() };
    let job = || JobSpec { template: template(), ..JobSpec::default() };
    finds_every_image("spec", &Pod { spec: Some(pod_spec()), ..Pod::default() });
    finds_every_image(
        "spec.template.spec",
        &Deployment {
            spec: Some(DeploymentSpec { template: template(), ..DeploymentSpec::default() }),
            ..Deployment::default()
        },
    );
    finds_every_image(
        "spec.template.spec",
        &ReplicaSet {
            spec: Some(ReplicaSetSpec { template: Some(template()), ..ReplicaSetSpec::default() }),
            ..ReplicaSet::default()
        },
    );
    finds_every_image(
        "spec.template.spec",
        &StatefulSet {
            spec: Some(StatefulSetSpec { template: template(), ..StatefulSetSpec::default() }),
            ..StatefulSet::default()
        },
    );
    finds_every_image(
        "spec.template.spec",
        &DaemonSet {
            spec: Some(DaemonSetSpec { template: template(), ..DaemonSetSpec::default() }),
            ..DaemonSet::default()
        },
    );
    finds_every_image(
        "spec.template.spec",
        &ReplicationController {
            spec: Some(ReplicationControllerSpec {
                template: Some(template()),
                ..ReplicationControllerSpec::default()
            }),
            ..ReplicationController::default()
        },
    );
    finds_every_image("spec.template.spec", &Job { spec: Some(job()), ..Job::default() });
    finds_every_image(
        "spec.jobTemplate.spec.template.spec",
        &CronJob {
            spec: CronJobSpec {
                job_template: JobTemplateSpec { spec: Some(job()), ..JobTemplateSpec::default() },
                ..CronJobSpec::default()
            },
            ..CronJob::default()
        },
    );
    finds_every_image("template.spec", &PodTemplate { template: Some(template()), ..PodTemplate::default() });
}

#[test]
fn the_table_of_kinds_has_each_kind_once() {
    let kinds: BTreeSet<_> = KINDS.iter().map(|kind| (kind.group, kind.kind)).collect();
    let expected = BTreeSet::from([
        name::<CronJob>(),
        name::<DaemonSet>(),
        name::<Deployment>(),
        name::<Job>(),
        name::<Pod>(),
        name::<PodTemplate>(),
        name::<ReplicaSet>(),
        name::<ReplicationController>(),
        name::<StatefulSet>(),
    ]);
    assert_eq!(kinds, expected);
    assert_eq!(KINDS.len(), expected.len());
}

fn name<R: Resource>() -> (&'static str, &'static str) {
    (R::GROUP, R::KIND)
}

/// An object of type `R` in which every field is there and every list has one entry.
fn filled<R: Resource + Serialize + DeserializeOwned>() -> Value {
    let object = R::deserialize(fill::Filler::default()).expect("every field can be filled");
    serde_json::to_value(object).expect("it serializes")
}

/// Calls `visit` with the path of every member, entries of lists without their index.
fn walk(value: &mut Value, path: &str, visit: &mut dyn FnMut(&str, &mut Value)) {
    match value {
        Value::Object(members) => {
            for (key, value) in members {
                let path = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
                visit(&path, value);
                walk(value, &path, visit);
            }
        }
        Value::Array(entries) => {
            for entry in entries {
                walk(entry, &format!("{path}[]"), visit);
            }
        }
        _ => {}
    }
}

fn sounds_like_an_image(path: &str) -> bool {
    let name = path.rsplit('.').next().unwrap_or_default().to_lowercase();
    // Who owns an object, and the name of a container that stands elsewhere.
    let refers = name == "ownerreferences" || name.ends_with("containername");
    !refers && ["image", "container", "reference", "pullpolicy"].iter().any(|word| name.contains(word))
}

#[track_caller]
fn has_no_further_place<R: Resource + Serialize + DeserializeOwned>() {
    let kind = Kind::find(R::GROUP, R::KIND).expect("the kind is known");
    let pod_spec = kind.pod_spec.join(".");
    let mut object = filled::<R>();

    // What is in `metadata` and `status` of the object asks for nothing to run.
    let mut found = BTreeSet::new();
    let mut images = BTreeSet::new();
    walk(&mut object, "", &mut |path, value| {
        let root = path.split(['.', '[']).next();
        if matches!(root, Some("metadata" | "status")) || !sounds_like_an_image(path) {
            return;
        }
        found.insert(path.to_owned());
        let field = path.strip_prefix(&format!("{pod_spec}."));
        if FIELDS.iter().any(|(known, holds)| *holds == Holds::Image && Some(*known) == field) {
            let image = format!("example.com/image-{}:1", images.len());
            images.insert(image.clone());
            *value = Value::String(image);
        } else if path.ends_with("ullPolicy") {
            *value = Value::String("IfNotPresent".into());
        }
    });
    let expected: BTreeSet<_> = FIELDS.iter().map(|(field, _)| format!("{pod_spec}.{field}")).collect();
    assert_eq!(found, expected, "{}: left has the fields of Kubernetes, right those of FIELDS", R::KIND);

    let judged: BTreeSet<_> = findings(kind, &object).into_iter().map(|(_, image)| image).collect();
    assert_eq!(judged, images, "{}", R::KIND);
}

#[test]
fn no_field_of_kubernetes_holds_an_image_that_is_not_judged() {
    has_no_further_place::<Pod>();
    has_no_further_place::<Deployment>();
    has_no_further_place::<ReplicaSet>();
    has_no_further_place::<StatefulSet>();
    has_no_further_place::<DaemonSet>();
    has_no_further_place::<ReplicationController>();
    has_no_further_place::<Job>();
    has_no_further_place::<CronJob>();
    has_no_further_place::<PodTemplate>();
}

/// A deserializer that makes things up: it gives every field, list and map that a type asks for.
mod fill {
    use serde::Deserializer;
    use serde::de::value::{Error, StrDeserializer};
    use serde::de::{DeserializeSeed, IntoDeserializer, MapAccess, SeqAccess, Visitor};

    use super::*;

    /// Knows what stands around the value to be made up.
    #[derive(Clone, Copy, Default)]
    pub(crate) struct Filler {
        structure: &'static str,
        field: &'static str,
    }

    impl Filler {
        fn text(self) -> &'static str {
            let api_version = [
                (Pod::KIND, Pod::API_VERSION),
                (PodTemplate::KIND, PodTemplate::API_VERSION),
                (PersistentVolumeClaim::KIND, PersistentVolumeClaim::API_VERSION),
                (ReplicationController::KIND, ReplicationController::API_VERSION),
                (Deployment::KIND, Deployment::API_VERSION),
                (ReplicaSet::KIND, ReplicaSet::API_VERSION),
                (StatefulSet::KIND, StatefulSet::API_VERSION),
                (DaemonSet::KIND, DaemonSet::API_VERSION),
                (Job::KIND, Job::API_VERSION),
                (CronJob::KIND, CronJob::API_VERSION),
            ]
            .into_iter()
            .find(|(kind, _)| *kind == self.structure);
            match (api_version, self.structure, self.field) {
                (Some((_, version)), _, "apiVersion") => version,
                (Some((kind, _)), _, "kind") => kind,
                (_, "Time" | "MicroTime", _) => "2026-01-01T00:00:00.000000Z",
                _ => "text",
            }
        }
    }

    impl<'de> Deserializer<'de> for Filler {
        type Error = Error;

        fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
            visitor.visit_str(self.text())
        }

        fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
            visitor.visit_bool(true)
        }

        fn deserialize_i32<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
            visitor.visit_i32(1)
        }

        fn deserialize_i64<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
            visitor.visit_i64(1)
        }

        fn deserialize_f64<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
            visitor.visit_f64(1.0)
        }

        fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
            visitor.visit_some(self)
        }

        fn deserialize_newtype_struct<V: Visitor<'de>>(
            self,
            name: &'static str,
            visitor: V,
        ) -> Result<V::Value, Error> {
            visitor.visit_newtype_struct(Self { structure: name, ..self })
        }

        fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
            visitor.visit_seq(Once(Some(self)))
        }

        fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
            visitor.visit_map(Fields { structure: "", fields: &["key"], value: Self::default() })
        }

        fn deserialize_struct<V: Visitor<'de>>(
            self,
            structure: &'static str,
            fields: &'static [&'static str],
            visitor: V,
        ) -> Result<V::Value, Error> {
            visitor.visit_map(Fields { structure, fields, value: self })
        }

        serde::forward_to_deserialize_any! {
            i8 i16 i128 u8 u16 u32 u64 u128 f32 char str string bytes byte_buf unit unit_struct tuple tuple_struct
            enum identifier ignored_any
        }
    }

    /// A list of one entry.
    struct Once(Option<Filler>);

    impl<'de> SeqAccess<'de> for Once {
        type Error = Error;

        fn next_element_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<Option<S::Value>, Error> {
            self.0.take().map(|filler| seed.deserialize(filler)).transpose()
        }
    }

    /// Every field of a structure, or one of a map.
    struct Fields {
        structure: &'static str,
        fields: &'static [&'static str],
        value: Filler,
    }

    impl<'de> MapAccess<'de> for Fields {
        type Error = Error;

        fn next_key_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<Option<S::Value>, Error> {
            let Some((field, rest)) = self.fields.split_first() else { return Ok(None) };
            self.fields = rest;
            self.value = Filler { structure: self.structure, field };
            let key: StrDeserializer<'_, Error> = field.into_deserializer();
            seed.deserialize(key).map(Some)
        }

        fn next_value_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<S::Value, Error> {
            seed.deserialize(self.value)
        }
    }
}
