//! `dblink_open`, `dblink_fetch` and `dblink_close`: cursors.

use std::time::Duration;

use dblink_protocol::backend::TransactionStatus;
use dblink_sqlgen::{CursorDeclaration, CursorName};
use postgres_types::ToSql;

use super::call::{Options, call};
use super::link::{Link, Way};
use super::state::State;
use super::time::Time;
use super::{Compat, Doing, Error, Name, Rows, Session};
use crate::connection::{self, Head};

/// How long taking back what was begun may take.
const TAKE_BACK: Duration = Duration::from_secs(5);

/// A cursor that is to be opened; see [`Session::open`]. It is opened when this is awaited.
#[derive(Debug)]
#[must_use = "a cursor is opened when this is awaited"]
pub struct Open<'s, 'a> {
    session: &'s mut Session,
    name: Name<'a>,
    cursor: &'a str,
    sql: &'a str,
    options: Options<'a>,
}

/// Rows that are to be fetched; see [`Session::fetch`]. They are fetched when this is awaited.
#[derive(Debug)]
#[must_use = "rows are fetched when this is awaited"]
pub struct Fetch<'s, 'a> {
    session: &'s mut Session,
    name: Name<'a>,
    cursor: &'a str,
    count: i32,
    options: Options<'a>,
}

/// A cursor that is to be closed; see [`Session::close`]. It is closed when this is awaited.
#[derive(Debug)]
#[must_use = "a cursor is closed when this is awaited"]
pub struct Close<'s, 'a> {
    session: &'s mut Session,
    name: Name<'a>,
    cursor: &'a str,
    options: Options<'a>,
}

