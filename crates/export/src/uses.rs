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
    pub(crate) noun: &'static str,
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
            "{}\n  .map(c, {{'list': '{}', 'name': string(c.?name.orValue('')),\n    \
             'image': {image}, 'policy': {pull_policy}}})",
            naming("variables.pod", list.key),
            list.key,
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
            "request.operation != 'UPDATE' ? variables.uses\n: variables.uses.filter(u, {is_judged}\n  \
             || !((u.list + ' ' + u.name + ' ' + u.policy + ' ' + u.image) in variables.before))"
        ),
    ));
}

/// The members of a use that a variable takes over.
pub(crate) const USE: &str = "'list': u.list, 'name': u.name, 'image': u.image, 'policy': u.policy";

/// Reads references: adds `ref`, the canonical form, or an empty text where it is not a reference. If rules ask for it, adds
/// `server` as well: the same with the host as a server sees it.
pub(crate) fn read(with_server: bool, variables: &mut Vec<Variable>) {
    let mut comment = String::from(
        "The canonical form: nginx is docker.io/library/nginx. What comes before the first slash is a registry if it is\n\
         localhost or has a dot, a colon or an upper-case letter. Then the grammar of distribution/reference, with its lengths.\n\
         What is not a reference has an empty `ref`, and so has an image id (sha256:...), which names what a node happens to\n\
         hold. Of a digest only its @ is kept.",
    );
    let mut members = format!("{USE}, 'ref': r");
    if with_server {
        comment.push_str(
            " `server` is `ref` with the host as a server sees it: in lower case, without port\n\
             443 and without leading zeros of a port, and docker.io for its other name.",
        );
        members.push_str(
            ",\n    'server': !r.matches(r'^[^/]*([A-Z]|:0|:443/)') ? r\n    \
             : [r.split('/')[0].lowerAscii()]\n      \
             .map(h, h.matches(r':0*443$') ? h.substring(0, h.lastIndexOf(':'))\n        \
             : h.matches(r':0+[0-9]*$') ? h.substring(0, h.lastIndexOf(':') + 1) + h.find(r'[1-9][0-9]*$') : h)\n      \
             .map(h, h == 'index.docker.io' ? 'docker.io' : h)[0] + r.substring(r.indexOf('/'))",
        );
    }
    let named = cel::regex(regex::NAMED);
    let sha256 = cel::regex(regex::SHA256);
    let longer_digest = cel::regex(regex::LONGER_DIGEST);
    let short_path = cel::regex(regex::SHORT_PATH);
    let image_id = cel::regex(regex::IMAGE_ID);
    let expression = format!(
        "variables.changed.map(u, [(u.image.size() > 4096 || u.image.size() == 64 && u.image.matches(r'^[0-9a-f]{{64}}$') ? ''\n    \
         : !u.image.contains('/') ? 'docker.io/library/' + u.image\n    \
         : !u.image.startsWith('localhost/') && !u.image.matches(r'^[^/]*[.:A-Z]') ? 'docker.io/' + u.image\n    \
         : !u.image.startsWith('docker.io/') && !u.image.startsWith('index.docker.io/') ? u.image\n    \
         : (u.image.indexOf('/') == u.image.lastIndexOf('/') ? 'docker.io/library/' : 'docker.io/')\n      \
         + u.image.substring(u.image.indexOf('/') + 1)).split('@', 2)]\n  \
         .map(p, p[0].matches({named})\n    \
         && (p.size() == 1 || p[1].matches({sha256}) || p[1].matches({longer_digest}))\n    \
         && (p[0].size() <= 255 || p[0].matches({short_path}))\n    \
         && !(p[0].startsWith('docker.io/library/sha') && p[0].matches({image_id}))\n    \
         ? p[0] + (p.size() == 1 ? '' : '@') : '')\n  \
         .map(r, {{{members}}})[0])"
    );
    variables.push(Variable::new("read", comment, expression));
}
