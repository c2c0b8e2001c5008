//! Regular expressions of RE2, which Kubernetes' CEL has.

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

/// One expression for a choice of several, each from the start.
pub(crate) fn any(choices: &[&str]) -> String {
    match choices {
        [one] => format!("^{one}"),
        _ => format!("^({})", choices.join("|")),
    }
}

/// A well-formed image in its canonical form without its digest, but for its length and what is an image id.
/// Source: distribution/reference v0.6.0, as in [`fresh_images::reference`].
pub(crate) const NAMED: &str = concat!(
    // A host, or an address in brackets: without a `:` or an upper-case letter these are no registry. RE2 means ASCII by
    // `\w` and `\d`, so `[^\W_]` is a letter or a digit.
    r"^([^\W_]+((\.|-+)[^\W_]+)*|\[[\dA-Fa-f:]+\])",
    r"(:\d+)?",
    // Between two components of a path stands a slash, and within one a separator.
    r"/[a-z\d]+(([./]|__?|-+)[a-z\d]+)*",
    r"(:\w[\w.-]{0,127})?$",
);

/// A digest, but for the longer ones. Source: as of [`NAMED`].
pub(crate) const SHA256: &str = r"^sha256:[\da-f]{64}$";

/// A longer digest. Source: as of [`NAMED`].
pub(crate) const LONGER_DIGEST: &str = r"^sha(384:[\da-f]{96}|512:[\da-f]{128})$";

/// A path of at most 255 bytes.
pub(crate) const SHORT_PATH: &str = "^[^/]+/[^:]{1,255}(:|$)";

/// An image id on the node, which is no image of a registry.
pub(crate) const IMAGE_ID: &str = "^docker\\.io/library/sha(256|384|512)(:|$)";
