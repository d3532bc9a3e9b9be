//! BindComplete.

use crate::wire::{DecodeError, EncodeError, Message, Reader, Writer};

/// Bind has succeeded.
///
/// PostgreSQL manual: [BindComplete](https://www.postgresql.org/docs/current/protocol-message-formats.html#PROTOCOL-MESSAGE-FORMATS-BINDCOMPLETE).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BindComplete;

impl Message<'_> for BindComplete {
    const NAME: &'static str = "BindComplete";
    const TAG: Option<u8> = Some(b'2');

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
        assert_bytes(&BindComplete, b"2\0\0\0\x04");
        assert_strict::<BindComplete>(b"2\0\0\0\x04", b"2\0\0\0\x05\0");
        assert_round_trip(&BindComplete, &mut Vec::new());
    }
}
