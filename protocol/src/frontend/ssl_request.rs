//! SSLRequest.

use crate::wire::{DecodeError, EncodeError, Message, Reader, SMALL_LIMIT, Writer};

/// Asks for TLS before anything else is sent; the server answers with the one byte `S` or `N`, in no message.
///
/// PostgreSQL manual: [SSLRequest](https://www.postgresql.org/docs/current/protocol-message-formats.html#PROTOCOL-MESSAGE-FORMATS-SSLREQUEST).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SslRequest;

impl SslRequest {
    /// What stands where a StartupMessage has its protocol version.
    pub const CODE: i32 = 80_877_103;
}

impl Message<'_> for SslRequest {
    const NAME: &'static str = "SSLRequest";
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
        let bytes = b"\0\0\0\x08\x04\xd2\x16\x2f";
        assert_bytes(&SslRequest, bytes);
        assert_strict::<SslRequest>(bytes, b"\0\0\0\x09\x04\xd2\x16\x2f\0");
        assert_round_trip(&SslRequest, &mut Vec::new());
    }

    #[test]
    fn no_other_code_passes() {
        assert_eq!(
            SslRequest::decode(b"\0\x03\0\0").unwrap_err().to_string(),
            "malformed SSLRequest message: field \"request code\" has the impossible value 196608"
        );
    }
}
