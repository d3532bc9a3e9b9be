//! `dblink`: a query, and its rows.

use std::future::poll_fn;
use std::sync::Arc;

use dblink_protocol::conversation::CompletedCommand;
use dblink_sqlgen::{StatementCount, count_statements};

use super::call::{Options, call};
use super::link::{Link, Way};
use super::rows::{Apart, Expected, Told};
use super::state::State;
use super::{Compat, Doing, End, Error, Fail, Rows, Session, Target};
use crate::connection::{self, Columns, Head, RowSet};

/// A query that is to be run; see [`Session::query`]. It is run when it is awaited.
#[derive(Debug)]
#[must_use = "a query is run when it is awaited"]
pub struct Query<'s, 'a> {
    session: &'s mut Session,
    target: Target<'a>,
    sql: &'a str,
    options: Options<'a>,
}

call!(Query gives Rows<'s>, with params, fail, columns, strict, text, within);

impl Session {
    /// `dblink`: runs a statement on another database, and gives its rows as they come.
    ///
    /// The target is the name of an open connection, or else where to connect to for this call alone. What is to be said beside
    /// is said by the methods of the [`Query`], before it is awaited.
    ///
    /// One statement goes by the extended protocol, and its values come in binary format, for [`Row::get`]. Several statements,
    /// separated by semicolons, go by the simple one, as all do with [`text`](Query::text): then the values are text, for
    /// [`Row::text`] and [`Row::parse`], and the rows are those of the last statement.
    ///
    /// ```
    /// # use dblink_engine::session::Session;
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let server = dblink_tests::Cluster::shared().conninfo();
    /// # let mut session = Session::new();
    /// session.connect("sales", &server).await?;
    /// let mut rows = session
    ///     .query("sales", "select oid, typname from pg_type where typlen = $1 order by typname")
    ///     .params(&[&16_i16])
    ///     .columns("id oid, name name")
    ///     .await?;
    /// while let Some(row) = rows.next().await? {
    ///     println!("{}: {}", row.get::<u32>("id")?, row.get::<&str>("name")?);
    /// }
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// Cancel-safe: the statement may have been run; what is left of its result goes by before the next call.
    ///
    /// PostgreSQL manual: [dblink](https://www.postgresql.org/docs/current/contrib-dblink-function.html).
    ///
    /// # Errors
    ///
    /// What fails before its first row fails here, and later with [`Rows::next`]. [`Error::NotAvailable`] (SQLSTATE `08003`);
    /// what [`connect`](Self::connect) fails with; [`Error::Remote`] with the server's SQLSTATE, or `08006`; [`Error::Busy`] and
    /// [`Error::Gone`] (`XX000`); [`Error::Width`],
    /// [`Error::ColumnType`], [`Error::Status`] (`42804`); [`Error::Deadline`] (`57014`).
    ///
    /// [`Row::get`]: crate::connection::Row::get
    /// [`Row::text`]: crate::connection::Row::text
    /// [`Row::parse`]: crate::connection::Row::parse
    pub fn query<'s, 'a>(&'s mut self, target: impl Into<Target<'a>>, sql: &'a str) -> Query<'s, 'a> {
        Query {
            session: self,
            target: target.into(),
            sql,
            options: Options::default(),
        }
    }
}

impl<'s> Query<'s, '_> {
    async fn run(self) -> Result<Rows<'s>, Error> {
        let Self {
            session,
            target,
            sql,
            options,
        } = self;
        let time = options.start(session);
        let exact = session.compat == Compat::Exact;
        let expected = options.expected(session.compat)?;
        let end = session.end(target, time).await?;
        let told = options.told(session, Doing::Query, time);
        let asked = Asked {
            sql,
            options: &options,
            exact,
        };
        match end {
            End::Own(mut own) => {
                // It is closed with this call, also if its future is dropped; or with the rows that come.
                let rows = Box::pin(own.ask(&asked, &expected, told)).await.map(Rows::apart);
                if !matches!(rows, Ok(Apart::Coming(..))) {
                    own.connection.leave().await;
                }
                Ok(rows?.with(*own, &mut session.once))
            }
            End::Open(place) => {
                let link = session.ready(&place, &Doing::Query, time).await?;
                link.ask(&asked, &expected, told).await
            }
        }
    }
}

