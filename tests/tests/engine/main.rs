//! The engine against a real server.

// Tests report by panicking.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

mod connect;
mod deadlines;
mod dropping;
mod open;
mod pgbouncer;
mod queries;
mod scale;
mod silence;
mod statements;
mod support;
mod transactions;
