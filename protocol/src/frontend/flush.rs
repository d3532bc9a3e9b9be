//! Flush.

use crate::wire::{DecodeError, EncodeError, Message, Reader, SMALL_LIMIT, Writer};

/// Asks the server to send what it has, without ending the segment as Sync does.
///
/// PostgreSQL manual: [Flush](https://www.postgresql.org/docs/current/protocol-message-formats.html#PROTOCOL-MESSAGE-FORMATS-FLUSH).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Flush;

impl Message<'_> for Flush {
    const NAME: &'static str = "Flush";
    const TAG: Option<u8> = Some(b'H');
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
        assert_bytes(&Flush, b"H\0\0\0\x04");
        assert_strict::<Flush>(b"H\0\0\0\x04", b"H\0\0\0\x05\0");
        assert_round_trip(&Flush, &mut Vec::new());
    }
}
