//! SQL text for dblink: quoting, and the three statement builders.

mod build_sql;
mod cursor;
mod delete;
mod error;
mod insert;
mod key;
mod keywords;
mod lexer;
mod quote;
mod relation;
mod statements;
mod text;
mod update;
mod values;

pub use build_sql::{FromSource, build_sql_delete, build_sql_insert, build_sql_update};
pub use cursor::{CursorDeclaration, CursorName, InvalidCursorName};
pub use delete::Delete;
pub use error::BuildError;
pub use insert::Insert;
pub use quote::{quote_ident, quote_literal, quote_nullable, quote_qualified_identifier};
pub use relation::{Column, ColumnKind, Relation};
pub use statements::{StatementCount, count_statements};
pub use text::{InvalidText, valid_text};
pub use update::Update;
pub use values::Parameterized;
