//! Decimal numbers in the form of JSON, with no digit more than they need.
//!
//! | written | as JSON |
//! |---|---|
//! | `1.10`, `+1.1` | `1.1` |
//! | `1e3`, `1000.` | `1000` |
//! | `1e-400` | `0` |
//! | `1e400` | none: 64 bits do not hold it |
//!
//! The policy looks at no number, so they stay text. To make numbers of 64 bits of them costs the page 14 KiB, compressed.

/// Powers of ten between which numbers of 64 bits are.
const LIMITS: std::ops::Range<i64> = -324..310;

/// Reads `[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?`.
pub(super) fn decimal(text: &str) -> Option<String> {
    let (sign, digits, exponent) = parts(text)?;
    if digits.is_empty() || exponent < LIMITS.start {
        return Some("0".into());
    }
    (exponent < LIMITS.end).then(|| [sign, &unsigned_json(&digits, exponent)].concat())
}

/// Whether both are one number to programs that keep 64 bits of it: 15 digits.
pub(super) fn is_same(a: &str, b: &str) -> bool {
    let rounded = |text| {
        let (sign, mut digits, exponent) = parts(text)?;
        digits.truncate(15);
        Some((sign, digits, exponent))
    };
    a == b || rounded(a) == rounded(b)
}

/// `±0.DIGITS × 10^exponent`, with no zero at either end of the digits.
fn parts(text: &str) -> Option<(&'static str, String, i64)> {
    let (sign, unsigned) = match text.strip_prefix('-') {
        Some(rest) => ("-", rest),
        None => ("", text.strip_prefix('+').unwrap_or(text)),
    };
    let (mantissa, power) = match unsigned.split_once(['e', 'E']) {
        Some((mantissa, power)) => (mantissa, read_power(power)?),
        None => (unsigned, 0),
    };
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let all = [whole, fraction].concat();
    if all.is_empty() || !is_digits(&all) {
        return None;
    }
    let digits = all.trim_start_matches('0');
    let zeros = length(&all).saturating_sub(length(digits));
    let exponent = power.saturating_add(length(whole)).saturating_sub(zeros);
    Some((sign, digits.trim_end_matches('0').into(), exponent))
}

/// With a power of ten only where that is shorter to read.
fn unsigned_json(digits: &str, exponent: i64) -> String {
    let zeros = |count: i64| "0".repeat(usize::try_from(count).unwrap_or_default());
    let missing = exponent.saturating_sub(length(digits));
    match exponent {
        -5..=0 => format!("0.{}{digits}", zeros(exponent.saturating_neg())),
        1..=21 if missing >= 0 => format!("{digits}{}", zeros(missing)),
        1..=21 => {
            let point = usize::try_from(exponent).unwrap_or_default();
            let (whole, fraction) = digits.split_at_checked(point).unwrap_or((digits, ""));
            format!("{whole}.{fraction}")
        }
        _ => {
            let (first, rest) = digits.split_at_checked(1).unwrap_or((digits, ""));
            let point = if rest.is_empty() { "" } else { "." };
            format!("{first}{point}{rest}e{}", exponent.saturating_sub(1))
        }
    }
}

fn is_digits(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_digit())
}

fn length(text: &str) -> i64 {
    i64::try_from(text.len()).unwrap_or(i64::MAX)
}

/// A power of ten. One beyond 64 bits makes the same of any number as the largest that has them.
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
    fn numbers_mean_the_same_as_json() {
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
            "4.9e-324",
            "100",
            "9007199254740993",
            "00012.500",
        ] {
            let json = decimal(text).unwrap_or_default();
            assert_eq!(json.parse::<f64>(), text.parse::<f64>(), "{text} is not {json}");
            assert!(crate::document::read_json(&json).is_some(), "{json}");
            // What is written needs no other form.
            assert_eq!(decimal(&json), Some(json));
        }
        for text in [
            "", "-", ".", "1e", "1e+", "e5", "1.2.3", "--1", "+-1", "1 ", "0x1", "1e1.5", "inf", "NaN", "1_0",
        ] {
            assert_eq!(decimal(text), None, "{text}");
        }
        for text in ["1e309", "1e99999999999999999999", "-1e400", "0.1e310"] {
            assert_eq!(decimal(text), None, "{text}");
        }
    }

    #[test]
    fn programs_may_round() {
        assert!(is_same(&"2".repeat(64), "2.2222222222222223e63"));
        assert!(is_same("18446744073709551616", "1.8446744073709552e19"));
        for (a, b) in [("1", "-1"), ("1", "10"), ("1.5", "1.4"), ("1", "1.00000000000001"), ("0", "1")] {
            assert!(!is_same(a, b), "{a} {b}");
        }
    }

    #[test]
    fn whole_numbers_have_no_fraction() {
        for (text, json) in [
            ("1e3", "1000"),
            ("5.", "5"),
            ("-1.50e1", "-15"),
            ("1e-99999999999999999999", "0"),
            ("18446744073709551616", "18446744073709551616"),
            ("1e22", "1e22"),
            ("1.25e-9", "1.25e-9"),
            ("0.1e-5", "0.000001"),
            (".5e-6", "5e-7"),
            ("123.25", "123.25"),
        ] {
            assert_eq!(decimal(text).as_deref(), Some(json), "{text}");
        }
    }
}
