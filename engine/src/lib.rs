//! Connections to PostgreSQL, and `Session`, which is dblink.
//!
//! There is nothing in it yet.
