//! Arrays.

use dblink_protocol::conversation::Values;
use dblink_protocol::wire::Format;
use postgres_types::Type;
use serde_core::de::{DeserializeSeed, Deserializer, SeqAccess, Visitor};
use serde_core::forward_to_deserialize_any;

use super::failure::{Failure, malformed, take};
use super::value::Value;

/// How many dimensions PostgreSQL allows.
const DIMENSIONS: usize = 6;

/// An array in binary format.
#[derive(Debug)]
pub(super) struct Array<'a, 't> {
    element: &'t Type,
    /// The length of each dimension, none of which is 0; no dimension for an array without elements.
    lengths: Vec<usize>,
    values: Values<'a>,
}

impl<'a, 't> Array<'a, 't> {
    pub(super) fn read(element: &'t Type, mut bytes: &'a [u8]) -> Result<Self, Failure> {
        let dimensions = u32::from_be_bytes(take(&mut bytes)?);
        let dimensions = usize::try_from(dimensions).map_err(|_| malformed())?;
        // Whether there are nulls, and the type of the elements.
        take::<8>(&mut bytes)?;
        if dimensions > DIMENSIONS {
            return Err(malformed());
        }
        let mut lengths = Vec::with_capacity(dimensions);
        for _ in 0..dimensions {
            let length = i32::from_be_bytes(take(&mut bytes)?);
            take::<4>(&mut bytes)?;
            // With one of 0 the others could promise any number of nothings.
            let length = usize::try_from(length).ok().filter(|length| *length > 0);
            lengths.push(length.ok_or_else(malformed)?);
        }
        Ok(Self {
            element,
            lengths,
            values: Values::new(bytes),
        })
    }

    pub(super) fn visit<V: Visitor<'a>>(mut self, visitor: V) -> Result<V::Value, Failure> {
        let (first, inner) = match self.lengths.split_first() {
            Some((first, inner)) => (*first, inner),
            None => (0, &[][..]),
        };
        Dimension {
            element: self.element,
            left: first,
            inner,
            values: &mut self.values,
        }
        .visit(visitor)
    }
}

/// A dimension: elements, or sequences of them.
struct Dimension<'r, 'a, 't> {
    element: &'t Type,
    left: usize,
    /// The lengths of the dimensions inside it.
    inner: &'r [usize],
    values: &'r mut Values<'a>,
}

impl<'a> Dimension<'_, 'a, '_> {
    fn visit<V: Visitor<'a>>(mut self, visitor: V) -> Result<V::Value, Failure> {
        let value = visitor.visit_seq(&mut self)?;
        match self.left {
            0 => Ok(value),
            left => Err(Failure::new(format!(
                "it has {left} elements more than were expected"
            ))),
        }
    }
}

impl<'a> SeqAccess<'a> for Dimension<'_, 'a, '_> {
    type Error = Failure;

    fn next_element_seed<T: DeserializeSeed<'a>>(&mut self, seed: T) -> Result<Option<T::Value>, Failure> {
        let Some(left) = self.left.checked_sub(1) else {
            return Ok(None);
        };
        self.left = left;
        let value = match self.inner.split_first() {
            Some((first, inner)) => seed.deserialize(Dimension {
                element: self.element,
                left: *first,
                inner,
                values: self.values,
            }),
            None => {
                let bytes = self.values.next().ok_or_else(malformed)?;
                seed.deserialize(Value::new(self.element, Format::Binary, bytes))
            }
        };
        value.map(Some)
    }
}

impl<'de> Deserializer<'de> for Dimension<'_, 'de, '_> {
    type Error = Failure;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Failure> {
        self.visit(visitor)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Failure> {
        visitor.visit_some(self)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, Failure> {
        visitor.visit_newtype_struct(self)
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit unit_struct seq
        tuple tuple_struct map struct enum identifier ignored_any
    }
}
