//! The corpus and the tables of attacks, read as the command line reads manifests: the YAML means what another parser
//! says, and what is made of it is judged as the case says.

use fresh_images_manifests::document::{self, DocumentError, Source};
use fresh_images_manifests::subject::{self, Subject};
use fresh_images_testing::{corpus, hostile};
use serde_json::Value;

/// The only thing to judge in a text.
fn only_subject(text: &str) -> Result<Subject, String> {
    let source = Source::new("case", text);
    let at = |error: DocumentError| format!("{}: {error}", source.position(error.offset));
    let documents: Vec<_> = document::read(&source).into_iter().collect::<Result<_, _>>().map_err(at)?;
    let [document] = documents.as_slice() else { return Err(format!("{} documents", documents.len())) };
    let mut subjects: Vec<_> =
        subject::subjects(document).into_iter().collect::<Result<_, _>>().map_err(at)?;
    match (subjects.pop(), subjects.len()) {
        (Some(subject), 0) => Ok(subject),
        (_, more) => Err(format!("{more} things to judge besides the last")),
    }
}

#[test]
fn cases_are_judged_as_they_say() {
    let mut failures = Vec::new();
    for case in corpus::cases().into_iter().filter(corpus::Case::is_yaml) {
        let judged = only_subject(&case.text)
            .and_then(|subject| case.check(&fresh_images::evaluate(&subject.payload(&case.settings()))));
        failures.extend(judged.err().map(|difference| format!("--- {}\n{difference}", case.name())));
    }
    assert!(failures.is_empty(), "{} fail\n{}", failures.len(), failures.join("\n"));
}

#[test]
fn yaml_means_what_another_parser_reads() {
    let cases = corpus::cases().into_iter().filter(corpus::Case::is_yaml);
    let tables = hostile::TABLES.map(|(file, text)| (file.to_owned(), text.to_owned()));
    for (name, text) in cases.map(|case| (case.name(), case.text)).chain(tables) {
        let source = Source::new("case", &text);
        let documents: Vec<Value> = document::read(&source)
            .into_iter()
            .map(|document| document.unwrap_or_else(|error| panic!("{name}: {error}")).to_json())
            .collect();
        let expected: Value = yaml_serde::from_str(&text).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(documents, [expected], "{name}");
    }
}
