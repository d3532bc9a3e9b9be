//! CopyBothResponse.

use super::CopyFormat;
use crate::wire::{DecodeError, EncodeError, Message, Reader, Writer};

/// Both sides send data until each has said CopyDone; only streaming replication begins so.
///
/// PostgreSQL manual: [CopyBothResponse](https://www.postgresql.org/docs/current/protocol-message-formats.html#PROTOCOL-MESSAGE-FORMATS-COPYBOTHRESPONSE).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CopyBothResponse {
    /// The data's formats.
    pub format: CopyFormat,
}

impl Message<'_> for CopyBothResponse {
    const NAME: &'static str = "CopyBothResponse";
    const TAG: Option<u8> = Some(b'W');

    fn encode_body(&self, body: &mut Writer<'_>) -> Result<(), EncodeError> {
        self.format.write(body)
    }

    fn decode_body(body: &mut Reader<'_>) -> Result<Self, DecodeError> {
        Ok(Self {
            format: CopyFormat::read(body)?,
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::*;
    use crate::wire::Format;
    use crate::wire::testing::{any_format, assert_bytes, assert_round_trip, assert_strict};

    const BYTES: &[u8] = b"W\0\0\0\x0b\x01\0\x02\0\x01\0\0";

    #[test]
    fn bytes() {
        let message = CopyBothResponse {
            format: CopyFormat {
                overall: Format::Binary,
                columns: vec![Format::Binary, Format::Text],
            },
        };
        assert_bytes(&message, BYTES);
        assert_strict::<CopyBothResponse>(BYTES, &[BYTES, b"\0"].concat());
    }

    #[test]
    fn the_overall_format_is_text_or_binary() {
        assert_eq!(
            CopyBothResponse::decode(b"\x02\0\0").unwrap_err().to_string(),
            "malformed CopyBothResponse message: field \"overall format\" has the impossible value 2"
        );
    }

    proptest! {
        #[test]
        fn round_trip(overall in any_format(), columns in vec(any_format(), 0..9)) {
            let message = CopyBothResponse { format: CopyFormat { overall, columns } };
            assert_round_trip(&message, &mut Vec::new());
        }
    }
}
