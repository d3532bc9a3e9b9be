//! PasswordMessage.

use std::fmt;

use crate::wire::{AUTHENTICATION_LIMIT, DecodeError, EncodeError, Message, Reader, WireStr, Writer};

/// Answers a request for a cleartext or MD5-hashed password.
///
/// PostgreSQL manual: [PasswordMessage](https://www.postgresql.org/docs/current/protocol-message-formats.html#PROTOCOL-MESSAGE-FORMATS-PASSWORDMESSAGE).
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct PasswordMessage<'a> {
    /// The password, hashed if the server asked for that.
    pub password: WireStr<'a>,
}

/// Without the password.
impl fmt::Debug for PasswordMessage<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PasswordMessage { password: *** }")
    }
}

impl<'a> Message<'a> for PasswordMessage<'a> {
    const NAME: &'static str = "PasswordMessage";
    const TAG: Option<u8> = Some(b'p');
    const MAX_LENGTH: u32 = AUTHENTICATION_LIMIT;

    fn encode_body(&self, body: &mut Writer<'_>) -> Result<(), EncodeError> {
        body.string("password", self.password)
    }

    fn decode_body(body: &mut Reader<'a>) -> Result<Self, DecodeError> {
        Ok(Self {
            password: body.string("password")?,
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::wire::testing::{assert_bytes, assert_round_trip, assert_strict};

    #[test]
    fn bytes() {
        let message = PasswordMessage {
            password: "secret".into(),
        };
        assert_bytes(&message, b"p\0\0\0\x0bsecret\0");
        assert_strict::<PasswordMessage<'_>>(b"p\0\0\0\x0bsecret\0", b"p\0\0\0\x0csecret\0\0");
    }

    #[test]
    fn debug_hides_the_password() {
        let message = PasswordMessage {
            password: "secret".into(),
        };
        assert_eq!(format!("{message:?}"), "PasswordMessage { password: *** }");
    }

    #[test]
    fn what_the_server_would_not_take_is_not_sent() {
        let longest = "x".repeat(65_530);
        let fits = PasswordMessage {
            password: (&longest).into(),
        };
        assert!(fits.encode(&mut Vec::new()).is_ok());
        let longer = "x".repeat(65_531);
        let too_long = PasswordMessage {
            password: (&longer).into(),
        };
        assert_eq!(
            too_long.encode(&mut Vec::new()).unwrap_err().to_string(),
            "cannot send PasswordMessage: field \"password\" makes it 65536 bytes long, the limit is 65535"
        );
    }

    proptest! {
        #[test]
        fn round_trip(password in "[^\0]*") {
            assert_round_trip(&PasswordMessage { password: (&password).into() }, &mut Vec::new());
        }
    }
}
