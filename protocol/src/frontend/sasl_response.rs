//! SASLResponse.

use std::fmt;

use crate::wire::{AUTHENTICATION_LIMIT, DecodeError, EncodeError, Message, Reader, Writer};

/// Answers a challenge of a SASL mechanism.
///
/// PostgreSQL manual: [SASLResponse](https://www.postgresql.org/docs/current/protocol-message-formats.html#PROTOCOL-MESSAGE-FORMATS-SASLRESPONSE).
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct SaslResponse<'a> {
    /// The mechanism's data.
    pub data: &'a [u8],
}

/// Without the data.
impl fmt::Debug for SaslResponse<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SaslResponse { data: *** }")
    }
}

impl<'a> Message<'a> for SaslResponse<'a> {
    const NAME: &'static str = "SASLResponse";
    const TAG: Option<u8> = Some(b'p');
    const MAX_LENGTH: u32 = AUTHENTICATION_LIMIT;

    fn encode_body(&self, body: &mut Writer<'_>) -> Result<(), EncodeError> {
        body.bytes("data", self.data)
    }

    fn decode_body(body: &mut Reader<'a>) -> Result<Self, DecodeError> {
        Ok(Self {
            data: body.rest("data"),
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::*;
    use crate::wire::testing::{assert_bytes, assert_round_trip};

    #[test]
    fn bytes() {
        assert_bytes(&SaslResponse { data: b"a\0b" }, b"p\0\0\0\x07a\0b");
        assert_bytes(&SaslResponse { data: b"" }, b"p\0\0\0\x04");
    }

    #[test]
    fn debug_hides_the_data() {
        let message = SaslResponse { data: b"secret" };
        assert_eq!(format!("{message:?}"), "SaslResponse { data: *** }");
    }

    proptest! {
        #[test]
        fn round_trip(data in vec(any::<u8>(), 0..40)) {
            assert_round_trip(&SaslResponse { data: &data }, &mut Vec::new());
        }
    }
}
