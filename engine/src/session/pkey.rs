//! `dblink_get_pkey`, and the three builders of statements: `dblink_build_sql_insert`, `_delete` and `_update`.

use dblink_sqlgen::{FromSource, Relation, build_sql_delete, build_sql_insert, build_sql_update};

use super::time::Time;
use super::{Error, Session};
use crate::connection::{self, Connection, SimpleResult};

/// A column of a primary key.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct PkeyColumn {
    /// Its place in the key; the first is 1.
    pub position: i32,
    /// Its name.
    pub name: String,
    /// Its number among the relation's columns, as [`Attnums`] have it.
    pub attnum: i16,
}

/// Numbers of columns: dblink's `int2vector`.
#[derive(Debug, Clone, Copy)]
pub enum Attnums<'a> {
    /// The numbers.
    Numbers(&'a [i16]),
    /// As PostgreSQL writes them: `1 2`.
    Text(&'a str),
}

/// Values of columns, in text: dblink's `text[]`.
#[derive(Debug, Clone, Copy)]
pub enum Texts<'a> {
    /// The values.
    Values(&'a [Option<&'a str>]),
    /// The values, none of which is null.
    NotNull(&'a [&'a str]),
    /// As PostgreSQL writes them: `{1,NULL,"a b"}`. An array of several dimensions counts as one of one.
    Literal(&'a str),
}

impl<'a> From<&'a [i16]> for Attnums<'a> {
    fn from(numbers: &'a [i16]) -> Self {
        Self::Numbers(numbers)
    }
}

impl<'a, const N: usize> From<&'a [i16; N]> for Attnums<'a> {
    fn from(numbers: &'a [i16; N]) -> Self {
        Self::Numbers(numbers)
    }
}

impl<'a> From<&'a str> for Attnums<'a> {
    fn from(text: &'a str) -> Self {
        Self::Text(text)
    }
}

impl<'a> From<&'a [Option<&'a str>]> for Texts<'a> {
    fn from(values: &'a [Option<&'a str>]) -> Self {
        Self::Values(values)
    }
}

impl<'a, const N: usize> From<&'a [Option<&'a str>; N]> for Texts<'a> {
    fn from(values: &'a [Option<&'a str>; N]) -> Self {
        Self::Values(values)
    }
}

impl<'a> From<&'a [&'a str]> for Texts<'a> {
    fn from(values: &'a [&'a str]) -> Self {
        Self::NotNull(values)
    }
}

impl<'a, const N: usize> From<&'a [&'a str; N]> for Texts<'a> {
    fn from(values: &'a [&'a str; N]) -> Self {
        Self::NotNull(values)
    }
}

impl<'a> From<&'a str> for Texts<'a> {
    fn from(text: &'a str) -> Self {
        Self::Literal(text)
    }
}

/// The primary key of a relation, in the order of its index. Columns that the index only includes are none of it.
///
/// PostgreSQL manual: [pg_index](https://www.postgresql.org/docs/current/catalog-pg-index.html).
const PKEY: &str = "\
    SELECT k.position::pg_catalog.int4, a.attname::pg_catalog.text, ( \
        SELECT pg_catalog.count(*)::pg_catalog.int2 FROM pg_catalog.pg_attribute b \
        WHERE b.attrelid OPERATOR(pg_catalog.=) a.attrelid AND b.attnum OPERATOR(pg_catalog.>) 0 \
            AND b.attnum OPERATOR(pg_catalog.<=) a.attnum AND NOT b.attisdropped) \
    FROM pg_catalog.pg_index i, \
        pg_catalog.unnest(i.indkey::pg_catalog.int2[]) WITH ORDINALITY AS k(attnum, position) \
    JOIN pg_catalog.pg_attribute a ON a.attnum OPERATOR(pg_catalog.=) k.attnum \
    WHERE i.indrelid OPERATOR(pg_catalog.=) $1 AND i.indisprimary \
        AND k.position OPERATOR(pg_catalog.<=) i.indnkeyatts \
        AND a.attrelid OPERATOR(pg_catalog.=) i.indrelid \
    ORDER BY k.position";

