//! One file a command.

pub(crate) mod build_sql;
pub(crate) mod completions;
pub(crate) mod conninfo;
pub(crate) mod copy;
pub(crate) mod demo;
pub(crate) mod exec;
pub(crate) mod listen;
pub(crate) mod man;
pub(crate) mod ping;
pub(crate) mod pkey;
pub(crate) mod query;
pub(crate) mod scatter;
pub(crate) mod shell;
pub(crate) mod trace;
