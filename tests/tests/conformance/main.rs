//! The same calls by PostgreSQL's own module and by ours.

// Tests report by panicking.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice
)]

mod call;
mod in_c;
mod outcome;
mod place;
mod psql;
mod sequence;
mod sequences;
mod transcripts;