call!(Open gives bool, with params, fail, within);
call!(Fetch gives Rows<'s>, with fail, columns, strict, text, within);
call!(Close gives bool, with fail, within);

impl Session {
    /// `dblink_open`: opens a cursor for a query. Tells whether it is open: with [`Fail::Notice`](super::Fail::Notice), not if the server refused.
    ///
    /// Outside a transaction one is begun, which ends with the last of the cursors that were opened in it.
    ///
    /// The cursor's name goes to the server as it stands: `c` and `C` are the same, `"C"` is another one. For opening, `BINARY`,
    /// `INSENSITIVE`, `SCROLL` and so on may follow, as in `c scroll`. Anything else is refused.
    ///
    /// ```
    /// # use dblink_engine::session::Session;
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let server = dblink_tests::Cluster::shared().conninfo();
    /// # let mut session = Session::new();
    /// session.connect("sales", &server).await?;
    /// session.open("sales", "c", "select * from generate_series(1, $1)").params(&[&250]).await?;
    /// loop {
    ///     let rows = session.fetch("sales", "c", 100).await?.collect().await?;
    ///     if rows.is_empty() {
    ///         break;
    ///     }
    ///     for row in rows {
    ///         println!("{}", row.get::<i32>(0)?);
    ///     }
    /// }
    /// session.close("sales", "c").await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// Cancel-safe: if a transaction was begun for it, that is rolled back with the next call on the connection. In one that was
    /// there before, the cursor may be open; it counts then.
    ///
    /// PostgreSQL manual: [dblink_open](https://www.postgresql.org/docs/current/contrib-dblink-open.html),
    /// [DECLARE](https://www.postgresql.org/docs/current/sql-declare.html).
    ///
    /// # Errors
    ///
    /// [`Error::NotAvailable`] (SQLSTATE `08003`); [`Error::Remote`] with the server's SQLSTATE, or `08006`; [`Error::Busy`]
    /// (`08006`); [`Error::CursorName`] (`34000`); [`Error::Transaction`] (`XX000`); [`Error::Deadline`] (`57014`).
    pub fn open<'s, 'a>(
        &'s mut self,
        name: impl Into<Name<'a>>,
        cursor: &'a str,
        sql: &'a str,
    ) -> Open<'s, 'a> {
        Open {
            session: self,
            name: name.into(),
            cursor,
            sql,
            options: Options::default(),
        }
    }

    /// `dblink_fetch`: the next `count` rows of a cursor; a negative number goes back, 0 gives the current row again.
    ///
    /// Values are in binary format, unless [`text`](Fetch::text) is wished.
    ///
    /// ```
    /// # use dblink_engine::session::Session;
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let server = dblink_tests::Cluster::shared().conninfo();
    /// # let mut session = Session::new();
    /// session.connect("sales", &server).await?;
    /// session.open("sales", "c scroll", "select * from generate_series(1, 250)").await?;
    /// let first = session.fetch("sales", "c", 100).await?.collect().await?;
    /// let back = session.fetch("sales", "c", -1).await?.collect().await?;
    /// assert_eq!((first.len(), back[0].get::<i32>(0)?), (100, 99));
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// Cancel-safe: the cursor may have moved.
    ///
    /// PostgreSQL manual: [dblink_fetch](https://www.postgresql.org/docs/current/contrib-dblink-fetch.html),
    /// [FETCH](https://www.postgresql.org/docs/current/sql-fetch.html).
    ///
    /// # Errors
    ///
    /// [`Error::NotAvailable`] (SQLSTATE `08003`); [`Error::Remote`] with the server's SQLSTATE, such as `34000` for a cursor
    /// that is not there, or `08006`; [`Error::Busy`] (`08006`); [`Error::CursorName`] (`34000`); [`Error::Width`],
    /// [`Error::ColumnType`] (`42804`), after which the cursor has moved; [`Error::Deadline`] (`57014`).
    pub fn fetch<'s, 'a>(
        &'s mut self,
        name: impl Into<Name<'a>>,
        cursor: &'a str,
        count: i32,
    ) -> Fetch<'s, 'a> {
        Fetch {
            session: self,
            name: name.into(),
            cursor,
            count,
            options: Options::default(),
        }
    }

    /// `dblink_close`: closes a cursor; with the last one that was opened in a transaction begun for it, that is committed.
    /// Tells whether it was closed: with [`Fail::Notice`](super::Fail::Notice), not if the server refused.
    ///
    /// A transaction that the caller has begun is never committed.
    ///
    /// ```
    /// # use dblink_engine::session::Session;
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let server = dblink_tests::Cluster::shared().conninfo();
    /// # let mut session = Session::new();
    /// session.connect("sales", &server).await?;
    /// session.open("sales", "c", "select 1").await?;
    /// assert!(session.close("sales", "c").await?);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// Cancel-safe: the next call on the connection goes on with it, if the server has been told to close the cursor: then the
    /// transaction is committed before anything else is done there.
    ///
    /// PostgreSQL manual: [dblink_close](https://www.postgresql.org/docs/current/contrib-dblink-close.html),
    /// [CLOSE](https://www.postgresql.org/docs/current/sql-close.html).
    ///
    /// # Errors
    ///
    /// As [`open`](Self::open).
    pub fn close<'s, 'a>(&'s mut self, name: impl Into<Name<'a>>, cursor: &'a str) -> Close<'s, 'a> {
        Close {
            session: self,
            name: name.into(),
            cursor,
            options: Options::default(),
        }
    }
}

impl Open<'_, '_> {
    async fn run(self) -> Result<bool, Error> {
        let Self {
            session,
            name,
            cursor,
            sql,
            options,
        } = self;
        let time = options.start(session);
        let exact = session.compat == Compat::Exact;
        let doing = Doing::Open(cursor.to_owned());
        let told = options.told(session, doing.clone(), time);
        let declaration = CursorDeclaration::parse(cursor).map_err(Error::CursorName)?;
        let link = match session.usable(name, &doing, time).await {
            Ok(link) => link,
            Err(error) => return told.tell(error).map(|()| false),
        };
        link.begin_for_cursor(time).await?;
        let declare = format!("DECLARE {declaration} CURSOR FOR {sql}");
        let way = options.way_of_command();
        let before = link.state.cursors;
        let done = link
            .run(
                way,
                &declare,
                options.parameters.unwrap_or_default(),
                &doing,
                time,
                |state| {
                    state.cursors = before.map(|count| count.saturating_add(1));
                },
            )
            .await;
        let began = std::mem::take(&mut link.state.opening);
        let Err(error) = done else {
            return Ok(true);
        };
        if !exact {
            link.take_back(began, before).await;
        }
        told.tell(error).map(|()| false)
    }
}

impl<'s> Fetch<'s, '_> {
    async fn run(self) -> Result<Rows<'s>, Error> {
        let Self {
            session,
            name,
            cursor,
            count,
            options,
        } = self;
        let time = options.start(session);
        let exact = session.compat == Compat::Exact;
        let expected = options.expected(session.compat)?;
        let doing = Doing::Fetch(cursor.to_owned());
        let told = options.told(session, doing.clone(), time);
        let name_of_cursor = CursorName::parse(cursor).map_err(Error::CursorName)?;
        let link = match session.usable(name, &doing, time).await {
            Ok(link) => link,
            Err(error) => return told.tell(error).map(|()| Rows::none(told)),
        };
        let way = Way::Extended { text: options.text };
        let fetch = format!("FETCH {count} FROM {name_of_cursor}");
        if let Err(cause) = link.send(way, &fetch, &[], time).await {
            let error = link.remote(cause, doing, time);
            return told.tell(error).map(|()| Rows::none(told));
        }
        link.rows(way, &expected, told, exact).await
    }
}

