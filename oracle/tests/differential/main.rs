//! The same connection strings, environments, files and servers for libpq 18 and for us.

// Tests report by panicking, and show what they counted to those who ask with `--nocapture`.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::print_stdout
)]

mod environment;
mod generate;
mod ladder;
mod ours;
mod parse;
mod refusals;
mod startup;
mod strings;
mod table;
mod values;
mod worlds;
