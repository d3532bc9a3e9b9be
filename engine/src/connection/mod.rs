//! A session with a server.

mod cancel;
mod change_password;
mod channel;
mod clock;
mod closed;
mod columns;
mod connect;
mod copy;
#[cfg(feature = "serde")]
mod deserialize;
mod error;
mod flight;
mod notifications;
mod open;
mod owned_row;
mod parameter;
mod pipeline;
mod portal;
mod prepared;
mod query;
mod results;
mod row;
mod row_set;
mod rows;
mod settle;
mod simple_query;
mod single;
mod statement;
mod stream;
mod trace;
mod transaction;
mod types;
mod watch;

pub use cancel::{CancelError, CancelHandle};
pub use closed::Closed;
pub use columns::{Column, Columns};
pub use copy::{BinaryCopyIn, BinaryCopyOut, BinaryRow, CopyIn, CopyOut, TextCopyIn, TextCopyOut, TextRow};
pub use error::Error;
pub use open::OpenError;
pub(crate) use open::Progress;
pub use owned_row::OwnedRow;
pub use pipeline::{Pipeline, PipelineResult, PipelineResults, Queued};
pub use portal::Portal;
pub(crate) use results::{Head, Ready};
pub use row::{ColumnIndex, Row};
pub use row_set::{RowSet, RowSetIter};
pub(crate) use rows::Detached;
pub use rows::Rows;
pub use simple_query::{SimpleResult, SimpleResults, SimpleRows};
pub use statement::Statement;
pub use stream::RowStream;
pub use transaction::{IsolationLevel, Transaction, TransactionBuilder};
pub(crate) use watch::{Asking, Watcher};

use std::collections::VecDeque;
use std::fmt;
use std::future::poll_fn;
use std::net::IpAddr;
use std::pin::Pin;
use std::sync::Mutex;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use channel::Channel;
use clock::Clock;
use dblink_protocol::SqlState;
use dblink_protocol::backend::{Diagnostic, TransactionStatus};
use dblink_protocol::conversation::{CancelKey, Event, Notification, Parameters, Reply};
use parameter::Encoded;
use statement::Statements;
use trace::Trace;
use transaction::Level;
use types::Types;
use watch::Watch;

use crate::net::Target;
use crate::net::tls::{TlsInfo, TlsWarning};

/// A session with a server, owned by whoever uses it: no task runs behind it, and no channel stands between the caller and
/// the socket. A caller that does not read holds the server back, and nobody else.
///
/// [`connect`](Self::connect) makes one, and the [front page](crate) shows what can be done with it.
///
/// # Dropping futures
///
/// Every future may be dropped at any await, and every result half-way. One that was never polled has done nothing. What was
/// given to the connection by then, the server does, now or with the next command; the answer is taken off the wire before
/// that command's, and never passes for it.
///
/// What is left of a result is read and thrown away by the next command. When more than 1 MiB of it has gone by, it is
/// cancelled at the server instead; but not in a transaction block, which that would fail.
///
/// # Deadlines
///
/// [`set_deadline`](Self::set_deadline) gives each call a time limit, [`within`](Self::within) the next one. It holds from
/// the call to the last row of its result, the time included in which the caller does not ask for rows.
///
/// When it has passed, the statement is cancelled at the server, and the call fails with [`Error::Deadline`] (SQLSTATE
/// `57014`) as soon as the server has ended it: the connection can then be used again. A statement that was done before the
/// request to cancel met it stays done, and its call succeeds, unless rows came too late to be given. A server that does not
/// end the statement within the [grace](Self::set_grace) loses the connection ([`Closed::Unresponsive`]).
///
/// The time is also that of what an earlier call has left: if it passes while that is cleared away, nothing is sent.
pub struct Connection {
    channel: Channel,
    clock: Clock,
    /// Who looks after calls that wait for long.
    watch: Option<Watch>,
    /// A request to cancel that is on its way. No command is given before it has come to its end.
    cancelling: Option<Mutex<Cancelling>>,
    /// What is to be cancelled has begun since that request, which may have met what was before it.
    cancel_again: bool,
    /// Why the last request to cancel did not get through.
    cancel_failure: Option<CancelError>,
    /// How much had been received when what is now drained was given up.
    drained_from: Option<u64>,
    /// The transaction or savepoint that is to be rolled back before the next command.
    unfinished: Option<Level>,
    /// How many guards of transactions and savepoints are alive.
    level: Level,
    statements: Statements,
    /// Room for the next parameters.
    room: Encoded,
    types: Types,
    trace: Trace,
    /// How many portals were ever made.
    portals: u64,
    notifications: VecDeque<Notification>,
    on_notice: Option<NoticeHandler>,
    /// Where the server is, if this crate found it.
    target: Option<Target>,
    tls: Option<Box<TlsInfo>>,
    tls_warnings: Vec<TlsWarning>,
    used_password: bool,
}

