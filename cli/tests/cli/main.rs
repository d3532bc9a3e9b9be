//! The program, run as its users run it.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    unreachable_pub
)]

mod conninfo;
mod control_characters;
mod copy;
mod demo;
mod destination;
mod exec;
mod guide;
mod help;
mod keys;
mod listen;
mod module;
mod ping;
mod pty;
mod query;
mod query_formats;
mod query_output;
mod query_streaming;
mod running;
mod scatter;
mod shell;
mod support;
mod trace;
mod usage;
