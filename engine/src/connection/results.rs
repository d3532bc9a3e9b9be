//! Results that are taken one at a time, whenever the caller wants the next.

use std::future::poll_fn;
use std::sync::Arc;
use std::task::{Context, Poll, Waker, ready};
use std::time::Duration;

use dblink_protocol::conversation::{CompletedCommand, Reply};
use postgres_types::ToSql;

use super::flight::Asked;
use super::parameter::Encoded;
use super::{Columns, Connection, Error, Rows};

/// How the result of a statement begins.
#[derive(Debug)]
pub(crate) enum Head {
    /// With its columns: rows follow, to be read by [`Connection::part`] or passed over by [`Connection::poll_pass`].
    Rows(Arc<Columns>),
    /// It is done, and gave no rows.
    Completed(CompletedCommand),
    /// It was empty.
    Empty,
    /// It failed: the server refused, or cancelled it for its deadline.
    Failed(Error),
    /// It is a COPY, which was given up, and what stood behind it, too.
    Copy,
    /// No more results come: the connection takes the next command.
    End,
}

/// What can be given to the server without waiting for anything.
#[derive(Debug)]
pub(crate) enum Ready<'a> {
    /// One or several statements, by the simple protocol.
    Simple(&'a str),
    /// One statement, with its parameters.
    Extended(Asked<'a>, Encoded),
}

impl Connection {
    /// Sends one or several statements, as [`simple_query`](Self::simple_query) does.
    pub(crate) async fn send_simple(&mut self, statements: &str) -> Result<(), Error> {
        let ready = self.ready_simple(statements).await?;
        self.give(ready)?;
        self.sent().await
    }

    /// Waits until one or several statements can be [given](Self::give).
    pub(crate) async fn ready_simple<'a>(&mut self, statements: &'a str) -> Result<Ready<'a>, Error> {
        self.begin().await?;
        self.trace_query(statements);
        Ok(Ready::Simple(statements))
    }

    /// Waits until a statement with parameters can be [given](Self::give), as [`query`](Self::query) does. With `text` its
    /// values come in text.
    pub(crate) async fn ready_extended<'a>(
        &mut self,
        statement: &'a str,
        parameters: &[&(dyn ToSql + Sync)],
        text: bool,
    ) -> Result<Ready<'a>, Error> {
        self.begin().await?;
        self.trace_query(statement);
        self.look_up_types().await?;
        let parameters = self.encode(statement, parameters).await?;
        let asked = if text {
            Asked::InText(statement)
        } else {
            Asked::Text(statement)
        };
        Ok(Ready::Extended(asked, parameters))
    }

    /// Gives statements to the server. From now on their results are to come, whether the caller waits until they are
    /// [sent](Self::sent) or not.
    pub(crate) fn give(&mut self, ready: Ready<'_>) -> Result<(), Error> {
        match ready {
            Ready::Simple(statements) => {
                self.channel.conversation.query(statements)?;
            }
            Ready::Extended(asked, parameters) => {
                self.fly(|conversation| asked.give(conversation, &parameters))?;
                self.keep_room(parameters);
            }
        }
        Ok(())
    }

    /// Waits until what was given is sent.
    pub(crate) async fn sent(&mut self) -> Result<(), Error> {
        poll_fn(|cx| self.poll_sent(cx, 0)).await
    }

    /// A call begins that waits for what another has sent: it has so much time, or all that it wants.
    pub(crate) fn resume(&mut self, limit: Option<Duration>) {
        self.clock.stop();
        self.unwatch();
        if limit.is_some() {
            self.clock.next = limit;
            self.clock.start();
        }
    }

    /// Limits the time of the next call, unless that has all the time it wants.
    pub(crate) const fn limit_next(&mut self, limit: Option<Duration>) {
        self.clock.next = limit;
    }

    /// Brings to its end what an earlier call has left, so that the transaction status is true.
    pub(crate) async fn settled(&mut self) -> Result<(), Error> {
        self.begin().await
    }

    /// Waits for the beginning of the next result of what was sent.
    pub(crate) fn poll_head(&mut self, cx: &mut Context<'_>) -> Poll<Result<Head, Error>> {
        loop {
            return Poll::Ready(Ok(match ready!(self.poll_reply(cx))? {
                Reply::RowDescription(columns) => Head::Rows(Arc::new(Columns::new(columns, &self.types))),
                Reply::CommandComplete(completed) => Head::Completed(completed),
                Reply::EmptyQueryResponse => Head::Empty,
                Reply::Error(diagnostic) => Head::Failed(self.refused(diagnostic)),
                Reply::CopyInResponse(_) | Reply::CopyOutResponse(_) | Reply::CopyBothResponse(_) => {
                    self.let_go();
                    Head::Copy
                }
                Reply::ReadyForQuery(_) => Head::End,
                // ParseComplete, BindComplete, NoData.
                _ => continue,
            }));
        }
    }

    /// Waits for the end of the rows of a result, without looking at them; gives why it failed, if it did.
    pub(crate) fn poll_pass(&mut self, cx: &mut Context<'_>) -> Poll<Result<Option<Error>, Error>> {
        loop {
            match ready!(self.poll_reply(cx))? {
                Reply::CommandComplete(_) => return Poll::Ready(Ok(None)),
                Reply::Error(diagnostic) => return Poll::Ready(Ok(Some(self.refused(diagnostic)))),
                _ => {}
            }
        }
    }

    /// The rows of a result that has begun, one of several. What comes after it is left for the next.
    pub(crate) const fn part(&mut self, columns: Arc<Columns>) -> Rows<'_> {
        Rows::part(self, columns)
    }

    /// The rows of a result that has begun, the only one of what was sent.
    pub(crate) const fn whole(&mut self, columns: Arc<Columns>) -> Rows<'_> {
        Rows::new(self, Some(columns))
    }

    /// Takes in what has come and is no reply, without waiting: notifications, notices, or the end.
    ///
    /// Only for a connection on which nothing is under way.
    pub(crate) fn look(&mut self) -> Result<(), Error> {
        let cx = &mut Context::from_waker(Waker::noop());
        loop {
            while let Some(event) = self.channel.take_event()? {
                self.route(event);
            }
            if self.channel.poll_exchange(cx)?.is_pending() {
                return Ok(());
            }
        }
    }

    /// Has what is under way cancelled. The request is the connection's: it goes on with whatever is called next, and no
    /// command is sent before it has come to its end.
    pub(crate) async fn cancel(&mut self) -> Result<(), super::CancelError> {
        self.cancel_failure = None;
        self.start_cancelling();
        poll_fn(|cx| {
            while self.cancelling.is_some() {
                ready!(self.poll_cancelling(cx));
            }
            Poll::Ready(())
        })
        .await;
        self.cancel_failure.take().map_or(Ok(()), Err)
    }

    /// Says goodbye as [`close`](Self::close) does, and leaves a connection that is closed.
    pub(crate) async fn leave(&mut self) {
        if self.is_closed() {
            return;
        }
        // What cannot be said is not: the connection is closed all the same.
        drop(self.say_goodbye().await);
        self.hang_up();
    }

    /// Closes the connection without waiting for anything.
    pub(crate) fn hang_up(&mut self) {
        drop(self.give_up());
        // The server is told where that takes no time.
        if self.channel.conversation.terminate().is_ok() {
            self.channel.write(&mut Context::from_waker(Waker::noop()));
        }
        self.channel.close(super::Closed::Ended(
            dblink_protocol::conversation::Ending::Terminated,
        ));
    }

    /// Whether nothing is under way.
    pub(crate) fn is_idle(&self) -> bool {
        self.channel.conversation.is_idle()
    }

    /// Whether a statement gives rows, asked before it is run. It is not run.
    ///
    /// PostgreSQL manual: [Extended Query](https://www.postgresql.org/docs/current/protocol-flow.html#PROTOCOL-FLOW-EXT-QUERY).
    ///
    /// Cancel-safe: see [`Connection`].
    ///
    /// # Errors
    ///
    /// [`Error::Server`] with the server's SQLSTATE: `42601` also if the text is several statements; [`Error::Command`] (`22023`)
    /// if it has a zero byte; [`Error::Deadline`] (`57014`); [`Error::Closed`].
    pub async fn gives_rows(&mut self, statement: &str) -> Result<bool, Error> {
        self.begin().await?;
        self.trace_query(statement);
        let (_, columns) = self.describe("", statement, &[]).await?;
        Ok(columns.is_some())
    }

    /// How many bytes were ever received.
    pub(crate) const fn received(&self) -> u64 {
        self.channel.received()
    }
}
