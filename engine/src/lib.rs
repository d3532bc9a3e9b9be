//! dblink for programs on [tokio](https://tokio.rs): [`Session`](session::Session), on connections to PostgreSQL which behave as
//! libpq's do and need no libpq.
//!
//! It is for who sends statements to PostgreSQL and has to know what becomes of them: when a future is dropped, when a server
//! does not answer, when it goes away half-way. Who comes from dblink begins with [`session`], whose methods are dblink's
//! functions; a program that has its own connections with [`connection`].
//!
//! # What it promises
//!
//! - **The connection is yours.** A [`Connection`](connection::Connection) is a value. No task runs behind it and no channel
//!   stands before it: dropping it closes the socket, and who does not read holds back nobody else.
//! - **Any future may be dropped**, at any await, in a `select!` or by a timeout. The next command finds the connection in order,
//!   and never gets another command's answer. Each method says what has become of its work by then.
//! - **Each call can have a time limit**, from the call to the last row. A statement that takes longer is cancelled at the
//!   server, and the connection stays usable; a server that does not react to that loses it.
//! - **libpq's manners.** The same connection strings, URIs, environment variables, service and password files, with the same
//!   messages; hosts, addresses and kinds of encryption in the same order; in TLS its rules for names, roots and revocation
//!   lists; `require_auth` and `channel_binding`. There is no GSSAPI and no OAuth flow: a token comes from
//!   [a source](conninfo::Config::set_token_source) of yours.
//! - **Every error has an SQLSTATE**: the server's own, or the one that fits. See [`connection::Error::sqlstate`].
//! - **Memory grows by what has come**, not by what a server announces. Rows are lent from the buffer that they were received
//!   into.
//!
//! # Where things are
//!
//! | Module | What is in it |
//! |---|---|
//! | [`conninfo`] | where and how to connect: [`Conninfo`](conninfo::Conninfo) is what you give, [`Config`](conninfo::Config) what comes of it |
//! | [`connection`] | [`Connection`](connection::Connection), whose methods are the way to everything else: rows, statements, pipelines, transactions, COPY |
//! | [`session`] | [`Session`](session::Session), which is dblink: named connections, and a method for each of its functions |
//! | [`transfer`] | a table or a query of one connection copied into a table of another |
//! | [`libpq_text`] | errors in libpq's words, as psql prints them |
//! | [`net`] | what goes on below: sockets, [TLS](net::tls), and [why no server could be reached](net::ConnectError) |
//!
//! Parameters and values are Rust's types by the traits of the crate [`postgres_types`]; secrets, SQLSTATEs and what the server
//! says come from [`dblink_protocol`].
//!
//! | Feature | What it adds |
//! |---|---|
//! | `serde` | rows as structs, tuples and maps: `Row::deserialize` |
//! | `derive` | enums and composites of your own as values, by the derives of `postgres_types` |
//! | `bit-vec`, `chrono`, `cidr`, `eui48`, `geo-types`, `jiff`, `serde_json`, `time`, `uuid` | the types of these crates as values |
//!
//! # Connecting
//!
//! ```
//! use dblink_engine::connection::Connection;
//! use dblink_engine::conninfo::{Conninfo, ProcessEnvironment};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let server = dblink_tests::Cluster::shared();
//! let config = Conninfo::parse("postgresql://postgres@db1,db2/postgres?target_session_attrs=read-write")?
//! #   .host(server.socket_dir()).port(server.port())
//!     .resolve(&ProcessEnvironment)?;
//! let mut connection = Connection::connect(&config).await?;
//! connection.ping().await?;
//! connection.close().await?;
//! # Ok(())
//! # }
//! ```
//!
//! The options can be given one by one, too. A password may be asked for when it is needed, and all of it may have a limit:
//!
//! ```
//! # use dblink_engine::{connection::Connection, conninfo::{Conninfo, ProcessEnvironment}};
//! use std::time::Duration;
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let server = dblink_tests::Cluster::shared();
//! let mut config = Conninfo::new()
//!     .host("db1")
//! #   .host(server.socket_dir()).port(server.port())
//!     .user("scram_user")
//!     .dbname("postgres")
//!     .application_name("reports")
//!     .resolve(&ProcessEnvironment)?;
//! config.set_password_source(|request| async move {
//!     // Here a vault would be asked.
//!     assert_eq!(request.user, "scram_user");
//!     Ok("scram-secret".into())
//! });
//! let connection = Connection::connect_within(&config, Duration::from_secs(10)).await?;
//! # drop(connection);
//! # Ok(())
//! # }
//! ```
//!
//! # Asking
//!
//! [`query`](connection::Connection::query) takes one round trip and lends the rows as they come.
//! [`execute`](connection::Connection::execute) only tells how many rows a statement concerned;
//! [`query_one`](connection::Connection::query_one), [`query_opt`](connection::Connection::query_opt) and
//! [`query_all`](connection::Connection::query_all) read the result to its end.
//!
//! ```
//! # use dblink_engine::{connection::Connection, conninfo::{Conninfo, ProcessEnvironment}};
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let server = Conninfo::parse(dblink_tests::Cluster::shared().conninfo())?.resolve(&ProcessEnvironment)?;
//! # let mut connection = Connection::connect(&server).await?;
//! connection.execute("create temp table city (name text, people int)", &[]).await?;
//! let inserted = connection
//!     .execute("insert into city values ($1, $2), ($3, $4)", &[&"Paris", &2_103_778, &"Atlantis", &None::<i32>])
//!     .await?;
//! assert_eq!(inserted, 2);
//!
//! let mut rows = connection.query("select name, people from city where name < $1", &[&"Q"]).await?;
//! while let Some(row) = rows.next().await? {
//!     let name: &str = row.get("name")?;
//!     let people: Option<i32> = row.get(1)?;
//!     println!("{name}: {people:?}");
//! }
//!
//! let largest = connection.query_one("select max(people) from city", &[]).await?;
//! assert_eq!(largest.get::<i32>(0)?, 2_103_778);
//! # Ok(())
//! # }
//! ```
//!
//! As a [stream](connection::RowStream), whose rows own their values:
//!
//! ```
//! use futures_util::TryStreamExt;
//!
//! # use dblink_engine::{connection::Connection, conninfo::{Conninfo, ProcessEnvironment}};
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let server = Conninfo::parse(dblink_tests::Cluster::shared().conninfo())?.resolve(&ProcessEnvironment)?;
//! # let mut connection = Connection::connect(&server).await?;
//! let stream = connection.query("select * from generate_series(1, 1000)", &[]).await?.into_stream();
//! let even = stream
//!     .map_err(Box::<dyn std::error::Error>::from)
//!     .try_fold(0, async |even, row| Ok(even + usize::from(row.get::<i32>(0)? % 2 == 0)))
//!     .await?;
//! assert_eq!(even, 500);
//! # Ok(())
//! # }
//! ```
//!
//! # Many statements
//!
//! A [statement](connection::Statement) that is prepared is parsed once. A [pipeline](connection::Pipeline) sends many
//! statements in one round trip, and is all or nothing unless it is cut into [segments](connection::Pipeline#segments).
//!
//! ```
//! # use dblink_engine::{connection::Connection, conninfo::{Conninfo, ProcessEnvironment}};
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let server = Conninfo::parse(dblink_tests::Cluster::shared().conninfo())?.resolve(&ProcessEnvironment)?;
//! # let mut connection = Connection::connect(&server).await?;
//! # connection.execute("create temp table city (name text, people int)", &[]).await?;
//! let insert = connection.prepare("insert into city values ($1, $2)").await?;
//! connection.execute_prepared(&insert, &[&"Paris", &2_103_778]).await?;
//!
//! let mut pipeline = connection.pipeline();
//! let rome = pipeline.execute_prepared(&insert, &[&"Rome", &2_746_984])?;
//! let count = pipeline.query("select count(*) from city", &[])?;
//! let mut results = pipeline.run().await?;
//! assert_eq!(results.take(rome)?, 1);
//! let count = results.take(count)?;
//! assert_eq!(count.first().map(|row| row.get::<i64>(0)).transpose()?, Some(2));
//! # Ok(())
//! # }
//! ```
//!
//! # Transactions
//!
//! A [transaction](connection::Transaction) that is dropped is rolled back; one inside another is a savepoint.
//!
//! ```
//! use dblink_engine::connection::IsolationLevel;
//! use dblink_protocol::SqlState;
//!
//! # use dblink_engine::{connection::Connection, conninfo::{Conninfo, ProcessEnvironment}};
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let server = Conninfo::parse(dblink_tests::Cluster::shared().conninfo())?.resolve(&ProcessEnvironment)?;
//! # let mut connection = Connection::connect(&server).await?;
//! # connection.execute("create temp table city (name text primary key)", &[]).await?;
//! let mut transaction = connection
//!     .build_transaction()
//!     .isolation_level(IsolationLevel::Serializable)
//!     .start()
//!     .await?;
//! transaction.execute("insert into city values ('Paris')", &[]).await?;
//! {
//!     let mut savepoint = transaction.transaction().await?;
//!     let again = savepoint.execute("insert into city values ('Paris')", &[]).await;
//!     assert!(again.is_err_and(|error| error.sqlstate() == SqlState::UNIQUE_VIOLATION));
//! }
//! // The savepoint was dropped: what was before it is still there.
//! transaction.execute("insert into city values ('Rome')", &[]).await?;
//! transaction.commit().await?;
//! # let row = connection.query_one("select count(*) from city", &[]).await?;
//! # assert_eq!(row.get::<i64>(0)?, 2);
//! # Ok(())
//! # }
//! ```
//!
//! # COPY
//!
//! Data goes [in](connection::CopyIn) and [out](connection::CopyOut) as bytes, as rows of texts, or in binary format as rows of
//! Rust's values. Only `finish` keeps what was sent.
//!
//! ```
//! use postgres_types::Type;
//!
//! # use dblink_engine::{connection::Connection, conninfo::{Conninfo, ProcessEnvironment}};
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let server = Conninfo::parse(dblink_tests::Cluster::shared().conninfo())?.resolve(&ProcessEnvironment)?;
//! # let mut connection = Connection::connect(&server).await?;
//! # connection.execute("create temp table city (name text, people int)", &[]).await?;
//! let types = [Type::TEXT, Type::INT4];
//! let copy = connection.copy_in("copy city from stdin (format binary)").await?;
//! let mut rows = copy.binary(&types)?;
//! rows.send(&[&"Paris", &2_103_778]).await?;
//! rows.send(&[&"Rome", &2_746_984]).await?;
//! assert_eq!(rows.finish().await?, 2);
//!
//! let mut lines = connection.copy_out("copy city to stdout").await?;
//! while let Some(line) = lines.next().await? {
//!     print!("{}", String::from_utf8_lossy(&line));
//! }
//! assert_eq!(lines.rows_affected(), Some(2));
//! # Ok(())
//! # }
//! ```
//!
//! # From one database into another
//!
//! A [transfer](transfer::Transfer) copies a table or the rows of a query from one connection to another, all or nothing.
//!
//! ```
//! use dblink_engine::transfer::Transfer;
//!
//! # use dblink_engine::{connection::Connection, conninfo::{Conninfo, ProcessEnvironment}};
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let server = Conninfo::parse(dblink_tests::Cluster::shared().conninfo())?.resolve(&ProcessEnvironment)?;
//! # let mut here = Connection::connect(&server).await?;
//! # let mut there = Connection::connect(&server).await?;
//! # here.execute("create temp table city (name text, people int)", &[]).await?;
//! # there.execute("create temp table city as select 'Paris' as name, 2103778 as people", &[]).await?;
//! let copied = Transfer::table("city").into("city").run(&mut there, &mut here).await?;
//! println!("{} rows, {} bytes", copied.rows, copied.bytes);
//! # assert_eq!(copied.rows, 1);
//! # Ok(())
//! # }
//! ```
//!
//! # Notifications
//!
//! ```
//! use std::time::Duration;
//! use tokio::time::Instant;
//!
//! # use dblink_engine::{connection::Connection, conninfo::{Conninfo, ProcessEnvironment}};
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let server = Conninfo::parse(dblink_tests::Cluster::shared().conninfo())?.resolve(&ProcessEnvironment)?;
//! # let mut connection = Connection::connect(&server).await?;
//! # let mut other = Connection::connect(&server).await?;
//! connection.execute("listen news", &[]).await?;
//! other.execute("select pg_notify('news', $1)", &[&"it rains"]).await?;
//!
//! let deadline = Instant::now() + Duration::from_secs(10);
//! if let Some(notification) = connection.wait_for_notification(Some(deadline)).await? {
//!     println!("{}: {}", notification.channel, notification.payload);
//! }
//! # other.execute("notify news", &[]).await?;
//! # assert!(connection.wait_for_notification(Some(deadline)).await?.is_some());
//! # Ok(())
//! # }
//! ```
//!
//! # Deadlines and cancel
//!
//! [`set_deadline`](connection::Connection::set_deadline) limits each call, [`within`](connection::Connection::within) the next
//! one. A [handle](connection::CancelHandle) cancels from elsewhere.
//!
//! ```
//! use std::time::Duration;
//!
//! use dblink_engine::connection::Error;
//! use dblink_protocol::SqlState;
//!
//! # use dblink_engine::{connection::Connection, conninfo::{Conninfo, ProcessEnvironment}};
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let server = Conninfo::parse(dblink_tests::Cluster::shared().conninfo())?.resolve(&ProcessEnvironment)?;
//! # let mut connection = Connection::connect(&server).await?;
//! connection.set_deadline(Some(Duration::from_secs(30)));
//! let late = connection.within(Duration::from_millis(20)).execute("select pg_sleep(60)", &[]).await;
//! assert!(matches!(late, Err(Error::Deadline { .. })));
//!
//! let handle = connection.cancel_handle().ok_or("the server gave no key to cancel with")?;
//! let mut rows = connection.query("select generate_series(1, 1000000000)", &[]).await?;
//! println!("it runs: {}", rows.next().await?.is_some());
//! handle.cancel(Duration::from_secs(5)).await?;
//! let cancelled = rows.collect().await;
//! assert!(cancelled.is_err_and(|error| error.sqlstate() == SqlState::QUERY_CANCELED));
//! # Ok(())
//! # }
//! ```

pub mod connection;
pub mod conninfo;
pub mod libpq_text;
pub mod net;
pub mod session;
pub mod transfer;

// What the signatures here are made of: whoever calls them needs no dependency of their own.
pub use dblink_protocol as protocol;
pub use dblink_protocol::{Secret, SqlState};
pub use dblink_sqlgen as sqlgen;
pub use postgres_types;
