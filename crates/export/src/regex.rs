//! Patterns of the settings as regular expressions of RE2, which Kubernetes' CEL has.
//!
//! They match the canonical form of an image with its digest cut off, `registry/repository[:tag][@]`, and only one that
//! is well-formed: what that rules out need not be ruled out again. Digests are compared as text, because a match costs by
//! the length of what is matched.

use fresh_images::pattern::{HostCase, ImagePattern, RegistryPattern, TagPattern};
use fresh_images::reference::DOCKER_HUB;

/// Text that is to be matched as it is. What may mean something to RE2 or to CEL is escaped, so that no pattern can
/// leave the expression that it stands in.
pub(crate) fn literal(text: &str) -> String {
    let mut regex = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            'a'..='z' | 'A'..='Z' | '0'..='9' | '_' | '/' | ':' | '@' | '-' => regex.push(character),
            '.' => regex.push_str("\\."),
            _ => regex.push_str(&format!("\\x{{{:x}}}", u32::from(character))),
        }
    }
    regex
}

/// Text with `*`, each of which is `star` in the expression.
pub(crate) fn glob(text: &str, star: &str) -> String {
    text.split('*').map(literal).collect::<Vec<_>>().join(star)
}

/// Within one component of a path.
const COMPONENT: &str = "[^/:@]*";
/// Within a tag.
const TAG: &str = "[^@]*";

/// The start of an image whose host is `text`, up to its port.
fn host(text: &str, case: HostCase) -> String {
    match case {
        HostCase::Exact => labels(text, "[^/A-Z]+", "[^./:A-Z]+"),
        HostCase::Ignore => server(text),
    }
}

/// The labels of a host: a first `*` is one or more, any other exactly one.
fn labels(text: &str, first: &str, other: &str) -> String {
    let (start, rest) = match text.strip_prefix("*.") {
        Some(rest) => (format!("{first}\\."), rest),
        None => (String::new(), text),
    };
    format!("{start}{}", glob(rest, other))
}

/// Every host that reaches the server: in any case, the port with leading zeros, 443 or none.
fn server(text: &str) -> String {
    const ANY: &str = "[^/]+";
    const LABEL: &str = "[^./:]+";
    let (name, port) = match text.rsplit_once(':') {
        Some((name, port)) if !port.ends_with(']') => (name, Some(port.trim_start_matches('0'))),
        _ => (text, None),
    };
    let standard = "(?::0*443)?".to_owned();
    let (is_standard, port_regex) = match port {
        None | Some("443") => (true, standard),
        Some("") => (false, ":0+".into()),
        Some(port) => (false, format!(":0*{port}")),
    };
    let is_docker_hub = matches!(name, DOCKER_HUB | "index.docker.io");
    match name {
        _ if is_docker_hub && is_standard => format!("(?i:(?:index\\.)?docker\\.io){port_regex}"),
        // `index.docker.io` in another case is Docker Hub, and that is not below itself.
        "*.docker.io" if is_standard => {
            format!(
                "(?:{}|(?i:{})(?i:\\.docker\\.io){port_regex})",
                labels(text, ANY, LABEL),
                other_than("index")
            )
        }
        _ => format!("(?i:{}){port_regex}", labels(name, ANY, LABEL)),
    }
}

/// Any run of characters of a host but one word, for RE2 cannot say "not".
fn other_than(word: &str) -> String {
    let length = word.chars().count();
    let shorter = length.saturating_sub(1);
    let longer = length.saturating_add(1);
    let mut choices = vec![format!("[^/]{{1,{shorter}}}"), format!("[^/]{{{longer},}}")];
    let mut before = String::new();
    for character in word.chars() {
        let rest = shorter.saturating_sub(before.chars().count());
        choices.push(format!("{}[^/{character}][^/]{{{rest}}}", literal(&before)));
        before.push(character);
    }
    choices.join("|")
}

/// A pattern that an image may match.
#[derive(Clone, Debug)]
pub(crate) struct Pattern {
    /// In its canonical form, for messages.
    pub(crate) text: String,
    /// Without `^`.
    pub(crate) regex: String,
    /// What the image has to end with: `@` and a digest, or nothing.
    pub(crate) end: String,
}

