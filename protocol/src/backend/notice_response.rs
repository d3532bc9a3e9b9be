//! NoticeResponse.

use super::Fields;
use crate::wire::{DecodeError, EncodeError, Message, Reader, Writer};

/// A warning or other notice. It may come at any moment and changes nothing.
///
/// PostgreSQL manual: [NoticeResponse](https://www.postgresql.org/docs/current/protocol-message-formats.html#PROTOCOL-MESSAGE-FORMATS-NOTICERESPONSE).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NoticeResponse<'a> {
    /// What happened, field by field. [`Diagnostic`](super::Diagnostic) owns a copy and has an accessor for each.
    pub fields: Fields<'a>,
}

impl<'a> Message<'a> for NoticeResponse<'a> {
    const NAME: &'static str = "NoticeResponse";
    const TAG: Option<u8> = Some(b'N');

    fn encode_body(&self, body: &mut Writer<'_>) -> Result<(), EncodeError> {
        self.fields.write(body)
    }

    fn decode_body(body: &mut Reader<'a>) -> Result<Self, DecodeError> {
        Ok(Self {
            fields: Fields::read(Self::NAME, body)?,
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::*;
    use crate::backend::{Diagnostic, FieldCode};
    use crate::wire::testing::{assert_bytes, assert_round_trip, assert_strict};

    const BYTES: &[u8] = b"N\0\0\0\x12C42P01\0Moops\0\0";

    #[test]
    fn bytes() {
        let diagnostic = Diagnostic::new([
            (FieldCode::CODE, "42P01".into()),
            (FieldCode::MESSAGE, "oops".into()),
        ])
        .unwrap();
        let message = NoticeResponse {
            fields: diagnostic.fields(),
        };
        assert_bytes(&message, BYTES);
        assert_strict::<NoticeResponse<'_>>(BYTES, &[BYTES, b"\0"].concat());
    }

    #[test]
    fn there_may_be_no_fields() {
        let message = NoticeResponse {
            fields: Fields::default(),
        };
        assert_bytes(&message, b"N\0\0\0\x05\0");
    }

    proptest! {
        #[test]
        fn round_trip(fields in vec((1..=u8::MAX, "[^\0]*"), 0..9)) {
            let pairs = fields.iter().map(|(code, value)| (FieldCode(*code), value.into()));
            let diagnostic = Diagnostic::new(pairs).unwrap();
            let message = NoticeResponse { fields: diagnostic.fields() };
            assert_round_trip(&message, &mut Vec::new());
        }
    }
}
