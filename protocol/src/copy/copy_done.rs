//! CopyDone.

use crate::wire::{DecodeError, EncodeError, Message, Reader, SMALL_LIMIT, Writer};

/// Ends a COPY's data successfully. Whichever side sends the data sends it.
///
/// PostgreSQL manual: [CopyDone](https://www.postgresql.org/docs/current/protocol-message-formats.html#PROTOCOL-MESSAGE-FORMATS-COPYDONE).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CopyDone;

impl Message<'_> for CopyDone {
    const NAME: &'static str = "CopyDone";
    const TAG: Option<u8> = Some(b'c');
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
        assert_bytes(&CopyDone, b"c\0\0\0\x04");
        assert_strict::<CopyDone>(b"c\0\0\0\x04", b"c\0\0\0\x05\0");
        assert_round_trip(&CopyDone, &mut Vec::new());
    }
}
