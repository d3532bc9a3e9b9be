//! StartupMessage.

use crate::ProtocolVersion;
use crate::wire::{DecodeError, EncodeError, EncodeFault, Message, Reader, SMALL_LIMIT, WireStr, Writer};

/// Opens a session: who wants which database, and the first settings.
///
/// PostgreSQL manual: [StartupMessage](https://www.postgresql.org/docs/current/protocol-message-formats.html#PROTOCOL-MESSAGE-FORMATS-STARTUPMESSAGE).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StartupMessage<'a> {
    /// The protocol that the client wants to speak. Its major version is 3: others have another packet.
    pub protocol_version: ProtocolVersion,
    /// Names and values: `user`, `database`, `options`, `replication`, settings, and protocol options, whose names
    /// begin with `_pq_.`. A name is not empty.
    pub parameters: Vec<(WireStr<'a>, WireStr<'a>)>,
}

/// The major version whose packet this is.
const MAJOR: u16 = 3;

impl<'a> Message<'a> for StartupMessage<'a> {
    const NAME: &'static str = "StartupMessage";
    const TAG: Option<u8> = None;
    // The server's limit is without the length word.
    const MAX_LENGTH: u32 = SMALL_LIMIT + 4;

    fn encode_body(&self, body: &mut Writer<'_>) -> Result<(), EncodeError> {
        let code = self.protocol_version.code();
        if self.protocol_version.major != MAJOR {
            return Err(body.error(EncodeFault::BadValue {
                field: "protocol version",
                value: code.into(),
            }));
        }
        body.int32("protocol version", code)?;
        for &(name, value) in &self.parameters {
            // An empty name would end the list here.
            if name.is_empty() {
                return Err(body.error(EncodeFault::Empty {
                    field: "parameter name",
                }));
            }
            body.string("parameter name", name)?;
            body.string("parameter value", value)?;
        }
        body.byte("terminator", 0)
    }

    fn decode_body(body: &mut Reader<'a>) -> Result<Self, DecodeError> {
        let code = body.int32("protocol version")?;
        let protocol_version = ProtocolVersion::from_code(code);
        if protocol_version.major != MAJOR {
            return Err(body.bad_value("protocol version", code));
        }
        let mut parameters = Vec::new();
        loop {
            let name = body.string("parameter name")?;
            if name.is_empty() {
                break;
            }
            parameters.push((name, body.string("parameter value")?));
        }
        Ok(Self {
            protocol_version,
            parameters,
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::*;
    use crate::wire::testing::{assert_bytes, assert_round_trip, assert_strict};

    const BYTES: &[u8] = b"\0\0\0\x14\0\x03\0\x02user\0alice\0\0";

    fn message() -> StartupMessage<'static> {
        StartupMessage {
            protocol_version: ProtocolVersion::V3_2,
            parameters: vec![("user".into(), "alice".into())],
        }
    }

    #[test]
    fn bytes() {
        assert_bytes(&message(), BYTES);
        assert_strict::<StartupMessage<'_>>(BYTES, &[BYTES, b"\0"].concat());
    }

    #[test]
    fn an_empty_name_is_refused() {
        let mut message = message();
        message.parameters.push(("".into(), "hidden".into()));
        assert_eq!(
            message.encode(&mut Vec::new()).unwrap_err().to_string(),
            "cannot send StartupMessage: field \"parameter name\" is empty"
        );
    }

    #[test]
    fn an_empty_value_is_fine() {
        let mut message = message();
        message.parameters.push(("options".into(), "".into()));
        assert_round_trip(&message, &mut Vec::new());
    }

    #[test]
    fn other_major_versions_have_other_packets() {
        let version = ProtocolVersion { major: 2, minor: 0 };
        let mut message = message();
        message.protocol_version = version;
        assert_eq!(
            message.encode(&mut Vec::new()).unwrap_err().to_string(),
            "cannot send StartupMessage: field \"protocol version\" cannot be 131072"
        );
        assert_eq!(
            StartupMessage::decode(b"\0\x02\0\0\0").unwrap_err().to_string(),
            "malformed StartupMessage message: field \"protocol version\" has the impossible value 131072"
        );
    }

    #[test]
    fn the_body_may_have_10_000_bytes() {
        let rest = b"\0\x03\0\x02options\0\0\0".len();
        let value = "x".repeat(10_000 - rest + 1);
        let mut message = message();
        message.parameters = vec![("options".into(), value.as_bytes()[1..].into())];
        assert_round_trip(&message, &mut Vec::new());

        message.parameters = vec![("options".into(), (&value).into())];
        assert!(matches!(
            message.encode(&mut Vec::new()).unwrap_err().fault,
            EncodeFault::TooLong { limit: 10_004, .. }
        ));
    }

    proptest! {
        #[test]
        fn round_trip(minor: u16, parameters in vec(("[^\0]+", "[^\0]*"), 0..5)) {
            let message = StartupMessage {
                protocol_version: ProtocolVersion { major: 3, minor },
                parameters: parameters.iter().map(|(name, value)| (name.into(), value.into())).collect(),
            };
            assert_round_trip(&message, &mut Vec::new());
        }
    }
}
