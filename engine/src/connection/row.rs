//! One row, and its values as Rust's types.

use std::any::type_name;
use std::str::FromStr;

use dblink_protocol::conversation::{self, Values};
use dblink_protocol::wire::Format;
use postgres_types::{FromSql, Type};

use super::{Column, Columns, Error};

/// A row, in the buffer that it was received into.
///
/// # Formats
///
/// The values of a [`query`](super::Connection::query) come in binary format: [`get`](Self::get) reads them as the Rust types
/// that stand for their types. Those of a [`simple_query`](super::Connection::simple_query) come as text: [`text`](Self::text)
/// lends it, and [`parse`](Self::parse) reads it as any type that can be parsed.
#[derive(Debug, Clone, Copy)]
pub struct Row<'a> {
    /// The values with their lengths.
    values: &'a [u8],
    columns: &'a Columns,
}

type Cause = Box<dyn std::error::Error + Send + Sync>;

impl<'a> Row<'a> {
    #[inline]
    pub(super) const fn new(row: conversation::Row<'a>, columns: &'a Columns) -> Self {
        Self::from_bytes(row.as_bytes(), columns)
    }

    #[inline]
    pub(super) const fn from_bytes(values: &'a [u8], columns: &'a Columns) -> Self {
        Self { values, columns }
    }

    /// The values with their lengths.
    pub(super) const fn as_bytes(&self) -> &'a [u8] {
        self.values
    }

    /// The same values, with their columns under other names.
    #[inline]
    pub(crate) const fn with_columns<'b>(self, columns: &'b Columns) -> Row<'b>
    where
        'a: 'b,
    {
        Row {
            values: self.values,
            columns,
        }
    }

    /// A copy of it. `columns` are its columns.
    pub(crate) fn to_owned_row(self, columns: &std::sync::Arc<Columns>) -> super::OwnedRow {
        super::OwnedRow::new(&self, columns)
    }

    /// The columns.
    pub const fn columns(&self) -> &'a Columns {
        self.columns
    }

    /// The values as they were received, in the order of the columns; `None` for null. All of them are read faster so than by
    /// their columns.
    #[inline]
    pub fn values(&self) -> impl Iterator<Item = Option<&'a [u8]>> + use<'a> {
        Values::new(self.values)
    }

    /// The value of a column as it was received, `None` for null.
    ///
    /// # Errors
    ///
    /// [`Error::NoColumn`] (SQLSTATE `42703`).
    pub fn raw(&self, column: impl ColumnIndex) -> Result<Option<&'a [u8]>, Error> {
        Ok(self.find(&column)?.1)
    }

    /// The value of a column in binary format, as a Rust value; `Option` gives null as `None`.
    ///
    /// What reads text also reads the text of a column in [text format](Self#formats), whatever its type.
    ///
    /// ```
    /// # use dblink_engine::{connection::Connection, conninfo::{Conninfo, ProcessEnvironment}};
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let server = Conninfo::parse(dblink_tests::Cluster::shared().conninfo())?.resolve(&ProcessEnvironment)?;
    /// # let mut connection = Connection::connect(&server).await?;
    /// let mut rows = connection.query("select 7 as id, null::text as name", &[]).await?;
    /// while let Some(row) = rows.next().await? {
    ///     let id: i32 = row.get(0)?;
    ///     let name: Option<&str> = row.get("name")?;
    ///     assert_eq!((id, name), (7, None));
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
        let (column, value) = self.find(&column)?;
        column.read(value)
    }

    /// The text of a column in [text format](Self#formats), or of one whose binary format is its text, such as `text`, `name`,
    /// `json` or an enum; `None` for null.
    ///
    /// A `bool` in text format is `t` or `f`.
    ///
    /// ```
    /// # use dblink_engine::{connection::Connection, conninfo::{Conninfo, ProcessEnvironment}};
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let server = Conninfo::parse(dblink_tests::Cluster::shared().conninfo())?.resolve(&ProcessEnvironment)?;
    /// # let mut connection = Connection::connect(&server).await?;
    /// let mut results = connection.simple_query("select 'readme' as name, 4096 as size").await?;
    /// while let Some(result) = results.next().await? {
    ///     for row in result.rows() {
    ///         let name = row.text("name")?.unwrap_or("?");
    ///         let size: Option<u64> = row.parse("size")?;
    ///         assert_eq!((name, size), ("readme", Some(4096)));
    ///     }
    /// }
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// [`Error::NoColumn`] (SQLSTATE `42703`); [`Error::Column`] (`42804`) if the column is in binary format and of another
    /// type, or the text is not UTF-8.
    pub fn text(&self, column: impl ColumnIndex) -> Result<Option<&'a str>, Error> {
        let (column, value) = self.find(&column)?;
        column.text(value)
    }

    /// The text of a column, as [`text`](Self::text) gives it, parsed; `None` for null.
    ///
    /// A `bool` is given to the parser as `true` or `false`, as PostgreSQL casts it to text.
    ///
    /// # Errors
    ///
    /// As [`text`](Self::text); [`Error::Column`] also if the text cannot be parsed.
    pub fn parse<T>(&self, column: impl ColumnIndex) -> Result<Option<T>, Error>
    where
        T: FromStr<Err: Into<Cause>>,
    {
        let (column, value) = self.find(&column)?;
        let text = match column.text(value)? {
            Some("t") if *column.type_() == Type::BOOL => "true",
            Some("f") if *column.type_() == Type::BOOL => "false",
            Some(text) => text,
            None => return Ok(None),
        };
        text.parse().map(Some).map_err(|cause: T::Err| {
            let cause = cause.into();
            column.unreadable(format!("\"{text}\" is no {}: {cause}", type_name::<T>()).into())
        })
    }

    /// A column and its value.
    #[inline]
    fn find(&self, column: &impl ColumnIndex) -> Result<(&'a Column, Option<&'a [u8]>), Error> {
        let index = column.index(self.columns)?;
        match self.columns.get(index) {
            Some(column) => Ok((column, Values::new(self.values).nth(index).flatten())),
            None => Err(no_column(index.to_string(), self.columns)),
        }
    }
}

