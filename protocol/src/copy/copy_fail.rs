//! CopyFail.

use crate::wire::{DecodeError, EncodeError, Message, Reader, SMALL_LIMIT, WireStr, Writer};

/// Ends a COPY's data with a failure: the server discards what it got and answers ErrorResponse. Only clients send it.
///
/// PostgreSQL manual: [CopyFail](https://www.postgresql.org/docs/current/protocol-message-formats.html#PROTOCOL-MESSAGE-FORMATS-COPYFAIL).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CopyFail<'a> {
    /// The reason, which the server repeats in its error.
    pub message: WireStr<'a>,
}

impl<'a> Message<'a> for CopyFail<'a> {
    const NAME: &'static str = "CopyFail";
    const TAG: Option<u8> = Some(b'f');
    const MAX_LENGTH: u32 = SMALL_LIMIT;

    fn encode_body(&self, body: &mut Writer<'_>) -> Result<(), EncodeError> {
        body.string("message", self.message)
    }

    fn decode_body(body: &mut Reader<'a>) -> Result<Self, DecodeError> {
        Ok(Self {
            message: body.string("message")?,
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
        let message = CopyFail {
            message: "stop".into(),
        };
        assert_bytes(&message, b"f\0\0\0\x09stop\0");
        assert_strict::<CopyFail<'_>>(b"f\0\0\0\x09stop\0", b"f\0\0\0\x0astop\0\0");
    }

    proptest! {
        #[test]
        fn round_trip(message in "[^\0]*") {
            assert_round_trip(&CopyFail { message: (&message).into() }, &mut Vec::new());
        }
    }
}
