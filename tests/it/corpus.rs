//! The corpus: the library judges every case of `tests/corpus` as it says, and each code rejects one.
//!
//! With `BLESS=1` the texts in the files are rewritten, but never a verdict. All cases that fail are reported at once.

use std::collections::BTreeSet;

use fresh_images::Code;
use fresh_images_testing::corpus;

#[test]
fn cases_are_judged_as_they_say() {
    let bless = std::env::var_os("BLESS").is_some_and(|value| value == "1");
    let mut failures = Vec::new();
    let mut rejecting = BTreeSet::new();
    let cases = corpus::cases();
    for case in &cases {
        let verdict = fresh_images::evaluate(&case.payload);
        if let Err(difference) = case.check(&verdict)
            && let Err(difference) = if bless { case.bless(&verdict) } else { Err(difference) }
        {
            failures.push(format!("--- {}\n{difference}", case.name()));
        }
        if !verdict.is_accepted() {
            rejecting.extend(verdict.findings().iter().map(|finding| finding.code()));
        }
    }
    assert!(
        failures.is_empty(),
        "{} of {} cases fail (- is what the file says, + is what came out)\n\n{}",
        failures.len(),
        cases.len(),
        failures.join("\n"),
    );
    let without: Vec<Code> = Code::ALL.into_iter().filter(|code| !rejecting.contains(code)).collect();
    assert!(without.is_empty(), "no case is rejected with {without:?}");
}
