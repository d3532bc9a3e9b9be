//! ParseComplete.

use crate::wire::{DecodeError, EncodeError, Message, Reader, Writer};

/// Parse has succeeded.
///
/// PostgreSQL manual: [ParseComplete](https://www.postgresql.org/docs/current/protocol-message-formats.html#PROTOCOL-MESSAGE-FORMATS-PARSECOMPLETE).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ParseComplete;

impl Message<'_> for ParseComplete {
    const NAME: &'static str = "ParseComplete";
    const TAG: Option<u8> = Some(b'1');

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
        assert_bytes(&ParseComplete, b"1\0\0\0\x04");
        assert_strict::<ParseComplete>(b"1\0\0\0\x04", b"1\0\0\0\x05\0");
        assert_round_trip(&ParseComplete, &mut Vec::new());
    }
}
