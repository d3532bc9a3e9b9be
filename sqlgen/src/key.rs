//! The columns that say which row is meant.

use crate::error::BuildError;
use crate::relation::{Column, Relation};
use crate::values::Values;

/// Columns of a relation: at least one, in the order in which their values come.
#[derive(Debug, Clone)]
pub(crate) struct Key<'r> {
    /// Each with its position in a row, from 0.
    columns: Vec<(usize, &'r Column)>,
}

impl<'r> Key<'r> {
    /// The columns with the first `n` of these numbers, which count from 1. Less is taken if there are less.
    pub(crate) fn from_attnums(relation: &'r Relation, attnums: &[i16], n: i32) -> Result<Self, BuildError> {
        let count = usize::try_from(n).unwrap_or_default();
        let columns = attnums.iter().take(count).map(|&attnum| {
            let position = usize::try_from(attnum)
                .ok()
                .and_then(|attnum| attnum.checked_sub(1));
            position
                .and_then(|position| Some((position, relation.columns().get(position)?)))
                .ok_or(BuildError::InvalidAttributeNumber(attnum))
        });
        Self::from_columns(columns)
    }

    /// The columns with these names.
    pub(crate) fn from_names(relation: &'r Relation, names: &[&str]) -> Result<Self, BuildError> {
        Self::from_columns(names.iter().map(|&name| {
            let mut columns = relation.numbered();
            columns
                .find(|(_, column)| column.name() == name)
                .ok_or_else(|| BuildError::UndefinedColumn(name.to_owned()))
        }))
    }

    fn from_columns(
        columns: impl Iterator<Item = Result<(usize, &'r Column), BuildError>>,
    ) -> Result<Self, BuildError> {
        let columns: Vec<_> = columns.collect::<Result<_, _>>()?;
        // Without a condition a statement is about all rows.
        if columns.is_empty() {
            return Err(BuildError::NoKeyAttributes);
        }
        Ok(Self { columns })
    }

    /// How many columns it has.
    pub(crate) const fn len(&self) -> usize {
        self.columns.len()
    }

    /// Which of its values belongs to the column at this position of a row: the first one if the column is named twice.
    pub(crate) fn position(&self, of: usize) -> Option<usize> {
        self.columns.iter().position(|&(position, _)| position == of)
    }

    /// Its columns.
    pub(crate) fn columns(&self) -> impl Iterator<Item = &'r Column> {
        self.columns.iter().map(|&(_, column)| column)
    }

    /// Its values in a row of the relation.
    pub(crate) fn values_of<'v, V>(&self, row: &'v [V]) -> impl Iterator<Item = &'v V> {
        self.columns.iter().filter_map(|&(position, _)| row.get(position))
    }

    /// Appends ` WHERE a = … AND b IS NULL`.
    pub(crate) fn push_where<'v, V: 'v>(
        &self,
        text: &mut String,
        key: impl Iterator<Item = &'v V>,
        values: &mut impl Values<'v, V>,
    ) -> Result<(), BuildError> {
        for (number, (column, value)) in self.columns().zip(key).enumerate() {
            text.push_str(if number == 0 { " WHERE " } else { " AND " });
            text.push_str(column.quoted_name());
            values.push_equal(text, column, value)?;
        }
        Ok(())
    }
}

/// Appends the columns' names with this between them.
pub(crate) fn push_names<'r>(text: &mut String, columns: impl Iterator<Item = &'r Column>, separator: &str) {
    for (number, column) in columns.enumerate() {
        text.push_str(if number == 0 { "" } else { separator });
        text.push_str(column.quoted_name());
    }
}
