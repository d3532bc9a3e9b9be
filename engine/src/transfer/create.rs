//! The target's table, where it is to be created.

use dblink_sqlgen::Quoted;

use super::plan::{Origin, quote_list};
use super::side::{End, Time};
use super::{Side, TableName, TransferError};
use crate::connection::{Columns, Error, Row};

/// The columns of a table, in order: names, types with their modifiers, whether they are NOT NULL, and their places in the
/// primary key.
///
/// A table's children may hold the values of its key again, and need not have its NOT NULLs where these are not inherited. One
/// that is not validated may not hold.
///
/// PostgreSQL manual: [pg_attribute](https://www.postgresql.org/docs/current/catalog-pg-attribute.html),
/// [pg_constraint](https://www.postgresql.org/docs/current/catalog-pg-constraint.html).
const COLUMNS: &str = "\
    SELECT a.attname::pg_catalog.text, pg_catalog.format_type(a.atttypid, NULL), a.atttypmod, \
        a.attnotnull AND NOT EXISTS (SELECT FROM pg_catalog.pg_constraint n \
            WHERE n.conrelid OPERATOR(pg_catalog.=) c.oid AND n.contype OPERATOR(pg_catalog.=) 'n' \
            AND n.conkey OPERATOR(pg_catalog.=) ARRAY[a.attnum] AND (n.connoinherit OR NOT n.convalidated)), \
        pg_catalog.array_position(k.conkey, a.attnum) \
    FROM pg_catalog.pg_class c \
    JOIN pg_catalog.pg_attribute a ON a.attrelid OPERATOR(pg_catalog.=) c.oid \
        AND a.attnum OPERATOR(pg_catalog.>) 0 AND NOT a.attisdropped \
    LEFT JOIN pg_catalog.pg_constraint k ON k.conrelid OPERATOR(pg_catalog.=) c.oid \
        AND k.contype OPERATOR(pg_catalog.=) 'p' AND (c.relkind OPERATOR(pg_catalog.=) 'p' OR NOT EXISTS \
            (SELECT FROM pg_catalog.pg_inherits i WHERE i.inhparent OPERATOR(pg_catalog.=) c.oid)) \
    WHERE c.oid OPERATOR(pg_catalog.=) ($1::pg_catalog.text::pg_catalog.regclass)::pg_catalog.oid \
    ORDER BY a.attnum";

/// The names of types, without modifiers.
const TYPE_NAMES: &str = "\
    SELECT pg_catalog.array_agg(pg_catalog.format_type(t.type, NULL) ORDER BY t.place) \
    FROM pg_catalog.unnest($1::pg_catalog.oid[]) WITH ORDINALITY AS t (type, place)";

/// What the types of these names are called here, with their modifiers; NULL where there is none.
const OWN_TYPE_NAMES: &str = "\
    SELECT pg_catalog.array_agg( \
        pg_catalog.format_type(pg_catalog.to_regtype(t.name)::pg_catalog.oid, t.modifier) ORDER BY t.place) \
    FROM ROWS FROM (pg_catalog.unnest($1::pg_catalog.text[]), pg_catalog.unnest($2::pg_catalog.int4[])) \
        WITH ORDINALITY AS t (name, modifier, place)";

/// A column to be created.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Column {
    name: String,
    /// As the source shows it, without its modifier.
    type_name: String,
    type_modifier: i32,
    not_null: bool,
    /// Where it is in the primary key, counted from 1.
    key_place: Option<i32>,
}

/// A table that was created.
pub(super) struct Created {
    /// Its name, with a schema.
    pub(super) name: TableName,
    /// Its columns, which are those to be copied.
    pub(super) columns: Vec<String>,
}

/// Creates a table with the columns of what is copied: those `asked` for, else all.
pub(super) async fn create(
    time: &Time,
    source: &mut End<'_>,
    target: &mut End<'_>,
    origin: &Origin,
    into: TableName,
    asked: Option<Vec<String>>,
) -> Result<Created, TransferError> {
    let of_target = |error| time.error(Side::Target, error);
    let columns = match origin {
        Origin::Table(table) => chosen(of_table(time, source, table).await?, asked)?,
        Origin::Query(query) => named(of_query(time, source, query).await?, asked)?,
    };
    if columns.is_empty() {
        return Err(TransferError::NoColumns);
    }
    // A name without a schema could be found elsewhere than it was created, as in `pg_catalog` or among temporary tables.
    let name = match into.schema() {
        Some(_) => into,
        None => {
            let schema = target.value("SELECT pg_catalog.current_schema()::pg_catalog.text", &[]);
            let schema: Option<String> = schema.await.map_err(of_target)?;
            match schema {
                Some(schema) => TableName::from((schema.as_str(), into.name())),
                // The server says so.
                None => into,
            }
        }
    };
    let names: Vec<_> = columns.iter().map(|column| column.type_name.as_str()).collect();
    let modifiers: Vec<_> = columns.iter().map(|column| column.type_modifier).collect();
    // What the source says becomes a part of no statement, but what the target calls a type of its own.
    let types: Result<Vec<Option<String>>, _> = target.value(OWN_TYPE_NAMES, &[&names, &modifiers]).await;
    let types = types.map_err(of_target)?;
    let statement = statement(&name, &columns, types)?;
    let connection = target.connection().map_err(of_target)?;
    connection.execute(&statement, &[]).await.map_err(of_target)?;
    Ok(Created {
        name,
        columns: columns.into_iter().map(|column| column.name).collect(),
    })
}

