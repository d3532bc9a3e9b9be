//! INSERT, also of many rows, and over rows that are there.

use crate::error::BuildError;
use crate::key::{Key, push_names};
use crate::relation::{Column, ColumnKind, Relation};
use crate::update::is_settable;
use crate::values::{Literals, Parameterized, Parameters, Values};

/// An INSERT of whole rows, made by [`Relation::insert`].
///
/// ```
/// use dblink_sqlgen::{Column, ColumnKind, Relation};
///
/// let columns = vec![
///     Column::new("id")?.not_null(),
///     Column::new("name")?,
///     Column::new("letters")?.with_kind(ColumnKind::Generated),
/// ];
/// let city = Relation::new(None, "city", columns)?;
/// let upsert = city.insert().on_conflict_update(&["id"])?;
///
/// // Values as values,
/// let row = ["1", "Rome", "4"];
/// let insert = upsert.with_parameters(&[&row])?;
/// assert_eq!(
///     insert.text,
///     "INSERT INTO city(id,name) VALUES($1,$2) ON CONFLICT (id) DO UPDATE SET name = excluded.name"
/// );
/// assert_eq!(insert.values, [&"1", &"Rome"]);
///
/// // or as text.
/// assert_eq!(
///     city.insert().with_literals(&[&[Some("1"), Some("L'Aquila"), None], &[Some("2"), None, None]])?,
///     "INSERT INTO city(id,name) VALUES('1','L''Aquila'),('2',NULL)"
/// );
/// # Ok::<(), dblink_sqlgen::BuildError>(())
/// ```
///
/// PostgreSQL manual: [INSERT](https://www.postgresql.org/docs/current/sql-insert.html).
#[derive(Debug, Clone)]
#[must_use]
pub struct Insert<'r> {
    relation: &'r Relation,
    keeps_identity: bool,
    conflict: Conflict<'r>,
}

/// What happens if there is such a row.
#[derive(Debug, Clone)]
enum Conflict<'r> {
    /// An error.
    Raise,
    /// Nothing.
    DoNothing,
    /// It gets the new row's values.
    Update(Key<'r>),
}

impl Relation {
    /// An INSERT of whole rows. Generated columns are left out: the server computes them.
    ///
    /// An identity column keeps its values. If it is `GENERATED ALWAYS`, the statement says `OVERRIDING SYSTEM VALUE`.
    pub const fn insert(&self) -> Insert<'_> {
        Insert {
            relation: self,
            keeps_identity: true,
            conflict: Conflict::Raise,
        }
    }
}

impl<'r> Insert<'r> {
    /// Leaves identity columns that are `GENERATED ALWAYS` out too, so that the server gives them new values.
    pub const fn without_identity(mut self) -> Self {
        self.keeps_identity = false;
        self
    }

    /// Leaves a row out that any unique constraint forbids: `ON CONFLICT DO NOTHING`.
    pub fn on_conflict_do_nothing(mut self) -> Self {
        self.conflict = Conflict::DoNothing;
        self
    }

    /// Updates the row instead, if one with the same `key` is there: `ON CONFLICT (…) DO UPDATE SET …`.
    ///
    /// These columns must be those of a unique index. All others are set, but for the ones that only the server sets. If there
    /// are none, there is nothing to be updated, and the statement says `ON CONFLICT (…) DO NOTHING`.
    ///
    /// # Errors
    ///
    /// SQLSTATE `42703` if there is no column with such a name; `22023` if there is no name.
    pub fn on_conflict_update(mut self, key: &[&str]) -> Result<Self, BuildError> {
        self.conflict = Conflict::Update(Key::from_names(self.relation, key)?);
        Ok(self)
    }

    /// The statement for these rows. Each has a value for every column of the relation; those of columns that are left out are
    /// not looked at.
    ///
    /// # Errors
    ///
    /// SQLSTATE `42601` if there is no row, a row has too few or too many values, or all columns are left out; `22021` if there
    /// is a zero byte in a value.
    pub fn with_literals(&self, rows: &[&[Option<&str>]]) -> Result<String, BuildError> {
        self.write(rows, &mut Literals)
    }

