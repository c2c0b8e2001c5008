//! Texts and conditions in CEL, and what they cost.

use std::iter::Sum;

/// A text as a literal of CEL. Regular expressions are raw, so that they read as they are.
pub(crate) fn regex(regex: &str) -> String {
    // `regex::literal` leaves no quote in any.
    format!("r'{regex}'")
}

/// A text as a literal of CEL, every character that means something to CEL or to YAML escaped.
pub(crate) fn text(text: &str) -> String {
    let mut literal = String::from("'");
    for character in text.chars() {
        match character {
            '\'' | '\\' => {
                literal.push('\\');
                literal.push(character);
            }
            ' '..='~' | '…' => literal.push(character),
            _ => literal.push_str(&format!("\\U{:08x}", u32::from(character))),
        }
    }
    literal.push('\'');
    literal
}

/// A condition in CEL.
#[derive(Clone, Debug)]
pub(crate) struct Test {
    pub(crate) cel: String,
    pub(crate) cost: Cost,
}

impl Test {
    /// That it does not hold.
    pub(crate) fn negated(self) -> Self {
        Self { cel: format!("!{}", self.cel), ..self }
    }
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
    pub(crate) const OF_EXPRESSION: Self = Self(10_000);
    /// Kubernetes grants a policy 10,000,000, half of it for the messages, which evaluate everything once more.
    pub(crate) const OF_POLICY: Self = Self(50_000);

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
    pub(crate) fn with_rest(self) -> Self {
        self.and(Self(1_000))
    }

    /// With what stands around the tests of ten expressions.
    pub(crate) fn with_rest_of_policy(self) -> Self {
        self.and(Self(10_000))
    }

    /// For a hundred images.
    pub(crate) fn of_hundred(self) -> usize {
        self.0.saturating_mul(100)
    }

    /// Whether an expression of such tests costs more than Kubernetes grants.
    pub(crate) fn is_too_much(self) -> bool {
        self.with_rest() > Self::OF_EXPRESSION
    }
}

impl Sum for Cost {
    fn sum<I: Iterator<Item = Self>>(costs: I) -> Self {
        costs.fold(Self::ZERO, Self::and)
    }
}
