//! Fuzz targets for `dblink-protocol`.
//!
//! Each module holds one target: what its input means, and what must hold for every input. The files in `fuzz_targets`
//! only hand the fuzzer's bytes over, so that the same checks run on the seeds in a plain test.

pub mod backend_messages;
pub mod command;
pub mod conversation;
pub mod diagnostics;
pub mod frontend_messages;
pub mod handshake;
pub mod initial_messages;
pub mod input;
pub mod ledger;
pub mod outbox;
pub mod replies;
pub mod rows;
pub mod saslprep;
pub mod scram;
pub mod seeds;
pub mod server;
pub mod server_model;
pub mod talk;
pub mod trace;
