//! Rows into a COPY FROM STDIN in binary format.

use bytes::{BufMut, BytesMut};
use dblink_protocol::wire::Format;
use postgres_types::{IsNull, ToSql, Type};

use super::check_format;
use crate::connection::{CopyIn, Error};

/// The signature, no flags, and no extension.
const HEADER: &[u8] = b"PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0";

/// Where a field's length is, or the number of fields: the end of the data.
const TRAILER: &[u8] = b"\xff\xff";

impl<'c> CopyIn<'c> {
    /// Sends rows of Rust's values. `types` are those of the COPY's columns, which the server does not tell; a wrong one is
    /// refused by the server, or taken for something else. Nothing may have been sent before.
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
    /// let copy = connection.copy_in("copy city (name, people) from stdin (format binary)").await?;
    /// let mut rows = copy.binary(&[Type::TEXT, Type::INT4])?;
    /// rows.send(&[&"Paris", &2_103_778]).await?;
    /// rows.send(&[&"Atlantis", &None::<i32>]).await?;
    /// assert_eq!(rows.finish().await?, 2);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// PostgreSQL manual: [Binary Format](https://www.postgresql.org/docs/current/sql-copy.html).
    ///
    /// # Errors
    ///
    /// [`Error::CopyFormat`] (SQLSTATE `42804`) if the COPY is not in binary format, or has another number of columns. The
    /// COPY fails.
    pub fn binary(mut self, types: &[Type]) -> Result<BinaryCopyIn<'c>, Error> {
        check_format(self.format(), Format::Binary, Some(types.len()))?;
        self.buffer.extend_from_slice(HEADER);
        Ok(BinaryCopyIn {
            copy: self,
            types: types.into(),
            rows: 0,
        })
    }
}

/// A COPY FROM STDIN in binary format, which takes rows. Dropping it fails the COPY: nothing of it stays.
#[derive(Debug)]
#[must_use = "dropping it fails the COPY"]
pub struct BinaryCopyIn<'c> {
    copy: CopyIn<'c>,
    types: Box<[Type]>,
    rows: u64,
}

impl BinaryCopyIn<'_> {
    /// Sends a row, and waits until no more than a few messages are left in memory.
    ///
    /// Cancel-safe: once the future was polled, the row is a part of the COPY, whether it is dropped then or not.
    ///
    /// # Errors
    ///
    /// [`Error::CopyRow`] (SQLSTATE `22P04`) if there are more or fewer values than columns, or one cannot be sent as its
    /// column's type: the row is left out, and the COPY can go on. Otherwise as [`CopyIn::send`].
    pub async fn send(&mut self, row: &[&(dyn ToSql + Sync)]) -> Result<(), Error> {
        self.copy.check_torn()?;
        let start = self.copy.buffer.len();
        if let Err(cause) = append_row(row, &self.types, &mut self.copy.buffer) {
            self.copy.buffer.truncate(start);
            return Err(Error::CopyRow {
                row: self.rows + 1,
                cause,
            });
        }
        self.rows += 1;
        self.copy.room().await
    }

    /// Ends the data, and waits until the server is done; gives how many rows it has copied. See [`CopyIn::finish`].
    ///
    /// Dropping the future once it was polled leaves the end to the server; if it was never polled, the COPY fails.
    ///
    /// # Errors
    ///
    /// As [`CopyIn::finish`].
    pub async fn finish(mut self) -> Result<u64, Error> {
        self.copy.buffer.extend_from_slice(TRAILER);
        self.copy.finish().await
    }

    /// Fails the COPY, and waits until that is done; see [`CopyIn::fail`].
    ///
    /// Cancel-safe: if it is dropped, the COPY fails all the same.
    ///
    /// # Errors
    ///
    /// As [`CopyIn::fail`].
    pub async fn fail(self, reason: &str) -> Result<(), Error> {
        self.copy.fail(reason).await
    }
}

type Cause = Box<dyn std::error::Error + Send + Sync>;

fn append_row(row: &[&(dyn ToSql + Sync)], types: &[Type], buffer: &mut BytesMut) -> Result<(), Cause> {
    if row.len() != types.len() {
        return Err(format!("it has {} values for {} columns", row.len(), types.len()).into());
    }
    buffer.put_i16(i16::try_from(row.len())?);
    for (index, (value, type_)) in row.iter().zip(types).enumerate() {
        let failed = |cause| Cause::from(format!("cannot send column {}: {cause}", index + 1));
        append_value(*value, type_, buffer).map_err(failed)?;
    }
    Ok(())
}

/// Its length, which is known afterwards, and the value.
fn append_value(value: &(dyn ToSql + Sync), type_: &Type, buffer: &mut BytesMut) -> Result<(), Cause> {
    if let postgres_types::Format::Text = value.encode_format(type_) {
        return Err("it is a value in text format".into());
    }
    let start = buffer.len();
    buffer.put_i32(-1);
    if let IsNull::Yes = value.to_sql_checked(type_, buffer)? {
        buffer.truncate(start + size_of::<i32>());
        return Ok(());
    }
    let length = i32::try_from(buffer.len() - start - size_of::<i32>())?;
    if let Some(slot) = buffer.get_mut(start..start + size_of::<i32>()) {
        slot.copy_from_slice(&length.to_be_bytes());
    }
    Ok(())
}
