//! The messages a client sends.
mod bind;
mod query;
mod sync;
pub use bind::Bind;
pub use query::Query;
pub use sync::Sync;
