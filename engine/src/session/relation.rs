//! Relations of the local database, as `dblink_get_pkey` and the statement builders need them.

use dblink_protocol::SqlState;
use dblink_sqlgen::{Column, ColumnKind, Relation};

use super::time::Time;
use super::{Error, Session};
use crate::connection::{self, Connection, OwnedRow};

/// From which version on a relation that cannot be read is told in these words.
const CANNOT_OPEN_VERSION: u32 = 16;

/// A relation by its name. That it is not there, and what is wrong with the name, is the server's to say.
const RELATION: &str = "\
    SELECT c.oid, c.relname::pg_catalog.text, n.nspname::pg_catalog.text, c.relkind, \
        pg_catalog.pg_table_is_visible(c.oid), pg_catalog.has_table_privilege(c.oid, 'SELECT') \
    FROM pg_catalog.pg_class c \
    JOIN pg_catalog.pg_namespace n ON n.oid OPERATOR(pg_catalog.=) c.relnamespace \
    WHERE c.oid OPERATOR(pg_catalog.=) $1::pg_catalog.text::pg_catalog.regclass";

/// The schema in a relation's name, if that is not there. The server cuts it as it does all names.
const MISSING_SCHEMA: &str = "\
    SELECT names.schema::pg_catalog.text FROM ( \
        SELECT parts[pg_catalog.cardinality(parts) OPERATOR(pg_catalog.-) 1]::pg_catalog.name \
        FROM pg_catalog.parse_ident($1::pg_catalog.text) AS parts \
        WHERE pg_catalog.cardinality(parts) OPERATOR(pg_catalog.>) 1) AS names(schema) \
    WHERE NOT EXISTS ( \
        SELECT FROM pg_catalog.pg_namespace n \
        WHERE n.nspname OPERATOR(pg_catalog.=) names.schema \
            OR names.schema OPERATOR(pg_catalog.=) 'pg_temp' AND n.oid OPERATOR(pg_catalog.=) pg_catalog.pg_my_temp_schema())";

/// The columns of a relation that were not dropped, in order.
///
/// PostgreSQL manual: [pg_attribute](https://www.postgresql.org/docs/current/catalog-pg-attribute.html).
const COLUMNS: &str = "\
    SELECT a.attname::pg_catalog.text, a.attgenerated, a.attidentity, a.attnotnull \
    FROM pg_catalog.pg_attribute a \
    WHERE a.attrelid OPERATOR(pg_catalog.=) $1 AND a.attnum OPERATOR(pg_catalog.>) 0 AND NOT a.attisdropped \
    ORDER BY a.attnum";

/// A relation that was found, and may be read.
pub(super) struct Found {
    pub(super) oid: u32,
    name: String,
    /// None if the name alone finds it.
    schema: Option<String>,
}

impl Session {
    /// The local connection, with so much time for the next call.
    pub(super) fn local_within(&mut self, time: Time) -> Result<&mut Connection, Error> {
        let local = self.local.as_mut().ok_or(Error::NoLocal)?;
        local.limit_next(time.left());
        Ok(local)
    }

    /// Finds a relation of the local database that may be read.
    pub(super) async fn find_relation(&mut self, name: &str, time: Time) -> Result<Found, Error> {
        let version = self.local_version();
        let local = self.local_within(time)?;
        let spelling = spelling(name);
        let row = match local.query_one(RELATION, &[&spelling]).await {
            Ok(row) => row,
            Err(error) => return Err(self.missing(error, &spelling, time).await),
        };
        let (found, kind, readable) = read(&row).map_err(Error::Local)?;
        if let Some(kind) = unreadable(kind, version) {
            return Err(Error::NoTable {
                relation: found.name,
                kind,
                old: version < CANNOT_OPEN_VERSION,
            });
        }
        if !readable {
            return Err(Error::RelationForbidden {
                relation: found.name,
                kind: kind_name(kind),
            });
        }
        Ok(found)
    }

    /// Why a relation was not found. Newer servers do not say that it is its schema that is missing; dblink always does.
    async fn missing(&mut self, error: connection::Error, name: &str, time: Time) -> Error {
        if error.sqlstate() == SqlState::UNDEFINED_TABLE
            && let Ok(local) = self.local_within(time)
            && let Ok(Some(row)) = local.query_opt(MISSING_SCHEMA, &[&name]).await
            && let Ok(schema) = row.get(0)
        {
            return Error::NoSchema { schema };
        }
        Error::Local(error)
    }

    /// Describes a relation for the statement builders.
    pub(super) async fn describe(&mut self, found: &Found, time: Time) -> Result<Relation, Error> {
        let local = self.local_within(time)?;
        let rows = local
            .query_all(COLUMNS, &[&found.oid])
            .await
            .map_err(Error::Local)?;
        let mut columns = Vec::with_capacity(rows.len());
        for row in &rows {
            let read = || {
                Ok((
                    row.get::<&str>(0)?,
                    row.get::<i8>(1)?,
                    row.get::<i8>(2)?,
                    row.get::<bool>(3)?,
                ))
            };
            let (name, generated, identity, not_null) = read().map_err(Error::Local)?;
            let kind = match (code(generated), code(identity)) {
                (b'\0', b'a') => ColumnKind::IdentityAlways,
                (b'\0', _) => ColumnKind::Ordinary,
                _ => ColumnKind::Generated,
            };
            let column = Column::new(name)
                .map_err(|error| Error::Build(error.into()))?
                .with_kind(kind);
            columns.push(if not_null { column.not_null() } else { column });
        }
        Relation::new(found.schema.as_deref(), &found.name, columns)
            .map_err(|error| Error::Build(error.into()))
    }
}

/// A name that `regclass` does not take for a number, or for nothing.
fn spelling(name: &str) -> String {
    let text = name.trim();
    let number = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if number || text == "-" {
        return format!("\"{text}\"");
    }
    name.to_owned()
}

fn read(row: &OwnedRow) -> Result<(Found, u8, bool), connection::Error> {
    let visible: bool = row.get(4)?;
    let schema: String = row.get(2)?;
    let found = Found {
        oid: row.get(0)?,
        name: row.get(1)?,
        schema: Some(schema).filter(|_| !visible),
    };
    Ok((found, code(row.get(3)?), row.get(5)?))
}

/// The catalog's one-letter codes.
const fn code(value: i8) -> u8 {
    value.cast_unsigned()
}

/// What a relation is that has no rows to be read.
const fn unreadable(kind: u8, version: u32) -> Option<&'static str> {
    match kind {
        b'i' => Some("index"),
        // Up to then they made no difference.
        b'I' if version < CANNOT_OPEN_VERSION => Some("index"),
        b'I' => Some("partitioned index"),
        b'c' => Some("composite type"),
        _ => None,
    }
}

/// What a relation is called where permission is denied.
const fn kind_name(kind: u8) -> &'static str {
    match kind {
        b'v' => "view",
        b'm' => "materialized view",
        b'S' => "sequence",
        b'f' => "foreign table",
        _ => "table",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_a_name() {
        assert_eq!(spelling("123"), "\"123\"");
        assert_eq!(spelling(" 7 "), "\"7\"");
        assert_eq!(spelling("-"), "\"-\"");
        for name in ["t", "", " ", "1a", "public.1"] {
            assert_eq!(spelling(name), name);
        }
    }
}