async fn of_table(
    time: &Time,
    source: &mut End<'_>,
    table: &TableName,
) -> Result<Vec<Column>, TransferError> {
    let reading = async {
        let rows = source
            .connection()?
            .query_all(COLUMNS, &[&table.to_string()])
            .await?;
        let column = |row: Row<'_>| {
            Ok(Column {
                name: row.get(0)?,
                type_name: row.get(1)?,
                type_modifier: row.get(2)?,
                not_null: row.get(3)?,
                key_place: row.get(4)?,
            })
        };
        rows.iter().map(column).collect::<Result<_, Error>>()
    };
    reading.await.map_err(|error| time.error(Side::Source, error))
}

async fn of_query(time: &Time, source: &mut End<'_>, query: &str) -> Result<Vec<Column>, TransferError> {
    let of_source = |error| time.error(Side::Source, error);
    let described = source.columns_of(query).await.map_err(of_source)?;
    let described: Vec<_> = described.iter().flat_map(Columns::iter).collect();
    if described.is_empty() {
        return Ok(Vec::new());
    }
    let types: Vec<_> = described.iter().map(|column| column.type_().oid()).collect();
    let names: Vec<String> = source.value(TYPE_NAMES, &[&types]).await.map_err(of_source)?;
    let columns = described
        .into_iter()
        .zip(names)
        .map(|(column, type_name)| Column {
            name: column.name().to_owned(),
            type_name,
            type_modifier: column.type_modifier(),
            not_null: false,
            key_place: None,
        });
    Ok(columns.collect())
}

/// A table's columns of these names.
fn chosen(columns: Vec<Column>, asked: Option<Vec<String>>) -> Result<Vec<Column>, TransferError> {
    let Some(asked) = asked else {
        return Ok(columns);
    };
    let key = columns.iter().filter(|column| column.key_place.is_some());
    let has_key = key.clone().all(|column| asked.contains(&column.name));
    let mut chosen = Vec::new();
    let mut missing = Vec::new();
    for name in asked {
        match columns.iter().find(|column| column.name == name) {
            Some(column) => chosen.push(Column {
                key_place: column.key_place.filter(|_| has_key),
                ..column.clone()
            }),
            None => missing.push(name),
        }
    }
    if missing.is_empty() {
        return Ok(chosen);
    }
    Err(TransferError::MissingColumns {
        side: Side::Source,
        columns: missing,
    })
}

/// A query's columns under these names.
fn named(columns: Vec<Column>, asked: Option<Vec<String>>) -> Result<Vec<Column>, TransferError> {
    let Some(asked) = asked else {
        return Ok(columns);
    };
    if asked.len() != columns.len() {
        return Err(TransferError::ColumnCount {
            source_columns: columns.len(),
            target_columns: asked.len(),
        });
    }
    let renamed = columns
        .into_iter()
        .zip(asked)
        .map(|(column, name)| Column { name, ..column });
    Ok(renamed.collect())
}

/// `types` are the names that the target has for the columns' types.
fn statement(
    table: &TableName,
    columns: &[Column],
    types: Vec<Option<String>>,
) -> Result<String, TransferError> {
    let mut parts = Vec::new();
    let mut key = Vec::new();
    for (column, type_name) in columns.iter().zip(types) {
        let Some(type_name) = type_name else {
            return Err(TransferError::MissingType {
                column: column.name.clone(),
                type_name: column.type_name.clone(),
            });
        };
        let not_null = if column.not_null { " NOT NULL" } else { "" };
        parts.push(format!("{} {type_name}{not_null}", Quoted(&column.name)));
        key.extend(column.key_place.map(|place| (place, column.name.clone())));
    }
    if !key.is_empty() {
        key.sort_unstable();
        let names: Vec<_> = key.into_iter().map(|(_, name)| name).collect();
        parts.push(format!("PRIMARY KEY ({})", quote_list(&names)));
    }
    Ok(format!("CREATE TABLE {table} ({})", parts.join(", ")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn column(name: &str, key_place: Option<i32>) -> Column {
        Column {
            name: name.to_owned(),
            type_name: "integer".to_owned(),
            type_modifier: -1,
            not_null: key_place.is_some(),
            key_place,
        }
    }

    fn created(columns: &[Column]) -> String {
        let types = columns.iter().map(|_| Some("int".to_owned())).collect();
        statement(&TableName::from(("s", "t")), columns, types).unwrap()
    }

    #[test]
    fn a_key_is_in_its_own_order_and_whole() {
        let columns = vec![column("a", Some(2)), column("b\"", None), column("c", Some(1))];
        assert_eq!(
            created(&columns),
            r#"CREATE TABLE "s"."t" ("a" int NOT NULL, "b""" int, "c" int NOT NULL, PRIMARY KEY ("c", "a"))"#
        );
        let part = chosen(columns, Some(vec!["b\"".to_owned(), "a".to_owned()])).unwrap();
        assert_eq!(
            created(&part),
            r#"CREATE TABLE "s"."t" ("b""" int, "a" int NOT NULL)"#
        );
    }
}
