//! From a description of a server to a connection to it.

pub mod tls;
