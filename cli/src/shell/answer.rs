//! What a statement gives.

use crate::failure::{Failure, Report};
use crate::output::Column;

/// What a statement gives, piece by piece in the order it comes.
#[derive(Debug)]
pub(crate) enum Answer {
    /// Rows, with the tag that stands behind them, such as `SELECT 3` or `INSERT 0 1`.
    Rows { table: Table, tag: String },
    /// A command is done; this is its tag.
    Done(String),
    /// The next bytes of a `COPY … TO STDOUT`.
    Copied(Vec<u8>),
}

/// A result, all of it.
#[derive(Debug, Default)]
pub(crate) struct Table {
    pub(crate) columns: Vec<Column>,
    pub(crate) rows: Vec<Vec<Option<String>>>,
}

/// Why a statement failed.
#[derive(Debug)]
pub(crate) enum Failed {
    /// A server, or dblink, reports an error: the shell goes on.
    Error(Report),
    /// The local connection is lost: with this text.
    Lost(String),
    /// The answer could not be told, or the input not be read.
    Front(Failure),
}

/// Who is told what a statement gives, and has what it takes.
pub(crate) trait Front {
    /// Takes the next piece of an answer.
    fn answer(&mut self, answer: Answer) -> Result<(), Failure>;

    /// The next bytes for a `COPY … FROM STDIN`; none at their end.
    fn copy_data(&mut self) -> Result<Option<Vec<u8>>, Failure>;
}
