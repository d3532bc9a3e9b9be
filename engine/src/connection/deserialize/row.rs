//! A row as serde's data model.

use serde_core::de::{self, Deserializer, MapAccess, SeqAccess, Visitor};

use super::failure::Failure;
use super::value::Value;
use crate::connection::{Column, Columns, Row};
use dblink_protocol::conversation::Values;

/// A row whose columns are fields or elements, or whose only column is the value.
#[derive(Debug)]
pub(super) struct RowDeserializer<'a> {
    columns: &'a Columns,
    left: Columnwise<'a>,
}

/// The columns that are left, with their values.
#[derive(Debug)]
struct Columnwise<'a> {
    columns: std::slice::Iter<'a, Column>,
    values: Values<'a>,
    /// The column whose name was told last.
    current: Option<&'a Column>,
}

impl<'a> RowDeserializer<'a> {
    pub(super) fn new(row: &Row<'a>) -> Self {
        Self {
            columns: row.columns(),
            left: Columnwise {
                columns: row.columns().iter(),
                values: Values::new(row.as_bytes()),
                current: None,
            },
        }
    }

    /// What deserializes the only column.
    fn single<T>(mut self, read: impl FnOnce(Value<'a, 'a>) -> Result<T, Failure>) -> Result<T, Failure> {
        let count = self.columns.len();
        match self.left.columns.next() {
            Some(column) if count == 1 => self.left.value(column, read),
            _ => Err(Failure::new(format!(
                "it has {count} columns, where one was expected"
            ))),
        }
    }

    fn sequence<V: Visitor<'a>>(mut self, visitor: V) -> Result<V::Value, Failure> {
        let value = visitor.visit_seq(&mut self.left)?;
        match self.left.columns.len() {
            0 => Ok(value),
            left => Err(Failure::new(format!(
                "it has {} columns, where {} were expected",
                self.columns.len(),
                self.columns.len() - left
            ))),
        }
    }

    fn map<V: Visitor<'a>>(self, visitor: V) -> Result<V::Value, Failure> {
        let mut columns = self.columns.iter().enumerate();
        let twice = columns.find(|(index, column)| self.columns.position(column.name()) != Some(*index));
        match twice {
            Some((_, column)) => Err(Failure::new(format!(
                "two of its columns are named \"{}\"",
                column.name()
            ))),
            None => visitor.visit_map(self.left),
        }
    }
}

impl<'a> Columnwise<'a> {
    fn value<T>(
        &mut self,
        column: &'a Column,
        read: impl FnOnce(Value<'a, 'a>) -> Result<T, Failure>,
    ) -> Result<T, Failure> {
        let bytes = self.values.next().flatten();
        read(Value::new(column.type_(), column.format(), bytes))
            .map_err(|failure| failure.at_column(column.name()))
    }
}

impl<'a> MapAccess<'a> for Columnwise<'a> {
    type Error = Failure;

    fn next_key_seed<K: de::DeserializeSeed<'a>>(&mut self, seed: K) -> Result<Option<K::Value>, Failure> {
        self.current = self.columns.next();
        self.current
            .map(|column| seed.deserialize(de::value::BorrowedStrDeserializer::new(column.name())))
            .transpose()
    }

    fn next_value_seed<V: de::DeserializeSeed<'a>>(&mut self, seed: V) -> Result<V::Value, Failure> {
        match self.current.take() {
            Some(column) => self.value(column, |value| seed.deserialize(value)),
            None => Err(Failure::new("a value was asked for before its name")),
        }
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.columns.len())
    }
}

impl<'a> SeqAccess<'a> for Columnwise<'a> {
    type Error = Failure;

    fn next_element_seed<T: de::DeserializeSeed<'a>>(
        &mut self,
        seed: T,
    ) -> Result<Option<T::Value>, Failure> {
        let column = self.columns.next();
        column
            .map(|column| self.value(column, |value| seed.deserialize(value)))
            .transpose()
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.columns.len())
    }
}

macro_rules! of_the_only_column {
    ($($method:ident)*) => {
        $(fn $method<V: Visitor<'a>>(self, visitor: V) -> Result<V::Value, Failure> {
            self.single(|value| value.$method(visitor))
        })*
    };
}

impl<'a> Deserializer<'a> for RowDeserializer<'a> {
    type Error = Failure;

    of_the_only_column! {
        deserialize_bool deserialize_i8 deserialize_i16 deserialize_i32 deserialize_i64 deserialize_i128
        deserialize_u8 deserialize_u16 deserialize_u32 deserialize_u64 deserialize_u128
        deserialize_f32 deserialize_f64 deserialize_char deserialize_str deserialize_string
        deserialize_bytes deserialize_byte_buf deserialize_unit deserialize_identifier
    }

    fn deserialize_any<V: Visitor<'a>>(self, visitor: V) -> Result<V::Value, Failure> {
        self.map(visitor)
    }

    fn deserialize_map<V: Visitor<'a>>(self, visitor: V) -> Result<V::Value, Failure> {
        self.map(visitor)
    }

    fn deserialize_struct<V: Visitor<'a>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Failure> {
        // Two columns of a name that it does not have are nothing to it.
        visitor.visit_map(self.left)
    }

    fn deserialize_seq<V: Visitor<'a>>(self, visitor: V) -> Result<V::Value, Failure> {
        self.sequence(visitor)
    }

    fn deserialize_tuple<V: Visitor<'a>>(self, _: usize, visitor: V) -> Result<V::Value, Failure> {
        self.sequence(visitor)
    }

    fn deserialize_tuple_struct<V: Visitor<'a>>(
        self,
        _: &'static str,
        _: usize,
        visitor: V,
    ) -> Result<V::Value, Failure> {
        self.sequence(visitor)
    }

    fn deserialize_option<V: Visitor<'a>>(self, visitor: V) -> Result<V::Value, Failure> {
        let mut values = self.left.values.clone();
        match values.next() {
            Some(None) if self.columns.len() == 1 => visitor.visit_none(),
            _ => visitor.visit_some(self),
        }
    }

    fn deserialize_newtype_struct<V: Visitor<'a>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, Failure> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_unit_struct<V: Visitor<'a>>(
        self,
        name: &'static str,
        visitor: V,
    ) -> Result<V::Value, Failure> {
        self.single(|value| value.deserialize_unit_struct(name, visitor))
    }

    fn deserialize_enum<V: Visitor<'a>>(
        self,
        name: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Failure> {
        self.single(|value| value.deserialize_enum(name, variants, visitor))
    }

    fn deserialize_ignored_any<V: Visitor<'a>>(self, visitor: V) -> Result<V::Value, Failure> {
        visitor.visit_unit()
    }
}
