//! Where ours is not as PostgreSQL's own module is, and why not.

use std::ops::RangeInclusive;

/// A difference that is known.
#[derive(Debug)]
pub(crate) struct Difference {
    /// The groups of sequences in which it occurs.
    pub(crate) groups: &'static [&'static str],
    /// In the sequence's name. In these patterns an asterisk stands for anything.
    pub(crate) sequence: &'static str,
    /// In the step.
    pub(crate) step: &'static str,
    /// In what PostgreSQL's own module gives.
    pub(crate) in_c: &'static str,
    /// In what ours gives.
    pub(crate) ours: &'static str,
    /// The major versions that differ.
    pub(crate) versions: RangeInclusive<u32>,
    /// What is to be thought of it.
    pub(crate) verdict: Verdict,
    /// Why ours does not do the same.
    pub(crate) reason: &'static str,
}

/// What is to be thought of a difference.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// PostgreSQL's own module is at fault.
    Mended,
    /// A library is no function of a server.
    Library,
    /// Ours is to become the same.
    Open,
}

use Verdict::{Library, Mended, Open};

/// All versions.
const ALL: RangeInclusive<u32> = 0..=u32::MAX;

/// A row of the tables.
macro_rules! difference {
    ($groups:expr, $sequence:expr, $step:expr, $in_c:expr => $ours:expr, $versions:expr, $verdict:expr, $reason:expr) => {
        Difference {
            groups: &$groups,
            sequence: $sequence,
            step: $step,
            in_c: $in_c,
            ours: $ours,
            versions: $versions,
            verdict: $verdict,
            reason: $reason,
        }
    };
}

/// Whatever the session's compatibility is.
pub(crate) const ALWAYS: &[Difference] = &[];

/// With `Compat::Mended`.
pub(crate) const MENDED: &[Difference] = &[];

/// With `Compat::Exact`.
pub(crate) const EXACT: &[Difference] = &[];
