//! The tables of attacks as cases: what the policy is called with, and what it has to say.
//!
//! `tests/hostile/README.md` tells how the tables are written.

use std::collections::BTreeMap;

use fresh_images::Verdict;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::text::Text;

/// Every table of `tests/hostile`, by the name of its file.
pub const TABLES: [(&str, &str); 8] = [
    (REFERENCES, include_str!("../../../tests/hostile/references.yml")),
    ("requests-discovery.yml", include_str!("../../../tests/hostile/requests-discovery.yml")),
    ("requests-forged.yml", include_str!("../../../tests/hostile/requests-forged.yml")),
    ("requests-json.yml", include_str!("../../../tests/hostile/requests-json.yml")),
    ("requests-kinds.yml", include_str!("../../../tests/hostile/requests-kinds.yml")),
    ("requests-settings.yml", include_str!("../../../tests/hostile/requests-settings.yml")),
    ("requests-types.yml", include_str!("../../../tests/hostile/requests-types.yml")),
    ("requests-update.yml", include_str!("../../../tests/hostile/requests-update.yml")),
];

const REFERENCES: &str = "references.yml";

/// The longest message of a rejection, in bytes.
const MAX_MESSAGE: usize = 4096;

/// One call of the policy.
pub struct Case {
    /// File, group and attack.
    pub name: String,
    /// Why it is there.
    pub role: Role,
    /// What the policy is called with.
    pub payload: Vec<u8>,
    /// `None` if it is accepted.
    rejection: Option<Rejection>,
}

/// Why a case is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Role {
    /// A reference that is rejected.
    BadReference,
    /// A request that is rejected.
    BadRequest,
    /// What a group changes to attack, or something that only looks like an attack.
    Harmless,
    /// A reference that is rejected, in another place than a container of a Pod.
    OtherPlace,
}

