//! What can go wrong with a transfer.

use std::fmt;
use std::time::Duration;

use dblink_protocol::SqlState;
use dblink_protocol::backend::Diagnostic;

use super::{Checksum, TableNameError};
use crate::connection::Error;

/// One of the two connections.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// Where the rows come from.
    Source,
    /// Where they go.
    Target,
}

impl fmt::Display for Side {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Source => "source",
            Self::Target => "target",
        })
    }
}

/// Why a transfer failed. Nothing of it stays in the target, unless the variant says so.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TransferError {
    /// A command on one side failed, or its connection did. SQLSTATE: that of the [`Error`].
    #[error("{side}: {error}")]
    Connection {
        /// Whose.
        side: Side,
        /// Why, with all that the server said.
        #[source]
        error: Error,
    },
    /// The table's name was given as a text that is none. SQLSTATE `42602`.
    #[error("{side}: {error}")]
    Name {
        /// Of which side.
        side: Side,
        /// What is wrong with it.
        #[source]
        error: TableNameError,
    },
    /// There are no such columns. In the target a generated column counts as none, since nothing can be copied into it.
    /// SQLSTATE `42703`.
    #[error("the {side} has no such columns to copy: {}", .columns.join(", "))]
    MissingColumns {
        /// Where they are missing.
        side: Side,
        /// Their names.
        columns: Vec<String>,
    },
    /// The query's columns are not all names of the target's, and there are more or fewer of them. SQLSTATE `42804`.
    #[error("the query has {source_columns} columns, and the target {target_columns} to copy them to")]
    ColumnCount {
        /// How many the query has.
        source_columns: usize,
        /// How many of the target's can be copied into, or were asked for.
        target_columns: usize,
    },
    /// The source has no column, or the query gives no rows. SQLSTATE `42P10`.
    #[error("the source has no columns to copy")]
    NoColumns,
    /// The binary format was asked for, and a value of a column would be another value on the other side. SQLSTATE `42804`.
    #[error("column {column} cannot be copied in binary format from {source_type} to {target_type}")]
    NotBinary {
        /// The column's name in the target.
        column: String,
        /// Its type in the source.
        source_type: String,
        /// Its type in the target.
        target_type: String,
    },
    /// An amount of `money` would be another amount on the other side, in any format. SQLSTATE `0A000`.
    #[error(
        "column {column} is of type money, which means another amount where lc_monetary is another: \
         \"{source_locale}\" in the source, \"{target_locale}\" in the target; copy it as numeric"
    )]
    Money {
        /// The column's name in the target.
        column: String,
        /// The `lc_monetary` of the source.
        source_locale: String,
        /// The `lc_monetary` of the target.
        target_locale: String,
    },
    /// The target has not kept as many rows as the source has sent, as with a trigger that leaves some out; so none is kept.
    /// SQLSTATE `21000`.
    #[error("the source has sent {sent} rows, and the target has taken {taken}")]
    RowCount {
        /// How many rows the source says it has copied.
        sent: u64,
        /// How many rows the target says it has copied.
        taken: u64,
    },
    /// The target was to be [created](super::Transfer::create), and has no type of this name for a column. SQLSTATE `42704`.
    #[error("the target has no type {type_name}, which column {column} is of")]
    MissingType {
        /// The column's name.
        column: String,
        /// The type's name in the source.
        type_name: String,
    },
    /// The rows were to be [verified](super::Transfer::verify), and the target had some before. SQLSTATE `55000`.
    #[error(
        "the target has rows already, and what is copied to them could not be verified: {table} has to be empty"
    )]
    NotEmpty {
        /// The target, as SQL has it.
        table: String,
    },
    /// The rows in the target are not what those of the source are, as with a trigger that changes values, or a type that
    /// rounds them; so none is kept. SQLSTATE `22000`.
    #[error(
        "the rows in the target are others than those of the source: {sent} in the source, {kept} in the target"
    )]
    Checksum {
        /// That of the source's rows.
        sent: Checksum,
        /// That of the target's.
        kept: Checksum,
    },
    /// The deadline has passed, and both sides were cancelled. SQLSTATE `57014`.
    #[error("the transfer was cancelled, since its deadline of {limit:?} has passed")]
    Deadline {
        /// How long it could take.
        limit: Duration,
    },
    /// The rows are in the target and stay there, but the source's transaction could not be committed. SQLSTATE: that of the
    /// [`Error`].
    #[error("the {rows} rows are in the target, but the source could not be committed: {error}")]
    SourceCommit {
        /// How many rows are in the target.
        rows: u64,
        /// Why, with all that the server said.
        #[source]
        error: Error,
    },
}

impl TransferError {
    /// The SQLSTATE: the server's own, or the one that fits.
    pub fn sqlstate(&self) -> SqlState {
        match self {
            Self::Connection { error, .. } | Self::SourceCommit { error, .. } => error.sqlstate(),
            Self::Name { error, .. } => error.sqlstate(),
            Self::MissingColumns { .. } => SqlState::UNDEFINED_COLUMN,
            Self::ColumnCount { .. } | Self::NotBinary { .. } => SqlState::DATATYPE_MISMATCH,
            Self::NoColumns => SqlState::INVALID_COLUMN_REFERENCE,
            Self::Money { .. } => SqlState::FEATURE_NOT_SUPPORTED,
            Self::RowCount { .. } => SqlState::CARDINALITY_VIOLATION,
            Self::MissingType { .. } => SqlState::UNDEFINED_OBJECT,
            Self::NotEmpty { .. } => SqlState::OBJECT_NOT_IN_PREREQUISITE_STATE,
            Self::Checksum { .. } => SqlState::DATA_EXCEPTION,
            Self::Deadline { .. } => SqlState::QUERY_CANCELED,
        }
    }

    /// The side that failed, if it was one of them.
    pub const fn side(&self) -> Option<Side> {
        match self {
            Self::Connection { side, .. } | Self::Name { side, .. } | Self::MissingColumns { side, .. } => {
                Some(*side)
            }
            Self::NoColumns | Self::SourceCommit { .. } => Some(Side::Source),
            Self::MissingType { .. } | Self::NotEmpty { .. } => Some(Side::Target),
            _ => None,
        }
    }

    /// What the server said, if it was a server that refused.
    pub const fn server(&self) -> Option<&Diagnostic> {
        match self {
            Self::Connection { error, .. } | Self::SourceCommit { error, .. } => error.server(),
            _ => None,
        }
    }
}
