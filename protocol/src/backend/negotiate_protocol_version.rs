//! NegotiateProtocolVersion.

use crate::ProtocolVersion;
use crate::wire::{DecodeError, EncodeError, Message, Reader, WireStr, Writer};

/// The server does not speak the minor version, or not know the protocol options, that the client asked for.
///
/// PostgreSQL manual: [NegotiateProtocolVersion](https://www.postgresql.org/docs/current/protocol-message-formats.html#PROTOCOL-MESSAGE-FORMATS-NEGOTIATEPROTOCOLVERSION).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NegotiateProtocolVersion<'a> {
    /// The newest version that the server speaks of the major version that the client asked for.
    pub newest_version: ProtocolVersion,
    /// The names of the protocol options that the server does not know.
    pub unrecognized_options: Vec<WireStr<'a>>,
}

impl<'a> Message<'a> for NegotiateProtocolVersion<'a> {
    const NAME: &'static str = "NegotiateProtocolVersion";
    const TAG: Option<u8> = Some(b'v');

    fn encode_body(&self, body: &mut Writer<'_>) -> Result<(), EncodeError> {
        body.int32("newest version", self.newest_version.code())?;
        body.count32("unrecognized options", self.unrecognized_options.len())?;
        self.unrecognized_options
            .iter()
            .try_for_each(|&option| body.string("unrecognized options", option))
    }

    fn decode_body(body: &mut Reader<'a>) -> Result<Self, DecodeError> {
        Ok(Self {
            newest_version: body.int32("newest version").map(ProtocolVersion::from_code)?,
            unrecognized_options: (0..body.count32("unrecognized options", 1)?)
                .map(|_| body.string("unrecognized options"))
                .collect::<Result<_, _>>()?,
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::*;
    use crate::wire::testing::{assert_bytes, assert_round_trip, assert_strict};

    const BYTES: &[u8] = b"v\0\0\0\x13\0\x03\0\0\0\0\0\x01_pq_.x\0";

    #[test]
    fn bytes() {
        let message = NegotiateProtocolVersion {
            newest_version: ProtocolVersion::V3_0,
            unrecognized_options: vec!["_pq_.x".into()],
        };
        assert_bytes(&message, BYTES);
        assert_strict::<NegotiateProtocolVersion<'_>>(BYTES, &[BYTES, b"\0"].concat());
    }

    #[test]
    fn a_negative_count_is_refused() {
        assert_eq!(
            NegotiateProtocolVersion::decode(b"\0\x03\0\0\xff\xff\xff\xff")
                .unwrap_err()
                .to_string(),
            "malformed NegotiateProtocolVersion message: field \"unrecognized options\" has the impossible value -1"
        );
    }

    proptest! {
        #[test]
        fn round_trip(code: i32, options in vec("[^\0]*", 0..5)) {
            let message = NegotiateProtocolVersion {
                newest_version: ProtocolVersion::from_code(code),
                unrecognized_options: options.iter().map(WireStr::from).collect(),
            };
            assert_round_trip(&message, &mut Vec::new());
        }
    }
}
