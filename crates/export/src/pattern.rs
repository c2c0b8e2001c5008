//! Patterns of images as tests in CEL, over the canonical form of an image with its digest cut off,
//! `registry/repository[:tag][@]`. It is well-formed: what the grammar rules out need not be ruled out again.
//!
//! A comparison with a text costs little, and a regular expression costs by its length times that of the image. So what a
//! pattern starts with is compared first, and the expression is only evaluated where that fits:
//!
//! | pattern | test |
//! |---|---|
//! | `ghcr.io` | `u.ref.startsWith('ghcr.io/')` |
//! | `nginx` | `u.ref.startsWith('docker.io/library/nginx') && u.ref.substring(23).matches(r'^([:@]|$)')` |
//! | `*.corp.example` | `u.ref.matches(r'^[^/A-Z]+\.corp\.example/')` |

use fresh_images::pattern::{HostCase, ImagePattern, PatternError, RegistryPattern, TagPattern, server};

use crate::cel::{self, Cost, Test};
use crate::regex::{self, literal};

/// Within one component of a path.
const COMPONENT: &str = "[^/:@]*";
/// Within a tag.
const TAG: &str = "[^@]*";

/// The spelling of an image that a pattern is compared with: a member of a use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Spelling {
    /// The canonical form.
    Canonical,
    /// The same with the host as a server sees it; see [`crate::uses::read`].
    Server,
}

impl Spelling {
    fn member(self) -> &'static str {
        match self {
            Self::Canonical => "ref",
            Self::Server => "server",
        }
    }
}

/// A pattern that an image may match.
#[derive(Clone, Debug)]
pub(crate) struct Pattern {
    /// In its canonical form, for messages.
    pub(crate) text: String,
    spelling: Spelling,
    /// What the image starts with.
    start: String,
    /// An expression for what follows. If it is empty, anything may.
    rest: String,
    /// What the image ends with as it was written: `@` and a digest, or nothing.
    end: String,
}

impl Pattern {
    fn new(text: &str, spelling: Spelling) -> Self {
        Self { text: text.into(), spelling, start: String::new(), rest: String::new(), end: String::new() }
    }

    fn push_text(&mut self, text: &str) {
        if self.rest.is_empty() {
            self.start.push_str(text);
        } else {
            self.rest.push_str(&literal(text));
        }
    }

    fn push_regex(&mut self, regex: &str) {
        self.rest.push_str(regex);
    }

    /// Text with `*`, each of which is `star` in the expression.
    fn push_glob(&mut self, text: &str, star: &str) {
        for (index, part) in text.split('*').enumerate() {
            if index > 0 {
                self.push_regex(star);
            }
            self.push_text(part);
        }
    }

    /// The labels of a host and its port: a first `*` is one or more labels, any other exactly one.
    fn push_host(&mut self, text: &str, case: HostCase) {
        let (labels, label) = match case {
            // A host in upper case matches nothing.
            HostCase::Exact => ("[^/A-Z]+", "[^./:A-Z]+"),
            HostCase::Ignore => ("[^/]+", "[^./:]+"),
        };
        let rest = match text.strip_prefix("*.") {
            Some(rest) => {
                self.push_regex(labels);
                self.push_text(".");
                rest
            }
            None => text,
        };
        self.push_glob(rest, label);
    }

    /// Whether it is one expression, and can be joined with others.
    fn is_regex_alone(&self) -> bool {
        self.start.is_empty() && self.end.is_empty() && !self.rest.is_empty()
    }

    /// Whether the image of a use matches, as CEL.
    fn test(&self, of_use: &str) -> String {
        let spelling = format!("{of_use}.{}", self.spelling.member());
        let mut tests = Vec::new();
        if !self.end.is_empty() {
            tests.push(format!("{of_use}.image.endsWith({})", cel::text(&self.end)));
        }
        if !self.start.is_empty() {
            tests.push(format!("{spelling}.startsWith({})", cel::text(&self.start)));
        }
        if !self.rest.is_empty() {
            let cut = match self.start.len() {
                0 => String::new(),
                length => format!(".substring({length})"),
            };
            tests.push(format!("{spelling}{cut}.matches({})", cel::regex(&format!("^{}", self.rest))));
        }
        if tests.is_empty() { "true".into() } else { tests.join(" && ") }
    }

    /// What is compared in any case.
    fn first_cost(&self) -> Cost {
        if self.is_regex_alone() {
            self.regex_cost()
        } else {
            Cost::of_text(self.start.len().max(self.end.len()))
        }
    }

