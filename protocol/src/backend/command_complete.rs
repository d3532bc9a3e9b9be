//! CommandComplete.

use super::CommandTag;
use crate::wire::{DecodeError, EncodeError, Message, Reader, WireStr, Writer};

/// A command has completed.
///
/// PostgreSQL manual: [CommandComplete](https://www.postgresql.org/docs/current/protocol-message-formats.html#PROTOCOL-MESSAGE-FORMATS-COMMANDCOMPLETE).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CommandComplete<'a> {
    /// The command's tag, as in `INSERT 0 5`.
    pub tag: WireStr<'a>,
}

impl<'a> CommandComplete<'a> {
    /// The tag's parts.
    pub fn command_tag(&self) -> CommandTag<'a> {
        CommandTag::parse(self.tag)
    }
}

impl<'a> Message<'a> for CommandComplete<'a> {
    const NAME: &'static str = "CommandComplete";
    const TAG: Option<u8> = Some(b'C');

    fn encode_body(&self, body: &mut Writer<'_>) -> Result<(), EncodeError> {
        body.string("tag", self.tag)
    }

    fn decode_body(body: &mut Reader<'a>) -> Result<Self, DecodeError> {
        Ok(Self {
            tag: body.string("tag")?,
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
        let message = CommandComplete {
            tag: "SELECT 3".into(),
        };
        assert_bytes(&message, b"C\0\0\0\x0dSELECT 3\0");
        assert_strict::<CommandComplete<'_>>(b"C\0\0\0\x0dSELECT 3\0", b"C\0\0\0\x0eSELECT 3\0\0");
        assert_eq!(message.command_tag().rows, Some(3));
    }

    proptest! {
        #[test]
        fn round_trip(tag in "[^\0]*") {
            assert_round_trip(&CommandComplete { tag: (&tag).into() }, &mut Vec::new());
        }
    }
}
