//! What an UPDATE may leave alone.
//!
//! ```text
//! Deployment
//! {"containers": [{"name": "web", "image": "nginx:1"}]}
//! {"containers": [{"name": "web", "image": "nginx:2"}]}
//! ```

use fresh_images::verdict::Code;
use fresh_images::{Verdict, evaluate};
use serde_json::{Value, json};

use super::checked;
use crate::checks::model;

/// An UPDATE is never judged more strictly than a CREATE, and leaves nothing alone but what was there before.
///
/// # Panics
///
/// If that does not hold.
pub fn check(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let mut lines = text.splitn(3, '\n');
    let kind = lines.next().unwrap_or_default();
    let group = match kind {
        "Pod" | "PodTemplate" => "",
        "Deployment" => "apps",
        "CronJob" => "batch",
        _ => return,
    };
    let mut pod_spec = || serde_json::from_str::<Value>(lines.next().unwrap_or_default()).ok();
    let (Some(old), Some(new)) = (pod_spec(), pod_spec()) else { return };
    let Some(pointer) = model::pod_spec_pointer(group, kind) else { return };

    let object = |pod_spec: &Value| {
        pointer.rsplit('/').filter(|it| !it.is_empty()).fold(pod_spec.clone(), |it, key| json!({key: it}))
    };
    let judge = |operation: &str, old: Value, new: &Value| -> Verdict {
        let request = json!({
            "kind": {"group": group, "version": "v1", "kind": kind},
            "operation": operation,
            "oldObject": old,
            "object": object(new),
        });
        checked(evaluate(json!({"request": request, "settings": {}}).to_string().as_bytes()))
    };
    let created = judge("CREATE", Value::Null, &new);
    let updated = judge("UPDATE", object(&old), &new);
    let unchanged = judge("UPDATE", object(&new), &new);

    let places = |verdict: &Verdict| -> Vec<(String, Code)> {
        verdict.findings().iter().map(|it| (it.path().to_string(), it.code())).collect()
    };
    let (as_created, as_updated) = (places(&created), places(&updated));
    assert!(as_updated.iter().all(|it| as_created.contains(it)), "{as_updated:?} {as_created:?}");

    let (was, is) = (model::uses(&old), model::uses(&new));
    if updated.is_accepted() {
        for stale in is.iter().filter(|it| !model::is_fresh(it)) {
            let same = |it: &&model::Use| it.list == stale.list && it.name == stale.name;
            assert_eq!(was.iter().filter(same).collect::<Vec<_>>(), [stale], "accepted");
            assert_eq!(is.iter().filter(same).count(), 1, "accepted: {stale:?}");
        }
    }
    let is_named = |it: &model::Use| {
        let named = |other: &&model::Use| other.list == it.list && other.name == it.name;
        it.name.as_str().is_some_and(|name| !name.is_empty()) && is.iter().filter(named).count() == 1
    };
    if as_created.iter().all(|(_, code)| *code == Code::MutableImage) && is.iter().all(is_named) {
        assert!(unchanged.is_accepted(), "{:?}", unchanged.message());
    }
}
