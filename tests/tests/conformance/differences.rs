//! Where ours is not as PostgreSQL's own module is, and why not.

use std::ops::RangeInclusive;

/// A difference that is meant.
#[derive(Debug)]
pub(crate) struct Difference {
    /// The groups of sequences in which it occurs.
    pub(crate) groups: &'static [&'static str],
    /// In the sequence's name. These patterns hold pieces with asterisks between them.
    pub(crate) sequence: &'static str,
    /// In the step.
    pub(crate) step: &'static str,
    /// In what PostgreSQL's own module gives.
    pub(crate) in_c: &'static str,
    /// In what ours gives.
    pub(crate) ours: &'static str,
    /// The major versions that differ.
    pub(crate) versions: RangeInclusive<u32>,
    pub(crate) verdict: Verdict,
    /// Why ours does not do the same.
    pub(crate) reason: &'static str,
}

/// What a difference is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// PostgreSQL's own module is at fault.
    Mended,
    /// Ours does the same when it is asked to.
    Offered,
    /// A library is no function of a server.
    Library,
}

/// All versions.
const ALL: RangeInclusive<u32> = 0..=u32::MAX;

/// With `Compat::Mended`.
pub(crate) const MENDED: &[Difference] = &[];

/// With `Compat::Exact`.
pub(crate) const EXACT: &[Difference] = &[];
