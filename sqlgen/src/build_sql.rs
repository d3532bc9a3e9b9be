//! dblink's three statement builders.
//!
//! PostgreSQL manual: [`dblink_build_sql_insert`](https://www.postgresql.org/docs/current/contrib-dblink-build-sql-insert.html),
//! [`dblink_build_sql_delete`](https://www.postgresql.org/docs/current/contrib-dblink-build-sql-delete.html),
//! [`dblink_build_sql_update`](https://www.postgresql.org/docs/current/contrib-dblink-build-sql-update.html).

use crate::error::BuildError;
use crate::insert::{push_into, push_row};
use crate::key::{Key, push_names};
use crate::relation::Relation;
use crate::update::push_set;
use crate::values::Literals;

/// The INSERT that copies a row under another key, as `dblink_build_sql_insert` writes it.
///
/// `attnums` are the numbers of the key's columns, from 1 and in any order, of which the first `n` are taken; more are not
/// missed. `src` are the key's values in the row to be copied, `tgt` those in the copy. Both are in the order of `attnums`.
///
/// The caller reads the row: [`FromSource::query`] does, and [`FromSource::statement`] gives the INSERT. It has all columns,
/// generated ones too, which no server takes: [`Relation::insert`] leaves them out.
///
/// ```
/// use dblink_sqlgen::{Column, Relation, build_sql_insert};
///
/// let foo = Relation::new(None, "foo", vec![Column::new("f1")?, Column::new("f2")?, Column::new("f3")?])?;
/// let insert = build_sql_insert(&foo, &[1, 2], 2, &[Some("1"), Some("a")], &[Some("1"), Some("b'a")])?;
/// assert_eq!(insert.query(), "SELECT f1, f2, f3 FROM foo WHERE f1 = '1' AND f2 = 'a'");
///
/// let rows = [[Some("1"), Some("a"), None]];
/// assert_eq!(insert.statement(&rows)?, "INSERT INTO foo(f1,f2,f3) VALUES('1','b''a',NULL)");
/// # Ok::<(), dblink_sqlgen::BuildError>(())
/// ```
///
/// # Errors
///
/// SQLSTATE `22023` if `n` is not positive or a number is none of a column's; `2202E` if `src` or `tgt` has not one value for
/// each column of the key; `22021` if there is a zero byte in `src`.
pub fn build_sql_insert<'a>(
    relation: &'a Relation,
    attnums: &[i16],
    n: i32,
    src: &[Option<&str>],
    tgt: &'a [Option<&'a str>],
) -> Result<FromSource<'a>, BuildError> {
    FromSource::new(Kind::Insert, relation, attnums, n, src, tgt)
}

/// The UPDATE that makes one row like another, but for the key, as `dblink_build_sql_update` writes it.
///
/// As in [`build_sql_insert`], `src` finds the row whose values are taken, and `tgt` is the key of the row that gets them. The
/// UPDATE sets all columns, the key's and generated ones too.
///
/// ```
/// use dblink_sqlgen::{Column, Relation, build_sql_update};
///
/// let foo = Relation::new(None, "foo", vec![Column::new("f1")?, Column::new("f2")?])?;
/// let update = build_sql_update(&foo, &[1], 1, &[Some("1")], &[None])?;
/// assert_eq!(
///     update.statement(&[[Some("1"), Some("a")]])?,
///     "UPDATE foo SET f1 = NULL, f2 = 'a' WHERE f1 IS NULL"
/// );
/// # Ok::<(), dblink_sqlgen::BuildError>(())
/// ```
///
/// # Errors
///
/// As [`build_sql_insert`].
pub fn build_sql_update<'a>(
    relation: &'a Relation,
    attnums: &[i16],
    n: i32,
    src: &[Option<&str>],
    tgt: &'a [Option<&'a str>],
) -> Result<FromSource<'a>, BuildError> {
    FromSource::new(Kind::Update, relation, attnums, n, src, tgt)
}

