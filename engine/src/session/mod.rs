//! dblink: connections to other databases, by name, and one method for each of dblink's functions.
//!
//! ```
//! use dblink_engine::session::{Fail, Session};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let server = dblink_tests::Cluster::shared().conninfo();
//! let mut session = Session::new();
//! session.connect("sales", &server).await?;
//! session.exec("sales", "create temp table city (name text, people int)").await?;
//! session.exec("sales", "insert into city values ($1, $2)").params(&[&"Paris", &2_103_778]).await?;
//!
//! let mut rows = session.query("sales", "select name, people from city").await?;
//! while let Some(row) = rows.next().await? {
//!     println!("{}: {}", row.get::<&str>("name")?, row.get::<i32>("people")?);
//! }
//! drop(rows);
//!
//! let tag = session.exec("sales", "drop table atlantis").fail(Fail::Notice).await?;
//! assert_eq!(tag, "ERROR");
//! session.disconnect("sales").await?;
//! # Ok(())
//! # }
//! ```
//!
//! # The functions
//!
//! | dblink | here | |
//! |---|---|---|
//! | `dblink_connect` | [`connect`](Session::connect) | opens a connection that stays |
//! | `dblink_connect_u` | [`connect_u`](Session::connect_u) | the same without the rules on passwords |
//! | `dblink_disconnect` | [`disconnect`](Session::disconnect) | closes it |
//! | `dblink` | [`query`](Session::query) | runs a query, gives its rows |
//! | `dblink_exec` | [`exec`](Session::exec) | runs a command, gives its tag |
//! | `dblink_open` | [`open`](Session::open) | opens a cursor |
//! | `dblink_fetch` | [`fetch`](Session::fetch) | gives rows of it |
//! | `dblink_close` | [`close`](Session::close) | closes it |
//! | `dblink_get_connections` | [`get_connections`](Session::get_connections), [`connections`](Session::connections) | the names; and how the connections are |
//! | `dblink_error_message` | [`error_message`](Session::error_message) | the last error in libpq's words |
//! | `dblink_send_query` | [`send_query`](Session::send_query) | sends statements, and does not wait |
//! | `dblink_is_busy` | [`is_busy`](Session::is_busy) | whether their next result has not come |
//! | `dblink_get_result` | [`get_result`](Session::get_result) | takes it |
//! | `dblink_cancel_query` | [`cancel_query`](Session::cancel_query) | stops what runs |
//! | `dblink_get_notify` | [`get_notify`](Session::get_notify), [`wait_notify`](Session::wait_notify) | what came by `NOTIFY`; and what will |
//! | `dblink_get_pkey` | [`get_pkey`](Session::get_pkey) | the columns of a primary key |
//! | `dblink_build_sql_insert` | [`build_sql_insert`](Session::build_sql_insert) | the statements that copy a row |
//! | `dblink_build_sql_delete` | [`build_sql_delete`](Session::build_sql_delete) | |
//! | `dblink_build_sql_update` | [`build_sql_update`](Session::build_sql_update) | |
//!
//! `dblink_current_query` is PostgreSQL's own `current_query()`, which is a matter of the server.
//!
//! A first argument that is a string means what it means to dblink: for [`query`](Session::query) and [`exec`](Session::exec)
//! the name of an open connection, else a foreign server of the local database, else a connection string. Whoever does not
//! want that to be guessed gives a [`Target`], a [`Name`] or a [`Destination`].
//!
//! Beyond dblink there are [`wait_any`](Session::wait_any) and [`wait_all`](Session::wait_all) for several asynchronous queries,
//! [`scatter`](Session::scatter) for one statement on many databases, and [`autonomous`](Session::autonomous) for one that is
//! committed by itself. A call is stopped from outside by a [`canceller`](Session::canceller). A call that waits for a lock of its own session is [told so](SessionBuilder::deadlock_timeout).
//!
//! # Here and there
//!
//! A session has no database of its own. It may have a [local connection](SessionBuilder::local), to the database "here": that
//! resolves foreign servers, answers [`get_pkey`](Session::get_pkey) and the statement builders, and says whether the caller is
//! a superuser.
//!
//! Values are not converted by a local server: a row has them as the remote server gives them, for Rust's types. A
//! [definition list](Query::columns) is therefore not needed; where there is one, the columns' number and types are compared.
//!
//! # What is peculiar in dblink
//!
//! What follows was found in PostgreSQL's own module. What nobody can rely on is mended always; what somebody might is mended
//! unless the session is to be [exact](Compat::Exact); the rest is as it is there. Each line has its test in
//! `tests/tests/session/quirks.rs`, beside PostgreSQL's own module where that can be run.
//!
//! | | in PostgreSQL's module | here | tests |
//! |---|---|---|---|
//! | 1 | a query that fails half-way, as a notice, leaves the rows before the failure | none; exact: those rows | `q01_a_query_that_fails_half_way_leaves_no_rows` |
//! | 2 | `get_result` has to be called once behind the last result | the connection is free when the last was taken | `q02_the_end_of_results_needs_no_call` |
//! | 3 | no rows look like no more results | [`None`] is the end | `q03_no_rows_and_no_more_results_differ` |
//! | 4 | a result of another width is taken all the same | as there | `q04_a_result_of_another_width_is_taken` |
//! | 5 | `dblink()` throws away results that are to be taken, and fails | it fails, and they are kept | `q05_pending_results_are_kept` |
//! | 6 | "another command is already in progress" piles up in one message | once | `q06_a_refusal_does_not_pile_up` |
//! | 7 | commands and cursors refuse while results are to be taken | as there | `q07_commands_and_cursors_refuse_while_results_are_pending` |
//! | 8 | `close` may commit a transaction of the caller's | never: the server's transaction status counts | `q08_a_callers_transaction_is_never_committed` |
//! | 9 | a cursor that is not opened leaves a failed transaction | none; exact: as there | `q09_a_cursor_that_is_not_opened_leaves_no_transaction` |
//! | 10 | `exec` refuses rows after it has made them | before, where the server can tell; exact: as there | `q10_rows_are_refused_before_they_are_made` |
//! | 11 | types are not compared with the definition | they are, all kinds of text being one; exact: not | `q11_types_are_compared` |
//! | 12 | `COPY` by `exec` leaves a connection that cannot be used | a clean error | `q12_a_copy_as_a_command_is_a_clean_error` |
//! | 13 | `COPY TO STDOUT` by `dblink()` never comes back | a clean error | `q13_a_copy_as_a_query_is_a_clean_error` |
//! | 14 | a timeout of `dblink()` waits for the remote's end | the statement is cancelled there | `q14_a_deadline_stops_the_query_at_the_server` |
//! | 15 | a timeout of `exec` leaves the remote running, and the connection busy | cancelled, and free | `q15_a_deadline_stops_the_command_at_the_server` |
//! | 16 | a lock held by another connection of the session is waited for without end | an error, `40P01`; exact: as there | `it_is_told_within_about_a_second`, in `deadlock.rs` |
//! | 17 | a connection that has ended stays so | it may be opened [anew](SessionBuilder::reconnect) | `q17_a_connection_that_has_ended_is_opened_anew_if_that_is_wished` |
//! | 18 | what is not busy does not wait, for its first result | as there; and there is [`wait_any`](Session::wait_any) | `q18_what_is_not_busy_is_taken_without_waiting` |
//! | 19 | `get_notify` cannot wait | [`wait_notify`](Session::wait_notify) can | `q19_a_notification_can_be_waited_for` |
//! | 20 | a connection string connects at each call | as there; [`autonomous`](Session::autonomous) keeps its connections | `q20_a_connection_string_connects_for_the_call_alone` |
//! | 21 | times are read here by another time zone's name | values are binary, or text with ISO dates | `q21_a_time_means_the_same_here_and_there` |
//! | 22 | `money` is read by another locale | as text, or not at all | `q22_money_is_read_as_text_or_not_at_all` |
//! | 23 | no row is given before the last has come | rows come one by one | `q23_rows_are_there_before_the_last_has_come` |

