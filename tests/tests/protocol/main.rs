//! The protocol crate against a real server, through the blocking driver.

// Tests report by panicking.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::missing_panics_doc
)]

mod authentication;
mod cancel;
mod copy;
mod cursor;
mod endings;
mod golden;
mod large;
mod notices;
mod notify;
mod passwords;
mod pipeline;
mod prepared;
mod recorded;
mod simple;
mod support;
mod versions;
