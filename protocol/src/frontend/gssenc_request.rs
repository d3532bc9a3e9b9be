//! GSSENCRequest.

use crate::wire::{DecodeError, EncodeError, Message, Reader, SMALL_LIMIT, Writer};

/// Asks for GSSAPI encryption before anything else is sent; the server answers with the one byte `G` or `N`, in no
/// message.
///
/// PostgreSQL manual: [GSSENCRequest](https://www.postgresql.org/docs/current/protocol-message-formats.html#PROTOCOL-MESSAGE-FORMATS-GSSENCREQUEST).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct GssEncRequest;

impl GssEncRequest {
    /// What stands where a StartupMessage has its protocol version.
    pub const CODE: i32 = 80_877_104;
}

impl Message<'_> for GssEncRequest {
    const NAME: &'static str = "GSSENCRequest";
    const TAG: Option<u8> = None;
    const MAX_LENGTH: u32 = SMALL_LIMIT + 4;

    fn encode_body(&self, body: &mut Writer<'_>) -> Result<(), EncodeError> {
        body.int32("request code", Self::CODE)
    }

    fn decode_body(body: &mut Reader<'_>) -> Result<Self, DecodeError> {
        match body.int32("request code")? {
            Self::CODE => Ok(Self),
            code => Err(body.bad_value("request code", code)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::testing::{assert_bytes, assert_round_trip, assert_strict};

    #[test]
    fn bytes() {
        let bytes = b"\0\0\0\x08\x04\xd2\x16\x30";
        assert_bytes(&GssEncRequest, bytes);
        assert_strict::<GssEncRequest>(bytes, b"\0\0\0\x09\x04\xd2\x16\x30\0");
        assert_round_trip(&GssEncRequest, &mut Vec::new());
    }

    #[test]
    fn no_other_code_passes() {
        assert_eq!(
            GssEncRequest::decode(b"\0\x03\0\0").unwrap_err().to_string(),
            "malformed GSSENCRequest message: field \"request code\" has the impossible value 196608"
        );
    }
}