/// The DELETE of the row with this key, as `dblink_build_sql_delete` writes it.
///
/// `attnums`, `n` and `tgt` are as in [`build_sql_insert`].
///
/// ```
/// use dblink_sqlgen::{Column, Relation, build_sql_delete};
///
/// let foo = Relation::new(None, "MyFoo", vec![Column::new("f1")?, Column::new("f2")?])?;
/// assert_eq!(
///     build_sql_delete(&foo, &[2, 1], 2, &[Some("1"), None])?,
///     r#"DELETE FROM "MyFoo" WHERE f2 = '1' AND f1 IS NULL"#
/// );
/// # Ok::<(), dblink_sqlgen::BuildError>(())
/// ```
///
/// # Errors
///
/// SQLSTATE `22023` if `n` is not positive or a number is none of a column's; `2202E` if `tgt` has not one value for each
/// column of the key; `22021` if there is a zero byte in `tgt`.
pub fn build_sql_delete(
    relation: &Relation,
    attnums: &[i16],
    n: i32,
    tgt: &[Option<&str>],
) -> Result<String, BuildError> {
    let key = Key::from_attnums(relation, attnums, n)?;
    if tgt.len() != key.len() {
        return Err(BuildError::TargetKeyLength);
    }
    let mut text = format!("DELETE FROM {}", relation.quoted_name());
    key.push_where(&mut text, tgt.iter(), &mut Literals)?;
    Ok(text)
}

/// A statement that lacks the values of its source row: made by [`build_sql_insert`] and [`build_sql_update`].
#[derive(Debug, Clone)]
pub struct FromSource<'a> {
    kind: Kind,
    relation: &'a Relation,
    key: Key<'a>,
    target: &'a [Option<&'a str>],
    query: String,
}

#[derive(Debug, Clone, Copy)]
enum Kind {
    Insert,
    Update,
}

impl<'a> FromSource<'a> {
    fn new(
        kind: Kind,
        relation: &'a Relation,
        attnums: &[i16],
        n: i32,
        src: &[Option<&str>],
        tgt: &'a [Option<&'a str>],
    ) -> Result<Self, BuildError> {
        let key = Key::from_attnums(relation, attnums, n)?;
        if src.len() != key.len() {
            return Err(BuildError::SourceKeyLength);
        }
        if tgt.len() != key.len() {
            return Err(BuildError::TargetKeyLength);
        }
        let mut query = "SELECT ".to_owned();
        push_names(&mut query, relation.columns().iter(), ", ");
        query.push_str(" FROM ");
        query.push_str(relation.quoted_name());
        key.push_where(&mut query, src.iter(), &mut Literals)?;
        Ok(Self {
            kind,
            relation,
            key,
            target: tgt,
            query,
        })
    }

    /// The SELECT that reads the source row: all columns, in the relation's order. Two rows are enough to be read.
    pub fn query(&self) -> &str {
        &self.query
    }

    /// The statement, from the rows that the query has given, with each value in the text that the server shows.
    ///
    /// # Errors
    ///
    /// SQLSTATE `21000` if there is no row, or more than one; `42601` if the row has not one value for each column; `22021` if
    /// there is a zero byte in a value.
    pub fn statement<'v>(&self, rows: &[impl AsRef<[Option<&'v str>]>]) -> Result<String, BuildError> {
        let row = match rows {
            [row] => self.relation.row_of(row.as_ref())?,
            [] => return Err(BuildError::SourceRowNotFound),
            _ => return Err(BuildError::AmbiguousSourceRow),
        };
        let values = row.iter().enumerate().map(|(position, value)| {
            let position = self.key.position(position);
            position
                .and_then(|position| self.target.get(position))
                .unwrap_or(value)
        });
        let columns = self.relation.columns().iter();
        let mut text = String::new();
        match self.kind {
            Kind::Insert => {
                push_into(&mut text, self.relation, "", columns);
                text.push_str(" VALUES");
                push_row(&mut text, values, &mut Literals)?;
            }
            Kind::Update => {
                text.push_str("UPDATE ");
                text.push_str(self.relation.quoted_name());
                push_set(&mut text, columns.zip(values), &mut Literals)?;
                self.key
                    .push_where(&mut text, self.target.iter(), &mut Literals)?;
            }
        }
        Ok(text)
    }
}
