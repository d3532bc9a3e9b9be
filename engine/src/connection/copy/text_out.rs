//! Rows out of a COPY TO STDOUT in text format.

use std::ops::Range;
use std::str;

use dblink_protocol::wire::Format;

use super::unread::Unread;
use super::{check_format, field};
use crate::connection::{CopyOut, Error};

impl<'c> CopyOut<'c> {
    /// Reads rows of texts. The COPY has to be in text format with its usual delimiter and null, not CSV: that cannot be told
    /// from here. Nothing may have been read before.
    ///
    /// ```
    /// # use dblink_engine::{connection::Connection, conninfo::{Conninfo, ProcessEnvironment}};
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let server = Conninfo::parse(dblink_tests::Cluster::shared().conninfo())?.resolve(&ProcessEnvironment)?;
    /// # let mut connection = Connection::connect(&server).await?;
    /// # connection.execute("create temp table city (name text, people int)", &[]).await?;
    /// # connection.execute("insert into city values ('Paris', 2103778), ('Atlantis', null)", &[]).await?;
    /// let mut rows = connection.copy_out("copy city (name, people) to stdout").await?.text()?;
    /// while let Some(row) = rows.next().await? {
    ///     println!("{}", row.get(0)?.unwrap_or("a city without a name"));
    /// }
    /// assert_eq!(rows.rows_affected(), Some(2));
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// PostgreSQL manual: [Text Format](https://www.postgresql.org/docs/current/sql-copy.html).
    ///
    /// # Errors
    ///
    /// [`Error::CopyFormat`] (SQLSTATE `42804`) if the COPY is in binary format.
    pub fn text(self) -> Result<TextCopyOut<'c>, Error> {
        check_format(self.format(), Format::Text, None)?;
        let columns = self.format().columns.len();
        Ok(TextCopyOut {
            copy: self,
            unread: Unread::default(),
            reader: Reader::new(columns),
        })
    }
}

/// The rows of a COPY TO STDOUT in text format, lent one by one.
///
/// Dropping it gives up the rest; see [`CopyOut`].
#[derive(Debug)]
pub struct TextCopyOut<'c> {
    copy: CopyOut<'c>,
    unread: Unread,
    reader: Reader,
}

#[derive(Debug)]
struct Reader {
    columns: usize,
    /// Where the row's values are; none for null.
    fields: Vec<Option<Range<usize>>>,
    /// The row's values without their escapes, if it has some.
    plain: Option<Vec<u8>>,
    /// A buffer for that.
    spare: Vec<u8>,
    /// How many of the unread bytes are known to hold no end of a line.
    searched: usize,
    /// The bytes of the row that is lent.
    row_bytes: usize,
    rows: u64,
    broken: Option<&'static str>,
}

/// A row, its values without escapes.
#[derive(Debug, Clone, Copy)]
pub struct TextRow<'a> {
    bytes: &'a [u8],
    fields: &'a [Option<Range<usize>>],
}

impl TextCopyOut<'_> {
    /// The next row; none at the end.
    ///
    /// Cancel-safe: no row is lost, nor the reason of a failure.
    ///
    /// # Errors
    ///
    /// [`Error::CopyRow`] (SQLSTATE `22P04`) if a line has another number of values than the COPY has columns, or no end: then,
    /// and whenever asked again. Otherwise as [`CopyOut::next_batch`].
    pub async fn next(&mut self) -> Result<Option<TextRow<'_>>, Error> {
        let given = std::mem::take(&mut self.reader.row_bytes);
        self.unread.advance(given);
        loop {
            match self.reader.read(self.unread.bytes()) {
                Ok(true) => break,
                Ok(false) => match self.copy.next().await? {
                    Some(chunk) => self.unread.add(chunk),
                    None if self.unread.bytes().is_empty() => return Ok(None),
                    None => return Err(self.reader.failed("the line has no end")),
                },
                Err(cause) => return Err(self.reader.failed(cause)),
            }
        }
        Ok(Some(TextRow {
            bytes: self
                .reader
                .plain
                .as_deref()
                .unwrap_or_else(|| self.unread.bytes()),
            fields: &self.reader.fields,
        }))
    }

    /// How many rows the server says it has copied, once all are read.
    pub const fn rows_affected(&self) -> Option<u64> {
        self.copy.rows_affected()
    }
}

impl Reader {
    const fn new(columns: usize) -> Self {
        Self {
            columns,
            fields: Vec::new(),
            plain: None,
            spare: Vec::new(),
            searched: 0,
            row_bytes: 0,
            rows: 0,
            broken: None,
        }
    }

