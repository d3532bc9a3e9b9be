//! Rows out of a COPY TO STDOUT in binary format.

use std::ops::Range;

use dblink_protocol::wire::Format;
use postgres_types::{FromSql, Type};

use super::unread::Unread;
use super::{check_format, field};
use crate::connection::{CopyOut, Error};

const SIGNATURE: &[u8] = b"PGCOPY\n\xff\r\n\0";

/// The flags that a reader must not pass over. One of them says that rows have OIDs, which no server since 12 sends.
const CRITICAL_FLAGS: u32 = 0xffff_0000;

impl<'c> CopyOut<'c> {
    /// Reads rows as Rust's values. `types` are those of the COPY's columns, which the server does not tell. Nothing may have
    /// been read before.
    ///
    /// ```
    /// # use dblink_engine::{connection::Connection, conninfo::{Conninfo, ProcessEnvironment}};
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let server = Conninfo::parse(dblink_tests::Cluster::shared().conninfo())?.resolve(&ProcessEnvironment)?;
    /// # let mut connection = Connection::connect(&server).await?;
    /// use postgres_types::Type;
    ///
    /// # connection.execute("create temp table city (name text, people int)", &[]).await?;
    /// # connection.execute("insert into city values ('Paris', 2103778), ('Atlantis', null)", &[]).await?;
    /// let copy = connection.copy_out("copy city (name, people) to stdout (format binary)").await?;
    /// let mut rows = copy.binary(&[Type::TEXT, Type::INT4])?;
    /// while let Some(row) = rows.next().await? {
    ///     println!("{}: {:?}", row.get::<&str>(0)?, row.get::<Option<i32>>(1)?);
    /// }
    /// assert_eq!(rows.rows_affected(), Some(2));
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// PostgreSQL manual: [Binary Format](https://www.postgresql.org/docs/current/sql-copy.html).
    ///
    /// # Errors
    ///
    /// [`Error::CopyFormat`] (SQLSTATE `42804`) if the COPY is not in binary format, or has another number of columns.
    pub fn binary(self, types: &[Type]) -> Result<BinaryCopyOut<'c>, Error> {
        check_format(self.format(), Format::Binary, Some(types.len()))?;
        Ok(BinaryCopyOut {
            copy: self,
            unread: Unread::default(),
            reader: Reader {
                stage: Stage::Header,
                types: types.into(),
                fields: Vec::new(),
                row_bytes: 0,
                rows: 0,
            },
        })
    }
}

/// The rows of a COPY TO STDOUT in binary format, lent one by one from the buffer that they were received into.
///
/// Dropping it gives up the rest; see [`CopyOut`].
#[derive(Debug)]
pub struct BinaryCopyOut<'c> {
    copy: CopyOut<'c>,
    unread: Unread,
    reader: Reader,
}

#[derive(Debug)]
struct Reader {
    stage: Stage,
    types: Box<[Type]>,
    /// Where the row's values are in the unread bytes; none for null.
    fields: Vec<Option<Range<usize>>>,
    /// The bytes of the row that is lent.
    row_bytes: usize,
    rows: u64,
}

#[derive(Debug, Clone, Copy)]
enum Stage {
    Header,
    /// So many bytes of the header's extension, which may hold anything.
    Extension(usize),
    Rows,
    /// The trailer has come.
    End,
    Broken(&'static str),
}

/// What the unread bytes begin with.
enum Found {
    Row,
    /// Something was read that is no row.
    Other,
    /// More is needed.
    Part,
}

/// A row, in the buffer that it was received into.
#[derive(Debug, Clone, Copy)]
pub struct BinaryRow<'a> {
    bytes: &'a [u8],
    fields: &'a [Option<Range<usize>>],
    types: &'a [Type],
}

