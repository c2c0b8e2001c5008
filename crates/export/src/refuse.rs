//! What CEL cannot say.

use std::fmt;

use fresh_images::policy::Policy;
use fresh_images::settings::Settings;

use crate::cel::Cost;

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
        let problem = format!(
            "{path}: too many patterns for CEL: a hundred images or groups of a hundred bytes would cost {} here, and \
             Kubernetes grants {}. Join patterns with `*`, or keep Kubewarden for them",
            cost.of_hundred(),
            granted.of_hundred(),
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
        let cost = self.cost.with_rest_of_policy();
        if self.problems.is_empty() && cost > Cost::OF_POLICY {
            self.refuse_cost("settings", cost, Cost::OF_POLICY);
        }
        if self.problems.is_empty() { Ok(value) } else { Err(Refused { problems: self.problems }) }
    }
}
