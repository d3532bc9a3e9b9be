//! Connections to PostgreSQL, and `Session`, which is dblink.
//!
//! What is here today is [`conninfo`]: where and how to connect.

pub mod conninfo;

pub mod net;
