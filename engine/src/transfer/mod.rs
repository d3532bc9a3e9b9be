//! Tables and results copied from one database into another.

mod checksum;
mod create;
mod error;
mod matching;
mod plan;
mod relay;
mod run;
mod side;
mod table_name;
mod types;
mod verify;

pub use checksum::Checksum;
pub use error::{Side, TransferError};
pub use table_name::{TableName, TableNameError};

use std::fmt;
use std::time::Duration;

use plan::Origin;

/// A table, or the rows of a query, to be copied from one connection's database into a table of another's.
///
/// The rows go through this process by COPY, and are in no place as a whole. The source is not read faster than the target
/// takes them.
///
/// ```
/// # use dblink_engine::{connection::Connection, conninfo::{Conninfo, ProcessEnvironment}};
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let server = Conninfo::parse(dblink_tests::Cluster::shared().conninfo())?.resolve(&ProcessEnvironment)?;
/// # let mut from = Connection::connect(&server).await?;
/// # let mut to = Connection::connect(&server).await?;
/// use dblink_engine::transfer::{Transfer, TransferFormat};
///
/// from.execute("create temp table city (name text, people int)", &[]).await?;
/// from.execute("insert into city values ('Paris', 2103778), ('Rome', 2746984)", &[]).await?;
/// to.execute("create temp table town (people int, name text)", &[]).await?;
///
/// let done = Transfer::table("city")
///     .into("town")
///     .on_progress(|progress| println!("{} rows", progress.rows))
///     .run(&mut from, &mut to)
///     .await?;
/// assert_eq!((done.rows, done.format), (2, TransferFormat::Binary));
///
/// let query = "select upper(name), people::bigint from city where people > 2500000";
/// let done = Transfer::query(query).into("town").columns(["name", "people"]).run(&mut from, &mut to).await?;
/// assert_eq!((done.rows, done.format), (1, TransferFormat::Text));
/// # let row = to.query_one("select string_agg(name, ' ' order by name) from town", &[]).await?;
/// # assert_eq!(row.get::<&str>(0)?, "Paris ROME Rome");
/// # Ok(())
/// # }
/// ```
///
/// # Columns
///
/// A table's columns go to the columns of the same names. All of them are copied but those that are generated; what the target
/// has besides gets its default. [`create`](Self::create) creates the target with them. A query's columns go by name, too, if all their names are found in the target and none comes
/// twice; else by position, and then there are as many as the target has. [`columns`](Self::columns) chooses others.
///
/// A generated column of the target counts as none, since nothing can be copied into it. One that is `GENERATED ALWAYS AS
/// IDENTITY` takes the source's value.
///
/// # Formats
///
/// Binary format costs less. It is taken if each value means the same in it on both sides: the two types of each column are the
/// same built-in type, `text` and `varchar`, or an enum of one name; or ranges, arrays, composites or domains of such. Arrays and
/// composites carry the numbers of the types that they are made of, and have to agree in those. Everything else goes as text:
/// what has different types on the two sides, the types of extensions, and what names objects of its database, such as
/// `regclass`. [`format`](Self::format) chooses one of the two.
///
/// Text is UTF-8, unless both databases have the encoding `SQL_ASCII`: then its bytes are copied as they are. Where only one has
/// it, bytes that are not UTF-8 make the transfer fail. For text format the source's `DateStyle`, `IntervalStyle`,
/// `extra_float_digits` and `bytea_output` are set for as long as the copy takes, so that the target reads what was meant; a
/// query that makes texts of dates itself sees them. Names of objects without their schemas are those of the target's search
/// path. An amount of `money` is another one where `lc_monetary` is: it is refused then, in both formats.
///
/// # All or nothing
///
/// Each side gets a transaction, or a savepoint where the caller has one open, which is then as it was before if the transfer
/// fails. The target commits when all rows are there, and as many as the source says it has sent; after that the source does,
/// which matters to a query that writes. A source that ends by an error fails the target's COPY.
///
/// A trigger of the target that leaves rows out makes the numbers differ, and so the transfer fail. [`verify`](Self::verify)
/// has the servers compare the values as well.
///
/// PostgreSQL manual: [COPY](https://www.postgresql.org/docs/current/sql-copy.html).
#[must_use = "it does nothing before it is run"]
pub struct Transfer<'a> {
    origin: Result<Origin, TableNameError>,
    target: Result<TableName, TableNameError>,
    columns: Option<Vec<String>>,
    format: TransferFormat,
    create: bool,
    verify: bool,
    deadline: Option<Duration>,
    on_progress: Option<OnProgress<'a>>,
}

