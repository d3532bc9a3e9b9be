//! CloseComplete.

use crate::wire::{DecodeError, EncodeError, Message, Reader, Writer};

/// Close has succeeded; also where there was nothing to close.
///
/// PostgreSQL manual: [CloseComplete](https://www.postgresql.org/docs/current/protocol-message-formats.html#PROTOCOL-MESSAGE-FORMATS-CLOSECOMPLETE).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CloseComplete;

impl Message<'_> for CloseComplete {
    const NAME: &'static str = "CloseComplete";
    const TAG: Option<u8> = Some(b'3');

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
        assert_bytes(&CloseComplete, b"3\0\0\0\x04");
        assert_strict::<CloseComplete>(b"3\0\0\0\x04", b"3\0\0\0\x05\0");
        assert_round_trip(&CloseComplete, &mut Vec::new());
    }
}