impl BinaryCopyOut<'_> {
    /// The next row; none at the end.
    ///
    /// Cancel-safe: no row is lost, nor the reason of a failure.
    ///
    /// # Errors
    ///
    /// [`Error::CopyRow`] (SQLSTATE `22P04`) if the data is no such rows, or has no end: then, and whenever asked again.
    /// Otherwise as [`CopyOut::next_batch`].
    pub async fn next(&mut self) -> Result<Option<BinaryRow<'_>>, Error> {
        let given = std::mem::take(&mut self.reader.row_bytes);
        self.unread.advance(given);
        loop {
            match self.reader.read(&mut self.unread) {
                Ok(Found::Row) => break,
                Ok(Found::Other) => {}
                Ok(Found::Part) => match self.copy.next().await? {
                    Some(chunk) => self.unread.add(chunk),
                    None if matches!(self.reader.stage, Stage::End) => return Ok(None),
                    None => return Err(self.reader.broken("the data ends without its trailer")),
                },
                Err(cause) => return Err(self.reader.broken(cause)),
            }
        }
        Ok(Some(BinaryRow {
            bytes: self.unread.bytes(),
            fields: &self.reader.fields,
            types: &self.reader.types,
        }))
    }

    /// How many rows the server says it has copied, once all are read.
    pub const fn rows_affected(&self) -> Option<u64> {
        self.copy.rows_affected()
    }
}

impl Reader {
    /// Reads what the unread bytes begin with, if it is there as a whole.
    fn read(&mut self, unread: &mut Unread) -> Result<Found, &'static str> {
        let bytes = unread.bytes();
        match self.stage {
            Stage::Header => {
                let Some((header, _)) = bytes.split_first_chunk::<19>() else {
                    return Ok(Found::Part);
                };
                let &[.., a, b, c, d, e, f, g, h] = header;
                if !header.starts_with(SIGNATURE) {
                    return Err("it does not begin with the signature of binary COPY data");
                }
                if u32::from_be_bytes([a, b, c, d]) & CRITICAL_FLAGS != 0 {
                    return Err("its header has a flag that is not known");
                }
                let extension = usize::try_from(i32::from_be_bytes([e, f, g, h]))
                    .map_err(|_| "its header has an extension of negative length")?;
                unread.advance(header.len());
                self.stage = Stage::Extension(extension);
            }
            Stage::Extension(0) => self.stage = Stage::Rows,
            Stage::Extension(left) => {
                let count = bytes.len().min(left);
                if count == 0 {
                    return Ok(Found::Part);
                }
                unread.advance(count);
                self.stage = Stage::Extension(left - count);
            }
            Stage::Rows => {
                let Some((&count, rest)) = bytes.split_first_chunk() else {
                    return Ok(Found::Part);
                };
                match i16::from_be_bytes(count) {
                    -1 => {
                        unread.advance(count.len());
                        self.stage = Stage::End;
                    }
                    fields if usize::try_from(fields) == Ok(self.types.len()) => {
                        return self.read_fields(bytes.len(), rest);
                    }
                    _ => return Err("it has another number of fields than the COPY has columns"),
                }
            }
            Stage::End if bytes.is_empty() => return Ok(Found::Part),
            Stage::End => return Err("data follows the trailer"),
            Stage::Broken(cause) => return Err(cause),
        }
        Ok(Found::Other)
    }

    fn read_fields(&mut self, available: usize, mut rest: &[u8]) -> Result<Found, &'static str> {
        self.fields.clear();
        for _ in &self.types {
            let Some((&length, behind)) = rest.split_first_chunk() else {
                return Ok(Found::Part);
            };
            rest = behind;
            let field = match i32::from_be_bytes(length) {
                -1 => None,
                length => {
                    let length = usize::try_from(length).map_err(|_| "a field has a negative length")?;
                    let start = available - rest.len();
                    let Some((_, behind)) = rest.split_at_checked(length) else {
                        return Ok(Found::Part);
                    };
                    rest = behind;
                    Some(start..start + length)
                }
            };
            self.fields.push(field);
        }
        self.row_bytes = available - rest.len();
        self.rows += 1;
        Ok(Found::Row)
    }

    /// Nothing that follows can be told any more.
    fn broken(&mut self, cause: &'static str) -> Error {
        self.stage = Stage::Broken(cause);
        Error::CopyRow {
            row: self.rows + 1,
            cause: cause.into(),
        }
    }
}

impl<'a> BinaryRow<'a> {
    /// How many values there are.
    pub const fn len(&self) -> usize {
        self.fields.len()
    }

    /// Whether there are none, as of a table without columns.
    pub const fn is_empty(&self) -> bool {
        self.fields.is_empty()
    }

