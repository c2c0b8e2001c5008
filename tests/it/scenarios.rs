//! What documents say about a cluster is shown by a scenario of `tests/cluster`, which `make cluster-test` runs.
//!
//! | in a document | is |
//! |---|---|
//! | `<!-- scenario: NAME -->` | the `@test` of that name, which shows what is said before it |
//! | a column of the table in `docs/operations.md` | `@test "what happens to: COLUMN"` |
//! | a row of it | a function `row_…`, with the first cell as its comment |

#![expect(clippy::expect_used, reason = "a test that cannot read its files fails")]

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use fresh_images_testing::files::{ROOT, read};

/// The names of files in a folder that end in this.
fn files(folder: &str, end: &str) -> Vec<String> {
    let entries = fs::read_dir(Path::new(ROOT).join(folder)).expect(folder);
    let names = entries.map(|entry| entry.expect("readable").file_name().into_string().expect("UTF-8"));
    names.filter(|name| name.ends_with(end)).map(|name| format!("{folder}/{name}")).collect()
}

/// Everything between two texts, of a line each.
fn between(text: &str, start: &str, end: &str) -> Vec<String> {
    let found = text.lines().filter_map(|line| line.trim_start().strip_prefix(start)?.strip_suffix(end));
    found.map(str::to_owned).collect()
}

fn scenarios() -> BTreeSet<String> {
    let texts = files("tests/cluster", ".bats").into_iter().map(|file| read(&file));
    let all: Vec<String> = texts.flat_map(|text| between(&text, "@test \"", "\" {")).collect();
    let names: BTreeSet<String> = all.iter().cloned().collect();
    assert_eq!(all.len(), names.len(), "two scenarios of one name: {all:?}");
    names
}

/// What the title of a scenario that is a column starts with.
const COLUMN: &str = "what happens to: ";

#[test]
fn documents_and_scenarios_name_each_other() {
    let mut documents = files("docs", ".md");
    documents.extend(["README.md".into(), "policies/README.md".into()]);
    let texts: Vec<String> = documents.iter().map(|file| read(file)).collect();
    let named: BTreeSet<String> =
        texts.iter().flat_map(|text| between(text, "<!-- scenario: ", " -->")).collect();
    let mut scenarios = scenarios();
    scenarios.retain(|name| !name.starts_with(COLUMN));
    let missing: Vec<&String> = named.difference(&scenarios).collect();
    assert!(missing.is_empty(), "documents name scenarios that are not there: {missing:#?}");
    let unsaid: Vec<&String> = scenarios.difference(&named).collect();
    assert!(unsaid.is_empty(), "no document says what these scenarios show: {unsaid:#?}");
}

#[test]
fn each_cell_of_what_happens_has_its_scenario() {
    let text = read("docs/operations.md");
    let (_, table) = text.split_once("<!-- what-happens -->\n").expect("a table");
    let (table, _) = table.split_once("<!-- /what-happens -->").expect("the end of the table");
    let cells = |line: &str| -> Vec<String> {
        line.trim_matches('|').split('|').map(|cell| cell.trim().to_owned()).collect()
    };
    let mut lines = table.lines().map(cells);
    let columns = lines.next().expect("a header").split_off(1);
    let of_scenarios: BTreeSet<String> =
        scenarios().iter().filter_map(|name| name.strip_prefix(COLUMN)).map(str::to_owned).collect();
    assert_eq!(columns.iter().cloned().collect::<BTreeSet<_>>(), of_scenarios);
    let rows: Vec<Vec<String>> = lines.skip(1).collect();
    for row in &rows {
        assert_eq!(row.len(), columns.len().saturating_add(1), "{row:?}");
        assert!(row.iter().all(|cell| !cell.is_empty()), "an empty cell: {row:?}");
    }
    let titles: Vec<String> = rows.into_iter().filter_map(|row| row.into_iter().next()).collect();
    let bats = read("tests/cluster/what-happens.bats");
    let functions = bats.lines().filter_map(|line| line.strip_prefix("row_")?.split_once("() { # "));
    let of_functions: Vec<String> = functions.map(|(_, title)| title.to_owned()).collect();
    assert_eq!(titles, of_functions);
}
