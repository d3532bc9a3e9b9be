//! Connections to PostgreSQL, and `Session`, which is dblink.
//!
//! It is being built. What is here today:
//!
//! - [`conninfo`]: where and how to connect, as libpq reads it.
//! - [`connection`]: [`Connection`](connection::Connection), a session with a server.
//! - [`net`]: what goes on below: sockets, TLS, and why no server could be reached.
//!
//! ```no_run
//! use dblink_engine::conninfo::{Conninfo, ProcessEnvironment};
//! use dblink_engine::connection::Connection;
//!
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! let config = Conninfo::parse("postgresql://scott@db1,db2/sales")?.resolve(&ProcessEnvironment)?;
//! let mut connection = Connection::connect(&config).await?;
//! connection.execute("insert into t values ($1, $2)", &[&7, &"seven"]).await?;
//! connection.close().await?;
//! # Ok(())
//! # }
//! ```

pub mod connection;
pub mod conninfo;
pub mod net;
