//! Why a row or a value cannot be deserialized.

use std::fmt;

use serde_core::de;

use crate::connection::Error;

/// Why a row or a value cannot be deserialized.
#[derive(Debug)]
pub(super) struct Failure {
    /// The column whose value it is; none if it is the row.
    column: Option<Box<str>>,
    message: String,
}

impl Failure {
    pub(super) fn new(message: impl Into<String>) -> Self {
        Self {
            column: None,
            message: message.into(),
        }
    }

    /// The value is that of a column.
    pub(super) fn at_column(mut self, name: &str) -> Self {
        self.column.get_or_insert_with(|| name.into());
        self
    }

    /// The value is a part of another.
    pub(super) fn within(mut self, part: impl fmt::Display) -> Self {
        self.message = format!("{part}: {}", self.message);
        self
    }

    pub(super) fn into_error(self) -> Error {
        let cause = self.message.into();
        match self.column {
            Some(column) => Error::Column {
                column: column.into(),
                cause,
            },
            None => Error::Row { cause },
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Failure {}

impl de::Error for Failure {
    fn custom<T: fmt::Display>(message: T) -> Self {
        Self::new(message.to_string())
    }
}

/// A value that is not as its type's binary format has it.
pub(super) fn malformed() -> Failure {
    Failure::new("its bytes are not those of a value of its type")
}

/// The whole value, which must have so many bytes.
pub(super) fn exactly<const N: usize>(bytes: &[u8]) -> Result<[u8; N], Failure> {
    bytes.try_into().map_err(|_| malformed())
}

/// Takes the next bytes.
pub(super) fn take<const N: usize>(bytes: &mut &[u8]) -> Result<[u8; N], Failure> {
    let (taken, rest) = bytes.split_first_chunk::<N>().ok_or_else(malformed)?;
    *bytes = rest;
    Ok(*taken)
}

/// Takes a length, and as many bytes; none if it is -1.
pub(super) fn take_value<'a>(bytes: &mut &'a [u8]) -> Result<Option<&'a [u8]>, Failure> {
    let length = i32::from_be_bytes(take(bytes)?);
    if length == -1 {
        return Ok(None);
    }
    let length = usize::try_from(length).map_err(|_| malformed())?;
    let (taken, rest) = bytes.split_at_checked(length).ok_or_else(malformed)?;
    *bytes = rest;
    Ok(Some(taken))
}
