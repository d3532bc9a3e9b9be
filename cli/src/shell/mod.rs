//! `dblink shell`: dblink's own SQL, without the extension.
//!
//! The front (reading, printing, backslash commands) behaves as psql does; the [`interpreter`] runs the statements.

#![allow(dead_code, reason = "the front is not built yet")]

pub(crate) mod answer;
mod copy;
pub(crate) mod interpreter;
mod splice;