mod asynchronous;
mod autonomous;
mod builder;
mod call;
mod canceller;
mod connect;
mod cursor;
mod deadlock;
mod definition;
mod error;
mod exec;
mod foreign_server;
mod link;
mod list;
mod name;
mod notice;
mod notify;
mod pending;
mod pkey;
mod policy;
mod query;
mod relation;
mod report;
mod rows;
mod scatter;
mod state;
mod time;
mod transfer;
mod wait;

pub use asynchronous::{GetResult, SendQuery};
pub use autonomous::Autonomous;
pub use builder::{Compat, Privilege, SessionBuilder};
pub use canceller::Canceller;
pub use cursor::{Close, Fetch, Open};
pub use definition::{DefinedColumn, Definition, DefinitionError};
pub use error::{Doing, Error, MissingPassword, NotEstablished};
pub use exec::Exec;
pub use list::{ConnectionInfo, State};
pub use name::{Destination, Fail, Name, Target};
pub use notice::Notice;
pub use pkey::{Attnums, PkeyColumn, Texts};
pub use policy::Policy;
pub use query::Query;
pub use rows::Rows;
pub use scatter::{Order, OrderError, Outcome, Scatter, ScatterPolicy, Scattered, ScatteredRow, Unfit};

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use autonomous::Kept;
use connect::{Trust, not_available};
use deadlock::{Member, Roster};
use link::Link;
use name::truncate;
use notice::Notices;
use time::Time;

