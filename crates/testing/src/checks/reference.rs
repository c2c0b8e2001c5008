//! The parser against the regular expressions of distribution/reference v0.6.0 (`regexp.go`, `normalize.go`) and
//! go-digest v1.0.0, put together here a second time.

use std::sync::LazyLock;

use fresh_images::reference::{MAX_LENGTH, Reference};
use regex::Regex;

/// A reference means what the regular expressions of distribution/reference say.
///
/// # Panics
///
/// If that does not hold.
pub fn check(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let parsed = Reference::parse(text);
    let ours = parsed.as_ref().ok().map(|it| {
        let part = |part: Option<&str>| part.unwrap_or_default().to_owned();
        [it.registry().to_owned(), it.repository().to_string(), part(it.tag()), part(it.digest())]
    });
    assert_eq!(ours, parse(text), "{text:?}");
    match parsed {
        Ok(reference) => {
            let canonical = reference.to_string();
            assert_eq!(Reference::parse(&canonical), Ok(reference), "{text:?}");
            assert_eq!(reference.is_pinned(), reference.digest().is_some());
        }
        Err(error) => {
            let error = error.to_string();
            assert!(error.len() <= 256 && error.bytes().all(|it| matches!(it, b' '..=b'~')), "{error:?}");
        }
    }
}

const HOST: &str = r"(?:(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9])(?:\.(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9]))*|\[[a-fA-F0-9:]+\])(?::[0-9]+)?";
const PATH: &str = r"[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*(?:/[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*)*";

static WHOLE: LazyLock<Regex> = LazyLock::new(|| {
    let digest = "[A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*:[0-9a-fA-F]{32,}";
    let tag = "[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}";
    Regex::new(&format!("^((?:{HOST}/)?{PATH})(?::({tag}))?(?:@({digest}))?$")).expect("a pattern")
});
static NAME: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(&format!("^(?:({HOST})/)?({PATH})$")).expect("a pattern"));
static DIGEST: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new("^(?:sha256:[a-f0-9]{64}|sha384:[a-f0-9]{96}|sha512:[a-f0-9]{128})$").expect("a pattern")
});

/// Registry, repository, tag and digest; what is not there is empty.
fn parse(text: &str) -> Option<[String; 4]> {
    let is_image_id = text.len() == 64 && text.bytes().all(|it| matches!(it, b'0'..=b'9' | b'a'..=b'f'));
    if is_image_id || text.len() > MAX_LENGTH {
        return None;
    }
    let (mut domain, mut rest) = match text.split_once('/') {
        Some((first, rest))
            if first.contains(['.', ':']) || first == "localhost" || first.to_lowercase() != first =>
        {
            (first, rest.to_owned())
        }
        _ => ("docker.io", text.to_owned()),
    };
    if domain == "index.docker.io" {
        domain = "docker.io";
    }
    if domain == "docker.io" && !rest.contains('/') {
        rest = format!("library/{rest}");
    }
    let whole = format!("{domain}/{rest}");
    let parts = WHOLE.captures(&whole)?;
    let part = |index: usize| parts.get(index).map_or("", |it| it.as_str()).to_owned();
    let (name, tag, digest) = (part(1), part(2), part(3));
    if !digest.is_empty() && !DIGEST.is_match(&digest) {
        return None;
    }
    let name = NAME.captures(&name)?;
    // Without a registry, and an id on the node: refused beyond the grammar.
    let (registry, repository) = (name.get(1)?.as_str().to_owned(), name.get(2)?.as_str().to_owned());
    let is_local = registry == "docker.io"
        && matches!(repository.as_str(), "library/sha256" | "library/sha384" | "library/sha512");
    (repository.len() <= 255 && !is_local).then_some([registry, repository, tag, digest])
}
