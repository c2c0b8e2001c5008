//! The name of an image: `[domain [":" port] "/"] path`.

use super::error::{ErrorKind, Part, ReferenceError};
use super::split_before;

/// The longest path, in bytes, `library/` included and the registry not.
/// Source: `RepositoryNameTotalLengthMax` in distribution/reference v0.6.0.
pub(super) const MAX_PATH_LENGTH: usize = 255;

/// Pasting a URL is common, so it gets its own message.
pub(crate) fn expect_no_scheme(text: &str) -> Result<(), ReferenceError> {
    match text.as_bytes().windows(3).position(|three| three == b"://") {
        Some(at) => Err(ErrorKind::Scheme { at }.into()),
        None => Ok(()),
    }
}

/// Whether what comes before the first `/` is a registry, or already the path of an image on Docker Hub.
/// Source: `splitDockerDomain` in distribution/reference v0.6.0.
pub(crate) fn is_registry(first: &str) -> bool {
    first == "localhost" || first.bytes().any(|b| matches!(b, b'.' | b':') || b.is_ascii_uppercase())
}

/// Checks `domain [":" port]` and answers it in canonical form. `at` is where it starts in the reference.
pub(crate) fn parse_registry(text: &str, at: usize) -> Result<&str, ReferenceError> {
    if let Some(inner) = text.strip_prefix('[') {
        // Go's grammar takes any run of hex digits and colons for an IPv6 address; so does containerd.
        let Some((address, after)) = inner.split_once(']') else {
            return Err(ErrorKind::UnclosedBracket.into());
        };
        let start = at.saturating_add(1);
        if address.is_empty() {
            return Err(ErrorKind::EmptyPart { part: Part::Ipv6, at: start }.into());
        }
        expect_bytes(address, start, Part::Ipv6, |b| b.is_ascii_hexdigit() || b == b':')?;
        let end = start.saturating_add(address.len()).saturating_add(1);
        match after.strip_prefix(':') {
            Some(port) => parse_port(port, end.saturating_add(1))?,
            None => expect_bytes(after, end, Part::Registry, |_| false)?,
        }
        return Ok(text);
    }

    let (domain, port) = split_before(text, |byte| byte == b':');
    if let Some(port) = port.strip_prefix(':') {
        parse_port(port, at.saturating_add(domain.len()).saturating_add(1))?;
    }
    if !is_domain(domain.as_bytes()) {
        return Err(domain_error(domain, at));
    }
    Ok(if text == "index.docker.io" { super::DOCKER_HUB } else { text })
}

/// `label ("." label)*`, in one pass.
fn is_domain(domain: &[u8]) -> bool {
    // Before the first byte of a label, after a letter or digit, after `-`.
    enum State {
        Start,
        Word,
        Dash,
    }
    let mut state = State::Start;
    for byte in domain {
        state = match (state, byte) {
            (_, b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9') => State::Word,
            (State::Word | State::Dash, b'-') => State::Dash,
            (State::Word, b'.') => State::Start,
            _ => return false,
        };
    }
    matches!(state, State::Word)
}

/// What is wrong with a domain that is none.
#[cold]
fn domain_error(domain: &str, at: usize) -> ReferenceError {
    let mut start = at;
    for label in domain.split('.') {
        if label.is_empty() {
            return ErrorKind::EmptyPart { part: Part::Registry, at: start }.into();
        }
        let wrong = expect_bytes(label, start, Part::Registry, |b| b.is_ascii_alphanumeric() || b == b'-');
        if let Err(error) = wrong {
            return error;
        }
        if label.starts_with('-') || label.ends_with('-') {
            return ErrorKind::Edge { part: Part::Registry, at: start }.into();
        }
        start = start.saturating_add(label.len()).saturating_add(1);
    }
    ErrorKind::EmptyPart { part: Part::Registry, at }.into()
}

fn parse_port(port: &str, at: usize) -> Result<(), ReferenceError> {
    if port.is_empty() {
        return Err(ErrorKind::EmptyPart { part: Part::Port, at }.into());
    }
    expect_bytes(port, at, Part::Port, |b| b.is_ascii_digit())
}

/// Checks `comp ("/" comp)*`, but not its length. `at` is where it starts in the reference.
pub(crate) fn parse_path(path: &str, at: usize) -> Result<(), ReferenceError> {
    if is_path(path.as_bytes()) { Ok(()) } else { Err(path_error(path, at)) }
}

/// `comp ("/" comp)*` with `comp = [a-z0-9]+ (("." | "_" | "__" | "-"+) [a-z0-9]+)*`, in one pass.
fn is_path(path: &[u8]) -> bool {
    // Before the first byte of a component, after a letter or digit, after each separator.
    enum State {
        Start,
        Word,
        Dot,
        Underscore,
        TwoUnderscores,
        Dashes,
    }
    let mut state = State::Start;
    for byte in path {
        state = match (state, byte) {
            (_, b'a'..=b'z' | b'0'..=b'9') => State::Word,
            (State::Word, b'/') => State::Start,
            (State::Word, b'.') => State::Dot,
            (State::Word, b'_') => State::Underscore,
            (State::Underscore, b'_') => State::TwoUnderscores,
            (State::Word | State::Dashes, b'-') => State::Dashes,
            _ => return false,
        };
    }
    matches!(state, State::Word)
}

/// What is wrong with a path that is none.
#[cold]
fn path_error(path: &str, at: usize) -> ReferenceError {
    let mut start = at;
    for component in path.split('/') {
        if !is_path(component.as_bytes()) {
            return component_error(component, start);
        }
        start = start.saturating_add(component.len()).saturating_add(1);
    }
    ErrorKind::EmptyPart { part: Part::Path, at }.into()
}

fn component_error(component: &str, at: usize) -> ReferenceError {
    if component.is_empty() {
        return ErrorKind::EmptyPart { part: Part::Path, at }.into();
    }
    if let Some((offset, letter)) = component.char_indices().find(|(_, c)| c.is_ascii_uppercase()) {
        return ErrorKind::UppercasePath { letter, at: at.saturating_add(offset) }.into();
    }
    let wrong = expect_bytes(component, at, Part::Path, |b| {
        b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'.' | b'_' | b'-')
    });
    if let Err(error) = wrong {
        return error;
    }
    let is_separator = |c: char| matches!(c, '.' | '_' | '-');
    if component.starts_with(is_separator) || component.ends_with(is_separator) {
        ErrorKind::Edge { part: Part::Path, at }.into()
    } else {
        ErrorKind::Separators { at }.into()
    }
}

/// Fails at the first character that `allowed` does not take.
pub(super) fn expect_bytes(
    text: &str,
    at: usize,
    part: Part,
    allowed: impl Fn(u8) -> bool,
) -> Result<(), ReferenceError> {
    match text.bytes().position(|b| !allowed(b)) {
        None => Ok(()),
        Some(offset) => {
            // A byte that is not ASCII is never allowed, so `offset` starts a character.
            let character = text.get(offset..).and_then(|rest| rest.chars().next()).unwrap_or('\u{fffd}');
            Err(ErrorKind::Character { part, character, at: at.saturating_add(offset) }.into())
        }
    }
}
