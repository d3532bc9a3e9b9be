//! Execute.

use crate::wire::{DecodeError, EncodeError, EncodeFault, Message, Reader, SMALL_LIMIT, WireStr, Writer};

/// Runs a portal.
///
/// PostgreSQL manual: [Execute](https://www.postgresql.org/docs/current/protocol-message-formats.html#PROTOCOL-MESSAGE-FORMATS-EXECUTE).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Execute<'a> {
    /// The portal; the empty name is the unnamed portal.
    pub portal: WireStr<'a>,
    /// How many rows to return at most, where the portal returns rows; 0 is all.
    ///
    /// The server takes a negative number for 0. It is kept where it was received, and refused where it is sent.
    pub max_rows: i32,
}

impl<'a> Message<'a> for Execute<'a> {
    const NAME: &'static str = "Execute";
    const TAG: Option<u8> = Some(b'E');
    const MAX_LENGTH: u32 = SMALL_LIMIT;

    fn encode_body(&self, body: &mut Writer<'_>) -> Result<(), EncodeError> {
        body.string("portal", self.portal)?;
        if self.max_rows < 0 {
            return Err(body.error(EncodeFault::BadValue {
                field: "maximum number of rows",
                value: self.max_rows.into(),
            }));
        }
        body.int32("maximum number of rows", self.max_rows)
    }

    fn decode_body(body: &mut Reader<'a>) -> Result<Self, DecodeError> {
        Ok(Self {
            portal: body.string("portal")?,
            max_rows: body.int32("maximum number of rows")?,
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
        let message = Execute {
            portal: "p".into(),
            max_rows: 100,
        };
        assert_bytes(&message, b"E\0\0\0\x0ap\0\0\0\0\x64");
        assert_strict::<Execute<'_>>(b"E\0\0\0\x0ap\0\0\0\0\x64", b"E\0\0\0\x0bp\0\0\0\0\x64\0");
    }

    #[test]
    fn a_negative_number_of_rows_is_kept_but_not_sent() {
        let message = Execute::decode(b"\0\xff\xff\xff\xff").unwrap();
        assert_eq!(message.max_rows, -1);
        assert_eq!(
            message.encode(&mut Vec::new()).unwrap_err().to_string(),
            "cannot send Execute: field \"maximum number of rows\" cannot be -1"
        );
    }

    proptest! {
        #[test]
        fn round_trip(portal in "[^\0]*", max_rows in 0..=i32::MAX) {
            assert_round_trip(&Execute { portal: (&portal).into(), max_rows }, &mut Vec::new());
        }
    }
}
