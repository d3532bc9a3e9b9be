//! The columns of a result, with their types.

use std::collections::HashMap;
use std::sync::{Arc, OnceLock};

use dblink_protocol::conversation;
use dblink_protocol::wire::Format;
use postgres_types::{Kind, Type};

use super::types::Types;

/// From how many columns on a name is looked up in a table. Comparing a few is faster.
const MANY: usize = 8;

/// The columns of a result, in order.
#[derive(Debug)]
pub struct Columns {
    columns: Box<[Column]>,
    /// Where each name is first, made when first needed.
    by_name: OnceLock<HashMap<Box<str>, usize>>,
    described: Arc<conversation::Columns>,
}

/// A column of a result.
#[derive(Debug, Clone)]
pub struct Column {
    name: Box<str>,
    type_: Type,
    type_modifier: i32,
    table_oid: u32,
    column_number: i16,
    format: Format,
    /// Its values are text as they come.
    textual: bool,
}

impl Columns {
    pub(super) fn new(described: Arc<conversation::Columns>, types: &Types) -> Self {
        let columns = described.iter().map(|field| {
            let type_ = types.get(field.type_oid);
            Column {
                name: field.name.to_string().into(),
                textual: field.format == Format::Text || is_text(&type_),
                type_,
                type_modifier: field.type_modifier,
                table_oid: field.table_oid,
                column_number: field.column_number,
                format: field.format,
            }
        });
        Self {
            columns: columns.collect(),
            by_name: OnceLock::new(),
            described,
        }
    }

    /// The same columns under other names, in order.
    pub(crate) fn renamed<'n>(&self, names: impl Iterator<Item = &'n str>) -> Self {
        let columns = self.columns.iter().zip(names).map(|(column, name)| Column {
            name: name.into(),
            ..column.clone()
        });
        Self {
            columns: columns.collect(),
            by_name: OnceLock::new(),
            described: Arc::clone(&self.described),
        }
    }

    /// One column of type `text`, of this name.
    pub(super) fn text(name: &str) -> Self {
        let field = dblink_protocol::backend::FieldDescription {
            name: name.into(),
            table_oid: 0,
            column_number: 0,
            type_oid: Type::TEXT.oid(),
            type_size: -1,
            type_modifier: -1,
            format: Format::Text,
        };
        let fields = dblink_protocol::backend::RowDescription { fields: vec![field] };
        Self::new(Arc::new((&fields).into()), &Types::default())
    }

    /// As the protocol has them.
    pub(super) const fn described(&self) -> &Arc<conversation::Columns> {
        &self.described
    }

    /// How many columns there are.
    pub const fn len(&self) -> usize {
        self.columns.len()
    }

    /// Whether there is no column, as in `SELECT` without a list.
    pub const fn is_empty(&self) -> bool {
        self.columns.is_empty()
    }

    /// The column at `index`, counted from 0.
    #[inline]
    pub fn get(&self, index: usize) -> Option<&Column> {
        self.columns.get(index)
    }

    /// The columns in order.
    pub fn iter(&self) -> std::slice::Iter<'_, Column> {
        self.columns.iter()
    }

    /// The number of the first column of that name, counted from 0.
    pub fn position(&self, name: &str) -> Option<usize> {
        if self.columns.len() <= MANY {
            return self.columns.iter().position(|column| *column.name == *name);
        }
        let by_name = self.by_name.get_or_init(|| {
            let columns = self.columns.iter().enumerate().rev();
            columns
                .map(|(index, column)| (column.name.clone(), index))
                .collect()
        });
        by_name.get(name).copied()
    }
}

impl<'a> IntoIterator for &'a Columns {
    type Item = &'a Column;
    type IntoIter = std::slice::Iter<'a, Column>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl Column {
    /// Its name. What is not UTF-8 in it is replaced by `U+FFFD`.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Its type.
    pub const fn type_(&self) -> &Type {
        &self.type_
    }

    /// Whether its type is known: built in, or looked up by the time the result began.
    pub(super) fn is_known(&self) -> bool {
        // Every type of the catalog has a schema.
        !self.type_.schema().is_empty()
    }

    /// What the type says besides, such as the length of a `varchar`; -1 for nothing.
    pub const fn type_modifier(&self) -> i32 {
        self.type_modifier
    }

    /// The table that it is a column of; none if it is computed.
    pub fn table_oid(&self) -> Option<u32> {
        Some(self.table_oid).filter(|oid| *oid != 0)
    }

    /// Its number in that table, counted from 1.
    pub fn column_number(&self) -> Option<i16> {
        Some(self.column_number).filter(|number| *number != 0)
    }

    /// Whether its values are text as they come, whatever the format.
    #[inline]
    pub(super) const fn is_textual(&self) -> bool {
        self.textual
    }

    /// The format that its values come in.
    pub const fn format(&self) -> Format {
        self.format
    }
}

/// Whether the binary format of a type is its text.
fn is_text(type_: &Type) -> bool {
    match type_.kind() {
        Kind::Enum(_) => true,
        Kind::Domain(base) => is_text(base),
        _ => matches!(
            *type_,
            Type::TEXT
                | Type::VARCHAR
                | Type::BPCHAR
                | Type::NAME
                | Type::UNKNOWN
                | Type::JSON
                | Type::XML
                | Type::REFCURSOR
        ),
    }
}

#[cfg(test)]
mod tests {
    use dblink_protocol::backend::{FieldDescription, RowDescription};

    use super::*;

    fn columns(names: &[String]) -> Columns {
        let fields = names.iter().map(|name| FieldDescription {
            name: name.as_str().into(),
            table_oid: 0,
            column_number: 3,
            type_oid: 23,
            type_size: 4,
            type_modifier: -1,
            format: Format::Binary,
        });
        let described = conversation::Columns::from(&RowDescription {
            fields: fields.collect(),
        });
        Columns::new(Arc::new(described), &Types::default())
    }

    #[test]
    fn names_are_found_whether_few_or_many() {
        for count in [0, 1, MANY, MANY + 1, 1600] {
            let names: Vec<_> = (0..count).map(|number| format!("c{number}")).collect();
            let columns = columns(&names);
            assert_eq!(columns.len(), count);
            for (number, name) in names.iter().enumerate() {
                assert_eq!(columns.position(name), Some(number), "of {count}");
            }
            assert_eq!(columns.position("C0"), None);
        }
    }

    #[test]
    fn the_first_of_a_name_is_found() {
        for count in [2, MANY + 1] {
            assert_eq!(columns(&vec!["a".to_owned(); count]).position("a"), Some(0));
        }
    }

    #[test]
    fn zero_means_no_table() {
        let columns = columns(&["a".to_owned()]);
        let column = columns.get(0).unwrap();
        assert_eq!((column.table_oid(), column.column_number()), (None, Some(3)));
        assert_eq!(*column.type_(), Type::INT4);
    }
}
