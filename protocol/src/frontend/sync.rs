//! Sync.

use crate::wire::{DecodeError, EncodeError, Message, Reader, SMALL_LIMIT, Writer};

/// Ends a segment of the extended protocol: the server commits or rolls back what was no explicit transaction, stops
/// skipping after an error, and answers ReadyForQuery.
///
/// PostgreSQL manual: [Sync](https://www.postgresql.org/docs/current/protocol-message-formats.html#PROTOCOL-MESSAGE-FORMATS-SYNC).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sync;

impl Message<'_> for Sync {
    const NAME: &'static str = "Sync";
    const TAG: Option<u8> = Some(b'S');
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
        assert_bytes(&Sync, b"S\0\0\0\x04");
        assert_strict::<Sync>(b"S\0\0\0\x04", b"S\0\0\0\x05\0");
        assert_round_trip(&Sync, &mut Vec::new());
    }
}
