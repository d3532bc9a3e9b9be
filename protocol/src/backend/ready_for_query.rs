//! ReadyForQuery.

use crate::wire::{DecodeError, EncodeError, Message, Reader, Writer};

/// The server has finished a command cycle and takes the next one.
///
/// PostgreSQL manual: [ReadyForQuery](https://www.postgresql.org/docs/current/protocol-message-formats.html#PROTOCOL-MESSAGE-FORMATS-READYFORQUERY).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ReadyForQuery {
    /// Whether the session is in a transaction block.
    pub status: TransactionStatus,
}

/// Whether a session is in a transaction block, as ReadyForQuery tells it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum TransactionStatus {
    /// In no transaction block. `I` on the wire.
    Idle,
    /// In a transaction block. `T` on the wire.
    InTransaction,
    /// In a transaction block that has failed: everything but its end is refused. `E` on the wire.
    Failed,
}

impl TransactionStatus {
    /// The byte on the wire.
    pub const fn code(self) -> u8 {
        match self {
            Self::Idle => b'I',
            Self::InTransaction => b'T',
            Self::Failed => b'E',
        }
    }

    /// The status with this byte on the wire.
    pub const fn from_code(code: u8) -> Option<Self> {
        match code {
            b'I' => Some(Self::Idle),
            b'T' => Some(Self::InTransaction),
            b'E' => Some(Self::Failed),
            _ => None,
        }
    }
}

impl<'a> Message<'a> for ReadyForQuery {
    const NAME: &'static str = "ReadyForQuery";
    const TAG: Option<u8> = Some(b'Z');

    fn encode_body(&self, body: &mut Writer<'_>) -> Result<(), EncodeError> {
        body.byte("status", self.status.code())
    }

    fn decode_body(body: &mut Reader<'a>) -> Result<Self, DecodeError> {
        let code = body.byte("status")?;
        let status = TransactionStatus::from_code(code).ok_or_else(|| body.bad_value("status", code))?;
        Ok(Self { status })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::testing::{assert_bytes, assert_round_trip, assert_strict};

    #[test]
    fn bytes() {
        let message = ReadyForQuery {
            status: TransactionStatus::InTransaction,
        };
        assert_bytes(&message, b"Z\0\0\0\x05T");
        assert_strict::<ReadyForQuery>(b"Z\0\0\0\x05T", b"Z\0\0\0\x06T\0");
    }

    #[test]
    fn every_status_goes_round_and_no_other_byte_passes() {
        for code in 0..=u8::MAX {
            match TransactionStatus::from_code(code) {
                Some(status) => {
                    assert_eq!(status.code(), code);
                    assert_round_trip(&ReadyForQuery { status }, &mut Vec::new());
                }
                None => assert_eq!(
                    ReadyForQuery::decode(&[code]).unwrap_err().to_string(),
                    format!(
                        "malformed ReadyForQuery message: field \"status\" has the impossible value {code}"
                    )
                ),
            }
        }
    }
}
