//! Days, for exemptions that end.
//!
//! ```
//! use fresh_images::date::Date;
//!
//! let last: Date = "2027-01-31".parse()?;
//! assert!(last < "2027-02-01".parse()?);
//! assert_eq!(Date::of_unix_time(1_801_439_999), Some(last));
//! assert_eq!("2027-02-29".parse::<Date>().unwrap_err().to_string(), "is not a day: 2027-02 has no day 29");
//! # Ok::<(), fresh_images::date::DateError>(())
//! ```
//!
//! A day is one of UTC, whatever the time zone of the host.

use std::fmt;
use std::str::FromStr;

/// A day of the Gregorian calendar, in UTC, from the years 0000 to 9999.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Date {
    year: u16,
    month: u8,
    day: u8,
}

/// Tells which day it is.
pub trait Clock {
    /// The day now, in UTC. `None` if the host has no clock, or one that is not set.
    fn today(&self) -> Option<Date>;
}

/// The clock of the host: of the operating system, or what WASI gives.
///
/// Kubewarden's policy-server gives a policy the true time. In browsers there is none: the page hands over its own.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

/// A clock that shows an earlier day is not set. No policy older than this has an exemption that ends.
const FIRST: Date = Date { year: 2026, month: 1, day: 1 };
const SECONDS_A_DAY: u64 = 86_400;

impl Clock for SystemClock {
    fn today(&self) -> Option<Date> {
        use std::time::{SystemTime, UNIX_EPOCH};
        // In a browser the standard library has no clock, and would panic.
        if cfg!(all(target_arch = "wasm32", target_os = "unknown")) {
            return None;
        }
        Date::of_unix_time(SystemTime::now().duration_since(UNIX_EPOCH).ok()?.as_secs())
    }
}

/// Always the same day, or none.
impl Clock for Option<Date> {
    fn today(&self) -> Option<Date> {
        *self
    }
}

impl Date {
    /// The day of this time, in seconds since 1970 in UTC. `None` if it is before 2026, or after 9999: then the clock is
    /// not set.
    pub fn of_unix_time(seconds: u64) -> Option<Self> {
        let mut days = u32::try_from(seconds / SECONDS_A_DAY).ok()?;
        let mut year = 1970_u16;
        while days >= days_of_year(year) {
            days = days.checked_sub(days_of_year(year))?;
            year = year.checked_add(1).filter(|year| *year <= 9999)?;
        }
        let mut month = 1_u8;
        while days >= u32::from(days_of_month(year, month)) {
            days = days.checked_sub(u32::from(days_of_month(year, month)))?;
            month = month.checked_add(1)?;
        }
        let day = u8::try_from(days).ok()?.checked_add(1)?;
        Some(Self { year, month, day }).filter(|date| *date >= FIRST)
    }
}

fn days_of_year(year: u16) -> u32 {
    if is_leap(year) { 366 } else { 365 }
}

fn days_of_month(year: u16, month: u8) -> u8 {
    match month {
        2 if is_leap(year) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

fn is_leap(year: u16) -> bool {
    year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400))
}

/// Why a text is not a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DateError {
    /// It is not four digits, two digits and two digits, with `-` between them.
    Form,
    /// There is no such month.
    Month,
    /// The month has fewer days, or the day is 00.
    Day(u16, u8, u8),
}

impl fmt::Display for DateError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Form => f.write_str("is not a day; write it as 2027-01-31"),
            Self::Month => f.write_str("is not a day: months are 01 to 12"),
            Self::Day(year, month, day) => {
                write!(f, "is not a day: {year:04}-{month:02} has no day {day:02}")
            }
        }
    }
}

impl std::error::Error for DateError {}

impl FromStr for Date {
    type Err = DateError;

    fn from_str(text: &str) -> Result<Self, DateError> {
        let &[a, b, c, d, b'-', m, n, b'-', x, y] = text.as_bytes() else {
            return Err(DateError::Form);
        };
        let number = |digits: &[u8]| {
            digits.iter().try_fold(0_u16, |number, digit| {
                let digit = digit.is_ascii_digit().then(|| u16::from(digit.wrapping_sub(b'0')));
                number.checked_mul(10)?.checked_add(digit?)
            })
        };
        let small = |digits: &[u8]| number(digits).and_then(|it| u8::try_from(it).ok());
        let (Some(year), Some(month), Some(day)) = (number(&[a, b, c, d]), small(&[m, n]), small(&[x, y]))
        else {
            return Err(DateError::Form);
        };
        if !(1..=12).contains(&month) {
            return Err(DateError::Month);
        }
        if !(1..=days_of_month(year, month)).contains(&day) {
            return Err(DateError::Day(year, month, day));
        }
        Ok(Self { year, month, day })
    }
}

/// `2027-01-31`
impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}-{:02}", self.year, self.month, self.day)
    }
}

#[cfg(test)]
mod tests {
    use super::{Clock, Date, DateError, FIRST, SECONDS_A_DAY, SystemClock};

    #[test]
    fn the_clock_of_the_system_shows_a_day_that_is_known() {
        assert!(SystemClock.today().is_some_and(|today| today > FIRST));
    }

    /// Each day after the first one follows the one before, and its text is read as itself. Source of the time:
    /// `date -u -d 2400-01-01 +%s`.
    #[test]
    fn every_day_follows_the_one_before() {
        const FIRST_DAY: u64 = 1_767_225_600 / SECONDS_A_DAY;
        const LAST_DAY: u64 = 13_569_465_600 / SECONDS_A_DAY;
        let day = |day: u64| Date::of_unix_time(day * SECONDS_A_DAY);
        assert_eq!(day(FIRST_DAY), Some(FIRST));
        assert_eq!(day(LAST_DAY).unwrap().to_string(), "2400-01-01");
        let mut before = FIRST;
        for number in FIRST_DAY + 1..=LAST_DAY {
            let today = day(number).unwrap();
            assert!(before < today, "{before} {today}");
            assert_eq!(today.to_string().parse(), Ok(today));
            assert_eq!(Date::of_unix_time(number * SECONDS_A_DAY + SECONDS_A_DAY - 1), Some(today));
            before = today;
        }
    }

    #[test]
    fn a_clock_that_is_not_set_shows_no_day() {
        for seconds in [0, 1, 1_767_225_599, 253_402_300_800, u64::MAX] {
            assert_eq!(Date::of_unix_time(seconds), None, "{seconds}");
        }
    }

    #[test]
    fn other_texts_are_no_days() {
        for text in
            ["", "2027-1-31", "27-01-31", "2027/01/31", "2027-01-31T00:00:00Z", "2027-01-3a", "+027-01-31"]
        {
            assert_eq!(text.parse::<Date>(), Err(DateError::Form), "{text}");
        }
        for text in ["2027-00-01", "2027-13-01"] {
            assert_eq!(text.parse::<Date>(), Err(DateError::Month), "{text}");
        }
        for text in ["2027-02-29", "2027-04-31", "2027-01-32", "2027-01-00", "2100-02-29"] {
            assert!(matches!(text.parse::<Date>(), Err(DateError::Day(..))), "{text}");
        }
        for text in ["2028-02-29", "2000-02-29", "0000-01-01", "9999-12-31"] {
            assert!(text.parse::<Date>().is_ok(), "{text}");
        }
    }
}
