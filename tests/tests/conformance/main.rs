//! The same calls by PostgreSQL's own module and by our session, on the same server.
//!
//! A sequence of calls runs in a session of psql, and then in one of ours; what the caller sees and what the remote database
//! holds has to be the same. What is not, and shall not be, stands in [`differences`].

// Tests report by panicking, and show what was said to those who ask with `--nocapture`.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::print_stdout
)]

mod call;
mod compare;
mod differences;
mod groups;
mod in_c;
mod known_reports;
mod ours;
mod outcome;
mod place;
mod psql;
mod sequence;
mod sequences;
