//! `dblink shell`: dblink's own SQL, without the extension.
//!
//! The front (reading, printing, backslash commands) behaves as psql does; the [`interpreter`] runs the statements.

pub(crate) mod answer;
mod body;
mod branch;
mod commands;
mod complete;
mod console;
mod copy;
mod editor;
mod history;
mod input;
pub(crate) mod interpreter;
mod local;
mod lookup;
mod print;
pub(crate) mod run;
mod scan;
mod send;
mod splice;
mod start;
mod variables;
mod voice;
mod words;
