//! Decimal numbers as text, so that none loses a digit on its way.
//!
//! | written | as JSON | as a key |
//! |---|---|---|
//! | `1.10` | `1.1` | `1.1` |
//! | `1e3`, `1_000.` | `1000` | `1000` |
//! | `1e-400` | `0` | `0` |
//! | `1e400` | none: no 64 bits hold it | |

/// Beyond the digits of the largest number of 64 bits, 1.797…e308, rounding gives infinity.
const INFINITY: (i64, &str) = (309, "179769313486231580793");
/// What is this small is rounded to 0.
const ZERO: i64 = -324;

/// `±0.DIGITS × 10^exponent`, with no zero at either end of the digits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Decimal {
    negative: bool,
    digits: String,
    exponent: i64,
}

impl Decimal {
    /// Reads `[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?`, if it is finite.
    pub(super) fn read(text: &str) -> Option<Self> {
        let (negative, unsigned) = match text.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, text.strip_prefix('+').unwrap_or(text)),
        };
        let (mantissa, power) = match unsigned.split_once(['e', 'E']) {
            Some((mantissa, power)) => (mantissa, read_power(power)?),
            None => (unsigned, 0),
        };
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        if !is_digits(whole) || !is_digits(fraction) || whole.is_empty() && fraction.is_empty() {
            return None;
        }
        let all = [whole, fraction].concat();
        let significant = all.trim_start_matches('0');
        let zeros = length(&all).saturating_sub(length(significant));
        let exponent = power.saturating_add(length(whole)).saturating_sub(zeros);
        let digits = significant.trim_end_matches('0');
        if digits.is_empty() || exponent < ZERO {
            return Some(Self { negative: false, digits: String::new(), exponent: 0 });
        }
        let is_finite = (exponent, digits) < INFINITY;
        is_finite.then(|| Self { negative, digits: digits.into(), exponent })
    }

    /// Whether both are one number to programs that keep 64 bits of it: 15 digits.
    pub(super) fn is_same(&self, other: &Self) -> bool {
        (self.negative, self.exponent, self.first()) == (other.negative, other.exponent, other.first())
    }

    fn first(&self) -> &str {
        self.digits.get(..15).unwrap_or(&self.digits).trim_end_matches('0')
    }

    /// As JSON has it.
    pub(super) fn json(&self) -> String {
        self.write(-5, 21, |exponent| format!("e{exponent}"))
    }

    /// As kubectl writes it where it is a key: Go's `%g` of 32 bits. Nothing where that would round.
    pub(super) fn key(&self) -> Option<String> {
        let is_exact = self.digits.len() <= 6 && self.exponent.unsigned_abs() <= 30;
        is_exact.then(|| {
            self.write(-3, 6, |exponent| {
                let sign = if exponent < 0 { '-' } else { '+' };
                format!("e{sign}{:02}", exponent.unsigned_abs())
            })
        })
    }

    /// With a power only where the exponent is outside of the limits.
    fn write(&self, least: i64, most: i64, power: fn(i64) -> String) -> String {
        let digits = self.digits.as_str();
        let sign = if self.negative { "-" } else { "" };
        if digits.is_empty() {
            return "0".into();
        }
        let zeros = |count: i64| "0".repeat(usize::try_from(count).unwrap_or_default());
        if !(least..=most).contains(&self.exponent) {
            let (first, rest) = digits.split_at_checked(1).unwrap_or((digits, ""));
            let point = if rest.is_empty() { "" } else { "." };
            return format!("{sign}{first}{point}{rest}{}", power(self.exponent.saturating_sub(1)));
        }
        let whole = usize::try_from(self.exponent).unwrap_or_default();
        match digits.split_at_checked(whole) {
            None | Some((_, "")) => {
                let missing = self.exponent.saturating_sub(length(digits));
                format!("{sign}{digits}{}", zeros(missing))
            }
            Some(("", _)) => format!("{sign}0.{}{digits}", zeros(self.exponent.saturating_neg())),
            Some((whole, fraction)) => format!("{sign}{whole}.{fraction}"),
        }
    }
}

fn is_digits(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_digit())
}

fn length(text: &str) -> i64 {
    i64::try_from(text.len()).unwrap_or(i64::MAX)
}

/// A power of ten; one that is beyond all numbers is as good as the largest there is.
fn read_power(text: &str) -> Option<i64> {
    let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
    if digits.is_empty() || !is_digits(digits) {
        return None;
    }
    let beyond = if text.starts_with('-') { i64::MIN } else { i64::MAX };
    Some(text.parse().unwrap_or(beyond))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_those_of_64_bits() {
        for text in [
            "0",
            "-0.0",
            "1",
            "1.10",
            "-1.5e3",
            "1e21",
            "1e22",
            "123456789.5e-20",
            "0.00001",
            "0.000001",
            "1e-400",
            "1.7976931348623157e308",
            "1.7976931348623158e308",
            "4.9e-324",
            "100",
            "9007199254740993",
            "00012.500",
        ] {
            let json = Decimal::read(text).map(|number| number.json()).unwrap_or_default();
            let number: f64 = json.parse().expect(&json);
            assert!(crate::document::read_json(&json).is_some(), "{json}");
            assert_eq!(number, text.parse::<f64>().expect(text), "{text} is not {json}");
        }
        for text in ["1.7976931348623159e308", "1e309", "1e99999999999999999999", "-1e400", "0.1e310"] {
            assert_eq!(text.parse::<f64>().map(f64::is_infinite), Ok(true));
            assert_eq!(Decimal::read(text), None, "{text}");
        }
        for text in [
            "", "-", ".", "1e", "1e+", "e5", "1.2.3", "--1", "+-1", "1 ", "0x1", "1e1.5", "inf", "NaN", "1_0",
        ] {
            assert_eq!(Decimal::read(text), None, "{text}");
        }
    }

    #[test]
    fn programs_may_round() {
        let same = |a: &str, b: &str| Decimal::read(a).unwrap().is_same(&Decimal::read(b).unwrap());
        assert!(same(&"2".repeat(64), "2.2222222222222223e63"));
        assert!(same("1.50", "15e-1"));
        assert!(same("100000000000000000001", "1e20"));
        for (a, b) in [("1", "-1"), ("1", "10"), ("1.5", "1.4"), ("1", "1.00000000000001"), ("0", "1")] {
            assert!(!same(a, b), "{a} {b}");
        }
    }

    #[test]
    fn integers_have_no_fraction() {
        for (text, json) in [
            ("1e3", "1000"),
            ("5.", "5"),
            ("-1.50e1", "-15"),
            ("1e-99999999999999999999", "0"),
            ("18446744073709551616", "18446744073709551616"),
            ("1e22", "1e22"),
            ("0.1e-5", "0.000001"),
            (".5e-6", "5e-7"),
        ] {
            assert_eq!(Decimal::read(text).map(|number| number.json()).as_deref(), Some(json), "{text}");
        }
    }
}
