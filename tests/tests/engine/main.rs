//! The engine against a real server.

// Tests report by panicking.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

mod change_password;
mod connecting_in_time;
mod conninfo;
mod copy;
mod copy_dropping;
mod copy_failing;
mod copy_rows;
mod credentials;
mod deadlines;
mod dropping;
mod failover;
mod hosts;
mod open;
mod passwords;
mod pgbouncer;
mod polls;
mod queries;
mod rows;
mod scale;
mod script;
mod secrets;
mod serde;
mod silence;
mod statements;
mod support;
mod tls;
mod tracing;
mod transactions;
mod transfer;
mod transfer_bytes;
mod transfer_create;
mod transfer_dropping;
mod transfer_failing;
mod transfer_names;
mod transfer_types;
mod transfer_verify;
mod transfer_versions;
mod types;
mod unexpected;
