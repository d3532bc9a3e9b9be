//! Sessions against a real server: what dblink promises, and what this does beyond it.

// Tests report by panicking.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

mod autonomous;
mod build_sql;
mod calls;
mod deadlock;
mod dropping;
mod hostile;
mod module;
mod quirks;
mod samples;
mod scatter;
mod scatter_merge;
mod scatter_unfit;
mod support;
mod tables;
mod transfer;
mod values;
mod wait;
