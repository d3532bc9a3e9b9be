//! DataRow.

use crate::wire::{DecodeError, EncodeError, Message, Reader, Writer};

/// One row.
///
/// PostgreSQL manual: [DataRow](https://www.postgresql.org/docs/current/protocol-message-formats.html#PROTOCOL-MESSAGE-FORMATS-DATAROW).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DataRow<'a> {
    /// The columns' values; `None` is null.
    pub values: Vec<Option<&'a [u8]>>,
}

impl<'a> Message<'a> for DataRow<'a> {
    const NAME: &'static str = "DataRow";
    const TAG: Option<u8> = Some(b'D');

    fn encode_body(&self, body: &mut Writer<'_>) -> Result<(), EncodeError> {
        body.count("values", self.values.len())?;
        self.values
            .iter()
            .try_for_each(|value| body.value("values", *value))
    }

    fn decode_body(body: &mut Reader<'a>) -> Result<Self, DecodeError> {
        Ok(Self {
            values: (0..body.count("values", 4)?)
                .map(|_| body.value("values"))
                .collect::<Result<_, _>>()?,
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

    const BYTES: &[u8] = b"D\0\0\0\x14\0\x03\0\0\0\x0242\xff\xff\xff\xff\0\0\0\0";

    #[test]
    fn bytes() {
        let message = DataRow {
            values: vec![Some(b"42"), None, Some(b"")],
        };
        assert_bytes(&message, BYTES);
        assert_strict::<DataRow<'_>>(BYTES, &[BYTES, b"\0"].concat());
    }

    proptest! {
        #[test]
        fn round_trip(values in vec(option::of(vec(any::<u8>(), 0..9)), 0..9)) {
            let message = DataRow {
                values: values.iter().map(Option::as_deref).collect(),
            };
            assert_round_trip(&message, &mut Vec::new());
        }
    }
}
