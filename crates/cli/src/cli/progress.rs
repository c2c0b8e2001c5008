//! Shows that something is going on, when it takes long and somebody watches.

use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};

/// Quicker runs show nothing.
const PATIENCE: Duration = Duration::from_secs(1);

/// A bar on standard error, if that is a terminal.
pub(super) struct Progress {
    started: Instant,
    total: u64,
    done: u64,
    bar: Option<ProgressBar>,
}

impl Progress {
    /// Before the first of so many files.
    pub(super) fn new(files: usize) -> Self {
        Self { started: Instant::now(), total: u64::try_from(files).unwrap_or(u64::MAX), done: 0, bar: None }
    }

    /// After a file.
    pub(super) fn file_done(&mut self) {
        self.done = self.done.saturating_add(1);
        self.show();
    }

    /// Now and then.
    pub(super) fn show(&mut self) {
        if self.started.elapsed() < PATIENCE {
            return;
        }
        let bar = self.bar.get_or_insert_with(|| {
            // Draws to standard error, and only if that is a terminal.
            let bar = ProgressBar::new(self.total);
            if let Ok(style) = ProgressStyle::with_template("{bar:30} {pos}/{len} files, {elapsed}") {
                bar.set_style(style);
            }
            bar
        });
        bar.set_position(self.done);
    }

    /// Before the report is printed.
    pub(super) fn finish(&mut self) {
        if let Some(bar) = self.bar.take() {
            bar.finish_and_clear();
        }
    }
}
