//! EmptyQueryResponse.

use crate::wire::{DecodeError, EncodeError, Message, Reader, Writer};

/// The query was empty; stands where CommandComplete would.
///
/// PostgreSQL manual: [EmptyQueryResponse](https://www.postgresql.org/docs/current/protocol-message-formats.html#PROTOCOL-MESSAGE-FORMATS-EMPTYQUERYRESPONSE).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EmptyQueryResponse;

impl Message<'_> for EmptyQueryResponse {
    const NAME: &'static str = "EmptyQueryResponse";
    const TAG: Option<u8> = Some(b'I');

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
        assert_bytes(&EmptyQueryResponse, b"I\0\0\0\x04");
        assert_strict::<EmptyQueryResponse>(b"I\0\0\0\x04", b"I\0\0\0\x05\0");
        assert_round_trip(&EmptyQueryResponse, &mut Vec::new());
    }
}