    /// The value of a column, counted from 0, as it was received; `None` for null.
    ///
    /// # Errors
    ///
    /// [`Error::NoColumn`] (SQLSTATE `42703`).
    pub fn raw(&self, column: usize) -> Result<Option<&'a [u8]>, Error> {
        field(self.bytes, self.fields, column)
    }

    /// The value of a column, counted from 0, as `T`.
    ///
    /// # Errors
    ///
    /// [`Error::NoColumn`] (SQLSTATE `42703`); [`Error::Column`] (`42804`) if `T` does not read the column's type, or the
    /// value is null and `T` has no null.
    pub fn get<T: FromSql<'a>>(&self, column: usize) -> Result<T, Error> {
        let value = self.raw(column)?;
        let failed = |cause| Error::Column {
            column: column.to_string(),
            cause,
        };
        match self.types.get(column) {
            Some(type_) if T::accepts(type_) => T::from_sql_nullable(type_, value).map_err(failed),
            Some(type_) => {
                let reader = std::any::type_name::<T>();
                Err(failed(
                    format!("its type is {type_}, not one that {reader} reads").into(),
                ))
            }
            None => Err(failed("it has no type".into())),
        }
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::*;

    const HEADER: &[u8] = b"PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0";
    const ROW: &[u8] = b"\0\x02\0\0\0\x01a\xff\xff\xff\xff";

    /// Reads data that comes in messages of `size` bytes; gives the rows, or why there are none.
    fn read(data: &[u8], size: usize) -> Result<Vec<Vec<Option<Vec<u8>>>>, &'static str> {
        let mut unread = Unread::default();
        let mut reader = Reader {
            stage: Stage::Header,
            types: [Type::TEXT, Type::TEXT].into(),
            fields: Vec::new(),
            row_bytes: 0,
            rows: 0,
        };
        let mut rows = Vec::new();
        for chunk in data.chunks(size) {
            unread.add(Bytes::copy_from_slice(chunk));
            loop {
                match reader.read(&mut unread)? {
                    Found::Part => break,
                    Found::Other => {}
                    Found::Row => {
                        let row = reader.fields.iter();
                        rows.push(
                            row.map(|field| Some(unread.bytes()[field.clone()?].to_vec()))
                                .collect(),
                        );
                        unread.advance(std::mem::take(&mut reader.row_bytes));
                    }
                }
            }
        }
        match reader.stage {
            Stage::End => Ok(rows),
            _ => Err("no end"),
        }
    }

    #[test]
    fn rows_are_read_however_they_are_cut() {
        // With a flag that may be passed over, and an extension of three bytes.
        let header = b"PGCOPY\n\xff\r\n\0\0\0\x80\0\0\0\0\x03abc";
        let data = [&header[..], ROW, ROW, b"\xff\xff"].concat();
        for size in 1..=data.len() {
            let row = vec![Some(b"a".to_vec()), None];
            assert_eq!(read(&data, size), Ok(vec![row.clone(), row]));
        }
    }

    #[test]
    fn what_is_no_such_data_is_refused() {
        for (data, cause) in [
            (
                &[b"PGCOPY\n\xff\n\0\0\0\0\0\0\0\0\0\0", ROW].concat()[..],
                "it does not begin with the signature of binary COPY data",
            ),
            (
                b"PGCOPY\n\xff\r\n\0\0\x01\0\0\0\0\0\0",
                "its header has a flag that is not known",
            ),
            (
                b"PGCOPY\n\xff\r\n\0\0\0\0\0\xff\xff\xff\xff",
                "its header has an extension of negative length",
            ),
            (
                &[HEADER, b"\0\x03"].concat(),
                "it has another number of fields than the COPY has columns",
            ),
            (
                &[HEADER, b"\xff\xfe"].concat(),
                "it has another number of fields than the COPY has columns",
            ),
            (
                &[HEADER, b"\0\x02\xff\xff\xff\xfe"].concat(),
                "a field has a negative length",
            ),
            (
                &[HEADER, b"\xff\xff\xff\xff"].concat(),
                "data follows the trailer",
            ),
            (&[HEADER, b"\0\x02\x7f\xff\xff\xffabc"].concat(), "no end"),
            (&[HEADER, ROW].concat(), "no end"),
            (b"PGCOPY\n\xff\r\n\0\0\0\0\0\x7f\xff\xff\xffabc", "no end"),
        ] {
            assert_eq!(read(data, data.len()), Err(cause));
        }
    }

    proptest! {
        #[test]
        fn nothing_panics(data in vec(any::<u8>(), 0..100), size in 1_usize..100, good in any::<bool>()) {
            let header = if good { HEADER } else { b"" };
            drop(read(&[header, &data].concat(), size));
        }
    }
}
