//! DELETE of one row.

use crate::error::BuildError;
use crate::key::Key;
use crate::relation::Relation;
use crate::values::{Literals, Parameterized, Parameters, Values};

/// A DELETE of the row with a key, made by [`Relation::delete`].
///
/// ```
/// use dblink_sqlgen::{Column, Relation};
///
/// let city = Relation::new(None, "city", vec![Column::new("id")?.not_null(), Column::new("name")?])?;
/// let delete = city.delete(&["id"])?;
/// assert_eq!(delete.with_parameters(&[7])?.text, "DELETE FROM city WHERE id = $1");
/// assert_eq!(delete.with_literals(&[Some("7")])?, "DELETE FROM city WHERE id = '7'");
/// # Ok::<(), dblink_sqlgen::BuildError>(())
/// ```
///
/// PostgreSQL manual: [DELETE](https://www.postgresql.org/docs/current/sql-delete.html).
#[derive(Debug, Clone)]
#[must_use]
pub struct Delete<'r> {
    relation: &'r Relation,
    key: Key<'r>,
}

impl Relation {
    /// A DELETE of the row whose columns of these names have certain values.
    ///
    /// # Errors
    ///
    /// SQLSTATE `42703` if there is no column with such a name; `22023` if there is no name.
    pub fn delete(&self, key: &[&str]) -> Result<Delete<'_>, BuildError> {
        Ok(Delete {
            relation: self,
            key: Key::from_names(self, key)?,
        })
    }
}

impl Delete<'_> {
    /// The statement for these values of the key's columns, in their order.
    ///
    /// # Errors
    ///
    /// SQLSTATE `42601` if there are too few or too many values; `22021` if there is a zero byte in one.
    pub fn with_literals(&self, key: &[Option<&str>]) -> Result<String, BuildError> {
        self.write(key, &mut Literals)
    }

    /// The statement with parameters for these values of the key's columns, in their order, of whatever type.
    ///
    /// # Errors
    ///
    /// SQLSTATE `42601` if there are too few or too many values.
    pub fn with_parameters<'v, V>(&self, key: &'v [V]) -> Result<Parameterized<'v, V>, BuildError> {
        let mut parameters = Parameters::new();
        let text = self.write(key, &mut parameters)?;
        Ok(parameters.statement(text))
    }

    fn write<'v, V>(&self, key: &'v [V], values: &mut impl Values<'v, V>) -> Result<String, BuildError> {
        if key.len() != self.key.len() {
            return Err(BuildError::ValueCount {
                expected: self.key.len(),
                found: key.len(),
            });
        }
        let mut text = format!("DELETE FROM {}", self.relation.quoted_name());
        self.key.push_where(&mut text, key.iter(), values)?;
        Ok(text)
    }
}
