//! PortalSuspended.

use crate::wire::{DecodeError, EncodeError, Message, Reader, Writer};

/// Execute has returned as many rows as it was asked for, and the portal may have more.
///
/// PostgreSQL manual: [PortalSuspended](https://www.postgresql.org/docs/current/protocol-message-formats.html#PROTOCOL-MESSAGE-FORMATS-PORTALSUSPENDED).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PortalSuspended;

impl Message<'_> for PortalSuspended {
    const NAME: &'static str = "PortalSuspended";
    const TAG: Option<u8> = Some(b's');

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
        assert_bytes(&PortalSuspended, b"s\0\0\0\x04");
        assert_strict::<PortalSuspended>(b"s\0\0\0\x04", b"s\0\0\0\x05\0");
        assert_round_trip(&PortalSuspended, &mut Vec::new());
    }
}
