//! Finds what there is to judge in a document.
//!
//! | document | is judged as |
//! |---|---|
//! | a manifest | a request to create it |
//! | a `List`, or any kind that ends in `List` and has `items` | its items, one by one |
//! | an `AdmissionReview` | its request |
//! | an `AdmissionRequest` (an object with `uid`, `operation` and an object `kind`) | itself |
//!
//! ```
//! use fresh_images_manifests::{document::{self, Source}, subject};
//!
//! let source = Source::new("x", "{apiVersion: apps/v1, kind: Deployment, metadata: {name: web, namespace: shop}}");
//! let document = document::read(&source).remove(0)?;
//! let subject = subject::subjects(&document).remove(0)?;
//! assert_eq!(subject.to_string(), "Deployment shop/web");
//! assert_eq!(subject.request.get("kind").unwrap().json_text(), r#"{"group":"apps","kind":"Deployment","version":"v1"}"#);
//! assert_eq!(subject.request.get("operation").unwrap().as_str(), Some("CREATE"));
//! # Ok::<(), document::DocumentError>(())
//! ```

use std::fmt;

use fresh_images_json::PathBuf;

use crate::document::{DocumentError, Member, Node, Value};

/// One thing to judge.
#[derive(Clone, Debug)]
pub struct Subject {
    /// The admission request. What was made up from a manifest stands nowhere.
    pub request: Node,
    /// The object of the request with its places in the text; the whole request if it has none.
    pub object: Node,
    /// The request with its places in the text, if it was not made up from a manifest.
    pub given: Option<Node>,
    /// Such as `apps/v1`.
    pub api_version: Option<String>,
    /// Such as `Deployment`.
    pub kind: Option<String>,
    /// The namespace, if one is given.
    pub namespace: Option<String>,
    /// The name, or what the name will start with, if one is given.
    pub name: Option<String>,
}

impl Subject {
    /// What a policy is called with. The settings are JSON text.
    pub fn payload(&self, settings: &str) -> Vec<u8> {
        format!(r#"{{"request":{},"settings":{settings}}}"#, self.request.json_text()).into_bytes()
    }

    /// Names the namespace of a manifest that names none.
    fn default_namespace(&mut self, namespace: &str) {
        if self.given.is_some() || self.namespace.is_some() {
            return;
        }
        self.namespace = Some(namespace.into());
        if let Value::Object(members) = &self.request.value {
            let given = Member { key: "namespace".into(), key_span: 0..0, node: text(namespace) };
            let members: Vec<Member> = members.iter().cloned().chain([given]).collect();
            self.request.value = Value::Object(members.into());
        }
    }

    /// What a path of a finding leads to: in the object, or in the request if its root says so. If it does not exist,
    /// what is nearest to it.
    pub fn locate(&self, path: &PathBuf) -> &Node {
        match (path.root(), &self.given) {
            ("", _) => self.object.nearest(path),
            ("request", Some(request)) => request.nearest(path),
            ("request.object", Some(request)) => request.nearest(&PathBuf::default().key("object")),
            _ => &self.object,
        }
    }
}

/// `Deployment shop/web`.
impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&title(self.kind.as_deref(), self.namespace.as_deref(), self.name.as_deref()))
    }
}

/// What people call an object.
pub(crate) fn title(kind: Option<&str>, namespace: Option<&str>, name: Option<&str>) -> String {
    let (kind, name) = (kind.unwrap_or("(no kind)"), name.unwrap_or("(no name)"));
    match namespace {
        Some(namespace) => format!("{kind} {namespace}/{name}"),
        None => format!("{kind} {name}"),
    }
}

/// Everything in the document that is to be judged.
pub fn subjects(document: &Node) -> Vec<Result<Subject, DocumentError>> {
    subjects_in(document, None)
}

/// The same, where manifests that name no namespace are meant for this one, as with `kubectl apply --namespace`.
pub fn subjects_in(document: &Node, namespace: Option<&str>) -> Vec<Result<Subject, DocumentError>> {
    let mut subjects = Vec::new();
    collect(document, None, &mut subjects);
    if let Some(namespace) = namespace {
        for subject in subjects.iter_mut().flatten() {
            subject.default_namespace(namespace);
        }
    }
    subjects
}

/// What the items of a list are, where they do not say it themselves: the API server leaves it out.
#[derive(Clone, Copy)]
struct ItemType<'t> {
    api_version: Option<&'t Node>,
    kind: &'t str,
}

fn collect(node: &Node, item: Option<ItemType<'_>>, subjects: &mut Vec<Result<Subject, DocumentError>>) {
    if !matches!(node.value, Value::Object(_)) {
        let message = format!("expected a Kubernetes object, found {}", node.noun());
        let new = if item.is_some() { DocumentError::new } else { DocumentError::foreign };
        subjects.push(Err(new(node.span.start, message)));
        return;
    }
    let kind = node.get("kind").and_then(Node::as_str);
    let api_version = node.get("apiVersion").and_then(Node::as_str).unwrap_or_default();
    if kind == Some("AdmissionReview") && api_version.starts_with("admission.k8s.io/") {
        subjects.push(review(node));
        return;
    }
    if is_request(node) {
        subjects.push(Ok(request(node)));
        return;
    }
    if let (Some(kind), Some(items)) = (kind, node.get("items"))
        && let Some(item_kind) = kind.strip_suffix("List")
    {
        match &items.value {
            Value::List(items) => {
                // A plain `List` has items of many kinds.
                let item = (!item_kind.is_empty())
                    .then(|| ItemType { api_version: node.get("apiVersion"), kind: item_kind });
                for node in items.iter() {
                    collect(node, item, subjects);
                }
                return;
            }
            Value::Null => return,
            _ => {
                let message = format!("the items of a {kind} must be a list, found {}", items.noun());
                subjects.push(Err(DocumentError::new(items.span.start, message)));
                return;
            }
        }
    }
    subjects.push(manifest(node, item));
}