impl Close<'_, '_> {
    async fn run(self) -> Result<bool, Error> {
        let Self {
            session,
            name,
            cursor,
            options,
        } = self;
        let time = options.start(session);
        let doing = Doing::Close(cursor.to_owned());
        let told = options.told(session, doing.clone(), time);
        let name_of_cursor = CursorName::parse(cursor).map_err(Error::CursorName)?;
        let link = match session.usable(name, &doing, time).await {
            Ok(link) => link,
            Err(error) => return told.tell(error).map(|()| false),
        };
        let close = format!("CLOSE {name_of_cursor}");
        let done = link
            .run(Way::Simple, &close, &[], &doing, time, |state| {
                state.closing = true;
            })
            .await;
        link.state.closing = false;
        match done {
            Ok(()) => link.closed(time).await.map(|()| true),
            Err(error) => told.tell(error).map(|()| false),
        }
    }
}

impl Link {
    /// Begins a transaction for a cursor, unless there is one.
    async fn begin_for_cursor(&mut self, time: Time) -> Result<(), Error> {
        if let Err(cause) = self.settle(time).await {
            return Err(self.transaction_failed("begin", cause, time));
        }
        if self.connection.transaction_status() == TransactionStatus::Idle {
            self.state.opening = true;
            self.state.cursors = Some(0);
            if let Err(error) = self.transaction_command("BEGIN", "begin", time).await {
                self.state.opening = false;
                self.state.cursors = None;
                return Err(error);
            }
        }
        Ok(())
    }

    /// A cursor was not opened: it does not count, and the transaction that was begun for it is over.
    ///
    /// That takes as long as it takes, within reason: the call's own time may be what has passed.
    async fn take_back(&mut self, began: bool, before: Option<u32>) {
        self.state.cursors = self.state.cursors.and(before);
        if began {
            self.state.cursors = None;
            let message = std::mem::take(&mut self.state.message);
            // Why it was not opened is what counts; and a connection that is gone has rolled back.
            drop(self.command("ROLLBACK", Time::start(Some(TAKE_BACK))).await);
            self.state.message = message;
        }
    }

    /// Rolls back the transaction that was begun for a cursor, if the future of opening that was dropped.
    pub(super) async fn end_opening(&mut self, time: Time) -> Result<(), Error> {
        let settled = self.settle(time).await;
        if settled.is_ok() && self.connection.transaction_status() != TransactionStatus::Idle {
            self.transaction_command("ROLLBACK", "rollback", time).await?;
        }
        self.state.opening = false;
        self.state.cursors = None;
        Ok(())
    }

    /// A cursor is closed: with the last one of those that were counted, the transaction that was begun for them is committed.
    async fn closed(&mut self, time: Time) -> Result<(), Error> {
        // Of a transaction that is not the one begun for cursors, nothing is known here.
        match self.state.cursors {
            Some(count @ 2..) => self.state.cursors = Some(count - 1),
            Some(_) => {
                self.state.cursors = None;
                self.transaction_command("COMMIT", "commit", time).await?;
            }
            None => {}
        }
        Ok(())
    }

    /// Goes on where the future of closing a cursor was dropped.
    pub(super) async fn end_closing(&mut self, time: Time) -> Result<(), Error> {
        if let Err(cause) = self.settle(time).await {
            return match cause {
                // That the connection has ended is told by the call itself.
                connection::Error::Closed(_) => Ok(()),
                cause => Err(self.transaction_failed("commit", cause, time)),
            };
        }
        self.state.closing = false;
        match self.connection.transaction_status() {
            TransactionStatus::InTransaction => self.closed(time).await,
            _ => Ok(()),
        }
    }

    /// Runs a statement that gives no rows. `given` notes that the server will run it, whether anybody waits for that or not.
    async fn run(
        &mut self,
        way: Way,
        statement: &str,
        parameters: &[&(dyn ToSql + Sync)],
        doing: &Doing,
        time: Time,
        given: impl FnOnce(&mut State),
    ) -> Result<(), Error> {
        let run = async {
            let ready = self.ready(way, statement, parameters, time).await?;
            self.give(ready)?;
            given(&mut self.state);
            self.connection.sent().await?;
            self.last_head().await
        };
        let head = run.await;
        self.done(head, doing, time).map(drop)
    }

    /// Runs a command that begins or ends a transaction.
    async fn transaction_command(
        &mut self,
        command: &str,
        doing: &'static str,
        time: Time,
    ) -> Result<(), Error> {
        match self.command(command, time).await {
            Ok(Head::Failed(cause)) | Err(cause) => Err(self.transaction_failed(doing, cause, time)),
            Ok(_) => Ok(()),
        }
    }

    fn transaction_failed(&mut self, command: &'static str, cause: connection::Error, time: Time) -> Error {
        self.state.failed(&cause);
        match cause {
            connection::Error::Deadline { .. } => time.passed(),
            cause => Error::Transaction { command, cause },
        }
    }
}
