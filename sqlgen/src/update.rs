//! UPDATE of one row.

use crate::error::BuildError;
use crate::key::Key;
use crate::relation::{Column, ColumnKind, Relation};
use crate::values::{Literals, Parameterized, Parameters, Values};

/// An UPDATE of the row with a key, made by [`Relation::update`].
///
/// ```
/// use dblink_sqlgen::{Column, Relation};
///
/// let columns = vec![Column::new("id")?.not_null(), Column::new("part")?, Column::new("name")?];
/// let city = Relation::new(None, "city", columns)?;
/// let update = city.update(&["part", "id"])?;
///
/// let row = [Some("1"), None, Some("Rome")];
/// let statement = update.with_parameters(&row)?;
/// assert_eq!(statement.text, "UPDATE city SET name = $1 WHERE part IS NOT DISTINCT FROM $2 AND id = $3");
/// assert_eq!(statement.values, [&Some("Rome"), &None, &Some("1")]);
///
/// assert_eq!(
///     update.with_literals(&row)?,
///     "UPDATE city SET name = 'Rome' WHERE part IS NULL AND id = '1'"
/// );
/// # Ok::<(), dblink_sqlgen::BuildError>(())
/// ```
///
/// PostgreSQL manual: [UPDATE](https://www.postgresql.org/docs/current/sql-update.html).
#[derive(Debug, Clone)]
#[must_use]
pub struct Update<'r> {
    relation: &'r Relation,
    key: Key<'r>,
}

impl Relation {
    /// An UPDATE of the row whose columns of these names have the values that the new row has there. It sets all others, but
    /// for the ones that only the server sets: generated columns, and identity columns that are `GENERATED ALWAYS`.
    ///
    /// # Errors
    ///
    /// SQLSTATE `42703` if there is no column with such a name; `22023` if there is no name.
    pub fn update(&self, key: &[&str]) -> Result<Update<'_>, BuildError> {
        Ok(Update {
            relation: self,
            key: Key::from_names(self, key)?,
        })
    }
}

impl Update<'_> {
    /// The statement for this row, which has a value for every column of the relation.
    ///
    /// # Errors
    ///
    /// SQLSTATE `42601` if the row has too few or too many values, or no column is set; `22021` if there is a zero byte in a
    /// value.
    pub fn with_literals(&self, row: &[Option<&str>]) -> Result<String, BuildError> {
        self.write(row, &mut Literals)
    }

    /// The statement with parameters for this row, which has a value for every column of the relation, of whatever type.
    ///
    /// # Errors
    ///
    /// SQLSTATE `42601` if the row has too few or too many values, or no column is set.
    pub fn with_parameters<'v, V>(&self, row: &'v [V]) -> Result<Parameterized<'v, V>, BuildError> {
        let mut parameters = Parameters::new();
        let text = self.write(row, &mut parameters)?;
        Ok(parameters.statement(text))
    }

    fn write<'v, V>(&self, row: &'v [V], values: &mut impl Values<'v, V>) -> Result<String, BuildError> {
        let row = self.relation.row_of(row)?;
        let set: Vec<_> = self
            .relation
            .numbered()
            .zip(row)
            .filter(|((position, column), _)| self.key.position(*position).is_none() && is_settable(column))
            .map(|((_, column), value)| (column, value))
            .collect();
        if set.is_empty() {
            return Err(BuildError::NoColumn);
        }
        let mut text = format!("UPDATE {}", self.relation.quoted_name());
        push_set(&mut text, set.into_iter(), values)?;
        self.key.push_where(&mut text, self.key.values_of(row), values)?;
        Ok(text)
    }
}

/// Whether an UPDATE can give the column a value.
pub(crate) fn is_settable(column: &Column) -> bool {
    column.kind() == ColumnKind::Ordinary
}

/// Appends ` SET a = …, b = …`.
pub(crate) fn push_set<'r, 'v, V: 'v>(
    text: &mut String,
    columns: impl Iterator<Item = (&'r Column, &'v V)>,
    values: &mut impl Values<'v, V>,
) -> Result<(), BuildError> {
    let mut separator = " SET ";
    for (column, value) in columns {
        text.push_str(separator);
        text.push_str(column.quoted_name());
        text.push_str(" = ");
        values.push(text, value)?;
        separator = ", ";
    }
    Ok(())
}