/// What is asked for.
struct Asked<'a> {
    sql: &'a str,
    options: &'a Options<'a>,
    exact: bool,
}

/// How a text is sent: one statement, certainly, by the extended protocol.
pub(super) fn way(connection: &connection::Connection, sql: &str, options: &Options<'_>) -> Way {
    let text = options.text;
    if options.parameters.is_some() || (!text && is_single(connection, sql)) {
        Way::Extended { text }
    } else {
        Way::Simple
    }
}

/// Whether a text is certainly one statement.
pub(super) fn is_single(connection: &connection::Connection, sql: &str) -> bool {
    let setting = connection.parameters().get("standard_conforming_strings");
    let standard = setting.is_none_or(|value| value.as_bytes() == b"on");
    count_statements(sql, standard) == StatementCount::One
}

/// How rows are given that have begun to come.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Giving {
    /// As they come, also if a failure is to be a notice.
    pub(super) as_they_come: bool,
    /// The first is waited for.
    pub(super) wait: bool,
}

impl State {
    /// Rows that have begun to come: as they come, or held until all are there, so that there are none if the statement fails.
    pub(super) async fn give<'s>(
        &'s mut self,
        mut rows: connection::Rows<'s>,
        expected: &Expected,
        told: Told,
        how: Giving,
    ) -> Result<Rows<'s>, Error> {
        let Giving { as_they_come, wait } = how;
        let checked = rows.columns().map(|columns| expected.check(columns)).transpose();
        let mut set = RowSet::default();
        let streams = told.fail == Fail::Raise || as_they_come;
        let failed = match &checked {
            // What fails before its first row fails with the call.
            Ok(_) if streams && wait => rows.more().await.err(),
            Ok(_) if streams => rows.failure_so_far().await,
            Ok(_) => rows.gather(&mut set).await.err(),
            Err(_) => None,
        };
        // In dblink that the connection has ended is told, with the server's last words.
        let failed = failed.map(|cause| rows.closed().map_or(cause, connection::Error::Closed));
        if let (Ok(Some(columns)), None, true) = (&checked, &failed, streams) {
            let columns = Arc::clone(columns);
            return Ok(Rows::stream(rows, self, columns, told));
        }
        let columns = checked?;
        self.read_to_end();
        if let Some(cause) = failed {
            told.tell(self.remote(cause, told.doing.clone(), told.time))?;
            return Ok(Rows::none(told));
        }
        self.rows = self.rows.saturating_add(set.len() as u64);
        Ok(Rows::held(set, columns, told).of(rows.parameters().clone()))
    }
}

/// What a statement has given, of several.
enum Last {
    Rows(RowSet, Arc<Columns>),
    Completed(CompletedCommand),
    Empty,
}

/// What was sent gives.
enum Given {
    /// Rows that come.
    Coming(Arc<Columns>),
    /// Rows that are there.
    There(RowSet, Arc<Columns>),
    /// A command's status, and its column's name.
    Status(String, Option<String>),
    /// Nothing: it has failed, and that was told.
    Nothing,
}

