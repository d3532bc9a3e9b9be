//! `dblink_send_query`, `dblink_is_busy`, `dblink_get_result`, `dblink_cancel_query` and `dblink_error_message`:
//! asynchronous queries.

use super::call::{Options, call};
use super::notice::Notice;
use super::query::{Giving, way};
use super::rows::Expected;
use super::state::State;
use super::{Doing, Error, Fail, Name, Rows, Session};
use crate::connection::{self, Head};
use crate::libpq_text::{BUSY, GONE};

/// A query that is to be sent; see [`Session::send_query`]. It is sent when this is awaited.
#[derive(Debug)]
#[must_use = "a query is sent when this is awaited"]
pub struct SendQuery<'s, 'a> {
    session: &'s mut Session,
    name: Name<'a>,
    sql: &'a str,
    options: Options<'a>,
}

/// A result that is to be taken; see [`Session::get_result`]. It is taken when this is awaited.
#[derive(Debug)]
#[must_use = "a result is taken when this is awaited"]
pub struct GetResult<'s, 'a> {
    session: &'s mut Session,
    name: Name<'a>,
    options: Options<'a>,
}

call!(SendQuery gives bool, with params, text, within);
call!(GetResult gives Option<Rows<'s>>, with fail, columns, strict, within);

impl Session {
    /// `dblink_send_query`: sends one or several statements, and does not wait for what they give. Tells whether they were
    /// sent; if not, a [notice](Notice::NotSent) tells why.
    ///
    /// The results are taken by [`get_result`](Self::get_result), one after the other. Until all are, the connection takes no
    /// other command; those that are not read keep the server waiting.
    ///
    /// ```
    /// # use dblink_engine::session::Session;
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let server = dblink_tests::Cluster::shared().conninfo();
    /// # let mut session = Session::new();
    /// for name in ["north", "south"] {
    ///     session.connect(name, &server).await?;
    ///     session.send_query(name, "select count(*) from pg_class").await?;
    /// }
    /// for name in ["north", "south"] {
    ///     while let Some(mut rows) = session.get_result(name).await? {
    ///         while let Some(row) = rows.next().await? {
    ///             println!("{name}: {}", row.get::<i64>(0)?);
    ///         }
    ///     }
    /// }
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// Cancel-safe: the query may have been sent; then its results are there to be taken.
    ///
    /// PostgreSQL manual: [dblink_send_query](https://www.postgresql.org/docs/current/contrib-dblink-send-query.html).
    ///
    /// # Errors
    ///
    /// [`Error::NotAvailable`] (SQLSTATE `08003`); [`Error::Deadline`] (`57014`).
    pub fn send_query<'s, 'a>(&'s mut self, name: impl Into<Name<'a>>, sql: &'a str) -> SendQuery<'s, 'a> {
        SendQuery {
            session: self,
            name: name.into(),
            sql,
            options: Options::default(),
        }
    }

    /// `dblink_is_busy`: whether [`get_result`](Self::get_result) would have to wait.
    ///
    /// It reads what has come by now. When it says no, the next result has begun to come, or there is none; of what comes after
    /// its first rows it says nothing. To wait for that, see [`wait_any`](Self::wait_any).
    ///
    /// ```
    /// # use dblink_engine::session::Session;
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let server = dblink_tests::Cluster::shared().conninfo();
    /// # let mut session = Session::new();
    /// session.connect("sales", &server).await?;
    /// session.send_query("sales", "select count(*) from pg_class").await?;
    /// while session.is_busy("sales").await? {
    ///     // Here something else would be done.
    /// }
    /// assert!(session.get_result("sales").await?.is_some());
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// Cancel-safe: nothing is lost.
    ///
    /// PostgreSQL manual: [dblink_is_busy](https://www.postgresql.org/docs/current/contrib-dblink-is-busy.html).
    ///
    /// # Errors
    ///
    /// [`Error::NotAvailable`] (SQLSTATE `08003`).
    pub async fn is_busy(&mut self, name: impl Into<Name<'_>>) -> Result<bool, Error> {
        let link = self.link(name.into())?;
        // The runtime has its turn, to see what has come.
        tokio::task::yield_now().await;
        Ok(!link.look())
    }

    /// `dblink_get_result`: the next result of an asynchronous query, as soon as it begins to come; none when there are no
    /// more. A command gives one row with its status. What was not read of the result before goes by.
    ///
    /// A result with another width or other types than the [columns](GetResult::columns) say is taken all the same: the next
    /// call gives the next one.
    ///
    /// ```
    /// # use dblink_engine::session::Session;
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let server = dblink_tests::Cluster::shared().conninfo();
    /// # let mut session = Session::new();
    /// session.connect("sales", &server).await?;
    /// session.send_query("sales", "select 7; set work_mem = '1MB'").await?;
    /// let mut texts = Vec::new();
    /// while let Some(mut rows) = session.get_result("sales").await? {
    ///     while let Some(row) = rows.next().await? {
    ///         texts.push(row.text(0)?.unwrap_or("null").to_owned());
    ///     }
    /// }
    /// assert_eq!(texts, ["7", "SET"]);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// Cancel-safe: a result is lost only when it was handed out.
    ///
    /// PostgreSQL manual: [dblink_get_result](https://www.postgresql.org/docs/current/contrib-dblink-get-result.html).
    ///
    /// # Errors
    ///
    /// [`Error::NotAvailable`] (SQLSTATE `08003`); [`Error::Remote`] with the server's SQLSTATE, or `08006`; [`Error::Width`],
    /// [`Error::ColumnType`], [`Error::Status`] (`42804`); [`Error::Deadline`] (`57014`).
    pub fn get_result<'s, 'a>(&'s mut self, name: impl Into<Name<'a>>) -> GetResult<'s, 'a> {
        GetResult {
            session: self,
            name: name.into(),
            options: Options::default(),
        }
    }

    /// `dblink_cancel_query`: has what runs on a connection cancelled, and waits until the server has got the request.
    ///
    /// The query then fails with SQLSTATE `57014`, unless it was over before; its results are still to be taken. The request
    /// goes over the same kind of connection as the session's: encrypted, if that is.
    ///
    /// ```
    /// # use dblink_engine::session::Session;
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let server = dblink_tests::Cluster::shared().conninfo();
    /// # let mut session = Session::new();
    /// session.connect("sales", &server).await?;
    /// session.send_query("sales", "select pg_sleep(3600)").await?;
    /// session.cancel_query("sales").await?;
    /// // It fails at once, or with its rows if it has begun to give some.
    /// let cancelled = match session.get_result("sales").await {
    ///     Ok(rows) => rows.ok_or("no result")?.collect().await.unwrap_err(),
    ///     Err(error) => error,
    /// };
    /// assert_eq!(cancelled.message(), "canceling statement due to user request");
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// Cancel-safe: the request goes on with whatever is called next on this connection, and no command is sent before it has
    /// come to its end.
    ///
    /// PostgreSQL manual: [dblink_cancel_query](https://www.postgresql.org/docs/current/contrib-dblink-cancel-query.html).
    ///
    /// # Errors
    ///
    /// [`Error::NotAvailable`] (SQLSTATE `08003`); [`Error::Cancel`] (`08006`) if the request did not get through.
    pub async fn cancel_query(&mut self, name: impl Into<Name<'_>>) -> Result<(), Error> {
        let link = self.link(name.into())?;
        link.connection.cancel().await.map_err(Error::Cancel)
    }

    /// `dblink_error_message`: the last error of a connection, in libpq's words; `OK` if the last command has not failed.
    ///
    /// ```
    /// # use dblink_engine::session::{Fail, Session};
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let server = dblink_tests::Cluster::shared().conninfo();
    /// # let mut session = Session::new();
    /// session.connect("sales", &server).await?;
    /// session.exec("sales", "set work_mem = nonsense").fail(Fail::Notice).await?;
    /// assert_eq!(
    ///     session.error_message("sales")?,
    ///     "ERROR:  invalid value for parameter \"work_mem\": \"nonsense\""
    /// );
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// PostgreSQL manual: [dblink_error_message](https://www.postgresql.org/docs/current/contrib-dblink-error-message.html).
    ///
    /// # Errors
    ///
    /// [`Error::NotAvailable`] (SQLSTATE `08003`).
    pub fn error_message<'a>(&mut self, name: impl Into<Name<'a>>) -> Result<String, Error> {
        let state = &self.link(name.into())?.state;
        Ok(if state.message.is_empty() {
            "OK".to_owned()
        } else {
            state.message.clone()
        })
    }
}

