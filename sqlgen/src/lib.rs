//! SQL text for dblink: quoting, and statements that carry rows from one database to another.
//!
//! There is no connection in this crate: names and values in, text out. What it cannot write safely it refuses.
//!
//! | what | with |
//! |---|---|
//! | names and values in a text, as the server's own functions quote them | [`quote_ident`], [`quote_qualified_identifier`], [`quote_literal`], [`quote_nullable`], [`valid_text`] |
//! | dblink's three builders, word for word | [`build_sql_insert`], [`build_sql_update`], [`build_sql_delete`] |
//! | the same with parameters, for many rows, over rows that are there, and without the columns that only the server fills | [`Relation::insert`], [`Relation::update`], [`Relation::delete`] |
//! | names of cursors that a caller gives as SQL | [`CursorName`], [`CursorDeclaration`] |
//! | whether a text is one statement | [`count_statements`] |
//!
//! # A row for another database
//!
//! ```
//! use dblink_sqlgen::{Column, ColumnKind, Relation, build_sql_delete};
//!
//! let columns = vec![
//!     Column::new("id")?.not_null(),
//!     Column::new("Name")?,
//!     Column::new("name_length")?.with_kind(ColumnKind::Generated),
//! ];
//! let city = Relation::new(Some("geo"), "city", columns)?;
//! let row = [Some("7"), Some("L'Aquila"), Some("8")];
//!
//! // As text, for whoever can send nothing else,
//! assert_eq!(
//!     city.insert().with_literals(&[&row])?,
//!     r#"INSERT INTO geo.city(id,"Name") VALUES('7','L''Aquila')"#
//! );
//! // or the values apart, of any type, which is better.
//! let update = city.update(&["id"])?.with_parameters(&row)?;
//! assert_eq!(update.text, r#"UPDATE geo.city SET "Name" = $1 WHERE id = $2"#);
//! assert_eq!(update.values, [&row[1], &row[0]]);
//!
//! // As dblink does it: by the columns' numbers.
//! assert_eq!(build_sql_delete(&city, &[1], 1, &[Some("7")])?, "DELETE FROM geo.city WHERE id = '7'");
//! # Ok::<(), dblink_sqlgen::BuildError>(())
//! ```
//!
//! # What holds for all texts
//!
//! - They mean the same whether `standard_conforming_strings` is on or off, and are one statement under both.
//! - They are UTF-8, which the session's `client_encoding` has to be, and hold no zero byte.
//! - They hold no comments. A name or a value may hold a line end, and keeps it: whoever writes a script for psql has to know.

mod build_sql;
mod cursor;
mod delete;
mod error;
#[cfg(test)]
mod hostile;
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
pub use quote::{Quoted, quote_ident, quote_literal, quote_nullable, quote_qualified_identifier};
pub use relation::{Column, ColumnKind, Relation};
pub use statements::{StatementCount, count_statements};
pub use text::{InvalidText, valid_text};
pub use update::Update;
pub use values::Parameterized;