struct Rejection {
    /// Codes and paths, in the order of the object: all, or the first of `count`.
    findings: Vec<(String, String)>,
    count: usize,
    message: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ReferenceGroup {
    group: String,
    settings: Value,
    code: String,
    /// What the message says after the image; `{says}` stands for that of the row.
    message: String,
    control: Text,
    rows: Vec<ReferenceRow>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ReferenceRow {
    attack: String,
    image: Text,
    shown: Option<Text>,
    says: Option<Text>,
    accept: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RequestGroup {
    group: String,
    settings: Option<Value>,
    base: Option<Value>,
    frame: Option<(String, String)>,
    rows: Vec<RequestRow>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RequestRow {
    attack: String,
    settings: Option<Value>,
    #[serde(default)]
    set: BTreeMap<String, Value>,
    #[serde(default)]
    remove: Vec<String>,
    raw: Option<Text>,
    payload: Option<Text>,
    reject: Option<Vec<(String, Text)>>,
    count: Option<usize>,
    accept: Option<String>,
}

/// All cases of all tables.
///
/// # Errors
///
/// The first row that is not as `tests/hostile/README.md` says, with its table.
pub fn cases() -> Result<Vec<Case>, String> {
    let mut cases = Vec::new();
    for (file, text) in TABLES {
        let at = |error: String| format!("{file}: {error}");
        let table = yaml_serde::from_str(text).map_err(|error| at(error.to_string()))?;
        let added =
            if file == REFERENCES { reference_cases(file, table) } else { request_cases(file, table) };
        cases.extend(added.map_err(at)?);
    }
    Ok(cases)
}

fn from_table<T: serde::de::DeserializeOwned>(table: Value) -> Result<Vec<T>, String> {
    serde_json::from_value(table).map_err(|error| error.to_string())
}

/// A place for an image: group and kind of the object, the path of the image use, and the object.
type Place = (&'static str, &'static str, &'static str, fn(&str) -> Value);

const POD: Place = (
    "",
    "Pod",
    "spec.containers[0]",
    |image| json!({"spec": {"containers": [{"name": "a", "image": image}]}}),
);

/// Where else a text is tried that is rejected in a container of a Pod.
const OTHER_PLACES: [Place; 5] = [
    (
        "apps",
        "Deployment",
        "spec.template.spec.initContainers[0]",
        |image| json!({"spec": {"template": {"spec": {"initContainers": [{"name": "a", "image": image}]}}}}),
    ),
    ("batch", "CronJob", "spec.jobTemplate.spec.template.spec.volumes[0].image", |image| {
        let spec = json!({"volumes": [{"name": "a", "image": {"reference": image}}]});
        json!({"spec": {"jobTemplate": {"spec": {"template": {"spec": spec}}}}})
    }),
    (
        "",
        "PodTemplate",
        "template.spec.ephemeralContainers[0]",
        |image| json!({"template": {"spec": {"ephemeralContainers": [{"name": "a", "image": image}]}}}),
    ),
    (
        "example.com",
        "Thing",
        "parts[0].containers[0]",
        |image| json!({"parts": [{"containers": [{"name": "a", "image": image}]}]}),
    ),
    (
        "example.com",
        "Thing",
        "volumes[1].image",
        |image| json!({"volumes": [{"name": "a"}, {"name": "b", "image": {"reference": image}}]}),
    ),
];

fn reference_payload((group, kind, _, object): Place, image: &str, settings: &Value) -> Vec<u8> {
    let kind = json!({"group": group, "version": "v1", "kind": kind});
    let request = json!({"operation": "CREATE", "kind": kind, "object": object(image)});
    json!({"request": request, "settings": settings}).to_string().into()
}

fn reference_cases(file: &str, table: Value) -> Result<Vec<Case>, String> {
    let mut cases = Vec::new();
    for group in from_table::<ReferenceGroup>(table)? {
        let ReferenceGroup { group, settings, code, message, control, rows } = group;
        cases.push(Case {
            name: format!("{file}: {group}: (control)"),
            role: Role::Harmless,
            payload: reference_payload(POD, &control.text()?, &settings),
            rejection: None,
        });
        for row in rows {
            let name = format!("{file}: {group}: {}", row.attack);
            let image = row.image.text()?;
            let payload = reference_payload(POD, &image, &settings);
            if let Some(reason) = row.accept {
                expect(!reason.is_empty(), &name, "says not why it is accepted")?;
                cases.push(Case { name, role: Role::Harmless, payload, rejection: None });
                continue;
            }
            let shown = row.shown.map_or_else(|| Ok(image.clone()), |shown| shown.text())?;
            let says = row.says.map_or_else(|| Ok(image.clone()), |says| says.text())?;
            let explained = message.replace("{says}", &says);
            let (.., path, _) = POD;
            let message = format!("container \"a\" at {path}: image \"{shown}\" {explained} [{code}]");
            let rejection = |path: &str, message| {
                Some(Rejection { findings: vec![(code.clone(), path.into())], count: 1, message })
            };
            for place in OTHER_PLACES {
                let (_, kind, path, _) = place;
                cases.push(Case {
                    name: format!("{name}, in {kind} at {path}"),
                    role: Role::OtherPlace,
                    payload: reference_payload(place, &image, &settings),
                    rejection: rejection(path, None),
                });
            }
            let rejection = rejection(path, Some(message));
            cases.push(Case { name, role: Role::BadReference, payload, rejection });
        }
    }
    Ok(cases)
}

fn request_cases(file: &str, table: Value) -> Result<Vec<Case>, String> {
    let mut cases = Vec::new();
    for group in from_table::<RequestGroup>(table)? {
        let RequestGroup { group, settings, base, frame, rows } = group;
        let settings = settings.unwrap_or_else(|| json!({}));
        if let Some(base) = &base {
            cases.push(Case {
                name: format!("{file}: {group}: (base)"),
                role: Role::Harmless,
                payload: json!({"request": base, "settings": settings}).to_string().into(),
                rejection: None,
            });
        }
        for row in rows {
            let name = format!("{file}: {group}: {}", row.attack);
            let at = |error: String| format!("{name}: {error}");
            let payload = request_payload(&row, &settings, base.as_ref(), frame.as_ref()).map_err(at)?;
            let rejection = match (row.reject, row.accept) {
                (Some(findings), None) => {
                    expect(!findings.is_empty(), &name, "is rejected for nothing")?;
                    let findings = findings
                        .into_iter()
                        .map(|(code, path)| Ok((code, path.text()?)))
                        .collect::<Result<Vec<_>, String>>()?;
                    let count = row.count.unwrap_or(findings.len());
                    Some(Rejection { findings, count, message: None })
                }
                (None, Some(reason)) => {
                    expect(!reason.is_empty(), &name, "says not why it is accepted")?;
                    None
                }
                _ => return Err(format!("{name}: has to have either `reject` or `accept`")),
            };
            let role = if rejection.is_some() { Role::BadRequest } else { Role::Harmless };
            cases.push(Case { name, role, payload, rejection });
        }
    }
    Ok(cases)
}

fn request_payload(
    row: &RequestRow,
    settings: &Value,
    base: Option<&Value>,
    frame: Option<&(String, String)>,
) -> Result<Vec<u8>, String> {
    let settings = row.settings.as_ref().unwrap_or(settings);
    let is_changed = !row.set.is_empty() || !row.remove.is_empty() || row.settings.is_some();
    match (&row.raw, &row.payload) {
        (None, Some(payload)) if !is_changed => payload.bytes(),
        (Some(raw), None) if row.set.is_empty() && row.remove.is_empty() => {
            let (before, after) = frame.ok_or("the group has no frame")?;
            let settings = format!(r#","settings":{settings}}}"#);
            Ok([
                br#"{"request":"#.as_slice(),
                before.as_bytes(),
                &raw.bytes()?,
                after.as_bytes(),
                settings.as_bytes(),
            ]
            .concat())
        }
        (None, None) if is_changed => {
            let mut request = base.ok_or("the group has no base")?.clone();
            row.remove.iter().try_for_each(|pointer| remove(&mut request, pointer))?;
            row.set.iter().try_for_each(|(pointer, value)| set(&mut request, pointer, value))?;
            Ok(json!({"request": request, "settings": settings}).to_string().into())
        }
        _ => Err("has to have one of `raw`, `payload`, or changes to the base".into()),
    }
}

/// The parent of what a JSON pointer names, and its last key.
fn parent<'v, 'p>(value: &'v mut Value, pointer: &'p str) -> Result<(&'v mut Value, &'p str), String> {
    let (parent, key) = pointer.rsplit_once('/').ok_or_else(|| format!("{pointer} is no pointer"))?;
    let parent = value.pointer_mut(parent).ok_or_else(|| format!("nothing is at {parent}"))?;
    Ok((parent, key))
}

/// Sets a member or an entry; an entry after the last is added.
fn set(request: &mut Value, pointer: &str, value: &Value) -> Result<(), String> {
    let (parent, key) = parent(request, pointer)?;
    match parent {
        Value::Object(members) => {
            let old = members.insert(key.replace("~1", "/"), value.clone());
            if old.as_ref() == Some(value) { Err(format!("{pointer} is so already")) } else { Ok(()) }
        }
        Value::Array(entries) => {
            let index: usize = key.parse().map_err(|_| format!("{pointer} is no index"))?;
            let is_next = index == entries.len();
            match entries.get_mut(index) {
                Some(entry) => *entry = value.clone(),
                None if is_next => entries.push(value.clone()),
                None => return Err(format!("{pointer} is beyond the list")),
            }
            Ok(())
        }
        _ => Err(format!("{pointer} is in neither an object nor a list")),
    }
}

fn remove(request: &mut Value, pointer: &str) -> Result<(), String> {
    let (parent, key) = parent(request, pointer)?;
    let removed = parent.as_object_mut().and_then(|members| members.remove(&key.replace("~1", "/")));
    removed.map(|_| ()).ok_or_else(|| format!("nothing is at {pointer}"))
}

impl Case {
    /// Holds a verdict against the table.
    ///
    /// # Errors
    ///
    /// What differs.
    pub fn check(&self, verdict: &Verdict) -> Result<(), String> {
        self.difference(verdict).map_err(|difference| format!("{}: {difference}\n", self.name))
    }

    fn difference(&self, verdict: &Verdict) -> Result<(), String> {
        let findings: Vec<(String, String)> = verdict
            .findings()
            .iter()
            .map(|finding| (finding.code().to_string(), finding.path().to_string()))
            .collect();
        let message = verdict.message();
        let Some(rejection) = &self.rejection else {
            let is_accepted = verdict.is_accepted() && findings.is_empty();
            return if is_accepted { Ok(()) } else { Err(format!("is rejected: {message:?}")) };
        };
        let Some(message) = message else {
            return Err("is accepted".into());
        };
        let known = findings.get(..rejection.findings.len()).unwrap_or(&findings);
        if known != rejection.findings {
            return Err(format!("expected {:?}, found {known:?}\n  {message}", rejection.findings));
        }
        if rejection.message.as_ref().is_some_and(|expected| *expected != message) {
            return Err(format!("\n- {}\n+ {message}", rejection.message.as_deref().unwrap_or_default()));
        }
        check_message(&message, &findings, rejection.count)
    }
}

/// A message is short and printable, has a line for each finding in their order, and counts those that it leaves
/// out.
fn check_message(message: &str, findings: &[(String, String)], count: usize) -> Result<(), String> {
    let is_printable = |character: char| matches!(character, ' '..='~' | '\n' | '…');
    expect(message.len() <= MAX_MESSAGE, message, "is too long")?;
    expect(message.chars().all(is_printable), message, "is not printable")?;
    let lines: Vec<&str> = message.lines().collect();
    let is_count = |line: &&str| line.starts_with("and ") && line.ends_with(" more");
    let (told, rest) = match lines.split_last() {
        Some((last, told)) if is_count(last) => {
            let rest = last.trim_start_matches("and ").trim_end_matches(" more").parse().unwrap_or(0);
            (told, rest)
        }
        _ => (lines.as_slice(), 0_usize),
    };
    expect(told.len().saturating_add(rest) == count, message, "tells another number of findings")?;
    expect(told.len() <= findings.len() && !told.is_empty(), message, "tells what was not found")?;
    for (index, (line, (code, path))) in told.iter().zip(findings).enumerate() {
        // A line after another of the same list and code need not repeat the path.
        let (list, _) = path.rsplit_once('[').unwrap_or((path, ""));
        let mut before = findings.iter().zip(told).take(index).map(|((code, _), line)| (code, line));
        let is_after = before.any(|(it, line)| it == code && line.contains(&format!(" at {list}[")));
        let is_told = (line.contains(path.as_str()) || is_after) && line.ends_with(&format!(" [{code}]"));
        expect(is_told, line, "does not tell path and code of its finding")?;
    }
    Ok(())
}

fn expect(is_so: bool, subject: &str, otherwise: &str) -> Result<(), String> {
    if is_so { Ok(()) } else { Err(format!("{subject}: {otherwise}")) }
}