    /// Reads the line that the unread bytes begin with, if it is there as a whole.
    fn read(&mut self, unread: &[u8]) -> Result<bool, &'static str> {
        if let Some(cause) = self.broken {
            return Err(cause);
        }
        let new = unread.get(self.searched..).unwrap_or_default();
        let Some(end) = new.iter().position(|byte| *byte == b'\n') else {
            self.searched = unread.len();
            return Ok(false);
        };
        let end = self.searched + end;
        self.searched = 0;
        self.row_bytes = end + 1;
        self.split(unread.get(..end).unwrap_or_default())?;
        self.rows += 1;
        Ok(true)
    }

    /// Finds the values of a line.
    fn split(&mut self, line: &[u8]) -> Result<(), &'static str> {
        self.fields.clear();
        if let Some(used) = self.plain.take() {
            self.spare = used;
        }
        if line == b"\\." {
            return Err("the end of the data comes as a row");
        }
        if line.contains(&b'\\') {
            let mut plain = std::mem::take(&mut self.spare);
            plain.clear();
            for field in line.split(|byte| *byte == b'\t').take(self.columns + 1) {
                let start = plain.len();
                unescape(field, &mut plain);
                self.fields.push((field != b"\\N").then_some(start..plain.len()));
            }
            self.plain = Some(plain);
        } else {
            let mut start = 0;
            for field in line.split(|byte| *byte == b'\t').take(self.columns + 1) {
                self.fields.push(Some(start..start + field.len()));
                start += field.len() + 1;
            }
        }
        // A table without columns has empty lines.
        if self.columns == 0 && line.is_empty() {
            self.fields.clear();
        }
        if self.fields.len() != self.columns {
            return Err("it has another number of values than the COPY has columns");
        }
        Ok(())
    }

    /// Nothing that follows can be told any more.
    fn failed(&mut self, cause: &'static str) -> Error {
        self.broken = Some(cause);
        Error::CopyRow {
            row: self.rows + 1,
            cause: cause.into(),
        }
    }
}

/// Appends a value without its escapes, as a server writes them: none of them are numbers.
fn unescape(field: &[u8], plain: &mut Vec<u8>) {
    let mut bytes = field.iter();
    while let Some(byte) = bytes.next() {
        if *byte != b'\\' {
            plain.push(*byte);
            continue;
        }
        plain.extend(bytes.next().map(|escaped| match escaped {
            b'b' => 8,
            b'f' => 12,
            b'n' => b'\n',
            b'r' => b'\r',
            b't' => b'\t',
            b'v' => 11,
            other => *other,
        }));
    }
}

impl<'a> TextRow<'a> {
    /// How many values there are.
    pub const fn len(&self) -> usize {
        self.fields.len()
    }

    /// Whether there are none, as of a table without columns.
    pub const fn is_empty(&self) -> bool {
        self.fields.is_empty()
    }

    /// The value of a column, counted from 0, as bytes in the session's `client_encoding`; `None` for null.
    ///
    /// # Errors
    ///
    /// [`Error::NoColumn`] (SQLSTATE `42703`).
    pub fn raw(&self, column: usize) -> Result<Option<&'a [u8]>, Error> {
        field(self.bytes, self.fields, column)
    }

    /// The value of a column, counted from 0; `None` for null.
    ///
    /// # Errors
    ///
    /// [`Error::NoColumn`] (SQLSTATE `42703`); [`Error::Column`] (`42804`) if it is not UTF-8.
    pub fn get(&self, column: usize) -> Result<Option<&'a str>, Error> {
        let value = self.raw(column)?.map(str::from_utf8).transpose();
        value.map_err(|error| Error::Column {
            column: column.to_string(),
            cause: error.into(),
        })
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::*;

    /// Reads data that comes in messages of `size` bytes; gives the rows, or why there are none.
    fn read(data: &[u8], columns: usize, size: usize) -> Result<Vec<Vec<Option<Vec<u8>>>>, &'static str> {
        let mut unread = Unread::default();
        let mut reader = Reader::new(columns);
        let mut rows = Vec::new();
        for chunk in data.chunks(size) {
            unread.add(Bytes::copy_from_slice(chunk));
            while reader.read(unread.bytes())? {
                let row = TextRow {
                    bytes: reader.plain.as_deref().unwrap_or_else(|| unread.bytes()),
                    fields: &reader.fields,
                };
                let values = (0..row.len()).map(|column| row.raw(column).unwrap().map(<[u8]>::to_vec));
                rows.push(values.collect());
                unread.advance(std::mem::take(&mut reader.row_bytes));
            }
        }
        Ok(rows)
    }

    #[test]
    fn lines_are_read_however_they_are_cut() {
        let data = b"a\\tb\t\\N\t\nplain\t\\\\N\t\\.\n\t\t\\b\\f\\n\\r\\t\\v\\\\\n";
        let text = |text: &[u8]| Some(text.to_vec());
        let rows = vec![
            vec![text(b"a\tb"), None, text(b"")],
            vec![text(b"plain"), text(b"\\N"), text(b".")],
            vec![text(b""), text(b""), text(b"\x08\x0c\n\r\t\x0b\\")],
        ];
        for size in 1..=data.len() {
            assert_eq!(read(data, 3, size), Ok(rows.clone()));
        }
    }

    #[test]
    fn lines_have_as_many_values_as_there_are_columns() {
        let wrong = Err("it has another number of values than the COPY has columns");
        assert_eq!(read(b"a\n", 2, 9), wrong);
        assert_eq!(read(b"a\tb\tc\n", 2, 9), wrong);
        assert_eq!(read(b"a\n", 0, 9), wrong);
        assert_eq!(read(b"\n\n", 0, 9), Ok(vec![vec![], vec![]]));
        assert_eq!(read(b"\n", 1, 9), Ok(vec![vec![Some(vec![])]]));
        assert_eq!(read(b"\\.\n", 1, 9), Err("the end of the data comes as a row"));
    }

    proptest! {
        #[test]
        fn nothing_panics(data in vec(prop::sample::select(b"\\\t\nNa.b".to_vec()), 0..50), size in 1_usize..50) {
            drop(read(&data, 2, size));
        }
    }
}