use crate::connection::{CancelHandle, Connection};
use crate::conninfo::Environment;

/// A dblink session: the unnamed connection, and the named ones.
///
/// See [the module](self) for what it can do. What is to be said beside a call's own arguments is said by the methods of what it
/// returns, which is then awaited.
///
/// # Dropping futures
///
/// Any future may be dropped, and any result half-way. What was sent by then, the server does; the next call on that connection
/// finds it in order, and never gets another call's answer. Results of an [asynchronous query](Session::send_query) wait until
/// they are taken. A connection that was made for a query that is given up is closed with its rows, or by the next call. A cursor
/// whose opening was given up is not open, and neither is the transaction that was begun for it.
///
/// # Deadlines
///
/// [`set_deadline`](Self::set_deadline) limits each call, and `within` of what a call returns that call alone: looking up a foreign
/// server, connecting, and every row of the result included. What has not come by then is cancelled at the server, and the call
/// fails with [`Error::Deadline`] (SQLSTATE `57014`); the connection can be used again.
pub struct Session {
    local: Option<Connection>,
    unnamed: Option<Link>,
    named: BTreeMap<String, Link>,
    /// The connection of the last call that made one for itself. It is closed by its rows, and dropped by the next call.
    once: Option<Link>,
    /// For autonomous statements.
    kept: Kept,
    /// All connections, as each sees the others.
    roster: Roster,
    local_member: Option<Arc<Member>>,
    canceller: Canceller,
    local_cancel: Option<Arc<CancelHandle>>,
    deadlock_timeout: Option<Duration>,
    compat: Compat,
    privilege: Privilege,
    policy: Policy,
    environment: Arc<dyn Environment + Send + Sync>,
    notices: Notices,
    deadline: Option<Duration>,
    reconnect: bool,
}

/// One of the session's connections.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Place {
    Unnamed,
    Named(String),
}

/// Which connection a call has found.
enum End {
    Open(Place),
    /// One for this call alone, which closes it.
    Own(Box<Link>),
}

impl Place {
    /// The name that the connection is known by, unless it is the unnamed one.
    fn key(&self) -> Option<&str> {
        match self {
            Self::Named(name) => Some(truncate(name)),
            Self::Unnamed => None,
        }
    }
}

/// The version that counts without a local connection: that of the newest dblink.
const NEWEST: u32 = 18;

impl Session {
    /// A session without a local connection, with the privileges of a superuser: it connects as this program does.
    pub fn new() -> Self {
        Self::builder().build()
    }

    /// Describes a session.
    pub fn builder() -> SessionBuilder {
        SessionBuilder::default()
    }

    /// Limits the time of each call from now on, from its beginning to the last row of its result. At first there is no limit.
    pub const fn set_deadline(&mut self, limit: Option<Duration>) {
        self.deadline = limit;
    }

    /// The local connection.
    pub const fn local(&mut self) -> Option<&mut Connection> {
        self.local.as_mut()
    }

    /// Puts another local connection in the place of the one that there is, which is given back. Those that the session has opened
    /// stay.
    ///
    /// ```
    /// # use dblink_engine::{connection::Connection, conninfo::{Conninfo, ProcessEnvironment}, session::Session};
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let here = Conninfo::parse(dblink_tests::Cluster::shared().conninfo())?.resolve(&ProcessEnvironment)?;
    /// let mut session = Session::new();
    /// assert!(session.get_pkey("orders").await.is_err(), "there is no database here");
    /// assert!(session.set_local(Some(Connection::connect(&here).await?)).is_none());
    /// session.local().unwrap().batch_execute("create temp table orders (id int primary key)").await?;
    /// assert_eq!(session.get_pkey("orders").await?[0].name, "id");
    /// # Ok(())
    /// # }
    /// ```
    pub fn set_local(&mut self, local: Option<Connection>) -> Option<Connection> {
        self.local_cancel = local.as_ref().and_then(|local| self.canceller.join(local));
        self.local_member = local.as_ref().and_then(|local| self.roster.join(local, None));
        std::mem::replace(&mut self.local, local)
    }

