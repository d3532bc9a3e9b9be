//! Why a target's rows do not fit in with those of the others.

use dblink_protocol::SqlState;

/// Why a target's rows do not fit in with those of the others. The target is stopped then.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Unfit {
    /// They have other columns; see [`Scatter::same_columns`](super::Scatter::same_columns). SQLSTATE `42804`.
    #[error("its rows have the columns ({columns}), and not ({first}), as those before them")]
    Columns {
        /// Names and types of the columns.
        columns: String,
        /// Those of the rows that came first.
        first: String,
    },
    /// They have no such column to be [merged](super::Scatter::ordered_by) by. SQLSTATE `42703`.
    #[error("its rows have no column \"{column}\" to be merged by; they have ({columns})")]
    NoColumn {
        /// The column's name.
        column: String,
        /// Names and types of the columns.
        columns: String,
    },
    /// Values of the column's type are not compared. SQLSTATE `0A000`.
    #[error("its rows cannot be merged by column \"{column}\", which is of type {type_name}")]
    Type {
        /// The column's name.
        column: String,
        /// Its type.
        type_name: String,
    },
    /// The column's values are not comparable with those of the others. SQLSTATE `42804`.
    #[error(
        "its rows cannot be merged with others by column \"{column}\", which is of type {type_name} here and {first} there"
    )]
    OtherType {
        /// The column's name.
        column: String,
        /// Its type.
        type_name: String,
        /// The type of that of the rows that came first.
        first: String,
    },
    /// A value has a text that is not known: that of a date in another `DateStyle` than ISO, or of a `bytea` not in hex.
    /// SQLSTATE `22000`.
    #[error(
        "its row {row} cannot be compared with others: the text of column \"{column}\" is none of its type in ISO format"
    )]
    Value {
        /// The column's name.
        column: String,
        /// The row's number, counted from 1.
        row: u64,
    },
    /// They are not sorted. SQLSTATE `22000`.
    #[error("its rows are not sorted by {order}: row {row} belongs before the one that it follows")]
    Unsorted {
        /// How they should be sorted, as `ORDER BY` has it.
        order: String,
        /// The row's number, counted from 1.
        row: u64,
    },
}

impl Unfit {
    /// The SQLSTATE.
    pub const fn sqlstate(&self) -> SqlState {
        match self {
            Self::Columns { .. } | Self::OtherType { .. } => SqlState::DATATYPE_MISMATCH,
            Self::NoColumn { .. } => SqlState::UNDEFINED_COLUMN,
            Self::Type { .. } => SqlState::FEATURE_NOT_SUPPORTED,
            Self::Value { .. } | Self::Unsorted { .. } => SqlState::DATA_EXCEPTION,
        }
    }

    /// What could be done about it.
    pub(in crate::session) fn hint(&self) -> Option<String> {
        match self {
            Self::Type { .. } => Some(
                "Have the query give a number, text, date, time, timestamp, uuid or bytea to merge by."
                    .to_owned(),
            ),
            Self::Unsorted { order, .. } => Some(format!("Use ORDER BY {order} in the query.")),
            _ => None,
        }
    }
}
