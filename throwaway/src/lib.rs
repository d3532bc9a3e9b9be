//! PostgreSQL servers in a folder of their own, which go away with the process.
//!
//! ```
//! use dblink_throwaway::Server;
//!
//! let server = Server::start()?;
//! println!("{}", server.conninfo());
//! # Ok::<(), dblink_throwaway::Error>(())
//! ```
//!
//! The server runs as an unprivileged user, and goes away with the process however that ends: a [`Keeper`] sees to it. Which
//! server: see [`Programs::find`]. What is to be different about it is done to a [`Site`], before it starts.

mod account;
mod error;
mod keeper;
mod port;
mod programs;
mod server;
mod site;

pub use account::Account;
pub use error::Error;
pub use keeper::Keeper;
pub use port::{PORT_ATTEMPTS, free_port};
pub use programs::{NotFound, Programs};
pub use server::Server;
pub use site::{SUPERUSER, Site, without_pg_environment};
