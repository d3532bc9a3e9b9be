//! Parse.

use std::borrow::Cow;

use crate::wire::{DecodeError, EncodeError, LARGE_LIMIT, Message, Reader, WireStr, Writer};

/// Makes a prepared statement from the text of one statement.
///
/// PostgreSQL manual: [Parse](https://www.postgresql.org/docs/current/protocol-message-formats.html#PROTOCOL-MESSAGE-FORMATS-PARSE).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parse<'a> {
    /// The prepared statement to make; the empty name is the unnamed statement.
    pub statement: WireStr<'a>,
    /// The statement's text.
    pub query: WireStr<'a>,
    /// The parameters' data types, as far as they are given; 0 leaves one to the server. At most 65 535.
    pub parameter_types: Cow<'a, [u32]>,
}

impl<'a> Message<'a> for Parse<'a> {
    const NAME: &'static str = "Parse";
    const TAG: Option<u8> = Some(b'P');
    const MAX_LENGTH: u32 = LARGE_LIMIT;

    fn encode_body(&self, body: &mut Writer<'_>) -> Result<(), EncodeError> {
        body.string("statement", self.statement)?;
        body.string("query", self.query)?;
        body.count("parameter types", self.parameter_types.len())?;
        self.parameter_types
            .iter()
            .try_for_each(|&oid| body.oid("parameter types", oid))
    }

    fn decode_body(body: &mut Reader<'a>) -> Result<Self, DecodeError> {
        Ok(Self {
            statement: body.string("statement")?,
            query: body.string("query")?,
            parameter_types: (0..body.count("parameter types", 4)?)
                .map(|_| body.oid("parameter types"))
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

    const BYTES: &[u8] = b"P\0\0\0\x1as\0select $1\0\0\x02\0\0\0\x17\0\0\0\0";

    #[test]
    fn bytes() {
        let message = Parse {
            statement: "s".into(),
            query: "select $1".into(),
            parameter_types: vec![23, 0].into(),
        };
        assert_bytes(&message, BYTES);
        assert_strict::<Parse<'_>>(BYTES, &[BYTES, b"\0"].concat());
    }

    proptest! {
        #[test]
        fn round_trip(
            statement in "[^\0]*",
            query in "[^\0]*",
            parameter_types in vec(any::<u32>(), 0..9),
        ) {
            let message = Parse {
                statement: (&statement).into(),
                query: (&query).into(),
                parameter_types: parameter_types.into(),
            };
            assert_round_trip(&message, &mut Vec::new());
        }
    }
}
