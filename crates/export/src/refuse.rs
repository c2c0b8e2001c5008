//! What CEL cannot say.

use std::fmt;
use std::iter::Sum;

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
    /// Of all tests so far.
    cost: Cost,
}

/// A condition in CEL.
#[derive(Clone, Debug)]
pub(crate) struct Test {
    pub(crate) cel: String,
    pub(crate) cost: Cost,
}

/// What a part of an expression costs at most, for one image of a hundred bytes.
///
/// Source: `k8s.io/apiserver/pkg/cel/library/cost.go`: a comparison with a text costs a tenth of its length, and a regular
/// expression a quarter of its length times a tenth of that of the text. To read a member of a use costs 2.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Cost(usize);

impl Cost {
    pub(crate) const ZERO: Self = Self(0);
    /// Kubernetes grants an expression 1,000,000 an evaluation.
    const OF_EXPRESSION: Self = Self(10_000);
    /// Kubernetes grants a policy 10,000,000, half of it for the messages, which evaluate everything once more.
    const OF_POLICY: Self = Self(50_000);

    /// A comparison with a text of this many bytes.
    pub(crate) fn of_text(length: usize) -> Self {
        Self(length.div_ceil(10).saturating_add(2))
    }

    /// A match of an expression of this many bytes.
    pub(crate) fn of_regex(length: usize) -> Self {
        Self(length.div_ceil(4).saturating_mul(11).saturating_add(2))
    }

    pub(crate) fn and(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }

    /// With what stands around the tests of an expression.
    fn with_rest(self) -> Self {
        self.and(Self(1_000))
    }

    pub(crate) fn is_too_much(self) -> bool {
        self.with_rest() > Self::OF_EXPRESSION
    }
}

impl Sum for Cost {
    fn sum<I: Iterator<Item = Self>>(costs: I) -> Self {
        costs.fold(Self::ZERO, Self::and)
    }
}

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

    /// Refuses an expression that costs more for a Pod with a hundred images than Kubernetes grants. The parts of it that cost
    /// too much alone are refused with their own paths.
    pub(crate) fn expect_cost(&mut self, path: &str, parts: &[(&str, Cost)]) {
        let sum: Cost = parts.iter().map(|(_, cost)| *cost).sum();
        self.cost = self.cost.and(sum);
        let alone: Vec<_> = parts.iter().filter(|(_, cost)| cost.is_too_much()).collect();
        for (path, cost) in &alone {
            self.refuse_cost(path, cost.with_rest(), Cost::OF_EXPRESSION);
        }
        if sum.is_too_much() && alone.is_empty() {
            self.refuse_cost(path, sum.with_rest(), Cost::OF_EXPRESSION);
        }
    }

    fn refuse_cost(&mut self, path: &str, cost: Cost, granted: Cost) {
        let of_hundred = |cost: Cost| cost.0.saturating_mul(100);
        let problem = format!(
            "{path}: too many patterns for CEL: a hundred images or groups of a hundred bytes would cost {} here, and \
             Kubernetes grants {}. Join patterns with `*`, or keep Kubewarden for them",
            of_hundred(cost),
            of_hundred(granted),
        );
        // An exemption stands in several expressions.
        if !self.problems.contains(&problem) {
            self.problems.push(problem);
        }
    }

    /// Refuses an expression that is longer than Kubernetes reads.
    pub(crate) fn expect_length(&mut self, expression: &str) {
        // Source: `expressionSizeCodePointLimit` of cel-go's parser.
        const MOST: usize = 100_000;
        let length = expression.chars().count();
        if length > MOST && self.problems.is_empty() {
            self.add(
                "settings",
                format_args!(
                    "too many patterns for CEL: they make an expression of {length} characters, and Kubernetes reads {MOST}. \
                     Join patterns with `*`, or keep Kubewarden for them"
                ),
            );
        }
    }

    pub(crate) fn finish<T>(mut self, value: T) -> Result<T, Refused> {
        // What stands around the tests of ten expressions.
        let cost = self.cost.and(Cost(10_000));
        if self.problems.is_empty() && cost > Cost::OF_POLICY {
            self.refuse_cost("settings", cost, Cost::OF_POLICY);
        }
        if self.problems.is_empty() { Ok(value) } else { Err(Refused { problems: self.problems }) }
    }
}