    fn regex_cost(&self) -> Cost {
        if self.rest.is_empty() {
            Cost::ZERO
        } else {
            Cost::of_regex(self.rest.len()).and(Cost::of_text(100))
        }
    }
}

/// Patterns of a list that a checked policy was made of, so that none fails.
fn parse<P>(texts: &[String], parse: fn(&str) -> Result<P, PatternError>) -> impl Iterator<Item = P> {
    texts.iter().filter_map(move |text| parse(text).ok())
}

/// What `registries` means by its patterns.
pub(crate) fn registries(texts: &[String], case: HostCase) -> Vec<Pattern> {
    let each = parse(texts, RegistryPattern::parse).flat_map(|pattern| {
        let text = pattern.to_string();
        let (host, path) = match text.split_once('/') {
            Some((host, path)) => (host.to_owned(), Some(path.to_owned())),
            None => (text.clone(), None),
        };
        hosts(&text, &host, case).into_iter().map(move |mut pattern| {
            pattern.push_text("/");
            if let Some(path) = &path {
                pattern.push_glob(path, COMPONENT);
                pattern.push_regex("([/:@]|$)");
            }
            pattern
        })
    });
    each.collect()
}

/// What `images`, `overrides` and `exempt` mean by their patterns.
pub(crate) fn images(texts: &[String], case: HostCase) -> Vec<Pattern> {
    parse(texts, ImagePattern::parse).flat_map(|pattern| image(&pattern.to_string(), case)).collect()
}

/// The patterns of `tags.reject`.
pub(crate) fn tags(texts: &[String], ignore_case: bool) -> Vec<TagPattern> {
    parse(texts, if ignore_case { TagPattern::parse_ignoring_case } else { TagPattern::parse }).collect()
}

fn image(text: &str, case: HostCase) -> Vec<Pattern> {
    let (named, digest) = match text.split_once('@') {
        Some((named, digest)) => (named, Some(digest)),
        None => (text, None),
    };
    let (starts, rest) = match named.split_once('/') {
        Some((host, rest)) => (hosts(text, host, case), rest),
        // The one pattern without a host.
        None => (vec![Pattern::new(text, Spelling::Canonical)], named),
    };
    let (path, tag) = match rest.split_once(':') {
        Some((path, tag)) => (path, Some(tag)),
        None => (rest, None),
    };
    let finish = |mut pattern: Pattern| {
        let has_host = !pattern.start.is_empty() || !pattern.rest.is_empty();
        if has_host {
            pattern.push_text("/");
        }
        let path = match path.strip_suffix("**") {
            Some(parent) => {
                pattern.push_glob(parent, COMPONENT);
                if tag.is_none() && digest.is_none() {
                    // An image has something there, and anything may follow.
                    return pattern;
                }
                pattern.push_regex(if has_host { "[^:@]+" } else { "[^/]+/[^:@]+" });
                ""
            }
            None => path,
        };
        pattern.push_glob(path, COMPONENT);
        match (tag, digest) {
            (None, None) => pattern.push_regex("([:@]|$)"),
            (None, Some(_)) => pattern.push_regex("(:[^@]*)?@$"),
            // An image without a tag and without a digest is pulled by the tag `latest`.
            (Some(tag), None) if TagPattern::parse(tag).is_ok_and(|it| it.matches("latest")) => {
                pattern.push_regex("(:");
                pattern.push_glob(tag, TAG);
                pattern.push_regex("(@|$)|$)");
            }
            (Some(tag), _) => {
                pattern.push_text(":");
                pattern.push_glob(tag, TAG);
                pattern.push_regex(if digest.is_some() { "@$" } else { "(@|$)" });
            }
        }
        pattern.end = digest.map_or(String::new(), |digest| format!("@{digest}"));
        pattern
    };
    starts.into_iter().map(finish).collect()
}

/// Patterns that have the host of one and lack what follows it. Usually one; either may match.
fn hosts(text: &str, host: &str, case: HostCase) -> Vec<Pattern> {
    let start = |host: &str, spelling| {
        let mut pattern = Pattern::new(text, spelling);
        pattern.push_host(host, case);
        pattern
    };
    match case {
        HostCase::Exact => vec![start(host, Spelling::Canonical)],
        HostCase::Ignore => {
            let mut patterns = vec![start(&server(host), Spelling::Server)];
            // A server knows `INDEX.docker.io` as Docker Hub, which is not below itself. As it is written it is.
            if ["*.docker.io", "*.*.io"].iter().any(|hub| host.strip_prefix(hub).is_some_and(is_port)) {
                patterns.push(start(host, Spelling::Canonical));
            }
            patterns
        }
    }
}

