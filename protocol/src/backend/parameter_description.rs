//! ParameterDescription.

use crate::wire::{DecodeError, EncodeError, Message, Reader, Writer};

/// Says which parameters a prepared statement has.
///
/// PostgreSQL manual: [ParameterDescription](https://www.postgresql.org/docs/current/protocol-message-formats.html#PROTOCOL-MESSAGE-FORMATS-PARAMETERDESCRIPTION).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ParameterDescription {
    /// The parameters' data types, in order.
    pub type_oids: Vec<u32>,
}

impl Message<'_> for ParameterDescription {
    const NAME: &'static str = "ParameterDescription";
    const TAG: Option<u8> = Some(b't');

    fn encode_body(&self, body: &mut Writer<'_>) -> Result<(), EncodeError> {
        body.count("type OIDs", self.type_oids.len())?;
        self.type_oids
            .iter()
            .try_for_each(|&oid| body.oid("type OIDs", oid))
    }

    fn decode_body(body: &mut Reader<'_>) -> Result<Self, DecodeError> {
        Ok(Self {
            type_oids: (0..body.count("type OIDs", 4)?)
                .map(|_| body.oid("type OIDs"))
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

    const BYTES: &[u8] = b"t\0\0\0\x0e\0\x02\0\0\0\x17\0\0\0\x19";

    #[test]
    fn bytes() {
        let message = ParameterDescription {
            type_oids: vec![23, 25],
        };
        assert_bytes(&message, BYTES);
        assert_strict::<ParameterDescription>(BYTES, &[BYTES, b"\0"].concat());
    }

    proptest! {
        #[test]
        fn round_trip(type_oids in vec(any::<u32>(), 0..9)) {
            assert_round_trip(&ParameterDescription { type_oids }, &mut Vec::new());
        }
    }
}
