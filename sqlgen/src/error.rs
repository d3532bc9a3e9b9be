//! Why there is no statement.

use crate::text::InvalidText;

/// Why a statement cannot be written.
///
/// The first six are dblink's own errors, with its texts.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum BuildError {
    /// No column says which row is meant.
    #[error("number of key attributes must be > 0")]
    NoKeyAttributes,
    /// There is no column with this number.
    #[error("invalid attribute number {0}")]
    InvalidAttributeNumber(i16),
    /// There is not one value for each column of the key that finds the source row.
    #[error("source key array length must match number of key attributes")]
    SourceKeyLength,
    /// There is not one value for each column of the key of the target row.
    #[error("target key array length must match number of key attributes")]
    TargetKeyLength,
    /// The source row is not there.
    #[error("source row not found")]
    SourceRowNotFound,
    /// The key finds several source rows.
    #[error("source criteria matched more than one record")]
    AmbiguousSourceRow,
    /// There is no column with this name.
    #[error("column \"{0}\" does not exist")]
    UndefinedColumn(String),
    /// A row has not one value for each column of the relation, or a key not one for each of its columns.
    #[error("there are {found} values for {expected} columns")]
    ValueCount {
        /// How many columns there are.
        expected: usize,
        /// How many values were given.
        found: usize,
    },
    /// There is no row to be inserted.
    #[error("there is no row to insert")]
    NoRow,
    /// The statement would set no column.
    #[error("there is no column to be set")]
    NoColumn,
    /// There are more values than a statement can have parameters: 65535.
    #[error("a statement cannot have more than 65535 parameters")]
    TooManyParameters,
    /// A value or a name holds a zero byte.
    #[error(transparent)]
    Text(#[from] InvalidText),
}

impl BuildError {
    /// The error's SQLSTATE: as dblink's where dblink has this error.
    ///
    /// PostgreSQL manual: [Error Codes](https://www.postgresql.org/docs/current/errcodes-appendix.html).
    pub const fn sqlstate(&self) -> &'static str {
        match self {
            Self::NoKeyAttributes | Self::InvalidAttributeNumber(_) => "22023",
            Self::SourceKeyLength | Self::TargetKeyLength => "2202E",
            Self::SourceRowNotFound | Self::AmbiguousSourceRow => "21000",
            Self::UndefinedColumn(_) => "42703",
            Self::ValueCount { .. } | Self::NoRow | Self::NoColumn => "42601",
            Self::TooManyParameters => "54000",
            Self::Text(error) => error.sqlstate(),
        }
    }
}