type Cancelling = Pin<Box<dyn Future<Output = Result<(), CancelError>> + Send>>;
type NoticeHandler = Box<dyn FnMut(&Diagnostic) + Send + Sync>;

impl Connection {
    fn new(channel: Channel) -> Self {
        Self {
            channel,
            clock: Clock::default(),
            watch: None,
            cancelling: None,
            cancel_again: false,
            cancel_failure: None,
            drained_from: None,
            unfinished: None,
            level: Level::default(),
            statements: Statements::default(),
            room: Encoded::default(),
            types: Types::default(),
            trace: Trace::default(),
            portals: 0,
            notifications: VecDeque::new(),
            on_notice: None,
            target: None,
            tls: None,
            tls_warnings: Vec::new(),
            used_password: false,
        }
    }

    pub(crate) fn set_target(&mut self, target: Target) {
        self.target = Some(target);
    }

    /// Has every notice of the server handed to `handler`, when a call meets it in what the server sends. At first they
    /// go nowhere.
    ///
    /// PostgreSQL manual: [Notice Processing](https://www.postgresql.org/docs/current/libpq-notice-processing.html).
    pub fn on_notice(&mut self, handler: impl FnMut(&Diagnostic) + Send + Sync + 'static) {
        self.on_notice = Some(Box::new(handler));
    }

    /// Limits the time of each call from now on; see [Deadlines](Self#deadlines). At first there is no limit.
    pub const fn set_deadline(&mut self, limit: Option<Duration>) {
        self.clock.each = limit;
    }

    /// Limits the time of the next call alone; see [Deadlines](Self#deadlines).
    ///
    /// ```
    /// # use dblink_engine::{connection::Connection, conninfo::{Conninfo, ProcessEnvironment}};
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let server = Conninfo::parse(dblink_tests::Cluster::shared().conninfo())?.resolve(&ProcessEnvironment)?;
    /// # let mut connection = Connection::connect(&server).await?;
    /// use std::time::Duration;
    ///
    /// use dblink_engine::connection::Error;
    ///
    /// let limit = Duration::from_millis(20);
    /// match connection.within(limit).execute("select pg_sleep(60)", &[]).await {
    ///     Err(Error::Deadline { .. }) => println!("not today"),
    ///     result => println!("{} rows", result?),
    /// }
    /// # assert!(connection.within(limit).execute("select pg_sleep(60)", &[]).await.is_err());
    /// connection.ping().await?;
    /// # Ok(())
    /// # }
    /// ```
    #[must_use = "it limits the call that follows on it"]
    pub const fn within(&mut self, limit: Duration) -> &mut Self {
        self.clock.next = Some(limit);
        self
    }

    /// How long the server may take to end a statement that was cancelled; 5 s at first. After that the connection is closed.
    pub const fn set_grace(&mut self, grace: Duration) {
        self.clock.grace = grace;
    }

    /// The server's run-time parameters, as last told: those that it reports by itself.
    ///
    /// PostgreSQL manual:
    /// [Asynchronous Operations](https://www.postgresql.org/docs/current/protocol-flow.html#PROTOCOL-ASYNC).
    pub const fn parameters(&self) -> &Parameters {
        self.channel.conversation.parameters()
    }

    /// The transaction status as of the last command that is over.
    pub const fn transaction_status(&self) -> TransactionStatus {
        self.channel.conversation.transaction_status()
    }

    /// The server process of the session, if it was told.
    pub fn process_id(&self) -> Option<i32> {
        self.channel.conversation.process_id()
    }

    /// The key by which the commands of this session are cancelled, if the server gave one.
    /// [`cancel_handle`](Self::cancel_handle) is what uses it.
    pub const fn cancel_key(&self) -> Option<&CancelKey> {
        self.channel.conversation.cancel_key()
    }

    /// Where the server is: its address in numbers and its port, or the path of its socket. None of a
    /// [stream of the caller's](Self::open).
    ///
    /// PostgreSQL manual: [`PQhostaddr`](https://www.postgresql.org/docs/current/libpq-status.html#LIBPQ-PQHOSTADDR).
    pub fn server_address(&self) -> Option<String> {
        self.target.as_ref().map(ToString::to_string)
    }

    /// The host that was connected to, of those that the configuration has: its name as given there, its address if it has no
    /// name, or the folder of its Unix-domain socket. None of a [stream of the caller's](Self::open).
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let conninfo = dblink_tests::Cluster::shared().conninfo();
    /// use dblink_engine::connection::Connection;
    /// use dblink_engine::conninfo::{Conninfo, ProcessEnvironment};
    ///
    /// let config = Conninfo::parse(conninfo)?.resolve(&ProcessEnvironment)?;
    /// let connection = Connection::connect(&config).await?;
    /// let (host, port) = (connection.host().ok_or("no host")?, connection.port().ok_or("no port")?);
    /// println!("connected to {host}:{port}, which is {:?}", connection.hostaddr());
    /// # assert_eq!(host, config.hosts[0].host);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// PostgreSQL manual: [`PQhost`](https://www.postgresql.org/docs/current/libpq-status.html#LIBPQ-PQHOST).
    pub fn host(&self) -> Option<&str> {
        self.target.as_ref().map(Target::host)
    }

