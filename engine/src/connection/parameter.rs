//! Parameters' values on their way to the server.

use bytes::BytesMut;
use dblink_protocol::wire::Format;
use postgres_types::{IsNull, ToSql, Type};

use super::Error;

/// The types that a value of Rust is sent as, the first that it accepts.
///
/// Text comes first: what can be sent as text is, with its type left to the server, so that a string fits everywhere.
const CANDIDATES: [Type; 34] = [
    Type::TEXT,
    Type::INT4,
    Type::INT8,
    Type::BOOL,
    Type::FLOAT8,
    Type::INT2,
    Type::FLOAT4,
    Type::BYTEA,
    Type::TIMESTAMPTZ,
    Type::TIMESTAMP,
    Type::DATE,
    Type::TIME,
    Type::INTERVAL,
    Type::UUID,
    Type::JSONB,
    Type::JSON,
    Type::NUMERIC,
    Type::OID,
    Type::CHAR,
    Type::INET,
    Type::CIDR,
    Type::MACADDR,
    Type::BIT,
    Type::VARBIT,
    Type::TEXT_ARRAY,
    Type::INT4_ARRAY,
    Type::INT8_ARRAY,
    Type::BOOL_ARRAY,
    Type::FLOAT8_ARRAY,
    Type::INT2_ARRAY,
    Type::FLOAT4_ARRAY,
    Type::BYTEA_ARRAY,
    Type::TIMESTAMPTZ_ARRAY,
    Type::UUID_ARRAY,
];

/// The values of a statement's parameters, ready to be sent without asking the server for their types first.
#[derive(Debug, Default)]
pub(super) struct Encoded {
    bytes: BytesMut,
    /// Where each value ends in `bytes`; none for null.
    ends: Vec<Option<usize>>,
    pub(super) types: Vec<u32>,
    pub(super) formats: Vec<Format>,
}

impl Encoded {
    pub(super) fn new(parameters: &[&(dyn ToSql + Sync)]) -> Result<Self, Error> {
        let mut encoded = Self::default();
        for (index, parameter) in parameters.iter().enumerate() {
            encoded.add(*parameter).map_err(|cause| Error::Parameter {
                number: index + 1,
                cause,
            })?;
        }
        Ok(encoded)
    }

    fn add(
        &mut self,
        parameter: &(dyn ToSql + Sync),
    ) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
        let mut refusal = None;
        for ty in &CANDIDATES {
            let start = self.bytes.len();
            match parameter.to_sql_checked(ty, &mut self.bytes) {
                Ok(is_null) => {
                    let is_text = *ty == Type::TEXT;
                    self.ends.push(match is_null {
                        IsNull::No => Some(self.bytes.len()),
                        IsNull::Yes => None,
                    });
                    self.types.push(if is_text { 0 } else { ty.oid() });
                    self.formats
                        .push(if is_text { Format::Text } else { Format::Binary });
                    return Ok(());
                }
                Err(error) => {
                    self.bytes.truncate(start);
                    // A type that it does not accept is no failure, one that it fails at is.
                    if !error.is::<postgres_types::WrongType>() {
                        return Err(error);
                    }
                    refusal.get_or_insert(error);
                }
            }
        }
        Err(refusal.unwrap_or_else(|| "it has no type".into()))
    }

    /// The values, in order.
    pub(super) fn values(&self) -> Vec<Option<&[u8]>> {
        let mut start = 0;
        self.ends
            .iter()
            .map(|end| {
                let value = self.bytes.get(start..(*end)?);
                start = end.unwrap_or(start);
                value
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_value_gets_the_type_that_it_accepts() {
        let encoded = Encoded::new(&[
            &41_i32,
            &"text",
            &None::<i64>,
            &true,
            &vec![1_i32, 2],
            &String::from("own"),
            &1.5_f64,
            &7_i16,
            &[1_u8, 2].as_slice(),
        ])
        .unwrap();
        let oids = [
            Type::INT4,
            Type::UNKNOWN,
            Type::INT8,
            Type::BOOL,
            Type::INT4_ARRAY,
            Type::UNKNOWN,
            Type::FLOAT8,
            Type::INT2,
            Type::BYTEA,
        ]
        .map(|ty| if ty == Type::UNKNOWN { 0 } else { ty.oid() });
        assert_eq!(encoded.types, oids);
        let values = encoded.values();
        assert_eq!(values[0], Some(&41_i32.to_be_bytes()[..]));
        assert_eq!(values[1], Some(&b"text"[..]));
        assert_eq!(values[2], None);
        assert_eq!(values[3], Some(&[1_u8][..]));
        assert_eq!(values[5], Some(&b"own"[..]));
        assert_eq!(values[8], Some(&[1_u8, 2][..]));
    }
}