fn is_port(text: &str) -> bool {
    text.is_empty() || text.starts_with(':')
}

/// Whether a use `u` matches one of several patterns, as CEL.
pub(crate) fn matches_any(patterns: &[Pattern]) -> Test {
    let mut tests = Vec::new();
    for spelling in [Spelling::Canonical, Spelling::Server] {
        let of_spelling = || patterns.iter().filter(|it| it.spelling == spelling);
        let joined: Vec<&str> =
            of_spelling().filter(|it| it.is_regex_alone()).map(|it| it.rest.as_str()).collect();
        if !joined.is_empty() {
            tests.push(format!("u.{}.matches({})", spelling.member(), cel::regex(&regex::any(&joined))));
        }
        tests.extend(of_spelling().filter(|it| !it.is_regex_alone()).map(|it| it.test("u")));
    }
    let test = tests.join("\n    || ");
    let is_one = tests.len() == 1 && !test.contains("&&");
    Test { cel: if is_one { test } else { format!("({test})") }, cost: cost_of_any(patterns) }
}

/// What the test costs at most. Only patterns whose starts are starts of each other are evaluated to their ends for the same
/// image.
fn cost_of_any(patterns: &[Pattern]) -> Cost {
    let first: Cost = patterns.iter().map(Pattern::first_cost).sum();
    if first.is_too_much() {
        return first;
    }
    let with_start = || patterns.iter().filter(|it| !it.is_regex_alone() && !it.rest.is_empty());
    let of_image = |image: &Pattern| -> Cost {
        with_start().filter(|it| image.start.starts_with(&it.start)).map(Pattern::regex_cost).sum()
    };
    first.and(with_start().map(of_image).max().unwrap_or(Cost::ZERO))
}

/// The text of the first pattern that the first finding matches, as CEL.
pub(crate) fn first_match(patterns: &[Pattern]) -> String {
    let texts: Vec<String> = patterns.iter().map(|it| cel::text(&it.text)).collect();
    let tests: Vec<String> = patterns.iter().map(|it| it.test("variables.first")).collect();
    chosen(&texts, &tests)
}

/// The text whose test is the first to hold.
fn chosen(texts: &[String], tests: &[String]) -> String {
    match (texts, tests) {
        ([text], _) => text.clone(),
        _ => format!("[{}][[\n      {}].indexOf(true)]", texts.join(", "), tests.join(",\n      ")),
    }
}

/// The tag of a use with its `:`, and the `@` of a digest, as CEL. An image with neither has an empty text.
fn tag_of(of_use: &str) -> String {
    format!("{of_use}.ref.find(r'[:@][^/]*$')")
}

/// Whether the tag of a use matches one of several patterns.
fn tag_test(patterns: &[TagPattern], of_use: &str) -> String {
    let choices: Vec<String> =
        patterns.iter().map(|pattern| regex::glob(&pattern.to_string(), ".*")).collect();
    let choices = choices.join("|");
    let flag = if patterns.iter().any(TagPattern::ignores_case) { "i" } else { "" };
    let is_latest = patterns.iter().any(|pattern| pattern.matches("latest"));
    let regex = if is_latest {
        format!("^((?{flag}::({choices}))@?)?$")
    } else {
        format!("^(?{flag}::({choices}))@?$")
    };
    format!("{}.matches({})", tag_of(of_use), cel::regex(&regex))
}

/// Whether the tag of a use `u` matches one of several patterns, as CEL.
pub(crate) fn matches_any_tag(patterns: &[TagPattern]) -> Test {
    let cel = tag_test(patterns, "u");
    // What finds the tag is an expression as well.
    let cost = Cost::of_regex(cel.len());
    Test { cel, cost }
}

/// The text of the first pattern that the tag of the first finding matches, as CEL.
pub(crate) fn first_tag_match(patterns: &[TagPattern]) -> String {
    let texts: Vec<String> = patterns.iter().map(|it| cel::text(&it.to_string())).collect();
    let tests: Vec<String> =
        patterns.iter().map(|it| tag_test(std::slice::from_ref(it), "variables.first")).collect();
    chosen(&texts, &tests)
}
