//! FunctionCallResponse.

use crate::wire::{DecodeError, EncodeError, Message, Reader, Writer};

/// The result of a FunctionCall.
///
/// PostgreSQL manual: [FunctionCallResponse](https://www.postgresql.org/docs/current/protocol-message-formats.html#PROTOCOL-MESSAGE-FORMATS-FUNCTIONCALLRESPONSE).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FunctionCallResponse<'a> {
    /// The result, in the format that was asked for; `None` is null.
    pub value: Option<&'a [u8]>,
}

impl<'a> Message<'a> for FunctionCallResponse<'a> {
    const NAME: &'static str = "FunctionCallResponse";
    const TAG: Option<u8> = Some(b'V');

    fn encode_body(&self, body: &mut Writer<'_>) -> Result<(), EncodeError> {
        body.value("value", self.value)
    }

    fn decode_body(body: &mut Reader<'a>) -> Result<Self, DecodeError> {
        Ok(Self {
            value: body.value("value")?,
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::option;
    use proptest::prelude::*;

    use super::*;
    use crate::wire::testing::{assert_bytes, assert_round_trip, assert_strict};

    #[test]
    fn bytes() {
        let message = FunctionCallResponse { value: Some(b"42") };
        assert_bytes(&message, b"V\0\0\0\x0a\0\0\0\x0242");
        assert_strict::<FunctionCallResponse<'_>>(b"V\0\0\0\x0a\0\0\0\x0242", b"V\0\0\0\x0b\0\0\0\x0242\0");
        assert_bytes(
            &FunctionCallResponse { value: None },
            b"V\0\0\0\x08\xff\xff\xff\xff",
        );
    }

    proptest! {
        #[test]
        fn round_trip(value in option::of(vec(any::<u8>(), 0..9))) {
            assert_round_trip(&FunctionCallResponse { value: value.as_deref() }, &mut Vec::new());
        }
    }
}
