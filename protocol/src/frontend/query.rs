//! Query.

use crate::wire::{DecodeError, EncodeError, LARGE_LIMIT, Message, Reader, WireStr, Writer};

/// Runs one or several statements by the simple protocol.
///
/// PostgreSQL manual: [Query](https://www.postgresql.org/docs/current/protocol-message-formats.html#PROTOCOL-MESSAGE-FORMATS-QUERY).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Query<'a> {
    /// The statements' text.
    pub query: WireStr<'a>,
}

impl<'a> Message<'a> for Query<'a> {
    const NAME: &'static str = "Query";
    const TAG: Option<u8> = Some(b'Q');
    const MAX_LENGTH: u32 = LARGE_LIMIT;

    fn encode_body(&self, body: &mut Writer<'_>) -> Result<(), EncodeError> {
        body.string("query", self.query)
    }

    fn decode_body(body: &mut Reader<'a>) -> Result<Self, DecodeError> {
        Ok(Self {
            query: body.string("query")?,
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
        let message = Query {
            query: "select 1".into(),
        };
        assert_bytes(&message, b"Q\0\0\0\x0dselect 1\0");
        assert_strict::<Query<'_>>(b"Q\0\0\0\x0dselect 1\0", b"Q\0\0\0\x0dselect 1\0\0");
    }

    proptest! {
        #[test]
        fn round_trip(query in "[^\0]*") {
            assert_round_trip(&Query { query: (&query).into() }, &mut Vec::new());
        }
    }
}
