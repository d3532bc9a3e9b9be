//! FunctionCall.

use crate::wire::{DecodeError, EncodeError, Format, LARGE_LIMIT, Message, Reader, Writer};

/// Calls a function by its object identifier.
///
/// PostgreSQL manual: [FunctionCall](https://www.postgresql.org/docs/current/protocol-message-formats.html#PROTOCOL-MESSAGE-FORMATS-FUNCTIONCALL).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FunctionCall<'a> {
    /// The function.
    pub function_oid: u32,
    /// The arguments' formats: none for all text, one for all, or one each.
    pub argument_formats: Vec<Format>,
    /// The arguments' values; `None` is null. At most 65 535.
    pub arguments: Vec<Option<&'a [u8]>>,
    /// The result's format.
    pub result_format: Format,
}

impl<'a> Message<'a> for FunctionCall<'a> {
    const NAME: &'static str = "FunctionCall";
    const TAG: Option<u8> = Some(b'F');
    const MAX_LENGTH: u32 = LARGE_LIMIT;

    fn encode_body(&self, body: &mut Writer<'_>) -> Result<(), EncodeError> {
        body.oid("function OID", self.function_oid)?;
        body.formats("argument formats", &self.argument_formats)?;
        body.count("arguments", self.arguments.len())?;
        for value in &self.arguments {
            body.value("arguments", *value)?;
        }
        body.int16("result format", self.result_format.code())
    }

    fn decode_body(body: &mut Reader<'a>) -> Result<Self, DecodeError> {
        Ok(Self {
            function_oid: body.oid("function OID")?,
            argument_formats: body.formats("argument formats")?,
            arguments: (0..body.count("arguments", 4)?)
                .map(|_| body.value("arguments"))
                .collect::<Result<_, _>>()?,
            result_format: body.format("result format")?,
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::option;
    use proptest::prelude::*;

    use super::*;
    use crate::wire::testing::{any_format, assert_bytes, assert_round_trip, assert_strict};

    const BYTES: &[u8] = b"F\0\0\0\x1a\0\0\x05\x25\0\x01\0\x01\0\x02\0\0\0\x02hi\xff\xff\xff\xff\0\x01";

    #[test]
    fn bytes() {
        let message = FunctionCall {
            function_oid: 1317,
            argument_formats: vec![Format::Binary],
            arguments: vec![Some(b"hi"), None],
            result_format: Format::Binary,
        };
        assert_bytes(&message, BYTES);
        assert_strict::<FunctionCall<'_>>(BYTES, &[BYTES, b"\0"].concat());
    }

    proptest! {
        #[test]
        fn round_trip(
            function_oid: u32,
            argument_formats in vec(any_format(), 0..9),
            arguments in vec(option::of(vec(any::<u8>(), 0..9)), 0..9),
            result_format in any_format(),
        ) {
            let message = FunctionCall {
                function_oid,
                argument_formats,
                arguments: arguments.iter().map(Option::as_deref).collect(),
                result_format,
            };
            assert_round_trip(&message, &mut Vec::new());
        }
    }
}
