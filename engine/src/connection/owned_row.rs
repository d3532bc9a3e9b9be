//! A row that outlives the buffer it was received into.

use std::str::FromStr;
use std::sync::Arc;

use postgres_types::FromSql;

use super::{ColumnIndex, Columns, Error, Row};

/// A row that owns its values.
///
/// They are copied: keeping a few rows of many does not keep the buffers that these were received into. Clones share them.
#[derive(Debug, Clone)]
pub struct OwnedRow {
    /// The values with their lengths.
    values: Arc<[u8]>,
    columns: Arc<Columns>,
}

impl OwnedRow {
    /// Copies a row. `columns` are its columns.
    pub(super) fn new(row: &Row<'_>, columns: &Arc<Columns>) -> Self {
        Self {
            values: row.as_bytes().into(),
            columns: Arc::clone(columns),
        }
    }

    /// A row of one text.
    pub(crate) fn of_text(name: &str, value: &str) -> Self {
        // No text that is in memory is longer than a value can be by more than a factor.
        let length = i32::try_from(value.len()).unwrap_or(-1);
        let mut values = length.to_be_bytes().to_vec();
        if length >= 0 {
            values.extend_from_slice(value.as_bytes());
        }
        Self {
            values: values.into(),
            columns: Arc::new(Columns::text(name)),
        }
    }

    /// The row as others are lent.
    pub fn as_row(&self) -> Row<'_> {
        Row::from_bytes(&self.values, &self.columns)
    }

    /// The columns.
    pub const fn columns(&self) -> &Arc<Columns> {
        &self.columns
    }

    /// The value of a column as it was received; see [`Row::raw`].
    ///
    /// # Errors
    ///
    /// As [`Row::raw`].
    pub fn raw(&self, column: impl ColumnIndex) -> Result<Option<&[u8]>, Error> {
        self.as_row().raw(column)
    }

    /// The value of a column in binary format; see [`Row::get`].
    ///
    /// # Errors
    ///
    /// As [`Row::get`].
    pub fn get<'a, T: FromSql<'a>>(&'a self, column: impl ColumnIndex) -> Result<T, Error> {
        self.as_row().get(column)
    }

    /// The text of a column; see [`Row::text`].
    ///
    /// # Errors
    ///
    /// As [`Row::text`].
    pub fn text(&self, column: impl ColumnIndex) -> Result<Option<&str>, Error> {
        self.as_row().text(column)
    }

    /// The text of a column, parsed; see [`Row::parse`].
    ///
    /// # Errors
    ///
    /// As [`Row::parse`].
    pub fn parse<T>(&self, column: impl ColumnIndex) -> Result<Option<T>, Error>
    where
        T: FromStr<Err: Into<Box<dyn std::error::Error + Send + Sync>>>,
    {
        self.as_row().parse(column)
    }
}
