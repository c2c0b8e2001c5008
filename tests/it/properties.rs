//! What holds for every request: properties of generated workloads, references and settings.
//!
//! `PROPTEST_CASES` says how many cases each has; `PROPTEST_RNG_SEED`, which a failure prints, repeats a run.

#![expect(
    clippy::arithmetic_side_effects,
    clippy::indexing_slicing,
    reason = "a test that goes wrong in its own arithmetic or lists fails"
)]

use std::collections::BTreeSet;

use fresh_images::mutate::DigestResolver;
use fresh_images::pull_policy::PullPolicy;
use fresh_images::reference::Reference;
use fresh_images::request::Kind;
use fresh_images::verdict::{Code, Verdict};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{Index, select, subsequence};
use serde_json::{Value, json};

use fresh_images_testing::config::config;
use fresh_images_testing::generate::*;

fn evaluate(payload: &Value) -> Verdict {
    fresh_images::evaluate(payload.to_string().as_bytes())
}

fn create(kind: &Kind, pod_spec: &Value, settings: &Value) -> Verdict {
    evaluate(&payload(kind, "CREATE", &Value::Null, pod_spec, settings))
}

/// In any order, for the order of findings is that of the object.
fn lines(verdict: &Verdict) -> Vec<String> {
    let mut lines: Vec<String> = verdict.findings().iter().map(ToString::to_string).collect();
    lines.sort();
    lines
}

/// Writes JSON with the members of objects in another order, with unknown members, and with white space.
struct Rewriter {
    choices: Vec<u8>,
    next: usize,
}

impl Rewriter {
    fn choose(&mut self, among: usize) -> usize {
        self.next = (self.next + 1) % self.choices.len();
        usize::from(self.choices[self.next]) % among
    }

    fn space(&mut self) -> &'static str {
        ["", "", " ", "\n  ", "\t", "\r\n"][self.choose(6)]
    }

    /// `open` is false where an unknown key is a problem: in the settings.
    fn write(&mut self, value: &Value, open: bool) -> String {
        let text = match value {
            Value::Object(members) => {
                let mut rest: Vec<(String, String)> = members
                    .iter()
                    .map(|(key, value)| (key.clone(), self.write(value, open && key != "settings")))
                    .collect();
                if open && self.choose(3) == 0 {
                    let unknown =
                        ["1e-5", "null", r#"{"image": "nginx:1"}"#, r#"["containers", {"image": "a:1"}]"#];
                    rest.push(("unknown".into(), unknown[self.choose(4)].into()));
                }
                let mut text = Vec::new();
                while !rest.is_empty() {
                    let (key, value) = rest.remove(self.choose(rest.len()));
                    let (before, after) = (self.space(), self.space());
                    text.push(format!("{before}{}{after}:{value}", Value::String(key)));
                }
                format!("{{{}{}}}", text.join(","), self.space())
            }
            Value::Array(entries) => {
                let entries: Vec<String> = entries.iter().map(|entry| self.write(entry, open)).collect();
                format!("[{}{}]", entries.join(","), self.space())
            }
            scalar => scalar.to_string(),
        };
        format!("{}{text}{}", self.space(), self.space())
    }
}