type OnProgress<'a> = Box<dyn FnMut(Progress) + Send + 'a>;

/// What is to be copied. [`into`](Self::into) says where to.
#[must_use = "it does nothing before it is told where to, and run"]
pub struct TransferSource {
    origin: Result<Origin, TableNameError>,
}

/// The format in which the rows travel.
///
/// PostgreSQL manual: [File Formats](https://www.postgresql.org/docs/current/sql-copy.html).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum TransferFormat {
    /// Binary where that means the same on both sides, else text.
    #[default]
    Auto,
    /// Text: a type reads what another has written.
    Text,
    /// Binary. Types that are not built in and have the same name are then taken for the same.
    Binary,
}

/// How far a transfer has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Progress {
    /// How many rows were handed on to the target; in binary format it may be up to two more.
    pub rows: u64,
    /// How many bytes of COPY data were.
    pub bytes: u64,
    /// The time since the transfer began.
    pub elapsed: Duration,
    /// What it is doing.
    pub stage: Stage,
}

/// What a transfer is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Stage {
    /// Rows are being copied.
    Copying,
    /// All rows are there, and the servers compute their checksums.
    Verifying,
    /// The target has committed.
    Committed,
}

/// What a transfer has done.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Transferred {
    /// How many rows were copied, as both servers say.
    pub rows: u64,
    /// How many bytes of COPY data they took.
    pub bytes: u64,
    /// The format: text or binary.
    pub format: TransferFormat,
    /// The target's columns that were copied into, in the source's order.
    pub columns: Vec<String>,
    /// The checksum of the rows, which is the same on both sides, if it was asked for.
    pub checksum: Option<Checksum>,
    /// The time that it took.
    pub elapsed: Duration,
}

impl Transfer<'_> {
    /// A table, view or foreign table with all its rows, those of its partitions and children among them.
    ///
    /// A text is read [as PostgreSQL does](TableName#impl-FromStr-for-TableName); a [`TableName`] is taken as it is. What is
    /// wrong with it is told by [`run`](Transfer::run).
    pub fn table<N>(name: N) -> TransferSource
    where
        N: TryInto<TableName>,
        TableNameError: From<N::Error>,
    {
        TransferSource {
            origin: table_name(name).map(Origin::Table),
        }
    }

    /// The rows of a query: one statement that COPY takes, without parameters.
    pub fn query(query: impl Into<String>) -> TransferSource {
        TransferSource {
            origin: Ok(Origin::Query(query.into())),
        }
    }
}

impl TransferSource {
    /// The table to copy into, by a text or a [`TableName`], as in [`Transfer::table`].
    pub fn into<'a, N>(self, target: N) -> Transfer<'a>
    where
        N: TryInto<TableName>,
        TableNameError: From<N::Error>,
    {
        Transfer {
            origin: self.origin,
            target: table_name(target),
            columns: None,
            format: TransferFormat::Auto,
            create: false,
            verify: false,
            deadline: None,
            on_progress: None,
        }
    }
}

impl<'a> Transfer<'a> {
    /// The target's columns to copy into, by their names as they are. Of a table, the columns of these names are copied, a
    /// generated one of the source as well; a query's go to them in this order.
    pub fn columns<N: Into<String>>(mut self, names: impl IntoIterator<Item = N>) -> Self {
        self.columns = Some(names.into_iter().map(Into::into).collect());
        self
    }

    /// The format. Without this, it is [`TransferFormat::Auto`].
    pub const fn format(mut self, format: TransferFormat) -> Self {
        self.format = format;
        self
    }

