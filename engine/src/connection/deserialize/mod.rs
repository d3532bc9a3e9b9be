//! Rows and values as whatever [serde](https://serde.rs) can make of them.

mod array;
mod composite;
mod failure;
mod float;
mod network;
mod numeric;
mod range;
mod row;
mod text;
mod time;
mod value;

use failure::Failure;
use serde_core::Deserialize;

use self::row::RowDeserializer;
use super::{Error, OwnedRow, Row};

impl<'a> Row<'a> {
    /// The row as a value of any type that can be deserialized (needs the feature `serde`).
    ///
    /// A struct or a map gets the columns by their names; a tuple or a sequence by their positions, and must take them all;
    /// anything else is the value of the only column. A newtype is what is in it. What may be null is an `Option`.
    ///
    /// # Values
    ///
    /// - `bool`, `smallint`, `integer`, `bigint`, `oid`, `real`, `double precision`: as they are. What does not fit is refused,
    ///   an integer that a float cannot hold included. `money` is the number of its smallest unit.
    /// - `text`, `varchar`, `char(n)`, `name`, `xml`, and `bytea`: `&str` and `&[u8]` are lent. `bytea` is also a `Vec<u8>`.
    /// - `numeric`: its digits as a string, all of them; or any number that can hold it, a float being the nearest.
    /// - `json`, `jsonb`: whatever `serde_json` makes of it.
    /// - An enum: a unit variant of an enum, or a string. A domain: as what it is made of.
    /// - An array: a sequence; with several dimensions, sequences of sequences. Where its indexes begin is not told.
    /// - A composite: a struct or map by the names of its attributes, a tuple by their positions. A `record` is a tuple.
    /// - Ranges, dates and times, `interval`, `inet`, `cidr`, `macaddr`, `uuid`, `bit`, `pg_lsn`, geometric types: a string, as
    ///   PostgreSQL writes it with `DateStyle` `ISO` and `IntervalStyle` `postgres`. A `timestamptz` is in UTC: `+00`.
    /// - Of others, such as `tsvector`, cast to `text` in the statement.
    ///
    /// In [text format](Self#formats), as a simple query gives it, a value is parsed as what is asked for. Arrays and
    /// composites are only understood in binary format.
    ///
    /// ```
    /// # use dblink_engine::{connection::Connection, conninfo::{Conninfo, ProcessEnvironment}};
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let server = Conninfo::parse(dblink_tests::Cluster::shared().conninfo())?.resolve(&ProcessEnvironment)?;
    /// # let mut connection = Connection::connect(&server).await?;
    /// # connection.execute("create temp table person as select 7 as id, 'Ada' as name, date '1815-12-10' as born", &[]).await?;
    /// #[derive(serde::Deserialize)]
    /// struct Person<'a> {
    ///     id: i32,
    ///     name: &'a str,
    ///     born: Option<&'a str>,
    /// }
    ///
    /// let rows = connection.query_all("select id, name, born::text from person", &[]).await?;
    /// for row in &rows {
    ///     let person: Person<'_> = row.deserialize()?;
    ///     assert_eq!((person.id, person.name, person.born), (7, "Ada", Some("1815-12-10")));
    /// }
    /// let row = connection.query_one("select count(*), max(id) from person", &[]).await?;
    /// let (count, largest): (i64, Option<i32>) = row.deserialize()?;
    /// assert_eq!((count, largest), (1, Some(7)));
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// [`Error::Column`] (SQLSTATE `42804`) if a value is not what is asked for; [`Error::Row`] (`42804`) if the row is not:
    /// a field has no column, or two columns have the name of one field. A map does not take a row in which two columns have the
    /// same name.
    pub fn deserialize<T: Deserialize<'a>>(&self) -> Result<T, Error> {
        T::deserialize(RowDeserializer::new(self)).map_err(Failure::into_error)
    }
}

impl OwnedRow {
    /// The row as a value of any type that can be deserialized (needs the feature `serde`); see [`Row::deserialize`].
    ///
    /// # Errors
    ///
    /// As [`Row::deserialize`].
    pub fn deserialize<'a, T: Deserialize<'a>>(&'a self) -> Result<T, Error> {
        self.as_row().deserialize()
    }
}