    /// A connection itself, for what dblink has no function for: COPY, statements that are prepared, pipelines.
    ///
    /// # Errors
    ///
    /// [`Error::NotAvailable`] (SQLSTATE `08003`); [`Error::Busy`] (`08006`) while results of an asynchronous query are to be
    /// taken.
    pub fn connection<'s>(&'s mut self, name: impl Into<Name<'s>>) -> Result<&'s mut Connection, Error> {
        let link = self.link(name.into())?;
        if link.is_pending() {
            return Err(Error::Busy {
                doing: Doing::Command,
                name: link.state.name.clone(),
            });
        }
        if std::mem::take(&mut link.state.opening) {
            // What was begun for a cursor that is not open is nobody's.
            link.connection.roll_back_first();
        }
        link.state.closing = false;
        // Nobody sees what becomes of the transaction there.
        link.state.cursors = None;
        link.state.set_rests(false);
        Ok(&mut link.connection)
    }

    /// Whether the rules on passwords are not for this session.
    fn is_superuser(&self) -> bool {
        match (self.privilege, &self.local) {
            (Privilege::Superuser, _) | (Privilege::FromLocal, None) => true,
            (Privilege::Ordinary, _) => false,
            (Privilege::FromLocal, Some(local)) => {
                let superuser = local.parameters().get("is_superuser");
                superuser.is_some_and(|value| value.as_bytes() == b"on")
            }
        }
    }

    /// The major version of the local server, or the newest.
    fn local_version(&self) -> u32 {
        let version = self.local.as_ref().and_then(|local| {
            let version = local.parameters().get("server_version")?.to_string();
            version.split(|c: char| !c.is_ascii_digit()).next()?.parse().ok()
        });
        version.unwrap_or(NEWEST)
    }

    /// An open connection.
    fn link(&mut self, name: Name<'_>) -> Result<&mut Link, Error> {
        if let (Some(member), Some(local)) = (&self.local_member, &self.local) {
            member.set_rests(local.is_idle());
        }
        let link = match name {
            Name::Unnamed => self.unnamed.as_mut(),
            Name::Named(given) => {
                let mut link = self.named.get_mut(truncate(given));
                if let Some(link) = &mut link
                    && link.state.name.as_deref() != Some(given)
                {
                    // In messages the name is as the caller has it.
                    link.state.name = Some(given.to_owned());
                }
                link
            }
        };
        link.ok_or_else(|| not_available(name))
    }

    /// An open connection that takes a command: one that has ended is opened anew, if that was wished.
    async fn usable(&mut self, name: Name<'_>, doing: &Doing, time: Time) -> Result<&mut Link, Error> {
        let reconnect = self.reconnect;
        let link = self.link(name)?;
        let reopen = reconnect && link.is_lost();
        if reopen {
            Box::pin(self.reopen(name, time)).await?;
        }
        let link = self.link(name)?;
        link.vacate(doing, time).await?;
        Ok(link)
    }

    /// The open connection that a target is, or else where to connect to.
    fn resolve<'a>(&self, target: Target<'a>) -> Result<Place, Destination<'a>> {
        match target {
            Target::Unnamed => Ok(Place::Unnamed),
            Target::Named(name) => Ok(Place::Named(name.to_owned())),
            Target::Text(text) if self.named.contains_key(truncate(text)) => {
                Ok(Place::Named(text.to_owned()))
            }
            Target::Text(text) => Err(Destination::Text(text)),
            Target::To(to) => Err(to),
        }
    }

    /// Which connection a target is: it is opened if it is for this call alone.
    async fn end(&mut self, target: Target<'_>, time: Time) -> Result<End, Error> {
        self.once = None;
        let to = match self.resolve(target) {
            Ok(place) => return Ok(End::Open(place)),
            Err(to) => to,
        };
        // Out of the way of the calls that open nothing: a future is moved as often as it is handed on.
        let link = Box::pin(self.open_link(to, None, Trust::AsPrivileged, time)).await?;
        Ok(End::Own(Box::new(link)))
    }

    /// The connection that was found, ready for a command.
    async fn ready(&mut self, place: &Place, doing: &Doing, time: Time) -> Result<&mut Link, Error> {
        match place {
            Place::Unnamed => self.usable(Name::Unnamed, doing, time).await,
            Place::Named(name) => self.usable(Name::Named(name), doing, time).await,
        }
    }

    /// Opens a connection anew that has ended, with what it was opened with.
    async fn reopen(&mut self, name: Name<'_>, time: Time) -> Result<(), Error> {
        let found = self.link(name)?.state.found.clone();
        let new = self.establish(found, name.key(), time).await?;
        *self.link(name)? = new;
        Ok(())
    }
}

impl Default for Session {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Session")
            .field("local", &self.local)
            .field("unnamed", &self.unnamed)
            .field("named", &self.named)
            .field("compat", &self.compat)
            .field("privilege", &self.privilege)
            .field("policy", &self.policy)
            .finish_non_exhaustive()
    }
}