    /// The address that was connected to; none of a Unix-domain socket, nor of a [stream of the caller's](Self::open).
    ///
    /// PostgreSQL manual: [`PQhostaddr`](https://www.postgresql.org/docs/current/libpq-status.html#LIBPQ-PQHOSTADDR).
    pub fn hostaddr(&self) -> Option<IpAddr> {
        self.target.as_ref().and_then(Target::hostaddr)
    }

    /// The port of [`host`](Self::host).
    ///
    /// PostgreSQL manual: [`PQport`](https://www.postgresql.org/docs/current/libpq-status.html#LIBPQ-PQPORT).
    pub fn port(&self) -> Option<u16> {
        self.target.as_ref().map(Target::port)
    }

    /// The session's TLS, if it is encrypted.
    ///
    /// PostgreSQL manual: [`PQsslInUse`](https://www.postgresql.org/docs/current/libpq-status.html#LIBPQ-PQSSLINUSE).
    pub fn tls(&self) -> Option<&TlsInfo> {
        self.tls.as_deref()
    }

    /// What does not work as it was asked for in the session's TLS, though the session came about: a server's certificate that
    /// nobody verifies, say, since the file of root certificates is not there. [`Config::warnings`] has what was to be said
    /// before.
    ///
    /// [`Config::warnings`]: crate::conninfo::Config::warnings
    pub fn tls_warnings(&self) -> &[TlsWarning] {
        &self.tls_warnings
    }

    /// Whether the server has asked for the password, and got it or a proof of it. A server that asks for none has let in
    /// whoever is at this end, and not the password's owner.
    ///
    /// PostgreSQL manual: [`PQconnectionUsedPassword`](https://www.postgresql.org/docs/current/libpq-status.html#LIBPQ-PQCONNECTIONUSEDPASSWORD).
    pub const fn used_password(&self) -> bool {
        self.used_password
    }

    /// Whether the connection is known to be over, so that every command fails. That a server has gone is only noticed by a
    /// call that sends or waits, such as [`ping`](Self::ping).
    pub fn is_closed(&self) -> bool {
        self.channel.closed().is_some()
    }

    /// Why the connection is over, if it is.
    pub fn closed(&self) -> Option<Closed> {
        self.channel.closed()
    }

    /// Asks the server for nothing, and waits for its answer.
    ///
    /// Cancel-safe: see [`Connection`].
    ///
    /// # Errors
    ///
    /// [`Error::Closed`] (SQLSTATE `08006`, or the server's own) if the server is not there any more, or has not answered
    /// by its [deadline](Self#deadlines) and the grace after it; [`Error::Deadline`] (`57014`) if what an earlier call had
    /// left took so long.
    pub async fn ping(&mut self) -> Result<(), Error> {
        self.begin().await?;
        // Unlike an empty statement, Sync alone does not disturb a failed transaction.
        self.channel.conversation.sync()?;
        self.until_ready().await
    }

    /// Says goodbye, and closes the connection when that is sent. It takes at most as long as the
    /// [grace](Self::set_grace): a server that does not read is left alone.
    ///
    /// A transaction that is open is rolled back, and so is what a dropped future has left unfinished. Dropping the connection
    /// does the same, without a word to the server.
    ///
    /// Dropping the future closes the connection, too, whether the server was told or not.
    ///
    /// # Errors
    ///
    /// [`Error::Closed`] (SQLSTATE `08006`, or the server's own) if the connection was closed before.
    pub async fn close(mut self) -> Result<(), Error> {
        if let Some(closed) = self.channel.closed() {
            return Err(closed.into());
        }
        self.say_goodbye().await
    }

    /// Says goodbye, and waits until that is sent, within the grace. No more can be done on the connection.
    async fn say_goodbye(&mut self) -> Result<(), Error> {
        // A COPY takes no Terminate.
        self.give_up()?;
        self.channel.conversation.terminate()?;
        let grace = self.clock.grace;
        let goodbye = async {
            // That the server has already gone is no failure to close.
            if poll_fn(|cx| self.poll_sent(cx, 0)).await.is_ok() {
                self.channel.shut_down().await;
            }
        };
        drop(tokio::time::timeout(grace, goodbye).await);
        Ok(())
    }

