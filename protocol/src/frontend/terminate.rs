//! Terminate.

use crate::wire::{DecodeError, EncodeError, Message, Reader, SMALL_LIMIT, Writer};

/// Ends the session; the server closes the connection without an answer.
///
/// PostgreSQL manual: [Terminate](https://www.postgresql.org/docs/current/protocol-message-formats.html#PROTOCOL-MESSAGE-FORMATS-TERMINATE).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Terminate;

impl Message<'_> for Terminate {
    const NAME: &'static str = "Terminate";
    const TAG: Option<u8> = Some(b'X');
    const MAX_LENGTH: u32 = SMALL_LIMIT;

    fn encode_body(&self, _: &mut Writer<'_>) -> Result<(), EncodeError> {
        Ok(())
    }

    fn decode_body(_: &mut Reader<'_>) -> Result<Self, DecodeError> {
        Ok(Self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::testing::{assert_bytes, assert_round_trip, assert_strict};

    #[test]
    fn bytes() {
        assert_bytes(&Terminate, b"X\0\0\0\x04");
        assert_strict::<Terminate>(b"X\0\0\0\x04", b"X\0\0\0\x05\0");
        assert_round_trip(&Terminate, &mut Vec::new());
    }
}
