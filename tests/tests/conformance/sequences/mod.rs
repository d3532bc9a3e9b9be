//! The sequences, by what they are about.

pub(crate) mod asynchronous;
pub(crate) mod builders;
pub(crate) mod connections;
pub(crate) mod cursors;
pub(crate) mod foreign_servers;
pub(crate) mod names;
pub(crate) mod notifications;
pub(crate) mod nulls;
pub(crate) mod overloads;
pub(crate) mod passwords;
pub(crate) mod queries;
pub(crate) mod remote_errors;
pub(crate) mod states;
