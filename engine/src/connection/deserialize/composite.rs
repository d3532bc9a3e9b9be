//! Composites, and records without a type.

use dblink_protocol::wire::Format;
use postgres_types::{Field, Kind, Type};
use serde_core::de::value::StrDeserializer;
use serde_core::de::{DeserializeSeed, MapAccess, SeqAccess, Visitor};

use super::failure::{Failure, malformed, take, take_value};
use super::value::Value;

/// A composite in binary format, or what is left of it.
#[derive(Debug)]
pub(super) struct Composite<'a, 't> {
    /// None for a record, whose attributes have no names.
    fields: Option<&'t [Field]>,
    count: usize,
    /// How many attributes were read.
    read: usize,
    bytes: &'a [u8],
}

impl<'a, 't> Composite<'a, 't> {
    pub(super) fn read(fields: &'t [Field], bytes: &'a [u8]) -> Result<Self, Failure> {
        let composite = Self::read_record(bytes)?;
        if composite.count != fields.len() {
            return Err(Failure::new(format!(
                "it has {} attributes, and its type had {} when it was looked up: see Connection::forget_types",
                composite.count,
                fields.len()
            )));
        }
        Ok(Self {
            fields: Some(fields),
            ..composite
        })
    }

    pub(super) fn read_record(mut bytes: &'a [u8]) -> Result<Self, Failure> {
        let count = i32::from_be_bytes(take(&mut bytes)?);
        Ok(Self {
            fields: None,
            count: usize::try_from(count).map_err(|_| malformed())?,
            read: 0,
            bytes,
        })
    }

    pub(super) fn visit_map<V: Visitor<'a>>(self, visitor: V) -> Result<V::Value, Failure> {
        match self.fields {
            Some(_) => visitor.visit_map(self),
            None => self.visit_seq(visitor),
        }
    }

    pub(super) fn visit_seq<V: Visitor<'a>>(mut self, visitor: V) -> Result<V::Value, Failure> {
        let value = visitor.visit_seq(&mut self)?;
        if self.read < self.count {
            return Err(Failure::new(format!(
                "it has {} attributes, where {} were expected",
                self.count, self.read
            )));
        }
        Ok(value)
    }

    fn field(&self) -> Option<&'t Field> {
        self.fields?.get(self.read)
    }

    fn attribute<S: DeserializeSeed<'a>>(&mut self, seed: S) -> Result<S::Value, Failure> {
        let oid = u32::from_be_bytes(take(&mut self.bytes)?);
        let bytes = take_value(&mut self.bytes)?;
        let field = self.field();
        self.read += 1;
        match field {
            Some(field) => seed
                .deserialize(Value::new(field.type_(), Format::Binary, bytes))
                .map_err(|failure| failure.within(format_args!("attribute \"{}\"", field.name()))),
            None => {
                let type_ = Type::from_oid(oid)
                    .unwrap_or_else(|| Type::new(format!("oid {oid}"), oid, Kind::Simple, String::new()));
                seed.deserialize(Value::new(&type_, Format::Binary, bytes))
                    .map_err(|failure| failure.within(format_args!("attribute {}", self.read)))
            }
        }
    }
}

impl<'a> MapAccess<'a> for Composite<'a, '_> {
    type Error = Failure;

    fn next_key_seed<K: DeserializeSeed<'a>>(&mut self, seed: K) -> Result<Option<K::Value>, Failure> {
        let field = self.field();
        field
            .map(|field| seed.deserialize(StrDeserializer::new(field.name())))
            .transpose()
    }

    fn next_value_seed<V: DeserializeSeed<'a>>(&mut self, seed: V) -> Result<V::Value, Failure> {
        self.attribute(seed)
    }
}

impl<'a> SeqAccess<'a> for Composite<'a, '_> {
    type Error = Failure;

    fn next_element_seed<T: DeserializeSeed<'a>>(&mut self, seed: T) -> Result<Option<T::Value>, Failure> {
        if self.read >= self.count {
            return Ok(None);
        }
        self.attribute(seed).map(Some)
    }
}
