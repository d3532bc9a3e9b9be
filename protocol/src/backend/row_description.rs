//! RowDescription.

use crate::wire::{DecodeError, EncodeError, Format, Message, Reader, WireStr, Writer};

/// Says which columns the rows that follow have.
///
/// PostgreSQL manual: [RowDescription](https://www.postgresql.org/docs/current/protocol-message-formats.html#PROTOCOL-MESSAGE-FORMATS-ROWDESCRIPTION).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RowDescription<'a> {
    /// The columns, in order.
    pub fields: Vec<FieldDescription<'a>>,
}

/// One column of a [`RowDescription`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FieldDescription<'a> {
    /// The column's name.
    pub name: WireStr<'a>,
    /// The table that the column comes from, or 0.
    pub table_oid: u32,
    /// The column's attribute number in that table, or 0; negative for system columns.
    pub column_number: i16,
    /// The data type.
    pub type_oid: u32,
    /// The data type's size in bytes (`pg_type.typlen`); negative for types of variable width.
    pub type_size: i16,
    /// The type modifier (`pg_attribute.atttypmod`).
    pub type_modifier: i32,
    /// The format of the column's values; always text where a statement is described, since it is not yet known.
    pub format: Format,
}

/// The bytes of a column whose name is empty.
const SMALLEST_FIELD: usize = 19;

impl<'a> Message<'a> for RowDescription<'a> {
    const NAME: &'static str = "RowDescription";
    const TAG: Option<u8> = Some(b'T');

    fn encode_body(&self, body: &mut Writer<'_>) -> Result<(), EncodeError> {
        body.count("fields", self.fields.len())?;
        for field in &self.fields {
            body.string("name", field.name)?;
            body.oid("table OID", field.table_oid)?;
            body.int16("column number", field.column_number)?;
            body.oid("type OID", field.type_oid)?;
            body.int16("type size", field.type_size)?;
            body.int32("type modifier", field.type_modifier)?;
            body.int16("format", field.format.code())?;
        }
        Ok(())
    }

    fn decode_body(body: &mut Reader<'a>) -> Result<Self, DecodeError> {
        let count = body.count("fields", SMALLEST_FIELD)?;
        let fields = (0..count).map(|_| {
            Ok(FieldDescription {
                name: body.string("name")?,
                table_oid: body.oid("table OID")?,
                column_number: body.int16("column number")?,
                type_oid: body.oid("type OID")?,
                type_size: body.int16("type size")?,
                type_modifier: body.int32("type modifier")?,
                format: body.format("format")?,
            })
        });
        Ok(Self {
            fields: fields.collect::<Result<_, _>>()?,
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::*;
    use crate::wire::testing::{assert_bytes, assert_round_trip, assert_strict};

    const BYTES: &[u8] = b"T\0\0\0\x1b\0\x01id\0\0\0\x40\x01\0\x02\0\0\0\x17\0\x04\xff\xff\xff\xff\0\x01";

    #[test]
    fn bytes() {
        let message = RowDescription {
            fields: vec![FieldDescription {
                name: "id".into(),
                table_oid: 16_385,
                column_number: 2,
                type_oid: 23,
                type_size: 4,
                type_modifier: -1,
                format: Format::Binary,
            }],
        };
        assert_bytes(&message, BYTES);
        assert_strict::<RowDescription<'_>>(BYTES, &[BYTES, b"\0"].concat());
    }

    proptest! {
        #[test]
        fn round_trip(
            fields in vec(("[^\0]*", any::<(u32, i16, u32, i16, i32, bool)>()), 0..5),
        ) {
            let message = RowDescription {
                fields: fields.iter().map(|(name, rest)| FieldDescription {
                    name: name.into(),
                    table_oid: rest.0,
                    column_number: rest.1,
                    type_oid: rest.2,
                    type_size: rest.3,
                    type_modifier: rest.4,
                    format: if rest.5 { Format::Binary } else { Format::Text },
                }).collect(),
            };
            assert_round_trip(&message, &mut Vec::new());
        }
    }
}
