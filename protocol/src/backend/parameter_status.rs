//! ParameterStatus.

use crate::wire::{DecodeError, EncodeError, Message, Reader, WireStr, Writer};

/// The value of a setting that the server reports: at the session's start, and whenever it changes.
///
/// PostgreSQL manual: [ParameterStatus](https://www.postgresql.org/docs/current/protocol-message-formats.html#PROTOCOL-MESSAGE-FORMATS-PARAMETERSTATUS).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ParameterStatus<'a> {
    /// The setting's name.
    pub name: WireStr<'a>,
    /// Its value.
    pub value: WireStr<'a>,
}

impl<'a> Message<'a> for ParameterStatus<'a> {
    const NAME: &'static str = "ParameterStatus";
    const TAG: Option<u8> = Some(b'S');

    fn encode_body(&self, body: &mut Writer<'_>) -> Result<(), EncodeError> {
        body.string("name", self.name)?;
        body.string("value", self.value)
    }

    fn decode_body(body: &mut Reader<'a>) -> Result<Self, DecodeError> {
        Ok(Self {
            name: body.string("name")?,
            value: body.string("value")?,
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::wire::testing::{assert_bytes, assert_round_trip, assert_strict};

    const BYTES: &[u8] = b"S\0\0\0\x11TimeZone\0UTC\0";

    #[test]
    fn bytes() {
        let message = ParameterStatus {
            name: "TimeZone".into(),
            value: "UTC".into(),
        };
        assert_bytes(&message, BYTES);
        assert_strict::<ParameterStatus<'_>>(BYTES, &[BYTES, b"\0"].concat());
    }

    proptest! {
        #[test]
        fn round_trip(name in "[^\0]*", value in "[^\0]*") {
            let message = ParameterStatus { name: (&name).into(), value: (&value).into() };
            assert_round_trip(&message, &mut Vec::new());
        }
    }
}
