//! What CEL cannot say.

use std::fmt;

use fresh_images::policy::Policy;
use fresh_images::settings::Settings;

/// Why settings cannot be exported: everything at once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused {
    problems: Vec<String>,
}

impl Refused {
    /// One line each: the path of the setting, why, and what to do.
    pub fn problems(&self) -> &[String] {
        &self.problems
    }
}

/// One problem, such as settings that cannot be read.
impl From<String> for Refused {
    fn from(problem: String) -> Self {
        Self { problems: vec![problem] }
    }
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.problems.join("\n"))
    }
}

impl std::error::Error for Refused {}

/// Problems that were found so far.
#[derive(Debug, Default)]
pub(crate) struct Refusals {
    problems: Vec<String>,
}

/// The longest expression, in bytes. An expression may cost 1,000,000 an evaluation; a match costs a tenth of the text
/// times a quarter of the expression, so that a hundred images of a hundred bytes cost this much in all.
const MAX_REGEX: usize = 3_600;

impl Refusals {
    /// None so far, if the settings are a policy.
    pub(crate) fn of(settings: &Settings) -> Result<Self, Refused> {
        let mut refusals = Self::default();
        if let Err(error) = Policy::new(settings) {
            for problem in error.problems() {
                refusals.add(&problem.path().to_string(), problem.text());
            }
        }
        if refusals.problems.is_empty() { Ok(refusals) } else { Err(Refused { problems: refusals.problems }) }
    }

    pub(crate) fn add(&mut self, path: &str, problem: impl fmt::Display) {
        self.problems.push(format!("{path}: {problem}"));
    }

    /// Refuses expressions that are parts of one and together cost more than Kubernetes grants, unless one was refused.
    pub(crate) fn expect_sum(&mut self, path: &str, lengths: impl Iterator<Item = usize>) {
        let lengths: Vec<usize> = lengths.collect();
        if lengths.iter().all(|length| *length <= MAX_REGEX) {
            self.expect(path, lengths.into_iter().fold(0, usize::saturating_add));
        }
    }

    /// Refuses an expression that costs more than Kubernetes grants.
    pub(crate) fn expect_length(&mut self, path: &str, regex: &str) {
        self.expect(path, regex.len());
    }

    fn expect(&mut self, path: &str, length: usize) {
        if length > MAX_REGEX {
            let cost = length.div_ceil(4).saturating_mul(1_000);
            self.add(
                path,
                format_args!(
                    "too many patterns for CEL: a Pod with a hundred images of a hundred bytes would cost {cost} here, \
                     and Kubernetes grants 1000000. Join patterns with `*`, or keep Kubewarden for them"
                ),
            );
        }
    }

    pub(crate) fn finish<T>(self, value: T) -> Result<T, Refused> {
        if self.problems.is_empty() { Ok(value) } else { Err(Refused { problems: self.problems }) }
    }
}
