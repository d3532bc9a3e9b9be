//! Rows into a COPY FROM STDIN in text format.

use bytes::BytesMut;
use dblink_protocol::wire::Format;

use super::check_format;
use crate::connection::{CopyIn, Error};

impl<'c> CopyIn<'c> {
    /// Sends rows of texts. The COPY has to be in text format with its usual delimiter and null, not CSV: that cannot be
    /// told from here.
    ///
    /// ```
    /// # use dblink_engine::{connection::Connection, conninfo::{Conninfo, ProcessEnvironment}};
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let server = Conninfo::parse(dblink_tests::Cluster::shared().conninfo())?.resolve(&ProcessEnvironment)?;
    /// # let mut connection = Connection::connect(&server).await?;
    /// # connection.execute("create temp table city (name text, people int)", &[]).await?;
    /// let mut rows = connection.copy_in("copy city (name, people) from stdin").await?.text()?;
    /// rows.send([Some("Paris"), Some("2103778")]).await?;
    /// rows.send([Some("Atlantis"), None]).await?;
    /// assert_eq!(rows.finish().await?, 2);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// PostgreSQL manual: [Text Format](https://www.postgresql.org/docs/current/sql-copy.html).
    ///
    /// # Errors
    ///
    /// [`Error::CopyFormat`] (SQLSTATE `42804`) if the COPY is in binary format. The COPY fails.
    pub fn text(self) -> Result<TextCopyIn<'c>, Error> {
        check_format(self.format(), Format::Text, None)?;
        Ok(TextCopyIn { copy: self, rows: 0 })
    }
}

/// A COPY FROM STDIN in text format, which takes rows. Dropping it fails the COPY: nothing of it stays.
#[derive(Debug)]
#[must_use = "dropping it fails the COPY"]
pub struct TextCopyIn<'c> {
    copy: CopyIn<'c>,
    rows: u64,
}

impl TextCopyIn<'_> {
    /// Sends a row, and waits until no more than a few messages are left in memory. The values are texts in the session's
    /// `client_encoding`; `None` is null.
    ///
    /// Cancel-safe: once the future was polled, the row is a part of the COPY, whether it is dropped then or not.
    ///
    /// # Errors
    ///
    /// [`Error::CopyRow`] (SQLSTATE `22P04`) if there are more or fewer values than columns: the row is left out, and the COPY
    /// can go on. Otherwise as [`CopyIn::send`].
    pub async fn send<V: AsRef<[u8]>>(
        &mut self,
        row: impl IntoIterator<Item = Option<V>>,
    ) -> Result<(), Error> {
        self.copy.check_torn()?;
        let columns = self.copy.format().columns.len();
        let start = self.copy.buffer.len();
        let values = append_row(row, &mut self.copy.buffer);
        if values != columns {
            self.copy.buffer.truncate(start);
            return Err(Error::CopyRow {
                row: self.rows + 1,
                cause: format!("it has {values} values for {columns} columns").into(),
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
    pub async fn finish(self) -> Result<u64, Error> {
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

/// Appends a line; tells how many values it has.
fn append_row<V: AsRef<[u8]>>(row: impl IntoIterator<Item = Option<V>>, buffer: &mut BytesMut) -> usize {
    let mut values = 0;
    for value in row {
        if values > 0 {
            buffer.extend_from_slice(b"\t");
        }
        match value {
            Some(value) => append_value(value.as_ref(), buffer),
            None => buffer.extend_from_slice(b"\\N"),
        }
        values += 1;
    }
    buffer.extend_from_slice(b"\n");
    values
}

/// What would end the value or begin an escape is escaped. So nothing looks like null, nor, alone on its line, like the end
/// of the data.
fn append_value(mut value: &[u8], buffer: &mut BytesMut) {
    let special = |byte: &u8| matches!(byte, b'\\' | b'\t' | b'\n' | b'\r');
    while let Some((plain, rest)) = value
        .iter()
        .position(special)
        .and_then(|at| value.split_at_checked(at))
    {
        buffer.extend_from_slice(plain);
        let Some((byte, rest)) = rest.split_first() else {
            break;
        };
        buffer.extend_from_slice(match byte {
            b'\t' => b"\\t",
            b'\n' => b"\\n",
            b'\r' => b"\\r",
            _ => b"\\\\",
        });
        value = rest;
    }
    buffer.extend_from_slice(value);
}