impl SendQuery<'_, '_> {
    async fn run(self) -> Result<bool, Error> {
        let Self {
            session,
            name,
            sql,
            options,
        } = self;
        let notices = session.notices.clone();
        let time = options.start(session);
        let not_sent = |name: &Option<String>, cause: String| {
            notices.tell(&Notice::NotSent {
                name: name.clone(),
                cause,
            });
        };
        let link = match session.usable(name, &Doing::Query, time).await {
            Ok(link) => link,
            Err(error) => {
                let cause = match &error {
                    Error::Busy { .. } => BUSY.to_owned(),
                    Error::Gone { .. } => GONE.to_owned(),
                    _ => return Err(error),
                };
                not_sent(&session.link(name)?.state.name, cause);
                return Ok(false);
            }
        };
        let way = way(&link.connection, sql, &options);
        let sent = link
            .begin_pending(way, sql, options.parameters.unwrap_or_default(), time)
            .await;
        let Err(cause) = sent else {
            return Ok(true);
        };
        link.state.failed(&cause);
        match cause {
            connection::Error::Deadline { .. } => return Err(time.passed()),
            connection::Error::Closed(_) => GONE.clone_into(&mut link.state.message),
            _ => {}
        }
        not_sent(&link.state.name, link.state.message.clone());
        Ok(false)
    }
}

