//! How far a copy has come, for who watches.

use std::time::{Duration, Instant};

use dblink_engine::transfer::{Progress, Stage};
use indicatif::{HumanBytes, HumanCount, ProgressBar, ProgressDrawTarget, ProgressStyle};

/// How often it is drawn.
const PAUSE: Duration = Duration::from_millis(50);

/// A bar on stderr, if that is a terminal; it goes when it is dropped.
#[derive(Debug)]
pub(super) struct Bar {
    bar: ProgressBar,
    /// How many rows there seem to be.
    expected: Option<u64>,
    drawn: Option<(Instant, Stage)>,
}

impl Bar {
    pub(super) fn new() -> Self {
        let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr());
        Self::on(bar)
    }

    fn on(bar: ProgressBar) -> Self {
        bar.set_style(style("{spinner} {msg}"));
        Self {
            bar,
            expected: None,
            drawn: None,
        }
    }

    /// Whether anybody sees it.
    pub(super) fn is_shown(&self) -> bool {
        !self.bar.is_hidden()
    }

    /// There may be so many rows.
    pub(super) fn expect(&mut self, rows: u64) {
        if rows == 0 {
            return;
        }
        self.expected = Some(rows);
        self.bar.set_length(rows);
        self.bar
            .set_style(style("{bar:20} about {percent}%, {eta} left; {msg}"));
    }

    /// Shows how far it has come.
    pub(super) fn update(&mut self, progress: &Progress) {
        // It is told so often that asking the time counts, and drawing does all the more.
        let now = Instant::now();
        let soon = |(then, stage)| stage == progress.stage && now.duration_since(then) < PAUSE;
        if self.drawn.is_some_and(soon) {
            return;
        }
        self.drawn = Some((now, progress.stage));
        // In the end there are no more; there may be more than it seemed; or what is left is not a matter of rows.
        match (progress.stage, self.expected) {
            (Stage::Committed, Some(_)) => {
                // It is drawn in between: with the new length, the old position could be further back.
                self.bar.set_position(progress.rows);
                self.bar.set_length(progress.rows);
            }
            (Stage::Copying, Some(rows)) if progress.rows <= rows => {}
            _ => {
                self.expected = None;
                // It is drawn when it loses its length, of which there are no percents then.
                self.bar.set_style(style("{spinner} {msg}"));
                self.bar.unset_length();
            }
        }
        self.bar.set_position(progress.rows);
        self.bar.set_message(match progress.stage {
            Stage::Verifying => format!("{} rows copied, comparing them", HumanCount(progress.rows)),
            _ => format!(
                "{} rows, {} rows/s, {}",
                HumanCount(progress.rows),
                HumanCount(rate(progress.rows, progress.elapsed)),
                HumanBytes(progress.bytes)
            ),
        });
    }
}

impl Drop for Bar {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}

fn style(template: &str) -> ProgressStyle {
    // A template that does not do, which a test would see, is no reason not to copy.
    ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_spinner())
}

/// How many a second.
pub(super) fn rate(count: u64, elapsed: Duration) -> u64 {
    let microseconds = elapsed.as_micros().max(1);
    u64::try_from(u128::from(count) * 1_000_000 / microseconds).unwrap_or(u64::MAX)
}
