//! PostgreSQL's frontend/backend protocol as a conversation without I/O.
pub mod backend;
pub mod frontend;
pub mod wire;