impl<'s> GetResult<'s, '_> {
    async fn run(self) -> Result<Option<Rows<'s>>, Error> {
        let Self {
            session,
            name,
            options,
        } = self;
        let time = options.start(session);
        let expected = options.expected(session.compat)?;
        let told = options.told(session, Doing::Query, time);
        let link = session.link(name)?;
        let rows = match link.take_begun(time).await {
            Some(begun) => connection::Rows::attach(&mut link.connection, begun),
            None => {
                let head = match link.take_head(time).await {
                    Ok(None) => return Ok(None),
                    Ok(Some(head)) => head,
                    Err(cause) => {
                        told.tell(link.remote(cause, Doing::Query, time))?;
                        return Ok(Some(Rows::none(told)));
                    }
                };
                let Head::Rows(columns) = head else {
                    return link.status(head, &expected, told).map(Some);
                };
                if link.is_pending() {
                    link.connection.part(columns)
                } else {
                    link.connection.whole(columns)
                }
            }
        };
        // Whoever drops the future now gets this result by the next call.
        let mut taking = Taking(Some((rows, &mut link.state)));
        let prepared = taking.prepare(&expected, options.fail).await;
        let Some((rows, state)) = taking.0.take() else {
            return Ok(None);
        };
        if let Err(cause) = prepared {
            told.tell(state.remote(cause, Doing::Query, time))?;
            return Ok(Some(Rows::none(told)));
        }
        state
            .give(rows, &expected, told, Giving::default())
            .await
            .map(Some)
    }
}

/// A result that is being taken. Where that is dropped, the next call goes on with it.
struct Taking<'s>(Option<(connection::Rows<'s>, &'s mut State)>);

impl Taking<'_> {
    /// Waits for what there has to be before the rows are given: their types, and all of them if they are held.
    async fn prepare(&mut self, expected: &Expected, fail: Fail) -> Result<(), connection::Error> {
        let Some((rows, _)) = &mut self.0 else {
            return Ok(());
        };
        rows.look_up_types().await?;
        let wanted = rows
            .columns()
            .is_some_and(|columns| expected.check(columns).is_ok());
        if fail == Fail::Notice && wanted {
            rows.keep_all().await?;
        }
        Ok(())
    }
}

impl Drop for Taking<'_> {
    fn drop(&mut self) {
        if let Some((rows, state)) = self.0.take() {
            state.begun = Some(rows.detach());
        }
    }
}
