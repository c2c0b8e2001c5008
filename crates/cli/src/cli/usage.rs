//! Notes about the settings themselves: what nothing matched, and which exemptions end soon.
//!
//! ```text
//! settings.yaml:3:22: settings.registries.allow[1]: no image matches "quay.io"
//! settings.yaml:5:5: settings.exempt[0]: this exemption ends in 12 days, on 2027-01-31 (moves to digests)
//! ```

use std::sync::{Mutex, PoisonError};

use fresh_images::settings::SettingsProblem;
use fresh_images::usage::Usage;
use fresh_images_manifests::report::{Note, Report, Unreadable};
use fresh_images_manifests::settings::Settings;
use jiff::civil::Date;

/// How long before its end an exemption is named, in days.
const AHEAD: i32 = 30;

/// Finds out for `--unused` what is used, by several threads.
pub(super) struct Unused(Mutex<Usage>);

impl Unused {
    /// # Errors
    ///
    /// Settings of another policy than this one.
    pub(super) fn new(settings: &Settings) -> Result<Self, String> {
        let read = fresh_images::settings::Settings::from_json(settings.json.as_bytes());
        let usage = read.and_then(|settings| Usage::new(&settings));
        let problem = |error| format!("--unused needs settings of the built-in policy: {error}");
        usage.map(|usage| Self(Mutex::new(usage))).map_err(problem)
    }

    /// Marks what a request matches.
    pub(super) fn see(&self, payload: &[u8]) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).see(payload);
    }

    /// Notes what nothing matched.
    pub(super) fn note(self, settings: &Settings, report: &mut Report) {
        let usage = self.0.into_inner().unwrap_or_else(PoisonError::into_inner);
        for problem in usage.unused() {
            note(settings, report, problem);
        }
    }
}

fn note(settings: &Settings, report: &mut Report, problem: &SettingsProblem) {
    let Unreadable { file, line, message, .. } = settings.at(problem.path(), problem.to_string());
    report.note(Note { file, line, message, is_to_do: true });
}

/// Notes exemptions that end soon, and those that have ended.
pub(super) fn note_ends(settings: &Settings, report: &mut Report, today: Date) {
    let Ok(read) = fresh_images::settings::Settings::from_json(settings.json.as_bytes()) else {
        // Those of another policy.
        return;
    };
    for (index, entry) in read.exempt.iter().enumerate() {
        let Some(last) = entry.until.as_deref().and_then(|until| until.parse::<Date>().ok()) else {
            continue;
        };
        let Ok(days) = today.until(last).map(|span| span.get_days()) else { continue };
        let end = match days {
            ..0 => format!("ended on {last}; remove it"),
            0 => format!("ends today, {last}"),
            1 => format!("ends tomorrow, {last}"),
            2..=AHEAD => format!("ends in {days} days, on {last}"),
            _ => continue,
        };
        let path = fresh_images_json::PathBuf::new("settings").key("exempt").index(index);
        let message = format!("{path}: this exemption {end} ({})", entry.reason);
        let Unreadable { file, line, message, .. } = settings.at(&path, message);
        report.note(Note { file, line, message, is_to_do: true });
    }
}

#[cfg(test)]
mod tests {
    use super::{Report, Settings, note_ends};
    use fresh_images_manifests::document::Source;
    use fresh_images_manifests::settings;

    fn notes(until: &str, today: &str) -> Vec<String> {
        let text = format!("exempt:\n  - {{images: [nginx], until: {until}, reason: moves}}\n");
        let settings: Settings = settings::read(Source::new("mine.yaml", &text)).unwrap();
        let mut report = Report::default();
        note_ends(&settings, &mut report, today.parse().unwrap());
        let notes = report.notes().iter();
        notes.map(|it| format!("{}:{}: {}", it.file, it.line.unwrap_or_default(), it.message)).collect()
    }

    #[test]
    fn the_end_is_said_thirty_days_ahead_and_afterwards() {
        for (today, said) in [
            ("2027-01-01", "ends in 30 days, on 2027-01-31"),
            ("2027-01-30", "ends tomorrow, 2027-01-31"),
            ("2027-01-31", "ends today, 2027-01-31"),
            ("2027-02-01", "ended on 2027-01-31; remove it"),
            ("2031-02-01", "ended on 2027-01-31; remove it"),
        ] {
            let expected = format!("mine.yaml:2: settings.exempt[0]: this exemption {said} (moves)");
            assert_eq!(notes("2027-01-31", today), [expected]);
        }
        assert_eq!(notes("2027-01-31", "2026-12-31"), Vec::<String>::new());
        assert_eq!(notes("2027-01-31", "2025-01-31"), Vec::<String>::new());
    }
}