/// The server reads its own spellings.
const ATTNUMS: &str = "SELECT $1::pg_catalog.text::pg_catalog.int2vector::pg_catalog.int2[]";
const TEXTS: &str = "\
    SELECT pg_catalog.array_agg(value ORDER BY number) \
    FROM pg_catalog.unnest($1::pg_catalog.text::pg_catalog.text[]) WITH ORDINALITY AS u(value, number)";

impl Session {
    /// `dblink_get_pkey`: the columns of the primary key of a relation of the *local* database, in the order of its index; none
    /// if there is no primary key.
    ///
    /// The name is one as in SQL: `sales.orders`, `"Odd Name"`.
    ///
    /// ```
    /// # use dblink_engine::{connection::Connection, conninfo::{Conninfo, ProcessEnvironment}, session::Session};
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let server = Conninfo::parse(dblink_tests::Cluster::shared().conninfo())?.resolve(&ProcessEnvironment)?;
    /// let local = Connection::connect(&server).await?;
    /// let mut session = Session::builder().local(local).build();
    /// for column in session.get_pkey("pg_catalog.pg_attribute").await? {
    ///     println!("{}: {}", column.position, column.name);
    /// }
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// Cancel-safe: it only reads.
    ///
    /// PostgreSQL manual: [dblink_get_pkey](https://www.postgresql.org/docs/current/contrib-dblink-get-pkey.html).
    ///
    /// # Errors
    ///
    /// [`Error::NoLocal`] (SQLSTATE `08003`); [`Error::Local`] with the local server's SQLSTATE: `42P01` for a relation that is
    /// not there, `42602` for what is no name; [`Error::NoSchema`] (`3F000`); [`Error::NoTable`] (`42809`);
    /// [`Error::RelationForbidden`] (`42501`).
    pub async fn get_pkey(&mut self, relation: &str) -> Result<Vec<PkeyColumn>, Error> {
        let time = Time::start(self.deadline);
        let found = self.find_relation(relation, time).await?;
        let local = self.local_within(time)?;
        let rows = local.query_all(PKEY, &[&found.oid]).await.map_err(Error::Local)?;
        let read = |row: connection::Row<'_>| {
            Ok(PkeyColumn {
                position: row.get(0)?,
                name: row.get(1)?,
                attnum: row.get(2)?,
            })
        };
        rows.iter()
            .map(read)
            .collect::<Result<_, _>>()
            .map_err(Error::Local)
    }

    /// `dblink_build_sql_insert`: the INSERT that copies a row of a *local* relation under another key.
    ///
    /// `attnums` are the numbers of the key's columns, as `SELECT *` counts them from 1, of which the first `n` are taken. `src`
    /// are the key's values in the row to be copied, `tgt` those in the copy.
    ///
    /// It has all columns, as in dblink: also generated ones, which no server takes. The crate
    /// [`dblink_sqlgen`](crate::sqlgen) has statements without them, with parameters, for many rows, and with `ON CONFLICT`.
    ///
    /// ```
    /// # use dblink_engine::{connection::Connection, conninfo::{Conninfo, ProcessEnvironment}, session::Session};
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let server = Conninfo::parse(dblink_tests::Cluster::shared().conninfo())?.resolve(&ProcessEnvironment)?;
    /// # let mut local = Connection::connect(&server).await?;
    /// # local.batch_execute("create temp table city (id int primary key, name text)").await?;
    /// # local.batch_execute("insert into city values (1, 'Paris')").await?;
    /// # let mut session = Session::builder().local(local).build();
    /// let insert = session.build_sql_insert("city", "1", 1, "{1}", "{2}").await?;
    /// assert_eq!(insert, "INSERT INTO city(id,name) VALUES('2','Paris')");
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// Cancel-safe: it only reads.
    ///
    /// PostgreSQL manual:
    /// [dblink_build_sql_insert](https://www.postgresql.org/docs/current/contrib-dblink-build-sql-insert.html).
    ///
    /// # Errors
    ///
    /// As [`get_pkey`](Self::get_pkey); [`Error::Build`] (SQLSTATE `22023`, `2202E`, `21000`) in dblink's words;
    /// [`Error::Local`] with `22P02` for a spelling or a value that the local server does not take.
    pub async fn build_sql_insert(
        &mut self,
        relation: &str,
        attnums: impl Into<Attnums<'_>>,
        n: i32,
        src: impl Into<Texts<'_>>,
        tgt: impl Into<Texts<'_>>,
    ) -> Result<String, Error> {
        let (attnums, src, tgt) = (attnums.into(), src.into(), tgt.into());
        self.build_from_source(build_sql_insert, relation, attnums, n, src, tgt)
            .await
    }

    /// `dblink_build_sql_delete`: the DELETE of the row with a key, for a relation like a *local* one.
    ///
    /// The arguments are those of [`build_sql_insert`](Self::build_sql_insert).
    ///
    /// ```
    /// # use dblink_engine::{connection::Connection, conninfo::{Conninfo, ProcessEnvironment}, session::Session};
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let server = Conninfo::parse(dblink_tests::Cluster::shared().conninfo())?.resolve(&ProcessEnvironment)?;
    /// # let mut local = Connection::connect(&server).await?;
    /// # local.batch_execute("create temp table city (id int primary key, name text)").await?;
    /// # local.batch_execute("insert into city values (1, 'Paris')").await?;
    /// # let mut session = Session::builder().local(local).build();
    /// let delete = session.build_sql_delete("city", "1 2", 2, "{1,NULL}").await?;
    /// assert_eq!(delete, "DELETE FROM city WHERE id = '1' AND name IS NULL");
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// Cancel-safe: it only reads.
    ///
    /// PostgreSQL manual:
    /// [dblink_build_sql_delete](https://www.postgresql.org/docs/current/contrib-dblink-build-sql-delete.html).
    ///
    /// # Errors
    ///
    /// As [`build_sql_insert`](Self::build_sql_insert).
    pub async fn build_sql_delete(
        &mut self,
        relation: &str,
        attnums: impl Into<Attnums<'_>>,
        n: i32,
        tgt: impl Into<Texts<'_>>,
    ) -> Result<String, Error> {
        let (attnums, tgt) = (attnums.into(), tgt.into());
        let time = Time::start(self.deadline);
        let (relation, attnums) = self.key(relation, attnums, time).await?;
        let tgt = self.texts(tgt, time).await?;
        build_sql_delete(&relation, &attnums, n, &borrowed(&tgt)).map_err(Error::Build)
    }

    /// `dblink_build_sql_update`: the UPDATE that makes a row like another of a *local* relation, but for the key.
    ///
    /// The arguments are those of [`build_sql_insert`](Self::build_sql_insert).
    ///
    /// ```
    /// # use dblink_engine::{connection::Connection, conninfo::{Conninfo, ProcessEnvironment}, session::Session};
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let server = Conninfo::parse(dblink_tests::Cluster::shared().conninfo())?.resolve(&ProcessEnvironment)?;
    /// # let mut local = Connection::connect(&server).await?;
    /// # local.batch_execute("create temp table city (id int primary key, name text)").await?;
    /// # local.batch_execute("insert into city values (1, 'Paris')").await?;
    /// # let mut session = Session::builder().local(local).build();
    /// let update = session.build_sql_update("city", &[1], 1, &["1"], &["3"]).await?;
    /// assert_eq!(update, "UPDATE city SET id = '3', name = 'Paris' WHERE id = '3'");
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// Cancel-safe: it only reads.
    ///
    /// PostgreSQL manual:
    /// [dblink_build_sql_update](https://www.postgresql.org/docs/current/contrib-dblink-build-sql-update.html).
    ///
    /// # Errors
    ///
    /// As [`build_sql_insert`](Self::build_sql_insert).
    pub async fn build_sql_update(
        &mut self,
        relation: &str,
        attnums: impl Into<Attnums<'_>>,
        n: i32,
        src: impl Into<Texts<'_>>,
        tgt: impl Into<Texts<'_>>,
    ) -> Result<String, Error> {
        let (attnums, src, tgt) = (attnums.into(), src.into(), tgt.into());
        self.build_from_source(build_sql_update, relation, attnums, n, src, tgt)
            .await
    }

    async fn build_from_source(
        &mut self,
        build: Build,
        relation: &str,
        attnums: Attnums<'_>,
        n: i32,
        src: Texts<'_>,
        tgt: Texts<'_>,
    ) -> Result<String, Error> {
        let time = Time::start(self.deadline);
        let (relation, attnums) = self.key(relation, attnums, time).await?;
        let src = self.texts(src, time).await?;
        let tgt = self.texts(tgt, time).await?;
        let tgt = borrowed(&tgt);
        let built = build(&relation, &attnums, n, &borrowed(&src), &tgt).map_err(Error::Build)?;
        let rows = source_rows(self.local_within(time)?, built.query())
            .await
            .map_err(Error::Local)?;
        let rows: Vec<Vec<_>> = rows.iter().map(|row| borrowed(row)).collect();
        built.statement(&rows).map_err(Error::Build)
    }

    /// The relation and the numbers of its key's columns.
    async fn key(
        &mut self,
        relation: &str,
        attnums: Attnums<'_>,
        time: Time,
    ) -> Result<(Relation, Vec<i16>), Error> {
        let attnums = match attnums {
            Attnums::Numbers(numbers) => numbers.to_vec(),
            Attnums::Text(text) => {
                let row = self.local_within(time)?.query_one(ATTNUMS, &[&text]).await;
                row.and_then(|row| row.get(0)).map_err(Error::Local)?
            }
        };
        let found = self.find_relation(relation, time).await?;
        Ok((self.describe(&found, time).await?, attnums))
    }

    async fn texts(&mut self, texts: Texts<'_>, time: Time) -> Result<Vec<Option<String>>, Error> {
        Ok(match texts {
            Texts::Values(values) => values.iter().map(|value| value.map(str::to_owned)).collect(),
            Texts::NotNull(values) => values.iter().map(|value| Some((*value).to_owned())).collect(),
            Texts::Literal(text) => {
                let row = self.local_within(time)?.query_one(TEXTS, &[&text]).await;
                let values = row.and_then(|row| row.get::<Option<Vec<Option<String>>>>(0));
                values.map_err(Error::Local)?.unwrap_or_default()
            }
        })
    }
}

/// A builder that needs the source row.
type Build = for<'a> fn(
    &'a Relation,
    &[i16],
    i32,
    &[Option<&str>],
    &'a [Option<&'a str>],
) -> Result<FromSource<'a>, dblink_sqlgen::BuildError>;

fn borrowed(values: &[Option<String>]) -> Vec<Option<&str>> {
    values.iter().map(Option::as_deref).collect()
}

/// The values of the rows that a query finds, in text; of no more than two.
async fn source_rows(
    local: &mut Connection,
    query: &str,
) -> Result<Vec<Vec<Option<String>>>, connection::Error> {
    let mut rows = Vec::new();
    let mut results = local.simple_query(query).await?;
    while let Some(result) = results.next().await? {
        if let SimpleResult::Rows(batch) = &result {
            for row in batch.iter().take(2_usize.saturating_sub(rows.len())) {
                let columns = 0..row.columns().len();
                let values = columns.map(|column| Ok(row.text(column)?.map(str::to_owned)));
                rows.push(values.collect::<Result<_, connection::Error>>()?);
            }
        }
    }
    Ok(rows)
}
