//! Close.

use super::Target;
use crate::wire::{DecodeError, EncodeError, Message, Reader, SMALL_LIMIT, Writer};

/// Closes a prepared statement, and with it the portals made from it, or a portal. To close what does not exist is no
/// error.
///
/// PostgreSQL manual: [Close](https://www.postgresql.org/docs/current/protocol-message-formats.html#PROTOCOL-MESSAGE-FORMATS-CLOSE).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Close<'a> {
    /// The prepared statement or portal.
    pub target: Target<'a>,
}

impl<'a> Message<'a> for Close<'a> {
    const NAME: &'static str = "Close";
    const TAG: Option<u8> = Some(b'C');
    const MAX_LENGTH: u32 = SMALL_LIMIT;

    fn encode_body(&self, body: &mut Writer<'_>) -> Result<(), EncodeError> {
        self.target.write(body)
    }

    fn decode_body(body: &mut Reader<'a>) -> Result<Self, DecodeError> {
        Ok(Self {
            target: Target::read(body)?,
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
        let statement = Close {
            target: Target::Statement("s1".into()),
        };
        assert_bytes(&statement, b"C\0\0\0\x08Ss1\0");
        assert_strict::<Close<'_>>(b"C\0\0\0\x08Ss1\0", b"C\0\0\0\x09Ss1\0\0");

        let portal = Close {
            target: Target::Portal("".into()),
        };
        assert_bytes(&portal, b"C\0\0\0\x06P\0");
    }

    #[test]
    fn there_is_no_other_kind() {
        assert_eq!(
            Close::decode(b"T\0").unwrap_err().to_string(),
            "malformed Close message: field \"kind\" has the impossible value 84"
        );
    }

    proptest! {
        #[test]
        fn round_trip(name in "[^\0]*") {
            for target in [Target::Statement((&name).into()), Target::Portal((&name).into())] {
                assert_round_trip(&Close { target }, &mut Vec::new());
            }
        }
    }
}
