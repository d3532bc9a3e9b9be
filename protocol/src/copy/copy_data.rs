//! CopyData.

use crate::wire::{DecodeError, EncodeError, LARGE_LIMIT, Message, Reader, Writer};

/// A piece of a COPY's data.
///
/// A server sends one row at a time; a client may cut where it likes.
///
/// PostgreSQL manual: [CopyData](https://www.postgresql.org/docs/current/protocol-message-formats.html#PROTOCOL-MESSAGE-FORMATS-COPYDATA).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CopyData<'a> {
    /// The data, as it stands in the body: it is not copied.
    pub data: &'a [u8],
}

impl<'a> Message<'a> for CopyData<'a> {
    const NAME: &'static str = "CopyData";
    const TAG: Option<u8> = Some(b'd');
    const MAX_LENGTH: u32 = LARGE_LIMIT;

    fn encode_body(&self, body: &mut Writer<'_>) -> Result<(), EncodeError> {
        body.bytes("data", self.data)
    }

    fn decode_body(body: &mut Reader<'a>) -> Result<Self, DecodeError> {
        Ok(Self {
            data: body.rest("data"),
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::*;
    use crate::wire::testing::{assert_bytes, assert_round_trip};

    #[test]
    fn bytes() {
        assert_bytes(&CopyData { data: b"1\tx\n" }, b"d\0\0\0\x081\tx\n");
        assert_bytes(&CopyData { data: b"" }, b"d\0\0\0\x04");
    }

    #[test]
    fn the_data_is_not_copied() {
        let body = b"1\tx\n";
        assert!(std::ptr::eq(CopyData::decode(body).unwrap().data, body));
    }

    proptest! {
        #[test]
        fn round_trip(data in vec(any::<u8>(), 0..99)) {
            assert_round_trip(&CopyData { data: &data }, &mut Vec::new());
        }
    }
}
