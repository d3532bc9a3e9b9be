//! SASLInitialResponse.

use std::fmt;

use crate::wire::{AUTHENTICATION_LIMIT, DecodeError, EncodeError, Message, Reader, WireStr, Writer};

/// Chooses one of the SASL mechanisms that the server offered, and opens its exchange.
///
/// PostgreSQL manual: [SASLInitialResponse](https://www.postgresql.org/docs/current/protocol-message-formats.html#PROTOCOL-MESSAGE-FORMATS-SASLINITIALRESPONSE).
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct SaslInitialResponse<'a> {
    /// The mechanism's name.
    pub mechanism: WireStr<'a>,
    /// The mechanism's first message; `None` if it lets the server speak first.
    pub response: Option<&'a [u8]>,
}

/// Without the response, which may hold a token.
impl fmt::Debug for SaslInitialResponse<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SaslInitialResponse")
            .field("mechanism", &self.mechanism)
            .field("response", &self.response.map(|_| format_args!("***")))
            .finish()
    }
}

impl<'a> Message<'a> for SaslInitialResponse<'a> {
    const NAME: &'static str = "SASLInitialResponse";
    const TAG: Option<u8> = Some(b'p');
    const MAX_LENGTH: u32 = AUTHENTICATION_LIMIT;

    fn encode_body(&self, body: &mut Writer<'_>) -> Result<(), EncodeError> {
        body.string("mechanism", self.mechanism)?;
        body.value("response", self.response)
    }

    fn decode_body(body: &mut Reader<'a>) -> Result<Self, DecodeError> {
        Ok(Self {
            mechanism: body.string("mechanism")?,
            response: body.value("response")?,
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
        let message = SaslInitialResponse {
            mechanism: "M".into(),
            response: Some(b"n,,"),
        };
        assert_bytes(&message, b"p\0\0\0\x0dM\0\0\0\0\x03n,,");
        assert_strict::<SaslInitialResponse<'_>>(
            b"p\0\0\0\x0dM\0\0\0\0\x03n,,",
            b"p\0\0\0\x0eM\0\0\0\0\x03n,,\0",
        );
        let silent = SaslInitialResponse {
            mechanism: "M".into(),
            response: None,
        };
        assert_bytes(&silent, b"p\0\0\0\x0aM\0\xff\xff\xff\xff");
    }

    #[test]
    fn debug_hides_the_response() {
        let mut message = SaslInitialResponse {
            mechanism: "M".into(),
            response: Some(b"token"),
        };
        assert_eq!(
            format!("{message:?}"),
            r#"SaslInitialResponse { mechanism: "M", response: Some(***) }"#
        );
        message.response = None;
        assert_eq!(
            format!("{message:?}"),
            r#"SaslInitialResponse { mechanism: "M", response: None }"#
        );
    }

    proptest! {
        #[test]
        fn round_trip(mechanism in "[^\0]*", response in option::of(vec(any::<u8>(), 0..20))) {
            let message = SaslInitialResponse {
                mechanism: (&mechanism).into(),
                response: response.as_deref(),
            };
            assert_round_trip(&message, &mut Vec::new());
        }
    }
}
