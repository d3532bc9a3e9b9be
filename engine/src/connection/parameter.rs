//! Parameters' values on their way to the server.

use std::borrow::Cow;

use bytes::BytesMut;
use dblink_protocol::wire::Format;
use postgres_types::{IsNull, Kind, ToSql, Type, WrongType};

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

/// All in binary format.
pub(super) const BINARY: &[Format] = &[Format::Binary];

/// How long a message may be, with room for what else is in it.
const LONGEST: usize = (1 << 30) - (1 << 20);

/// How much room is kept for the next parameters, at most.
const SMALL: usize = 16 << 10;

/// The values of a statement's parameters, ready to be sent.
#[derive(Debug, Default)]
pub(crate) struct Encoded {
    bytes: BytesMut,
    parameters: Vec<Parameter>,
}

#[derive(Debug, Clone, Copy)]
struct Parameter {
    /// Where its value ends in the bytes; none for null.
    end: Option<usize>,
    type_oid: u32,
    format: Format,
}

type Cause = Box<dyn std::error::Error + Send + Sync>;

impl Encoded {
    /// The values as the types that their Rust types stand for, in the room that others had; none if one of them stands for
    /// no built-in type, so that the server has to be asked.
    pub(super) fn guessed(mut self, parameters: &[&(dyn ToSql + Sync)]) -> Result<Option<Self>, Error> {
        Ok(self.fill(parameters)?.is_none().then_some(self))
    }

    /// The same where nobody can ask the server.
    pub(super) fn known(parameters: &[&(dyn ToSql + Sync)]) -> Result<Self, Error> {
        let mut encoded = Self::default();
        match encoded.fill(parameters)? {
            None => Ok(encoded),
            Some(number) => Err(Error::Parameter {
                number,
                cause: "its type is not built in: prepare the statement".into(),
            }),
        }
    }

    /// Takes the values; gives the number of the first that stands for no built-in type.
    fn fill(&mut self, parameters: &[&(dyn ToSql + Sync)]) -> Result<Option<usize>, Error> {
        self.clear(parameters.len());
        for (number, parameter) in (1..).zip(parameters) {
            let failed = |cause| Error::Parameter { number, cause };
            if !self.guess(*parameter).map_err(failed)? {
                return Ok(Some(number));
            }
        }
        Ok(None)
    }

    /// The values as these types, in the room that others had.
    pub(super) fn typed(mut self, parameters: &[&(dyn ToSql + Sync)], types: &[Type]) -> Result<Self, Error> {
        if parameters.len() != types.len() {
            return Err(Error::ParameterCount {
                given: parameters.len(),
                expected: types.len(),
            });
        }
        self.clear(parameters.len());
        for (number, (parameter, type_)) in (1..).zip(parameters.iter().zip(types)) {
            let failed = |cause| Error::Parameter { number, cause };
            self.convert(*parameter, type_).map_err(failed)?;
        }
        Ok(self)
    }

    /// Forgets the values, and has room for so many others.
    fn clear(&mut self, count: usize) {
        self.bytes.clear();
        self.parameters.clear();
        self.parameters.reserve_exact(count);
    }

    /// Whether its room is worth being kept.
    pub(super) fn is_small(&self) -> bool {
        self.bytes.capacity() <= SMALL && self.parameters.capacity() <= SMALL
    }

    /// Refuses what a Parse and Bind cannot carry, together with `more` bytes of the statement.
    pub(super) fn check_size(&self, more: usize) -> Result<(), Error> {
        let count = self.parameters.len();
        let bytes = self.bytes.len() + count * 8 + more;
        if count > usize::from(u16::MAX) || bytes > LONGEST {
            return Err(Error::Parameter {
                number: count,
                cause: format!("{count} parameters of {bytes} bytes are too many").into(),
            });
        }
        Ok(())
    }

    /// Adds a value as the first type that it accepts; tells whether there is one.
    fn guess(&mut self, parameter: &(dyn ToSql + Sync)) -> Result<bool, Cause> {
        for type_ in &CANDIDATES {
            let text = *type_ == Type::TEXT;
            let format = if text { Format::Text } else { Format::Binary };
            let oid = if text { 0 } else { type_.oid() };
            if self.add(parameter, type_, oid, format)?.is_none() {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Adds a value as a type, or else as one that does as well: what a domain is made of, or text, which the server
    /// converts.
    fn convert(&mut self, parameter: &(dyn ToSql + Sync), type_: &Type) -> Result<(), Cause> {
        let format = match parameter.encode_format(type_) {
            postgres_types::Format::Text => Format::Text,
            postgres_types::Format::Binary => Format::Binary,
        };
        let Some(refusal) = self.add(parameter, type_, type_.oid(), format)? else {
            return Ok(());
        };
        let mut domain = type_;
        while let Kind::Domain(base) = domain.kind() {
            if self.add(parameter, base, type_.oid(), format)?.is_none() {
                return Ok(());
            }
            domain = base;
        }
        match self.add(parameter, &Type::TEXT, type_.oid(), Format::Text)? {
            None => Ok(()),
            Some(_) => Err(refusal),
        }
    }

    /// Adds a value; gives its refusal if it does not accept the type. A value that fails otherwise fails all.
    fn add(
        &mut self,
        parameter: &(dyn ToSql + Sync),
        type_: &Type,
        type_oid: u32,
        format: Format,
    ) -> Result<Option<Cause>, Cause> {
        let start = self.bytes.len();
        match parameter.to_sql_checked(type_, &mut self.bytes) {
            Ok(is_null) => {
                self.parameters.push(Parameter {
                    end: match is_null {
                        IsNull::No => Some(self.bytes.len()),
                        IsNull::Yes => None,
                    },
                    type_oid,
                    format,
                });
                Ok(None)
            }
            Err(error) => {
                self.bytes.truncate(start);
                if error.is::<WrongType>() {
                    Ok(Some(error))
                } else {
                    Err(error)
                }
            }
        }
    }

    /// Their types, in order; 0 for one that the server has to find out.
    pub(super) fn types(&self) -> Vec<u32> {
        self.parameters
            .iter()
            .map(|parameter| parameter.type_oid)
            .collect()
    }

    /// Their formats, as a Bind tells them: one for all where that will do.
    pub(super) fn formats(&self) -> Cow<'static, [Format]> {
        let formats = self.parameters.iter().map(|parameter| parameter.format);
        if formats.clone().all(|format| format == Format::Binary) {
            BINARY.into()
        } else if formats.clone().all(|format| format == Format::Text) {
            [].as_slice().into()
        } else {
            formats.collect()
        }
    }

    /// Their values, in order.
    pub(super) fn values(&self) -> Vec<Option<&[u8]>> {
        let mut start = 0;
        self.parameters
            .iter()
            .map(|parameter| {
                let end = parameter.end?;
                let value = self.bytes.get(start..end);
                start = end;
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
        let encoded = Encoded::default()
            .guessed(&[
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
            .unwrap()
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
        assert_eq!(encoded.types(), oids);
        let values = encoded.values();
        assert_eq!(values[0], Some(&41_i32.to_be_bytes()[..]));
        assert_eq!(values[1], Some(&b"text"[..]));
        assert_eq!(values[2], None);
        assert_eq!(values[3], Some(&[1_u8][..]));
        assert_eq!(values[5], Some(&b"own"[..]));
        assert_eq!(values[8], Some(&[1_u8, 2][..]));
    }
}