#[cfg(test)]
mod tests {
    use dblink_protocol::wire::Format;
    use postgres_types::{Field, Kind, Type};
    use proptest::prelude::*;
    use serde_core::Deserialize;

    use super::failure::Failure;
    use super::value::Value;

    fn read<'a, T: Deserialize<'a>>(type_: &Type, format: Format, bytes: &'a [u8]) -> Result<T, Failure> {
        T::deserialize(Value::new(type_, format, Some(bytes)))
    }

    fn custom(kind: Kind) -> Type {
        Type::new("custom".to_owned(), 20_000, kind, "public".to_owned())
    }

    /// A type for each way of reading.
    fn types() -> Vec<Type> {
        let fields = vec![
            Field::new("a".to_owned(), Type::INT4),
            Field::new("b".to_owned(), Type::TEXT_ARRAY),
        ];
        let composite = custom(Kind::Composite(fields));
        // Every built-in type, and these.
        let mut types: Vec<_> = (0..5_100).filter_map(Type::from_oid).collect();
        types.extend([
            custom(Kind::Array(composite.clone())),
            custom(Kind::Domain(composite.clone())),
            custom(Kind::Range(Type::FLOAT4)),
            custom(Kind::Multirange(Type::NUMERIC)),
            custom(Kind::Enum(vec![])),
            custom(Kind::Simple),
            composite,
        ]);
        types
    }

    proptest! {
        /// Whatever a server sends is read, or refused, in a moment.
        #[test]
        fn any_bytes_are_read_or_refused(
            bytes in prop_oneof![
                prop::collection::vec(any::<u8>(), 0..64),
                // Small counts and lengths get further.
                prop::collection::vec(prop_oneof![Just(0_u8), Just(1), Just(4), Just(255), Just(127)], 0..64),
            ],
        ) {
            for type_ in types() {
                for format in [Format::Binary, Format::Text] {
                    drop(read::<serde_json::Value>(&type_, format, &bytes));
                    drop(read::<String>(&type_, format, &bytes));
                    drop(read::<Option<Vec<Option<i8>>>>(&type_, format, &bytes));
                    drop(read::<(f32, f64)>(&type_, format, &bytes));
                    drop(read::<f32>(&type_, format, &bytes));
                }
            }
        }
    }

    #[test]
    fn values_that_end_early_or_late_are_refused() {
        for (type_, bytes) in [
            (Type::BOOL, &b"\x02"[..]),
            (Type::INT4, b"\0\0\x01"),
            (Type::TIMESTAMP, b"\0\0\0\0\0\0\0\0\0"),
            (Type::NUMERIC, b"\0\x02\0\0\0\0\0\0\0\x01"),
            (Type::NUMERIC, b"\0\x01\0\0\0\x01\0\0\0\x01"),
            (Type::JSONB, b"\x02{}"),
            (Type::VARBIT, b"\0\0\0\x09\xff"),
            (Type::INET, b"\x02\x20\0\x04\x01\x02\x03"),
            (Type::INET, b"\x04\x20\0\x04\x01\x02\x03\x04"),
            (Type::TEXT, b"\xff"),
            // An array of no elements that says to have some; one of 2^31 - 1 times nothing.
            (
                Type::INT4_ARRAY,
                b"\0\0\0\x01\0\0\0\0\0\0\0\x17\0\0\0\x02\0\0\0\x01",
            ),
            (
                Type::INT4_ARRAY,
                b"\0\0\0\x02\0\0\0\0\0\0\0\x17\x7f\xff\xff\xff\0\0\0\x01\0\0\0\0\0\0\0\x01",
            ),
            (Type::INT4_ARRAY, b"\0\0\0\x07\0\0\0\0\0\0\0\x17"),
        ] {
            assert!(
                read::<serde_json::Value>(&type_, Format::Binary, bytes).is_err(),
                "{type_}"
            );
        }
    }

    #[test]
    fn a_composite_with_other_attributes_than_it_had_says_what_to_do() {
        let type_ = custom(Kind::Composite(vec![Field::new("a".to_owned(), Type::INT4)]));
        let failure = read::<serde_json::Value>(&type_, Format::Binary, b"\0\0\0\x02").unwrap_err();
        assert!(failure.to_string().contains("forget_types"), "{failure}");
    }
}
