//! One row, and its values as Rust's types.

use dblink_protocol::conversation;
use dblink_protocol::wire::Format;
use postgres_types::{FromSql, Type};

use super::{Columns, Error};

/// A row, in the buffer that it was received into.
#[derive(Debug, Clone, Copy)]
pub struct Row<'a> {
    row: conversation::Row<'a>,
    columns: &'a Columns,
}

impl<'a> Row<'a> {
    pub(super) const fn new(row: conversation::Row<'a>, columns: &'a Columns) -> Self {
        Self { row, columns }
    }

    /// The columns.
    pub const fn columns(&self) -> &'a Columns {
        self.columns
    }

    /// The value of a column as it was received, `None` for null.
    ///
    /// # Errors
    ///
    /// [`Error::NoColumn`] (SQLSTATE `42703`).
    pub fn raw(&self, column: impl ColumnIndex) -> Result<Option<&'a [u8]>, Error> {
        let index = column.index(self.columns)?;
        Ok(self.row.get(index).flatten())
    }

    /// The value of a column in binary format, as a Rust value.
    ///
    /// ```no_run
    /// # async fn example(mut rows: dblink_engine::connection::Rows<'_>) -> Result<(), dblink_engine::connection::Error> {
    /// while let Some(row) = rows.next().await? {
    ///     let id: i32 = row.get(0)?;
    ///     let name: Option<&str> = row.get("name")?;
    /// }
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// [`Error::NoColumn`] (SQLSTATE `42703`); [`Error::Column`] (`42804`) if the column's type is another one, or the value
    /// is null and `T` has no null.
    #[inline]
    pub fn get<T: FromSql<'a>>(&self, column: impl ColumnIndex) -> Result<T, Error> {
        let index = column.index(self.columns)?;
        let Some(column) = self.columns.get(index) else {
            return Err(no_column(index.to_string(), self.columns));
        };
        let failed = |cause| Error::Column {
            column: column.name().to_owned(),
            cause,
        };
        let type_ = column.type_();
        if !T::accepts(type_) {
            return Err(failed(
                format!(
                    "its type is {type_}, not one that {} reads",
                    std::any::type_name::<T>()
                )
                .into(),
            ));
        }
        if column.format() != Format::Binary && *type_ != Type::TEXT {
            return Err(failed("it is in text format".into()));
        }
        T::from_sql_nullable(type_, self.row.get(index).flatten()).map_err(failed)
    }
}

/// What names a column: its number from 0, or its name.
pub trait ColumnIndex {
    /// The column's number.
    ///
    /// # Errors
    ///
    /// [`Error::NoColumn`] (SQLSTATE `42703`).
    fn index(&self, columns: &Columns) -> Result<usize, Error>;
}

impl ColumnIndex for usize {
    #[inline]
    fn index(&self, columns: &Columns) -> Result<usize, Error> {
        if *self < columns.len() {
            return Ok(*self);
        }
        Err(no_column(self.to_string(), columns))
    }
}

impl ColumnIndex for &str {
    fn index(&self, columns: &Columns) -> Result<usize, Error> {
        columns
            .position(self)
            .ok_or_else(|| no_column(format!("\"{self}\""), columns))
    }
}

#[cold]
fn no_column(column: String, columns: &Columns) -> Error {
    Error::NoColumn {
        column,
        columns: columns.len(),
    }
}
