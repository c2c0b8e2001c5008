//! The variables that find what names images, and read it.

use fresh_images::settings::OnUpdate;

use crate::manifest::Variable;
use crate::{cel, regex};

/// How a variable finds one list of the pod spec.
pub(crate) struct ImageList {
    variable: &'static str,
    /// The key in the pod spec.
    pub(crate) key: &'static str,
    /// What a message calls an entry.
    noun: &'static str,
}

/// In the order in which the API server writes them.
pub(crate) const LISTS: [ImageList; 4] = [
    ImageList { variable: "volumes", key: "volumes", noun: "image volume" },
    ImageList { variable: "initContainers", key: "initContainers", noun: "init container" },
    ImageList { variable: "containers", key: "containers", noun: "container" },
    ImageList { variable: "ephemeralContainers", key: "ephemeralContainers", noun: "ephemeral container" },
];

/// Where the pod spec of an object is.
fn pod_spec(object: &str) -> String {
    format!(
        "(request.kind.kind == 'Pod' ? dyn({object}).?spec\n\
         : request.kind.kind == 'PodTemplate' ? dyn({object}).?template.?spec\n\
         : request.kind.kind == 'CronJob' ? dyn({object}).?spec.?jobTemplate.?spec.?template.?spec\n\
         : dyn({object}).?spec.?template.?spec).orValue({{}})"
    )
}

/// The entries of a list. A list of a typed template may be null.
pub(crate) fn entries(spec: &str, key: &str) -> String {
    format!("({spec}.?{key}.orValue(null) == null ? [] : {spec}.{key})")
}

/// Those that name an image.
fn naming(spec: &str, key: &str) -> String {
    let list = entries(spec, key);
    if key == "volumes" { format!("{list}\n  .filter(v, has(v.image))") } else { list }
}

/// The image and the pull policy of an entry.
fn fields(key: &str) -> (&'static str, &'static str) {
    match key {
        "volumes" => ("string(c.image.?reference.orValue(''))", "string(c.image.?pullPolicy.orValue(''))"),
        _ => ("string(c.?image.orValue(''))", "string(c.?imagePullPolicy.orValue(''))"),
    }
}

/// Where the pod spec is, and the uses of images in it.
pub(crate) fn find(variables: &mut Vec<Variable>) {
    variables.push(Variable::new("pod", "The pod spec, wherever this kind keeps it.", pod_spec("object")));
    variables.push(Variable::new(
        "path",
        "",
        "request.kind.kind == 'Pod' ? 'spec' : request.kind.kind == 'PodTemplate' ? 'template.spec'\n\
         : request.kind.kind == 'CronJob' ? 'spec.jobTemplate.spec.template.spec' : 'spec.template.spec'",
    ));
    for (index, list) in LISTS.iter().enumerate() {
        let comment = if index == 0 { "What names an image, one variable a list." } else { "" };
        let (image, pull_policy) = fields(list.key);
        let expression = format!(
            "{}\n  .map(c, {{'list': '{}', 'noun': '{}', 'name': string(c.?name.orValue('')),\n    \
             'image': {image}, 'policy': {pull_policy}}})",
            naming("variables.pod", list.key),
            list.key,
            list.noun,
        );
        variables.push(Variable::new(list.variable, comment, expression));
    }
    variables.push(Variable::new(
        "uses",
        "On ephemeralcontainers the API server takes over that list alone. In a template a volume may wait for its\n\
         reference, and a container with one blank for an image trigger of OpenShift: nothing is pulled.",
        "((request.?subResource.orValue('') == 'ephemeralcontainers' ? []\n  \
         : variables.volumes + variables.initContainers + variables.containers)\n  \
         + variables.ephemeralContainers)\n\
         .filter(u, request.kind.kind == 'Pod' || u.image != (u.list == 'volumes' ? '' : ' '))",
    ));
}

/// Leaves out what was there before an UPDATE.
pub(crate) fn compare(on_update: OnUpdate, variables: &mut Vec<Variable>) {
    let (comment, is_judged) = match on_update {
        OnUpdate::All => (
            "settings.onUpdate: all. Nothing of a Pod but its images can change, so what an UPDATE leaves is not judged.",
            "request.kind.kind != 'Pod' || u.image == ''",
        ),
        OnUpdate::Changed => {
            ("settings.onUpdate: changed. What an UPDATE leaves as it was is not judged.", "u.image == ''")
        }
    };
    variables.push(Variable::new(
        "podBefore",
        comment,
        format!("request.operation != 'UPDATE' ? {{}}\n: {}", pod_spec("oldObject")),
    ));
    let lists = LISTS.iter().map(|list| {
        let (image, pull_policy) = fields(list.key);
        format!(
            "{}\n  .map(c, '{} ' + string(c.?name.orValue('')) + ' ' + {pull_policy} + ' ' + {image})",
            naming("variables.podBefore", list.key),
            list.key,
        )
    });
    let expression = lists.collect::<Vec<_>>().join("\n+ ");
    variables.push(Variable::new("before", "", expression));
    variables.push(Variable::new(
        "changed",
        "",
        format!(
            "variables.uses.filter(u, {is_judged}\n  \
             || !((u.list + ' ' + u.name + ' ' + u.policy + ' ' + u.image) in variables.before))"
        ),
    ));
}

/// Reads references: adds `ref`, the canonical form, or an empty text where it is not a reference.
pub(crate) fn read(variables: &mut Vec<Variable>) {
    variables.push(Variable::new(
        "named",
        "Canonical names: nginx is docker.io/library/nginx. What comes before the first slash is a registry if it is\n\
         localhost or has a dot, a colon or an upper-case letter.",
        String::from(
            "variables.changed.map(u, {'list': u.list, 'noun': u.noun, 'name': u.name, 'image': u.image, 'policy': u.policy,\n  \
             'ref': u.image.size() > 4096 || u.image.size() == 64 && u.image.matches(r'^[0-9a-f]{64}$') ? ''\n  \
             : !u.image.contains('/') ? 'docker.io/library/' + u.image\n  \
             : !u.image.matches(r'^(?:localhost|[^/]*[.:A-Z][^/]*)/') ? 'docker.io/' + u.image\n  \
             : !u.image.startsWith('docker.io/') && !u.image.startsWith('index.docker.io/') ? u.image\n  \
             : (u.image.indexOf('/') == u.image.lastIndexOf('/') ? 'docker.io/library/' : 'docker.io/')\n    \
             + u.image.substring(u.image.indexOf('/') + 1)})"
        ),
    ));
    variables.push(Variable::new(
        "read",
        "The grammar of distribution/reference, with its lengths. What is not a reference has an empty `ref`, and so has\n\
         an image id (sha256:...), which names what a node happens to hold. Of a digest only its @ is kept.",
        format!(
            "variables.named.map(u, {{'list': u.list, 'noun': u.noun, 'name': u.name, 'image': u.image, 'policy': u.policy,\n  \
             'ref': u.ref.matches({})\n    \
             && (u.ref.size() <= 255 || u.ref.matches({}))\n    \
             && !(u.ref.startsWith('docker.io/library/sha') && u.ref.matches({}))\n    \
             ? u.ref.split('@')[0] + (u.ref.contains('@') ? '@' : '') : ''}})",
            cel::regex(regex::CANONICAL),
            cel::regex(regex::SHORT_PATH),
            cel::regex(regex::IMAGE_ID),
        ),
    ));
}