impl Link {
    /// Runs a query.
    async fn ask(&mut self, asked: &Asked<'_>, expected: &Expected, told: Told) -> Result<Rows<'_>, Error> {
        let way = way(&self.connection, asked.sql, asked.options);
        let parameters = asked.options.parameters.unwrap_or_default();
        if let Err(cause) = self.send(way, asked.sql, parameters, told.time).await {
            told.tell(self.remote(cause, Doing::Query, told.time))?;
            return Ok(Rows::none(told));
        }
        self.rows(way, expected, told, asked.exact).await
    }

    /// The rows of what was sent.
    pub(super) async fn rows<'s>(
        &'s mut self,
        way: Way,
        expected: &Expected,
        told: Told,
        exact: bool,
    ) -> Result<Rows<'s>, Error> {
        let several = way == Way::Simple && !is_single(&self.connection, &self.state.statement);
        let given = if several {
            self.last_given(expected, &told, exact).await
        } else {
            self.given(expected, &told).await
        };
        match given? {
            Given::There(set, columns) => {
                self.state.rows = self.state.rows.saturating_add(set.len() as u64);
                let parameters = self.connection.parameters().clone();
                Ok(Rows::held(set, Some(columns), told).of(parameters))
            }
            Given::Status(tag, name) => Ok(Rows::status_row(&tag, name.as_deref(), told)),
            Given::Nothing => Ok(Rows::none(told)),
            Given::Coming(columns) => {
                let mut rows = self.connection.whole(columns);
                if let Err(cause) = rows.look_up_types().await {
                    told.tell(self.state.remote(cause, told.doing.clone(), told.time))?;
                    return Ok(Rows::none(told));
                }
                let how = Giving {
                    as_they_come: exact,
                    wait: true,
                };
                self.state.give(rows, expected, told, how).await
            }
        }
    }

    /// What one statement gives.
    async fn given(&mut self, expected: &Expected, told: &Told) -> Result<Given, Error> {
        let cause = match poll_fn(|cx| self.connection.poll_head(cx)).await {
            Ok(Head::Rows(columns)) => return Ok(Given::Coming(columns)),
            Ok(head) => match self.finish(&head).await {
                Ok(()) => return self.without_rows(head, expected, told),
                Err(cause) => cause,
            },
            Err(cause) => cause,
        };
        told.tell(self.remote(cause, told.doing.clone(), told.time))?;
        Ok(Given::Nothing)
    }

    /// Waits until nothing comes behind the result that has begun with `head`; gives why that failed, if it did.
    pub(super) async fn finish(&mut self, head: &Head) -> Result<(), connection::Error> {
        self.state.observe(head);
        if matches!(head, Head::End | Head::Copy) {
            return Ok(());
        }
        match self.last_head().await? {
            // The statement is done, and its transaction is not: it failed as it was committed.
            Head::Failed(cause) => Err(cause),
            _ => Ok(()),
        }
    }

    /// What a statement gives that has no rows.
    fn without_rows(&mut self, head: Head, expected: &Expected, told: &Told) -> Result<Given, Error> {
        match self.done(Ok(head), &told.doing, told.time) {
            Ok(Head::Completed(completed)) => {
                let name = expected.check_status()?.map(str::to_owned);
                Ok(Given::Status(completed.as_wire_str().to_string(), name))
            }
            Ok(_) => Ok(Given::Nothing),
            Err(error) => told.tell(error).map(|()| Given::Nothing),
        }
    }

    /// The result that has no rows, of an asynchronous query.
    pub(super) fn status(
        &mut self,
        head: Head,
        expected: &Expected,
        told: Told,
    ) -> Result<Rows<'static>, Error> {
        match self.without_rows(head, expected, &told)? {
            Given::Status(tag, name) => Ok(Rows::status_row(&tag, name.as_deref(), told)),
            _ => Ok(Rows::none(told)),
        }
    }

    /// What the last of several statements gives.
    async fn last_given(&mut self, expected: &Expected, told: &Told, exact: bool) -> Result<Given, Error> {
        let mut last = Last::Empty;
        let failed = loop {
            let head = match poll_fn(|cx| self.connection.poll_head(cx)).await {
                Ok(head) => head,
                Err(cause) => break cause,
            };
            self.state.observe(&head);
            match head {
                Head::Rows(columns) => {
                    // In C each result is compared, too.
                    let named = expected.check(&columns)?;
                    let mut set = RowSet::default();
                    let gathered = self.connection.part(columns).gather(&mut set).await;
                    last = Last::Rows(set, named);
                    if let Err(cause) = gathered {
                        break self.last_head().await.err().unwrap_or(cause);
                    }
                }
                Head::Completed(completed) => last = Last::Completed(completed),
                Head::Empty => last = Last::Empty,
                Head::Failed(cause) => break self.last_head().await.err().unwrap_or(cause),
                Head::Copy => break connection::Error::UnexpectedCopy,
                Head::End => {
                    self.state.ended(&self.connection);
                    return match last {
                        Last::Rows(set, columns) => Ok(Given::There(set, columns)),
                        Last::Completed(completed) => {
                            self.without_rows(Head::Completed(completed), expected, told)
                        }
                        Last::Empty => self.without_rows(Head::Empty, expected, told),
                    };
                }
            }
        };
        told.tell(self.remote(failed, told.doing.clone(), told.time))?;
        match last {
            // What came before the failure.
            Last::Rows(set, columns) if exact => Ok(Given::There(set, columns)),
            _ => Ok(Given::Nothing),
        }
    }
}
