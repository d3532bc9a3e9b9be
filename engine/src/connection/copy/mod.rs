//! How a COPY begins, and how one is given up.

mod binary_in;
mod binary_out;
mod copy_in;
mod copy_out;
mod io;
mod text_in;
mod text_out;
mod unread;

pub use binary_in::BinaryCopyIn;
pub use binary_out::{BinaryCopyOut, BinaryRow};
pub use copy_in::CopyIn;
pub use copy_out::CopyOut;
pub use text_in::TextCopyIn;
pub use text_out::{TextCopyOut, TextRow};

use std::ops::{Deref, DerefMut, Range};
use std::task::{Context, Waker};

use dblink_protocol::backend::CopyFormat;
use dblink_protocol::conversation::Reply;
use dblink_protocol::wire::Format;

use super::{Connection, Error};

/// Which way the data goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Direction {
    /// COPY FROM STDIN.
    In,
    /// COPY TO STDOUT.
    Out,
}

impl Direction {
    const fn statement(self) -> &'static str {
        match self {
            Self::In => "COPY FROM STDIN",
            Self::Out => "COPY TO STDOUT",
        }
    }
}

/// Refuses a COPY whose data is in another format, or has another number of columns.
pub(super) fn check_format(format: &CopyFormat, wanted: Format, columns: Option<usize>) -> Result<(), Error> {
    let fits = columns.is_none_or(|columns| columns == format.columns.len());
    if format.overall == wanted && fits {
        return Ok(());
    }
    Err(Error::CopyFormat {
        binary: format.overall == Format::Binary,
        columns: format.columns.len(),
    })
}

/// The value of a column of a row, counted from 0, where `fields` says which of its bytes that is; `None` for null.
fn field<'a>(
    bytes: &'a [u8],
    fields: &[Option<Range<usize>>],
    column: usize,
) -> Result<Option<&'a [u8]>, Error> {
    match fields.get(column) {
        Some(Some(range)) => Ok(bytes.get(range.clone())),
        Some(None) => Ok(None),
        None => Err(Error::NoColumn {
            column: column.to_string(),
            columns: fields.len(),
        }),
    }
}

impl Connection {
    /// Waits until the statement that was given has come to its COPY.
    pub(super) async fn copy_started(&mut self, direction: Direction) -> Result<CopyFormat, Error> {
        let expected = direction.statement();
        loop {
            match self.reply().await? {
                Reply::CopyInResponse(format) if direction == Direction::In => return Ok(format),
                Reply::CopyOutResponse(format) if direction == Direction::Out => return Ok(format),
                Reply::CopyInResponse(_) | Reply::CopyOutResponse(_) | Reply::CopyBothResponse(_) => {
                    self.let_go();
                    return Err(Error::NoCopy { expected });
                }
                Reply::ReadyForQuery(_) => return Err(Error::NoCopy { expected }),
                Reply::Error(error) => return Err(self.fail(error).await),
                // Of the statements before it.
                _ => {}
            }
        }
    }

    /// Gives up what is under way. A COPY FROM STDIN is failed: its locks should not wait for the next command. What cannot
    /// be sent now is sent before that.
    pub(super) fn let_go(&mut self) {
        // A connection that is closed has nothing to give up.
        drop(self.give_up());
        self.channel.write(&mut Context::from_waker(Waker::noop()));
    }
}

/// The connection while a COPY FROM STDIN is under way, which fails if this is dropped before its end.
#[derive(Debug)]
pub(super) struct UnderWay<'c>(pub(super) &'c mut Connection);

impl Drop for UnderWay<'_> {
    fn drop(&mut self) {
        self.let_go();
    }
}

impl Deref for UnderWay<'_> {
    type Target = Connection;

    fn deref(&self) -> &Connection {
        self.0
    }
}

impl DerefMut for UnderWay<'_> {
    fn deref_mut(&mut self) -> &mut Connection {
        self.0
    }
}