fn is_request(node: &Node) -> bool {
    let kind = node.get("kind").map(|kind| &kind.value);
    matches!(kind, Some(Value::Object(_))) && node.get("uid").is_some() && node.get("operation").is_some()
}

fn review(node: &Node) -> Result<Subject, DocumentError> {
    let Some(inner) = node.get("request") else {
        return Err(DocumentError::new(node.span.start, "the AdmissionReview has no request"));
    };
    if !matches!(inner.value, Value::Object(_)) {
        let message = format!("the request of an AdmissionReview must be a mapping, found {}", inner.noun());
        return Err(DocumentError::new(inner.span.start, message));
    }
    Ok(request(inner))
}

fn request(node: &Node) -> Subject {
    let text =
        |node: Option<&Node>| node.and_then(Node::as_str).filter(|text| !text.is_empty()).map(String::from);
    let kind = node.get("kind");
    let part = |name| text(kind.and_then(|kind| kind.get(name)));
    let api_version = match (part("group"), part("version")) {
        (Some(group), Some(version)) => Some(format!("{group}/{version}")),
        (_, version) => version,
    };
    let object = node.get("object").filter(|object| matches!(object.value, Value::Object(_)));
    let metadata = object.and_then(|object| object.get("metadata"));
    Subject {
        request: node.clone(),
        object: object.unwrap_or(node).clone(),
        given: Some(node.clone()),
        api_version,
        kind: part("kind"),
        namespace: text(node.get("namespace")),
        name: text(node.get("name")).or_else(|| name(metadata)),
    }
}

/// The name, or for an object that is named by the server, what its name will start with.
fn name(metadata: Option<&Node>) -> Option<String> {
    let text = |key| metadata?.get(key)?.as_str().filter(|text| !text.is_empty());
    text("name").map(String::from).or_else(|| text("generateName").map(|prefix| format!("{prefix}*")))
}

fn manifest(node: &Node, item: Option<ItemType<'_>>) -> Result<Subject, DocumentError> {
    let kind = match node.get("kind") {
        Some(kind) => required(kind, "kind")?,
        None => item.ok_or_else(|| missing(node, "kind"))?.kind,
    };
    let api_version_node = node.get("apiVersion").or_else(|| item?.api_version);
    let api_version_node = api_version_node.ok_or_else(|| missing(node, "apiVersion"))?;
    let api_version = required(api_version_node, "apiVersion")?;
    let (group, version) = api_version.split_once('/').unwrap_or(("", api_version));
    if version.is_empty() || version.contains('/') {
        let message = format!("the apiVersion {api_version:?} is neither VERSION nor GROUP/VERSION");
        return Err(DocumentError::new(api_version_node.span.start, message));
    }
    let metadata = node.get("metadata");
    let given = |key| metadata?.get(key)?.as_str().filter(|text| !text.is_empty());
    let request = [
        // Not the uid of the object: that is how Kubewarden's audit scanner presents what runs already.
        ("uid", Some(text("00000000-0000-0000-0000-000000000000"))),
        ("operation", Some(text("CREATE"))),
        ("kind", Some(object(&[("group", group), ("version", version), ("kind", kind)].map(texts)))),
        ("namespace", given("namespace").map(text)),
        ("name", given("name").map(text)),
        ("object", Some(node.clone())),
    ];
    Ok(Subject {
        request: object(&request),
        object: node.clone(),
        given: None,
        api_version: Some(api_version.into()),
        kind: Some(kind.into()),
        namespace: given("namespace").map(String::from),
        name: name(metadata),
    })
}

fn text(text: &str) -> Node {
    Node { value: Value::Text(text.into()), span: 0..0 }
}

fn texts<'k>((key, value): (&'k str, &str)) -> (&'k str, Option<Node>) {
    (key, Some(text(value)))
}

/// An object that stands nowhere, with the members that have a value.
fn object(members: &[(&str, Option<Node>)]) -> Node {
    let members = members
        .iter()
        .filter_map(|(key, node)| Some(Member { key: (*key).into(), key_span: 0..0, node: node.clone()? }));
    Node { value: Value::Object(members.collect::<Vec<_>>().into()), span: 0..0 }
}

fn required<'n>(node: &'n Node, field: &str) -> Result<&'n str, DocumentError> {
    node.as_str().filter(|text| !text.is_empty()).ok_or_else(|| {
        let found = if node.as_str().is_some() { "an empty one" } else { node.noun() };
        DocumentError::new(node.span.start, format!("{field} must be a string, found {found}"))
    })
}

fn missing(node: &Node, field: &str) -> DocumentError {
    DocumentError::foreign(node.span.start, format!("not a Kubernetes object: {field} is missing"))
}

#[cfg(test)]
mod tests;
