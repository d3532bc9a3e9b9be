//! Describe.

use super::Target;
use crate::wire::{DecodeError, EncodeError, Message, Reader, SMALL_LIMIT, Writer};

/// Asks for a prepared statement's parameters and columns, or for a portal's columns.
///
/// PostgreSQL manual: [Describe](https://www.postgresql.org/docs/current/protocol-message-formats.html#PROTOCOL-MESSAGE-FORMATS-DESCRIBE).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Describe<'a> {
    /// The prepared statement or portal.
    pub target: Target<'a>,
}

impl<'a> Message<'a> for Describe<'a> {
    const NAME: &'static str = "Describe";
    const TAG: Option<u8> = Some(b'D');
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
        let statement = Describe {
            target: Target::Statement("s1".into()),
        };
        assert_bytes(&statement, b"D\0\0\0\x08Ss1\0");
        assert_strict::<Describe<'_>>(b"D\0\0\0\x08Ss1\0", b"D\0\0\0\x09Ss1\0\0");

        let portal = Describe {
            target: Target::Portal("".into()),
        };
        assert_bytes(&portal, b"D\0\0\0\x06P\0");
    }

    #[test]
    fn there_is_no_other_kind() {
        assert_eq!(
            Describe::decode(b"T\0").unwrap_err().to_string(),
            "malformed Describe message: field \"kind\" has the impossible value 84"
        );
    }

    proptest! {
        #[test]
        fn round_trip(name in "[^\0]*") {
            for target in [Target::Statement((&name).into()), Target::Portal((&name).into())] {
                assert_round_trip(&Describe { target }, &mut Vec::new());
            }
        }
    }
}
