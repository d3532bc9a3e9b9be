//! PostgreSQL's frontend/backend protocol as a conversation without I/O.

pub mod auth;
pub mod backend;
pub mod conversation;
mod copy;
pub mod frontend;
pub mod handshake;
#[cfg(test)]
mod hostile;
pub mod oid;
mod secret;
mod sqlstate;
pub mod trace;
mod version;
pub mod wire;

pub use secret::Secret;
pub use sqlstate::SqlState;
pub use version::ProtocolVersion;