/// What `registries` means by a pattern.
pub(crate) fn registry(pattern: &RegistryPattern, case: HostCase) -> Pattern {
    let text = pattern.to_string();
    let regex = match text.split_once('/') {
        None => format!("{}/", host(&text, case)),
        Some((name, path)) => {
            format!("{}/{}(?:[/:@]|$)", host(name, case), glob(path, COMPONENT))
        }
    };
    Pattern { text, regex, end: String::new() }
}

/// What `images`, `overrides` and `exempt` mean by a pattern.
pub(crate) fn image(pattern: &ImagePattern, case: HostCase) -> Pattern {
    let text = pattern.to_string();
    let (named, digest) = match text.split_once('@') {
        Some((named, digest)) => (named, Some(digest)),
        None => (text.as_str(), None),
    };
    let (start, rest) = match named.split_once('/') {
        Some((name, rest)) => (format!("{}/", host(name, case)), rest),
        // The one pattern without a host.
        None => ("[^/]+/".into(), named),
    };
    let (path, tag) = match rest.split_once(':') {
        Some((path, tag)) => (path, Some(tag)),
        None => (rest, None),
    };
    let path = match path.strip_suffix("**") {
        Some(parent) => format!("{}[^:@]+", glob(parent, COMPONENT)),
        None => glob(path, COMPONENT),
    };
    let end = match (tag, digest) {
        (None, None) => "(?:[:@]|$)".into(),
        (None, Some(_)) => "(?::[^@]*)?@$".into(),
        (Some(tag), Some(_)) => format!(":{}@$", glob(tag, TAG)),
        (Some(tag), None) if is_latest(tag) => format!("(?::{}(?:@|$)|$)", glob(tag, TAG)),
        (Some(tag), None) => format!(":{}(?:@|$)", glob(tag, TAG)),
    };
    let regex = format!("{start}{path}{end}");
    let end = digest.map_or(String::new(), |digest| format!("@{digest}"));
    Pattern { text, regex, end }
}

/// What `tags.reject` means by its patterns, as one expression without `^`.
pub(crate) fn tags(patterns: &[TagPattern]) -> String {
    let choices: Vec<String> = patterns.iter().map(|pattern| glob(&pattern.to_string(), TAG)).collect();
    let implied = if patterns.iter().any(|pattern| pattern.matches("latest")) { "|$" } else { "" };
    let flag = if patterns.iter().any(TagPattern::ignores_case) { "i" } else { "" };
    format!("[^/]+/[^:@]+(?::(?{flag}:{})(?:@|$){implied})", choices.join("|"))
}

/// Whether the tag that is pulled where none is written matches.
fn is_latest(tag: &str) -> bool {
    TagPattern::parse(tag).is_ok_and(|tag| tag.matches("latest"))
}

/// The name of a container, a namespace, a user or a group.
pub(crate) fn name(text: &str) -> String {
    glob(text, "[\\s\\S]*")
}

/// One expression for a choice of several, each from the start.
pub(crate) fn any(choices: &[&str]) -> String {
    match choices {
        [one] => format!("^{one}"),
        _ => format!("^(?:{})", choices.join("|")),
    }
}

/// One expression for names that match one of several wholly.
pub(crate) fn any_name(texts: &[String]) -> String {
    format!("^(?:{})$", texts.iter().map(|text| name(text)).collect::<Vec<_>>().join("|"))
}

/// A well-formed image in its canonical form, but for its length and what is an image id.
/// Source: distribution/reference v0.6.0, as in [`fresh_images::reference`].
pub(crate) const CANONICAL: &str = concat!(
    // A host, or an address in brackets: without a `:` or an upper-case letter these are no registry.
    r"^(?:[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?(?:\.[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?)*|\[[0-9A-Fa-f:]+\])",
    r"(?::[0-9]+)?",
    r"(?:/[a-z0-9]+(?:(?:\.|__?|-+)[a-z0-9]+)*)+",
    r"(?::[0-9A-Za-z_][0-9A-Za-z_.-]{0,127})?",
    r"(?:@(?:sha256:[0-9a-f]{64}|sha384:[0-9a-f]{96}|sha512:[0-9a-f]{128}))?$",
);

/// A path of at most 255 bytes.
pub(crate) const SHORT_PATH: &str = "^[^/]+/[^:@]{1,255}(?:[:@]|$)";

/// An image id on the node, which is no image of a registry.
pub(crate) const IMAGE_ID: &str = "^docker\\.io/library/sha(?:256|384|512)(?:[:@]|$)";
