//! BackendKeyData.

use crate::wire::{DecodeError, EncodeError, Message, Reader, SecretKey, Writer};

/// What a client must show to cancel this session's queries. A server need not send it.
///
/// PostgreSQL manual: [BackendKeyData](https://www.postgresql.org/docs/current/protocol-message-formats.html#PROTOCOL-MESSAGE-FORMATS-BACKENDKEYDATA).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BackendKeyData<'a> {
    /// The session's process. No more than a number to hand back: poolers invent their own.
    pub process_id: i32,
    /// The session's key: 4 bytes in protocol 3.0, up to 256 since 3.2.
    pub secret_key: SecretKey<'a>,
}

impl<'a> Message<'a> for BackendKeyData<'a> {
    const NAME: &'static str = "BackendKeyData";
    const TAG: Option<u8> = Some(b'K');

    fn encode_body(&self, body: &mut Writer<'_>) -> Result<(), EncodeError> {
        body.int32("process ID", self.process_id)?;
        self.secret_key.write(body)
    }

    fn decode_body(body: &mut Reader<'a>) -> Result<Self, DecodeError> {
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
        let message = BackendKeyData {
            process_id: 77,
            secret_key: SecretKey::new(b"\xde\xad\xbe\xef"),
        };
        assert_bytes(&message, b"K\0\0\0\x0c\0\0\0\x4d\xde\xad\xbe\xef");
    }

    #[test]
    fn a_key_of_3_or_257_bytes_is_refused() {
        for length in [3, 257] {
            let body = [&b"\0\0\0\x4d"[..], &vec![1; length]].concat();
            assert_eq!(
                BackendKeyData::decode(&body).unwrap_err().to_string(),
                format!(
                    "malformed BackendKeyData message: field \"secret key\" has the impossible length {length}"
                )
            );
        }
    }

    proptest! {
        #[test]
        fn round_trip(process_id: i32, key in vec(any::<u8>(), 4..=256)) {
            let message = BackendKeyData { process_id, secret_key: SecretKey::new(&key) };
            assert_round_trip(&message, &mut Vec::new());
        }
    }
}
