//! SQL texts against a real server, and against its module `dblink`.

// Tests report by panicking.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

mod build_sql;
mod counting;
mod cursors;
mod quoting;
mod rows;
mod support;
