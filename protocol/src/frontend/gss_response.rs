//! GSSResponse.

use std::fmt;

use crate::wire::{AUTHENTICATION_LIMIT, DecodeError, EncodeError, Message, Reader, Writer};

/// Carries the client's next GSSAPI or SSPI token.
///
/// PostgreSQL manual: [GSSResponse](https://www.postgresql.org/docs/current/protocol-message-formats.html#PROTOCOL-MESSAGE-FORMATS-GSSRESPONSE).
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct GssResponse<'a> {
    /// The token.
    pub data: &'a [u8],
}

/// Without the data.
impl fmt::Debug for GssResponse<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("GssResponse { data: *** }")
    }
}

impl<'a> Message<'a> for GssResponse<'a> {
    const NAME: &'static str = "GSSResponse";
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
        assert_bytes(&GssResponse { data: b"a\0b" }, b"p\0\0\0\x07a\0b");
        assert_bytes(&GssResponse { data: b"" }, b"p\0\0\0\x04");
    }

    #[test]
    fn debug_hides_the_data() {
        let message = GssResponse { data: b"secret" };
        assert_eq!(format!("{message:?}"), "GssResponse { data: *** }");
    }

    proptest! {
        #[test]
        fn round_trip(data in vec(any::<u8>(), 0..40)) {
            assert_round_trip(&GssResponse { data: &data }, &mut Vec::new());
        }
    }
}
