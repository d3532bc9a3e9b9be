//! NoData.

use crate::wire::{DecodeError, EncodeError, Message, Reader, Writer};

/// What was described returns no rows; stands where RowDescription would.
///
/// PostgreSQL manual: [NoData](https://www.postgresql.org/docs/current/protocol-message-formats.html#PROTOCOL-MESSAGE-FORMATS-NODATA).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NoData;

impl Message<'_> for NoData {
    const NAME: &'static str = "NoData";
    const TAG: Option<u8> = Some(b'n');

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
        assert_bytes(&NoData, b"n\0\0\0\x04");
        assert_strict::<NoData>(b"n\0\0\0\x04", b"n\0\0\0\x05\0");
        assert_round_trip(&NoData, &mut Vec::new());
    }
}
