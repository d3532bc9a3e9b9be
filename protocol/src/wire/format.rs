//! Format codes.

/// How a value is written: the format code of parameters, result columns and COPY columns.
///
/// PostgreSQL manual: [Formats and Format Codes](https://www.postgresql.org/docs/current/protocol-overview.html#PROTOCOL-FORMAT-CODES).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum Format {
    /// As the type's output function prints it. Code 0.
    #[default]
    Text,
    /// As the type's send function packs it. Code 1.
    Binary,
}

impl Format {
    /// The code on the wire.
    pub const fn code(self) -> i16 {
        match self {
            Self::Text => 0,
            Self::Binary => 1,
        }
    }

    /// The format with this code on the wire.
    pub const fn from_code(code: i16) -> Option<Self> {
        match code {
            0 => Some(Self::Text),
            1 => Some(Self::Binary),
            _ => None,
        }
    }
}