    /// The statement with parameters for these rows, which are as in [`with_literals`](Self::with_literals), of whatever type.
    ///
    /// # Errors
    ///
    /// SQLSTATE `42601` if there is no row, a row has too few or too many values, or all columns are left out; `54000` if there
    /// are more than 65535 values.
    pub fn with_parameters<'v, V>(&self, rows: &[&'v [V]]) -> Result<Parameterized<'v, V>, BuildError> {
        let mut parameters = Parameters::new();
        let text = self.write(rows, &mut parameters)?;
        Ok(parameters.statement(text))
    }

    fn write<'v, V>(&self, rows: &[&'v [V]], values: &mut impl Values<'v, V>) -> Result<String, BuildError> {
        if rows.is_empty() {
            return Err(BuildError::NoRow);
        }
        if self.columns().next().is_none() {
            return Err(BuildError::NoColumn);
        }
        let mut text = String::new();
        push_into(&mut text, self.relation, self.alias(), self.columns());
        let mut kinds = self.columns().map(Column::kind);
        if kinds.any(|kind| kind == ColumnKind::IdentityAlways) {
            text.push_str(" OVERRIDING SYSTEM VALUE");
        }
        for (number, row) in rows.iter().enumerate() {
            text.push_str(if number == 0 { " VALUES" } else { "," });
            let row = self.relation.columns().iter().zip(self.relation.row_of(row)?);
            let row = row.filter(|(column, _)| self.takes(column));
            push_row(&mut text, row.map(|(_, value)| value), values)?;
        }
        self.push_conflict(&mut text);
        Ok(text)
    }

    /// The columns that get values.
    fn columns(&self) -> impl Iterator<Item = &'r Column> {
        let columns = self.relation.columns().iter();
        columns.filter(|column| self.takes(column))
    }

    /// What follows the relation's name, so that `excluded` means one thing only.
    const fn alias(&self) -> &'static str {
        match self.conflict {
            Conflict::Update(_) if self.relation.is_excluded() => " AS target",
            _ => "",
        }
    }

    fn takes(&self, column: &Column) -> bool {
        match column.kind() {
            ColumnKind::Ordinary => true,
            ColumnKind::Generated => false,
            ColumnKind::IdentityAlways => self.keeps_identity,
        }
    }

    fn push_conflict(&self, text: &mut String) {
        let key = match &self.conflict {
            Conflict::Raise => return,
            Conflict::DoNothing => return text.push_str(" ON CONFLICT DO NOTHING"),
            Conflict::Update(key) => key,
        };
        text.push_str(" ON CONFLICT (");
        push_names(text, key.columns(), ",");
        text.push_str(") DO ");
        let columns = self.relation.numbered();
        let columns =
            columns.filter(|(position, column)| key.position(*position).is_none() && is_settable(column));
        let set: Vec<_> = columns
            .map(|(_, column)| format!("{0} = excluded.{0}", column.quoted_name()))
            .collect();
        if set.is_empty() {
            text.push_str("NOTHING");
        } else {
            text.push_str("UPDATE SET ");
            text.push_str(&set.join(", "));
        }
    }
}

/// Appends `INSERT INTO t(a,b)`.
pub(crate) fn push_into<'r>(
    text: &mut String,
    relation: &Relation,
    alias: &str,
    columns: impl Iterator<Item = &'r Column>,
) {
    text.push_str("INSERT INTO ");
    text.push_str(relation.quoted_name());
    text.push_str(alias);
    text.push('(');
    push_names(text, columns, ",");
    text.push(')');
}

/// Appends `(…,…)`.
pub(crate) fn push_row<'v, V: 'v>(
    text: &mut String,
    row: impl Iterator<Item = &'v V>,
    values: &mut impl Values<'v, V>,
) -> Result<(), BuildError> {
    let mut separator = '(';
    for value in row {
        text.push(separator);
        values.push(text, value)?;
        separator = ',';
    }
    text.push(')');
    Ok(())
}
