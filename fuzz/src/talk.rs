//! Telling what a run does, for whoever replays a finding.

use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};

static LOUD: AtomicBool = AtomicBool::new(false);

/// Makes [`say`] print.
pub fn be_loud() {
    LOUD.store(true, Ordering::Relaxed);
}

/// Whether [`say`] prints.
pub fn is_loud() -> bool {
    LOUD.load(Ordering::Relaxed)
}

/// Prints a step, if somebody replays.
pub fn say(step: fmt::Arguments<'_>) {
    if is_loud() {
        eprintln!("{step}");
    }
}
