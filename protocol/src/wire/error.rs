//! What can be wrong with bytes that arrive, and with values that should leave.

/// A message that does not follow the protocol: which one, and which of its fields.
///
/// Maps to SQLSTATE `08P01` (`protocol_violation`) where one is needed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("malformed {message} message: {fault}")]
pub struct DecodeError {
    /// The message's name in PostgreSQL's manual; "unknown" where no message has the type byte.
    pub message: &'static str,
    /// What is wrong with it.
    pub fault: DecodeFault,
}

/// What is wrong with a message that arrived.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DecodeFault {
    /// The body ends inside a field.
    #[error("field \"{field}\" needs {needed} bytes, the body has {left} left")]
    Short {
        /// The field that is cut off.
        field: &'static str,
        /// Bytes it takes.
        needed: usize,
        /// Bytes that were there.
        left: usize,
    },
    /// A string runs to the end of the body without its zero byte.
    #[error("field \"{field}\" has no terminating zero byte")]
    Unterminated {
        /// The string's field.
        field: &'static str,
    },
    /// A length word is negative where only -1 (null) may be, or is below what it must include.
    #[error("field \"{field}\" has the impossible length {length}")]
    BadLength {
        /// The field that the length belongs to.
        field: &'static str,
        /// The length as received.
        length: i32,
    },
    /// A number or code is none that the protocol knows.
    #[error("field \"{field}\" has the impossible value {value}")]
    BadValue {
        /// The field.
        field: &'static str,
        /// The value as received.
        value: i64,
    },
    /// Bytes are left over after the last field.
    #[error("{bytes} bytes follow its last field \"{field}\"")]
    Trailing {
        /// The last field that was read.
        field: &'static str,
        /// How many bytes follow it.
        bytes: usize,
    },
    /// The frame's length word is below the four bytes it counts itself.
    #[error("its length word is {length}, below 4")]
    LengthTooSmall {
        /// The length word as received.
        length: i32,
    },
    /// The frame's length word is above what this phase of the conversation allows.
    #[error("its length word is {length}, the limit is {limit}")]
    LengthTooLarge {
        /// The length word as received.
        length: u32,
        /// The largest length word allowed.
        limit: u32,
    },
    /// No message has this type byte.
    #[error("no message has the type byte 0x{tag:02X}")]
    UnknownType {
        /// The type byte as received.
        tag: u8,
    },
}

impl DecodeError {
    pub(crate) const fn new(message: &'static str, fault: DecodeFault) -> Self {
        Self { message, fault }
    }

    pub(crate) const fn unknown_type(tag: u8) -> Self {
        Self::new("unknown", DecodeFault::UnknownType { tag })
    }
}

/// A value that cannot be sent: which message it was for, and which of its fields.
///
/// Nothing of the message has been written when this is returned.
///
/// Maps to SQLSTATE `22023` (`invalid_parameter_value`), or `54000` (`program_limit_exceeded`) for
/// [`EncodeFault::TooLong`] and [`EncodeFault::TooMany`], where one is needed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("cannot send {message}: {fault}")]
pub struct EncodeError {
    /// The message's name in PostgreSQL's manual.
    pub message: &'static str,
    /// What is wrong with the value.
    pub fault: EncodeFault,
}

/// What is wrong with a value that should be sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum EncodeFault {
    /// A string has a zero byte inside; on the wire it would end there and the rest would become other fields.
    #[error("field \"{field}\" contains a zero byte at offset {offset}")]
    ZeroByte {
        /// The string's field.
        field: &'static str,
        /// Where the zero byte is, in bytes from the string's start.
        offset: usize,
    },
    /// The message would exceed what its length word, or the server, allows.
    #[error("field \"{field}\" makes it {length} bytes long, the limit is {limit}")]
    TooLong {
        /// The field that went over.
        field: &'static str,
        /// The length the message would have had with it, at least.
        length: usize,
        /// The largest length allowed.
        limit: usize,
    },
    /// A list has more items than its count can say.
    #[error("field \"{field}\" has {count} items, the limit is {limit}")]
    TooMany {
        /// The list's field.
        field: &'static str,
        /// How many items there are.
        count: usize,
        /// How many there may be.
        limit: usize,
    },
    /// A value is outside what the protocol allows for its field.
    #[error("field \"{field}\" cannot be {value}")]
    BadValue {
        /// The field.
        field: &'static str,
        /// The value as given.
        value: i64,
    },
    /// A string that may not be empty is.
    #[error("field \"{field}\" is empty")]
    Empty {
        /// The string's field.
        field: &'static str,
    },
}

impl EncodeError {
    pub(crate) const fn new(message: &'static str, fault: EncodeFault) -> Self {
        Self { message, fault }
    }
}