proptest! {
    #![proptest_config(config())]

    /// The rule itself, said once more.
    #[test]
    fn accepted_is_what_is_pinned_or_always_pulled(kind in kind(), spec in pod_spec()) {
        let is_fresh = |list: &str, entry: &Value| {
            let (image, pull_policy) = match list {
                "volumes" => (&entry["image"]["reference"], &entry["image"]["pullPolicy"]),
                _ => (&entry["image"], &entry["imagePullPolicy"]),
            };
            // A template may leave an image to whoever fills it in: of a volume the empty text, else one blank.
            let later = if list == "volumes" { "" } else { " " };
            if kind.kind != "Pod" && image.as_str() == Some(later) {
                return true;
            }
            Reference::parse(image.as_str().unwrap_or_default()).is_ok_and(|reference| {
                reference.is_pinned() || PullPolicy::effective(pull_policy.as_str(), Some(&reference)).is_always()
            })
        };
        let stale = LISTS.iter().flat_map(|list| spec[*list].as_array().unwrap().iter().map(|it| is_fresh(list, it)));
        let stale = stale.filter(|is_fresh| !is_fresh).count();
        let verdict = create(&kind, &spec, &json!({}));
        prop_assert_eq!(verdict.findings().len(), stale);
        prop_assert_eq!(verdict.is_accepted(), stale == 0);
        let images = LISTS.iter().map(|list| spec[*list].as_array().unwrap().len()).sum::<usize>();
        prop_assert_eq!(verdict.images(), images);
    }

    #[test]
    fn a_further_container_never_turns_a_rejection_into_an_acceptance(
        kind in kind(),
        (old, new) in (pod_spec(), pod_spec()),
        settings in settings(),
        list in select(LISTS.to_vec()),
        (at, name) in (any::<Index>(), select(vec!["new", "containers-0", "volumes-0"])),
        further in image_use(),
        operation in select(vec!["CREATE", "UPDATE", "PATCH"]),
    ) {
        let before = evaluate(&payload(&kind, operation, &old, &new, &settings));
        let mut more = new;
        let entries = more[list].as_array_mut().unwrap();
        entries.insert(at.index(entries.len() + 1), entry(list, name, &further));
        let after = evaluate(&payload(&kind, operation, &old, &more, &settings));
        prop_assert!(before.is_accepted() || !after.is_accepted(), "{:?}", before.message());
        prop_assert!(after.findings().len() >= before.findings().len());
    }

    #[test]
    fn order_of_keys_unknown_fields_and_white_space_do_not_matter(
        kind in kind(),
        (old, new) in (pod_spec(), pod_spec()),
        settings in settings(),
        operation in select(vec!["CREATE", "UPDATE", "DELETE"]),
        choices in vec(any::<u8>(), 1..200),
    ) {
        let payload = payload(&kind, operation, &old, &new, &settings);
        let rewritten = Rewriter { choices, next: 0 }.write(&payload, true);
        let (expected, actual) = (evaluate(&payload), fresh_images::evaluate(rewritten.as_bytes()));
        prop_assert_eq!(lines(&expected), lines(&actual), "{}", rewritten);
        prop_assert_eq!(expected.is_accepted(), actual.is_accepted());
        prop_assert_eq!(expected.images(), actual.images());
    }

    #[test]
    fn an_update_that_changes_nothing_is_accepted(kind in kind(), spec in pod_spec(), settings in settings()) {
        let verdict = evaluate(&payload(&kind, "UPDATE", &spec, &spec, &settings));
        prop_assert!(verdict.is_accepted(), "{:?}", verdict.message());
    }

    #[test]
    fn an_update_is_never_judged_more_strictly_than_a_creation(
        kind in kind(),
        (old, new) in (pod_spec(), pod_spec()),
        settings in settings(),
    ) {
        // How to fix it may be said in other words.
        let findings = |verdict: &Verdict| -> Vec<(String, Code)> {
            verdict.findings().iter().map(|it| (it.path().to_string(), it.code())).collect()
        };
        let created = findings(&create(&kind, &new, &settings));
        let updated = findings(&evaluate(&payload(&kind, "UPDATE", &old, &new, &settings)));
        prop_assert!(updated.iter().all(|it| created.contains(it)), "{:?} {:?}", updated, created);
    }

    #[test]
    fn a_wider_allow_list_never_rejects_more(
        kind in kind(),
        spec in pod_spec(),
        (key, all) in select(vec![
            ("registries", vec!["ghcr.io", "ghcr.io/org", "docker.io", "docker.io/library", "*.example.com", "localhost"]),
            ("images", vec!["ghcr.io/**", "ghcr.io/org/app", "nginx", "nginx:1", "**:latest", "bitnami/*"]),
        ]),
        (narrow, more) in (subsequence((0..6).collect::<Vec<usize>>(), 1..6), subsequence((0..6).collect::<Vec<usize>>(), 0..6)),
    ) {
        let patterns = |chosen: &dyn Fn(usize) -> bool| -> Vec<&str> {
            (0..6).filter(|index| chosen(*index)).map(|index| all[index]).collect()
        };
        let settings = |allow: Vec<&str>| json!({key: {"allow": allow}});
        let narrow_verdict = create(&kind, &spec, &settings(patterns(&|index| narrow.contains(&index))));
        let wide = settings(patterns(&|index| narrow.contains(&index) || more.contains(&index)));
        let wide_verdict = create(&kind, &spec, &wide);
        prop_assert!(!narrow_verdict.is_accepted() || wide_verdict.is_accepted());
        prop_assert!(wide_verdict.findings().len() <= narrow_verdict.findings().len());
    }

    #[test]
    fn the_canonical_form_is_the_same_reference(text in reference()) {
        // Beyond the grammar, a local image id and a few others are refused.
        if let Ok(reference) = Reference::parse(&text) {
            let canonical = reference.to_string();
            prop_assert_eq!(Reference::parse(&canonical), Ok(reference));
            prop_assert!(canonical.ends_with(text.rsplit('/').next().unwrap()));
        }
    }

    #[test]
    fn a_reference_is_its_parts(text in prop_oneof![reference(), image()]) {
        if let Ok(reference) = Reference::parse(&text) {
            let tag = reference.tag().map_or(String::new(), |tag| format!(":{tag}"));
            let digest = reference.digest().map_or(String::new(), |digest| format!("@{digest}"));
            let repository = reference.repository().to_string();
            let name = format!("{}/{repository}", reference.registry());
            prop_assert_eq!(reference.to_string(), format!("{name}{tag}{digest}"));
            prop_assert!(!reference.registry().is_empty() && repository.len() <= 255);
        }
    }

    #[test]
    fn the_message_names_every_offending_image_and_stays_short(
        kind in kind(),
        spec in pod_spec(),
        settings in settings(),
    ) {
        let verdict = create(&kind, &spec, &settings);
        prop_assert_eq!(verdict.message().is_none(), verdict.is_accepted());
        let message = verdict.message().unwrap_or_default();
        prop_assert!(message.len() <= 4096, "{}", message.len());
        prop_assert!(message.chars().all(|it| matches!(it, ' '..='~' | '\n' | '…')), "{}", message);
        let shown: Vec<&str> = message.lines().collect();
        if shown.last().is_some_and(|last| last.starts_with("and ") && last.ends_with(" more")) {
            let rest = verdict.findings().len() - (shown.len() - 1);
            prop_assert_eq!(shown.last().map(ToString::to_string), Some(format!("and {rest} more")));
        } else {
            prop_assert_eq!(shown.len(), verdict.findings().len());
        }
        let mut told = BTreeSet::new();
        for (line, finding) in shown.iter().zip(verdict.findings()) {
            let (code, path) = (format!(" [{}]", finding.code()), finding.path().to_string());
            let list = path.rsplit_once('[').map(|(list, _)| list.to_owned());
            if line.contains(&format!(" at {path}: ")) || line.contains(&format!("{path}: ")) {
                told.insert((code.clone(), list));
            } else {
                prop_assert!(line.starts_with("and ") || told.contains(&(code.clone(), list)), "{}", line);
            }
            prop_assert!(line.starts_with("and ") || line.ends_with(&code), "{}", line);
        }
    }

    #[test]
    fn a_warning_accepts_what_is_rejected_and_is_short_ascii(kind in kind(), spec in pod_spec(), settings in settings()) {
        let rejected = create(&kind, &spec, &settings);
        let mut settings = settings;
        settings["enforcement"] = json!("warn");
        let warned = create(&kind, &spec, &settings);
        prop_assert!(warned.is_accepted());
        prop_assert_eq!(lines(&rejected), lines(&warned));
        prop_assert_eq!(warned.warnings().is_empty(), rejected.is_accepted());
        prop_assert!(warned.warnings().iter().all(|it| it.len() <= 256 && it.bytes().all(|b| matches!(b, b' '..=b'~'))));
    }

    #[test]
    fn arbitrary_bytes_are_answered(bytes in vec(any::<u8>(), 0..200), text in vec(any::<char>(), 0..100)) {
        let text = String::from_iter(text);
        let _ = Reference::parse(&text);
        for bytes in [&bytes, text.as_bytes()] {
            // Neither is a request.
            let verdict = fresh_images::evaluate(bytes);
            prop_assert!(!verdict.is_accepted());
            prop_assert_eq!(verdict.status(), Some(400));
            let _ = fresh_images::validate_settings(bytes);
        }
    }

    #[test]
    fn mutated_requests_are_answered(
        kind in kind(),
        (old, new) in (pod_spec(), pod_spec()),
        settings in settings(),
        mutations in vec((any::<Index>(), 0..3_usize, vec(any::<u8>(), 0..3)), 1..4),
    ) {
        let mut payload = payload(&kind, "UPDATE", &old, &new, &settings).to_string().into_bytes();
        for (at, removed, inserted) in mutations {
            let at = at.index(payload.len() + 1);
            payload.splice(at..(at + removed).min(payload.len()), inserted);
        }
        let verdict = fresh_images::evaluate(&payload);
        let is_json = serde_json::from_slice::<serde::de::IgnoredAny>(&payload).is_ok();
        prop_assert!(is_json || !verdict.is_accepted());
        let told = verdict.findings().iter().any(|it| it.code() == Code::MalformedRequest);
        prop_assert!(is_json || told, "{:?}", verdict.message());
        let answer = fresh_images::response::validation(verdict.clone()).unwrap();
        prop_assert!(serde_json::from_slice::<Value>(&answer).is_ok_and(|it| it["accepted"] == verdict.is_accepted()));
    }

    #[test]
    fn mutation_changes_what_it_says_and_its_output_is_accepted(
        kind in kind(),
        (old, new) in (pod_spec(), pod_spec()),
        settings in settings(),
        mutate in select(vec![
            json!({"to": "pullAlways"}),
            json!({"to": "pinDigest", "registries": ["docker.io", "ghcr.io", "localhost"]}),
            json!({"to": "pinDigest", "registries": ["docker.io"], "ifUnresolved": "pullAlways", "keepTag": true}),
        ]),
        operation in select(vec!["CREATE", "UPDATE"]),
        choices in vec(any::<u8>(), 1..50),
    ) {
        let mut new = new;
        // An image that does not parse cannot be mutated, nor can the object with it.
        for list in LISTS {
            for entry in new[list].as_array_mut().unwrap() {
                let image = if list == "volumes" { &mut entry["image"]["reference"] } else { &mut entry["image"] };
                if Reference::parse(image.as_str().unwrap_or_default()).is_err() {
                    *image = json!("nginx:1");
                }
            }
        }
        let mut judged = payload(&kind, operation, &old, &new, &settings);
        judged["settings"]["mutate"] = mutate;
        let text = Rewriter { choices, next: 0 }.write(&judged, true);
        let verdict = fresh_images::evaluate_with(text.as_bytes(), &fresh_images::Host::new(&Known));
        let Some(mutated) = verdict.mutated_object() else {
            // An update may start Pods that are judged whole.
            let is_of_new_pods = |warning: &String| warning.contains("new Pods");
            let may_warn = operation == "UPDATE" && verdict.warnings().iter().all(is_of_new_pods);
            prop_assert!(may_warn || verdict.warnings().is_empty(), "{:?}", verdict.warnings());
            return Ok(());
        };
        prop_assert!(verdict.is_accepted() && !verdict.warnings().is_empty());
        let mutated: Value = serde_json::from_str(mutated).unwrap();
        let mut changes = Vec::new();
        let before: Value = serde_json::from_str(&text).unwrap();
        differences("", &before["request"]["object"], &mutated, &mut changes);
        prop_assert!(!changes.is_empty());
        for change in &changes {
            let ends = ["/image", "/reference", "/imagePullPolicy", "/pullPolicy", "/pinned-from"];
            prop_assert!(ends.iter().any(|end| change.ends_with(end)), "{}", change);
        }
        judged["request"]["object"] = mutated;
        let again = fresh_images::evaluate_with(judged.to_string().as_bytes(), &fresh_images::Host::new(&Known));
        prop_assert!(again.is_accepted(), "{:?}", again.message());
        prop_assert_eq!(again.mutated_object(), None);
    }
}

/// Knows the digest of every image.
struct Known;

impl DigestResolver for Known {
    fn manifest_digest(&self, _: &str) -> Result<String, String> {
        Ok(SHA256.into())
    }
}

/// The paths of all that is other in `new`, or gone.
fn differences(path: &str, old: &Value, new: &Value, changes: &mut Vec<String>) {
    match (old, new) {
        // Nothing that is there holds what is new.
        (Value::Null, Value::Object(_)) if path.ends_with("/metadata") || path.ends_with("/annotations") => {
            differences(path, &json!({}), new, changes);
        }
        (Value::Object(was), Value::Object(is)) => {
            changes.extend(
                was.keys().filter(|key| !is.contains_key(*key)).map(|key| format!("{path}/{key} is gone")),
            );
            for (key, value) in is {
                differences(&format!("{path}/{key}"), was.get(key).unwrap_or(&Value::Null), value, changes);
            }
        }
        (Value::Array(was), Value::Array(is)) if was.len() == is.len() => {
            for (index, (old, new)) in was.iter().zip(is).enumerate() {
                differences(&format!("{path}/{index}"), old, new, changes);
            }
        }
        _ if old == new => {}
        _ => changes.push(path.into()),
    }
}
