//! Bind.

use std::borrow::Cow;

use crate::wire::{DecodeError, EncodeError, Format, LARGE_LIMIT, Message, Reader, WireStr, Writer};

/// Makes a portal from a prepared statement and values for its parameters.
///
/// PostgreSQL manual: [Bind](https://www.postgresql.org/docs/current/protocol-message-formats.html#PROTOCOL-MESSAGE-FORMATS-BIND).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bind<'a> {
    /// The portal to make; the empty name is the unnamed portal.
    pub portal: WireStr<'a>,
    /// The prepared statement; the empty name is the unnamed statement.
    pub statement: WireStr<'a>,
    /// The parameters' formats: none for all text, one for all, or one each.
    pub parameter_formats: Cow<'a, [Format]>,
    /// The parameters' values; `None` is null. At most 65 535.
    pub parameters: Vec<Option<&'a [u8]>>,
    /// The result columns' formats: none for all text, one for all, or one each.
    pub result_formats: Cow<'a, [Format]>,
}

impl<'a> Message<'a> for Bind<'a> {
    const NAME: &'static str = "Bind";
    const TAG: Option<u8> = Some(b'B');
    const MAX_LENGTH: u32 = LARGE_LIMIT;

    fn encode_body(&self, body: &mut Writer<'_>) -> Result<(), EncodeError> {
        body.string("portal", self.portal)?;
        body.string("statement", self.statement)?;
        body.formats("parameter formats", &self.parameter_formats)?;
        body.count("parameters", self.parameters.len())?;
        for value in &self.parameters {
            body.value("parameters", *value)?;
        }
        body.formats("result formats", &self.result_formats)
    }

    fn decode_body(body: &mut Reader<'a>) -> Result<Self, DecodeError> {
        Ok(Self {
            portal: body.string("portal")?,
            statement: body.string("statement")?,
            parameter_formats: body.formats("parameter formats")?.into(),
            parameters: (0..body.count("parameters", 4)?)
                .map(|_| body.value("parameters"))
                .collect::<Result<_, _>>()?,
            result_formats: body.formats("result formats")?.into(),
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

    const BYTES: &[u8] =
        b"B\0\0\0\x1ep\0s\0\0\x01\0\x01\0\x02\0\0\0\x02\0\x2a\xff\xff\xff\xff\0\x02\0\0\0\x01";

    #[test]
    fn bytes() {
        let message = Bind {
            portal: "p".into(),
            statement: "s".into(),
            parameter_formats: vec![Format::Binary].into(),
            parameters: vec![Some(b"\0\x2a"), None],
            result_formats: vec![Format::Text, Format::Binary].into(),
        };
        assert_bytes(&message, BYTES);
        assert_strict::<Bind<'_>>(BYTES, &[BYTES, b"\0"].concat());
    }

    proptest! {
        #[test]
        fn round_trip(
            portal in "[^\0]*",
            statement in "[^\0]*",
            parameters in vec(option::of(vec(any::<u8>(), 0..9)), 0..9),
            binary in vec(any::<bool>(), 0..9),
        ) {
            let formats: Vec<_> = binary.iter().map(|&b| if b { Format::Binary } else { Format::Text }).collect();
            let message = Bind {
                portal: (&portal).into(),
                statement: (&statement).into(),
                parameter_formats: formats.clone().into(),
                parameters: parameters.iter().map(Option::as_deref).collect(),
                result_formats: formats.into(),
            };
            assert_round_trip(&message, &mut Vec::new());
        }
    }
}
