//! Every measured figure has one place, `docs/figures.json`. Documents show it between markers:
//!
//! ```text
//! <!-- figures: module pod -->
//! | what | figure | limit | measured with |
//! …
//! <!-- /figures -->
//! ```
//!
//! `BLESS=1 cargo test --test it figures` writes the tables again. With `FIGURES=FILE` it first takes new values from the
//! file, one JSON object a line: `{"name": "pod", "value": 1.15}`.

#![expect(clippy::expect_used, clippy::panic, reason = "a test that cannot read its files fails")]

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use fresh_images_testing::files::{ROOT, read};
use serde::{Deserialize, Serialize};
use serde_json::Number;

const FIGURES: &str = "docs/figures.json";
const OPEN: &str = "<!-- figures: ";
const CLOSE: &str = "<!-- /figures -->";

#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct Figures {
    machine: String,
    figures: Vec<Figure>,
}

#[derive(Deserialize, Serialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Figure {
    name: String,
    what: String,
    value: Number,
    unit: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    at_most: Option<Number>,
    #[serde(skip_serializing_if = "Option::is_none")]
    at_least: Option<Number>,
    command: String,
}

#[derive(Deserialize)]
struct Measured {
    name: String,
    value: Number,
}

impl Figures {
    fn read() -> Self {
        serde_json::from_str(&read(FIGURES)).expect(FIGURES)
    }

    fn find(&self, name: &str) -> &Figure {
        let mut found = self.figures.iter().filter(|figure| figure.name == name);
        let figure = found.next().unwrap_or_else(|| panic!("{FIGURES} has no figure {name}"));
        assert!(found.next().is_none(), "{FIGURES} has two figures {name}");
        figure
    }

    /// The table of these figures.
    fn table(&self, names: &str) -> String {
        let mut table = "| what | figure | limit | measured with |\n|---|---|---|---|\n".to_owned();
        for name in names.split_whitespace() {
            let Figure { what, value, unit, at_most, at_least, command, .. } = self.find(name);
            let limit = match (at_most, at_least) {
                (Some(limit), _) => format!("at most {limit}"),
                (None, Some(limit)) => format!("at least {limit}"),
                (None, None) => "–".to_owned(),
            };
            let command = if command.starts_with("make ") { format!("`{command}`") } else { command.clone() };
            writeln!(table, "| {what} | {value} {unit} | {limit} | {command} |").expect("a string");
        }
        write!(table, "\nMeasured on {}.\n", self.machine).expect("a string");
        table
    }
}

/// README.md and all that is in docs/.
fn documents() -> Vec<String> {
    let folder = fs::read_dir(Path::new(ROOT).join("docs")).expect("docs/");
    let names = folder.map(|entry| entry.expect("an entry").file_name().into_string().expect("UTF-8"));
    let mut documents: Vec<String> =
        names.filter(|name| name.ends_with(".md")).map(|name| format!("docs/{name}")).collect();
    documents.push("README.md".to_owned());
    documents
}

/// A document with its tables written again, and the names of the figures that they show.
fn rendered(figures: &Figures, text: &str, shown: &mut BTreeSet<String>) -> String {
    let mut parts = text.split(OPEN);
    let mut result = parts.next().expect("a first part").to_owned();
    for part in parts {
        let (names, rest) = part.split_once(" -->\n").expect("names, and the end of the marker");
        let (_, rest) = rest.split_once(CLOSE).unwrap_or_else(|| panic!("no {CLOSE} after {names}"));
        write!(result, "{OPEN}{names} -->\n{}{CLOSE}{rest}", figures.table(names)).expect("a string");
        shown.extend(names.split_whitespace().map(str::to_owned));
    }
    result
}

/// Takes the values that were measured.
fn update(figures: &mut Figures, file: &str) {
    let lines = fs::read_to_string(file).expect(file);
    let lines = lines.lines().filter(|line| line.starts_with('{'));
    let mut measured: BTreeMap<String, Number> = lines
        .map(|line| serde_json::from_str(line).unwrap_or_else(|error| panic!("{line}: {error}")))
        .map(|Measured { name, value }| (name, value))
        .collect();
    for figure in &mut figures.figures {
        if let Some(value) = measured.remove(&figure.name) {
            figure.value = value;
        }
    }
    assert!(measured.is_empty(), "{FIGURES} does not have {measured:?}");
    let text = serde_json::to_string_pretty(figures).expect("JSON");
    fs::write(Path::new(ROOT).join(FIGURES), text + "\n").expect("writable");
}

#[test]
fn documents_show_the_figures_that_were_measured() {
    let bless = std::env::var_os("BLESS").is_some();
    let mut figures = Figures::read();
    if let (true, Ok(file)) = (bless, std::env::var("FIGURES")) {
        update(&mut figures, &file);
    }
    let mut shown = BTreeSet::new();
    for document in documents() {
        let text = read(&document);
        let expected = rendered(&figures, &text, &mut shown);
        if bless && expected != text {
            fs::write(Path::new(ROOT).join(&document), &expected).expect("writable");
        }
        assert_eq!(read(&document), expected, "{document}: BLESS=1 cargo test --test it figures");
    }
    let known: BTreeSet<String> = figures.figures.iter().map(|figure| figure.name.clone()).collect();
    assert_eq!(shown, known, "every figure is shown");
    assert!(shown.len() >= 5, "{shown:?}");
}

#[test]
fn figures_keep_their_limits() {
    let number = |number: &Number| number.as_f64().expect("a number");
    for figure in Figures::read().figures {
        let value = number(&figure.value);
        let limits = (figure.at_most.as_ref().map(number), figure.at_least.as_ref().map(number));
        assert!(limits.0.is_none_or(|limit| value <= limit), "{}: {value} {limits:?}", figure.name);
        assert!(limits.1.is_none_or(|limit| value >= limit), "{}: {value} {limits:?}", figure.name);
    }
}