    /// Creates the target's table, in the transaction that the rows are copied in: if anything fails, there is none.
    ///
    /// ```
    /// # use dblink_engine::{connection::Connection, conninfo::{Conninfo, ProcessEnvironment}};
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let server = Conninfo::parse(dblink_tests::Cluster::shared().conninfo())?.resolve(&ProcessEnvironment)?;
    /// # let mut from = Connection::connect(&server).await?;
    /// # let mut to = Connection::connect(&server).await?;
    /// use dblink_engine::transfer::Transfer;
    ///
    /// from.execute("create temp table city (name varchar(30) primary key, people int)", &[]).await?;
    /// from.execute("insert into city values ('Paris', 2103778), ('Rome', 2746984)", &[]).await?;
    /// # to.execute("set search_path = pg_temp", &[]).await?;
    /// # to.execute("create temp table first ()", &[]).await?;
    /// let done = Transfer::table("city").into("town").create().verify().run(&mut from, &mut to).await?;
    /// println!("{}", done.checksum.expect("it was asked for"));
    ///
    /// let refused = Transfer::table("city").into("town").create().run(&mut from, &mut to).await;
    /// assert_eq!(refused.unwrap_err().sqlstate().as_str(), "42P07");
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// It gets the columns that are copied, of the same names and types. A type goes by its name, as `format_type` shows it in
    /// the source: the target needs one of that name, and looks for it along its own search path if there is no schema in it.
    /// A name of a table without a schema is one in the target's `current_schema`.
    ///
    /// Of a table, its `NOT NULL` constraints come along, and its primary key if all columns of that are copied; but not the
    /// primary key of a table with children, which may have its values again. Its generated columns are copied, too, and are
    /// plain columns in the target, as its identity columns are. Defaults, collations, indexes, privileges and all else are
    /// not copied.
    ///
    /// Of a query, a column has the type that the server describes: of a domain, that is its base type.
    ///
    /// PostgreSQL manual: [CREATE TABLE](https://www.postgresql.org/docs/current/sql-createtable.html).
    pub const fn create(mut self) -> Self {
        self.create = true;
        self
    }

    /// Compares the rows of both sides before the target commits: if they are not the same, nothing of them stays in the
    /// target, and the transfer fails with [`TransferError::Checksum`].
    ///
    /// ```
    /// # use dblink_engine::{connection::Connection, conninfo::{Conninfo, ProcessEnvironment}};
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let server = Conninfo::parse(dblink_tests::Cluster::shared().conninfo())?.resolve(&ProcessEnvironment)?;
    /// # let mut from = Connection::connect(&server).await?;
    /// # let mut to = Connection::connect(&server).await?;
    /// use dblink_engine::transfer::{Transfer, TransferError};
    ///
    /// to.execute("create temp table rounded (price numeric(6, 1))", &[]).await?;
    /// let transfer = Transfer::query("select 9.99::numeric(6, 2)").into("rounded").verify();
    /// let error = transfer.run(&mut from, &mut to).await.unwrap_err();
    /// assert!(matches!(error, TransferError::Checksum { .. }));
    /// # assert!(to.query_opt("select from rounded", &[]).await?.is_none());
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// The servers compute a [`Checksum`] each, of the columns that are copied; they do so at the same time, and send no rows.
    /// What is compared are the values' texts, as they are with the same settings on both sides. A column whose type is
    /// another in the target may have other texts for equal values, `1.50` and `1.5`: a query with a cast makes them the same.
    /// So may names of objects, as in `regclass`, if the search paths are not the same.
    ///
    /// The source's rows are those of the snapshot that they are copied from, the transaction there being `REPEATABLE READ`. A
    /// query is run twice: it has to give the same rows again, which one with `random()` does not, and it cannot be one that
    /// writes. The target has to be empty, or be [created](Self::create), and its transaction is `REPEATABLE READ` as well, so
    /// that rows of others do not count. In an open transaction of the caller's, the isolation level is that one's: with `READ
    /// COMMITTED`, what others write meanwhile makes it fail.
    ///
    /// Constraints and triggers of the target that are deferred to the commit are run before, unless the transaction is the
    /// caller's.
    pub const fn verify(mut self) -> Self {
        self.verify = true;
        self
    }

    /// The time that all of it may take, in place of the connections' own deadlines. When it has passed, both sides are
    /// cancelled, as a [deadline](crate::connection::Connection#deadlines) does it.
    pub const fn deadline(mut self, limit: Duration) -> Self {
        self.deadline = Some(limit);
        self
    }

    /// The same deadline, or this if it is sooner.
    pub(crate) fn deadline_at_most(mut self, limit: Duration) -> Self {
        self.deadline = Some(self.deadline.map_or(limit, |own| own.min(limit)));
        self
    }

    /// Has `told` called after some data was handed on, which is often, and once more when the target has committed.
    pub fn on_progress(mut self, told: impl FnMut(Progress) + Send + 'a) -> Self {
        self.on_progress = Some(Box::new(told));
        self
    }
}

impl fmt::Debug for Transfer<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Transfer")
            .field("target", &self.target)
            .field("columns", &self.columns)
            .field("format", &self.format)
            .field("create", &self.create)
            .field("verify", &self.verify)
            .field("deadline", &self.deadline)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for TransferSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TransferSource").finish_non_exhaustive()
    }
}

fn table_name<N>(name: N) -> Result<TableName, TableNameError>
where
    N: TryInto<TableName>,
    TableNameError: From<N::Error>,
{
    Ok(name.try_into()?)
}
