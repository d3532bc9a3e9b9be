//! The columns of a result.

use crate::backend::{FieldDescription, RowDescription};
use crate::wire::{Format, WireStr};

/// The columns of a result, as a RowDescription said; owned, and shared by all rows of the result.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Columns {
    /// All names, one behind the other.
    names: Box<[u8]>,
    columns: Box<[Column]>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Column {
    /// Where the name ends in `names`; it starts where the one before ends.
    name_end: usize,
    table_oid: u32,
    column_number: i16,
    type_oid: u32,
    type_size: i16,
    type_modifier: i32,
    format: Format,
}

impl Columns {
    /// How many columns there are.
    pub const fn len(&self) -> usize {
        self.columns.len()
    }

    /// Whether there is no column, as in `SELECT` without a list.
    pub const fn is_empty(&self) -> bool {
        self.columns.is_empty()
    }

    /// The column at `index`, counted from 0.
    pub fn get(&self, index: usize) -> Option<FieldDescription<'_>> {
        let column = self.columns.get(index)?;
        let start = match index.checked_sub(1) {
            Some(before) => self.columns.get(before)?.name_end,
            None => 0,
        };
        Some(FieldDescription {
            name: WireStr::new(self.names.get(start..column.name_end)?),
            table_oid: column.table_oid,
            column_number: column.column_number,
            type_oid: column.type_oid,
            type_size: column.type_size,
            type_modifier: column.type_modifier,
            format: column.format,
        })
    }

    /// The columns in order.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = FieldDescription<'_>> {
        let mut start = 0;
        self.columns.iter().map(move |column| {
            let name = self.names.get(start..column.name_end).unwrap_or_default();
            start = column.name_end;
            FieldDescription {
                name: WireStr::new(name),
                table_oid: column.table_oid,
                column_number: column.column_number,
                type_oid: column.type_oid,
                type_size: column.type_size,
                type_modifier: column.type_modifier,
                format: column.format,
            }
        })
    }

    /// The same columns with the formats that a Bind asked for: none for all text, one for all, or one each.
    ///
    /// Describing a statement cannot tell the formats, since they are chosen when it is bound.
    #[must_use]
    pub fn with_formats(mut self, formats: &[Format]) -> Self {
        for (index, column) in self.columns.iter_mut().enumerate() {
            column.format = match formats {
                [] => Format::Text,
                [all] => *all,
                each => each.get(index).copied().unwrap_or_default(),
            };
        }
        self
    }
}

impl From<&RowDescription<'_>> for Columns {
    fn from(description: &RowDescription<'_>) -> Self {
        let mut names = Vec::new();
        let columns = description.fields.iter().map(|field| {
            names.extend_from_slice(field.name.as_bytes());
            Column {
                name_end: names.len(),
                table_oid: field.table_oid,
                column_number: field.column_number,
                type_oid: field.type_oid,
                type_size: field.type_size,
                type_modifier: field.type_modifier,
                format: field.format,
            }
        });
        let columns = columns.collect();
        Self {
            names: names.into(),
            columns,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn field(name: &str, type_oid: u32) -> FieldDescription<'_> {
        FieldDescription {
            name: name.into(),
            table_oid: 1,
            column_number: 2,
            type_oid,
            type_size: 4,
            type_modifier: -1,
            format: Format::Text,
        }
    }

    #[test]
    fn gives_back_what_the_description_said() {
        let fields = vec![field("id", 23), field("", 25), field("name", 19)];
        let columns = Columns::from(&RowDescription {
            fields: fields.clone(),
        });
        assert_eq!(columns.len(), 3);
        assert_eq!(columns.iter().collect::<Vec<_>>(), fields);
        for (index, field) in fields.iter().enumerate() {
            assert_eq!(columns.get(index), Some(*field));
        }
        assert_eq!(columns.get(3), None);
        assert!(Columns::from(&RowDescription { fields: vec![] }).is_empty());
    }

    #[test]
    fn formats_are_none_one_or_each() {
        let columns = Columns::from(&RowDescription {
            fields: vec![field("a", 23), field("b", 25)],
        });
        let formats = |formats: &[Format]| {
            let columns = columns.clone().with_formats(formats);
            columns.iter().map(|field| field.format).collect::<Vec<_>>()
        };
        assert_eq!(formats(&[]), [Format::Text, Format::Text]);
        assert_eq!(formats(&[Format::Binary]), [Format::Binary, Format::Binary]);
        assert_eq!(
            formats(&[Format::Text, Format::Binary]),
            [Format::Text, Format::Binary]
        );
    }
}