    /// Waits until at most `left` bytes are outgoing. It reads meanwhile, and keeps what it reads.
    fn poll_sent(&mut self, cx: &mut Context<'_>, left: usize) -> Poll<Result<(), Error>> {
        loop {
            if self.channel.poll_write(cx, left)?.is_ready() {
                return Poll::Ready(Ok(()));
            }
            if self.channel.is_full() {
                ready!(self.poll_time(cx))?;
            } else {
                ready!(self.poll_more(cx))?;
            }
        }
    }

    /// The next event, of which there must be one to come.
    fn poll_event(&mut self, cx: &mut Context<'_>) -> Poll<Result<Event, Error>> {
        loop {
            if let Some(event) = self.channel.take_event()? {
                self.keep_up(cx)?;
                return Poll::Ready(Ok(event));
            }
            ready!(self.poll_more(cx))?;
        }
    }

    /// The next reply to a command.
    fn reply(&mut self) -> impl Future<Output = Result<Reply, Error>> {
        poll_fn(|cx| self.poll_reply(cx))
    }

    fn poll_reply(&mut self, cx: &mut Context<'_>) -> Poll<Result<Reply, Error>> {
        loop {
            match self.channel.take_event()? {
                Some(Event::Reply { reply, .. }) => {
                    self.keep_up(cx)?;
                    match reply {
                        Reply::Rows(_) | Reply::CopyData(_) if self.clock.refuses_data() => continue,
                        Reply::Rows(ref batch) => self.trace.count(batch.len()),
                        Reply::CommandComplete(ref completed) => self.trace.completed(completed),
                        Reply::Error(ref error) => self.trace.failed(error.sqlstate()),
                        Reply::ReadyForQuery(_) if self.channel.conversation.is_idle() => {
                            self.trace.end(self.channel.received());
                        }
                        // Each segment of a pipeline is cancelled by itself.
                        Reply::ReadyForQuery(_) if self.clock.expired().is_some() => self.start_cancelling(),
                        _ => {}
                    }
                    return Poll::Ready(Ok(reply));
                }
                Some(event) => {
                    self.keep_up(cx)?;
                    self.route(event);
                }
                None => ready!(self.poll_more(cx))?,
            }
        }
    }

    /// A server that only ever talks must neither keep what we have to say from being said, nor stop the clock.
    fn keep_up(&mut self, cx: &mut Context<'_>) -> Result<(), Error> {
        if !self.channel.conversation.outgoing().is_empty() {
            self.channel.write(cx);
        }
        self.check_time()
    }

    /// Waits until there is more to be understood.
    fn poll_more(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Error>> {
        let _ = self.poll_cancelling(cx);
        if self.channel.poll_exchange(cx)?.is_pending() {
            ready!(self.poll_time(cx))?;
            return Poll::Ready(Ok(()));
        }
        // A long message may come without a pause, too.
        Poll::Ready(self.check_time())
    }

    /// The next reply to a command that may have `failed`. If the connection ends, that is told rather than the end.
    fn reply_unless_failed(
        &mut self,
        failed: &mut Option<Diagnostic>,
    ) -> impl Future<Output = Result<Reply, Error>> {
        poll_fn(|cx| {
            let reply = self.poll_reply(cx);
            reply.map_err(|error| failed.take().map_or(error, Error::Server))
        })
    }

    /// Waits for ReadyForQuery, after which the next command may be given.
    async fn until_ready(&mut self) -> Result<(), Error> {
        while !matches!(self.reply().await?, Reply::ReadyForQuery(_)) {}
        Ok(())
    }

    /// An error that a command got: waits until the command is over, so that the connection is as the error left it.
    async fn fail(&mut self, diagnostic: Diagnostic) -> Error {
        match self.until_ready().await {
            Ok(()) | Err(Error::Closed(_)) => self.refused(diagnostic),
            Err(error) => error,
        }
    }

    /// What the server said of a command: that it was cancelled, if that was for its deadline.
    fn refused(&self, diagnostic: Diagnostic) -> Error {
        match self.clock.expired() {
            Some(limit) if diagnostic.sqlstate() == Some(SqlState::QUERY_CANCELED) => {
                Error::Deadline { limit }
            }
            _ => Error::Server(diagnostic),
        }
    }

    /// Gives what is asynchronous to whom it concerns.
    fn route(&mut self, event: Event) {
        match event {
            Event::Notice(notice) => {
                if let Some(handler) = &mut self.on_notice {
                    handler(&notice);
                }
            }
            Event::Notification(notification) => self.notifications.push_back(notification),
            // Nobody asked for a reply; and the conversation has kept the others.
            _ => {}
        }
    }
}

impl fmt::Debug for Connection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Connection")
            .field("process_id", &self.process_id())
            .field("transaction_status", &self.transaction_status())
            .field("closed", &self.channel.closed())
            .finish_non_exhaustive()
    }
}
