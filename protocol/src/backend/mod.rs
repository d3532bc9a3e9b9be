//! The messages a server sends.
mod ready_for_query;
mod row_description;
pub use ready_for_query::{ReadyForQuery, TransactionStatus};
pub use row_description::{FieldDescription, RowDescription};
