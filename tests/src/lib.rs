//! Throwaway PostgreSQL servers, and the tests that need one.
//!
//! A test asks for a [`Cluster`], talks to it, and drops it:
//!
//! ```
//! use dblink_tests::Cluster;
//!
//! let cluster = Cluster::shared();
//! assert_eq!(cluster.psql("select 1"), "1");
//! ```
//!
//! The server runs in a folder of its own, on a port of its own, as an unprivileged user, and goes away with the test
//! process however that ends. Which server: see [`Binaries::find`]. A [`PgBouncer`] can stand in front of it.

// A test kit reports by panicking: what cannot be set up is a failed test, and its text is the report.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

mod binaries;
pub mod blocking;
mod cluster;
mod examples;
mod files;
pub mod lists;
pub mod pgbouncer;
pub mod pki;
pub mod polls;
pub mod proxy;
mod refused_port;
pub mod roles;
pub mod tls;

pub use binaries::{Binaries, NotFound};
pub use cluster::{Builder, Cluster};
pub use examples::Examples;
pub use files::Files;
pub use pgbouncer::PgBouncer;
pub use refused_port::refused_port;