impl Column {
    /// That a value of it cannot be read.
    #[cold]
    pub(super) fn unreadable(&self, cause: Cause) -> Error {
        Error::Column {
            column: self.name().to_owned(),
            cause,
        }
    }

    #[inline]
    fn read<'a, T: FromSql<'a>>(&self, value: Option<&'a [u8]>) -> Result<T, Error> {
        let mut type_ = self.type_();
        if self.format() != Format::Binary {
            type_ = &Type::TEXT;
        }
        if !T::accepts(type_) {
            return Err(not_accepted::<T>(self));
        }
        T::from_sql_nullable(type_, value).map_err(|cause| self.unreadable(cause))
    }

    #[inline]
    fn text<'a>(&self, value: Option<&'a [u8]>) -> Result<Option<&'a str>, Error> {
        if !self.is_textual() {
            return self.other_text(value);
        }
        let Some(value) = value else { return Ok(None) };
        match str::from_utf8(value) {
            Ok(text) => Ok(Some(text)),
            Err(error) => Err(self.unreadable(error.into())),
        }
    }

    /// The text of a type that has one behind something else, such as `ltree`.
    #[cold]
    fn other_text<'a>(&self, value: Option<&'a [u8]>) -> Result<Option<&'a str>, Error> {
        let type_ = self.type_();
        if <&str>::accepts(type_) {
            return Option::from_sql_nullable(type_, value).map_err(|cause| self.unreadable(cause));
        }
        Err(self.unreadable(if self.is_known() {
            format!("it is {type_} in binary format: read it with get, or cast it to text in the statement")
                .into()
        } else {
            self.unknown_type()
        }))
    }

    /// Why a type cannot be made sense of that was not looked up.
    fn unknown_type(&self) -> Cause {
        let oid = self.type_().oid();
        format!(
            "its type, of OID {oid}, was not known when the result began: run the statement again outside a failed \
             transaction, or prepare it"
        )
        .into()
    }
}

#[cold]
fn not_accepted<T>(column: &Column) -> Error {
    let type_ = column.type_();
    column.unreadable(if column.format() != Format::Binary {
        format!(
            "it came as text, which {} does not read: use text or parse, or run the statement with query",
            type_name::<T>()
        )
        .into()
    } else if column.is_known() {
        format!("its type is {type_}, not one that {} reads", type_name::<T>()).into()
    } else {
        column.unknown_type()
    })
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
