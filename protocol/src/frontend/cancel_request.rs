//! CancelRequest.

use crate::wire::{DecodeError, EncodeError, Message, Reader, SMALL_LIMIT, SecretKey, Writer};

/// Asks, on a connection of its own, to cancel what another session is running. The server answers by closing the
/// connection, whether anything was cancelled or not.
///
/// PostgreSQL manual: [CancelRequest](https://www.postgresql.org/docs/current/protocol-message-formats.html#PROTOCOL-MESSAGE-FORMATS-CANCELREQUEST).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CancelRequest<'a> {
    /// The session's process, as its BackendKeyData has it.
    pub process_id: i32,
    /// The session's key, as its BackendKeyData has it.
    pub secret_key: SecretKey<'a>,
}

impl CancelRequest<'_> {
    /// What stands where a StartupMessage has its protocol version.
    pub const CODE: i32 = 80_877_102;
}

impl<'a> Message<'a> for CancelRequest<'a> {
    const NAME: &'static str = "CancelRequest";
    const TAG: Option<u8> = None;
    const MAX_LENGTH: u32 = SMALL_LIMIT + 4;

    fn encode_body(&self, body: &mut Writer<'_>) -> Result<(), EncodeError> {
        body.int32("request code", Self::CODE)?;
        body.int32("process ID", self.process_id)?;
        self.secret_key.write(body)
    }

    fn decode_body(body: &mut Reader<'a>) -> Result<Self, DecodeError> {
        let code = body.int32("request code")?;
        if code != Self::CODE {
            return Err(body.bad_value("request code", code));
        }
        Ok(Self {
            process_id: body.int32("process ID")?,
            secret_key: SecretKey::read(body)?,
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
        let message = CancelRequest {
            process_id: 77,
            secret_key: SecretKey::new(b"\xde\xad\xbe\xef"),
        };
        assert_bytes(&message, b"\0\0\0\x10\x04\xd2\x16\x2e\0\0\0\x4d\xde\xad\xbe\xef");
    }

    #[test]
    fn a_key_of_3_or_257_bytes_is_refused() {
        for length in [3, 257] {
            let body = [&b"\x04\xd2\x16\x2e\0\0\0\x4d"[..], &vec![1; length]].concat();
            assert_eq!(
                CancelRequest::decode(&body).unwrap_err().to_string(),
                format!(
                    "malformed CancelRequest message: field \"secret key\" has the impossible length {length}"
                )
            );
        }
    }

    #[test]
    fn no_other_code_passes() {
        assert_eq!(
            CancelRequest::decode(b"\x04\xd2\x16\x2f\0\0\0\x4d\0\0\0\0")
                .unwrap_err()
                .to_string(),
            "malformed CancelRequest message: field \"request code\" has the impossible value 80877103"
        );
    }

    proptest! {
        #[test]
        fn round_trip(process_id: i32, key in vec(any::<u8>(), 4..=256)) {
            let message = CancelRequest { process_id, secret_key: SecretKey::new(&key) };
            assert_round_trip(&message, &mut Vec::new());
        }
    }
}
