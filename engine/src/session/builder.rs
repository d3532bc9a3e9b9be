//! How a session is to be.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use super::autonomous::Kept;
use super::deadlock::{Roster, TIMEOUT};
use super::notice::Notices;
use super::{Canceller, Notice, Policy, Session};
use crate::connection::Connection;
use crate::conninfo::{Environment, ProcessEnvironment};

/// Which of dblink's peculiarities a session has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Compat {
    /// Those that hurt are mended.
    #[default]
    Mended,
    /// All that anybody could rely on are as in PostgreSQL's own module.
    Exact,
}

/// Whose rules on passwords a session keeps.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Privilege {
    /// Those of the local connection's user, as the local server reports it. Without a local connection, those of a superuser:
    /// the program is its own master.
    #[default]
    FromLocal,
    /// There are none.
    Superuser,
    /// The password has to be in the connection string, and the server has to ask for it.
    Ordinary,
}

/// Describes a [`Session`].
///
/// ```
/// use std::time::Duration;
///
/// use dblink_engine::session::{Privilege, Session};
///
/// let session = Session::builder()
///     .privilege(Privilege::Ordinary)
///     .on_notice(|notice| eprintln!("{notice}"))
///     .deadline(Duration::from_secs(30))
///     .build();
/// # drop(session);
/// ```
#[derive(Default)]
#[must_use = "build the session"]
pub struct SessionBuilder {
    local: Option<Connection>,
    compat: Compat,
    privilege: Privilege,
    policy: Policy,
    environment: Option<Arc<dyn Environment + Send + Sync>>,
    notices: Notices,
    deadline: Option<Duration>,
    reconnect: bool,
    autonomous_idle: Option<Duration>,
    deadlock_timeout: Option<Option<Duration>>,
}

impl SessionBuilder {
    /// A connection to the database "here": it resolves foreign servers, answers `get_pkey` and `build_sql_*`, and says
    /// whether its user is a superuser.
    pub fn local(mut self, local: Connection) -> Self {
        self.local = Some(local);
        self
    }

    /// Which of dblink's peculiarities it has: at first those that hurt are mended.
    pub const fn compat(mut self, compat: Compat) -> Self {
        self.compat = compat;
        self
    }

    /// Whose rules on passwords it keeps.
    pub const fn privilege(mut self, privilege: Privilege) -> Self {
        self.privilege = privilege;
        self
    }

    /// Where it may connect to, and how.
    pub fn policy(mut self, policy: Policy) -> Self {
        self.policy = policy;
        self
    }

    /// Where connections take from what is not in their connection string: at first from
    /// [this process](ProcessEnvironment).
    pub fn environment(mut self, environment: impl Environment + Send + Sync + 'static) -> Self {
        self.environment = Some(Arc::new(environment));
        self
    }

    /// Has notices told to `handler`, those of dblink and those of the remote servers. At first nobody hears them.
    pub fn on_notice(mut self, handler: impl FnMut(&Notice) + Send + 'static) -> Self {
        self.notices = Notices::new(Box::new(handler));
        self
    }

    /// Limits the time of each call; see [`Session::set_deadline`].
    pub const fn deadline(mut self, limit: Duration) -> Self {
        self.deadline = Some(limit);
        self
    }

    /// Has a connection that has ended opened anew by the next call on it, unless it was inside a transaction. No statement is
    /// sent twice. At first a connection that has ended stays so until it is disconnected.
    pub const fn reconnect(mut self, reconnect: bool) -> Self {
        self.reconnect = reconnect;
        self
    }

    /// How long a call waits before it is found out whether it waits for a lock that another connection of this session holds,
    /// the local one included. Such a call would never end: it is cancelled, and fails with
    /// [`Error::SelfDeadlock`](super::Error::SelfDeadlock) (SQLSTATE `40P01`). At first 1 s; with none, or with
    /// [`Compat::Exact`] unless something else is said here, nobody looks.
    ///
    /// The server is asked on a connection that is made for that, as the one that waits was; and again whenever the call has
    /// waited twice as long. Locks of others are no reason, nor are those of a connection that still works, or that was reached
    /// at another address.
    ///
    /// ```
    /// # use dblink_engine::session::{Error, Session};
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let server = dblink_tests::Cluster::shared().conninfo();
    /// use std::time::Duration;
    ///
    /// let mut session = Session::builder().deadlock_timeout(Some(Duration::from_millis(200))).build();
    /// session.connect("a", &server).await?;
    /// session.exec("a", "create table of_deadlock_timeout (n int)").await?;
    /// session.exec("a", "begin; lock table of_deadlock_timeout").await?;
    /// session.connect("b", &server).await?;
    /// let stuck = session.exec("b", "insert into of_deadlock_timeout values (1)").await;
    /// assert!(matches!(stuck, Err(Error::SelfDeadlock { .. })));
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// PostgreSQL manual: [deadlock_timeout](https://www.postgresql.org/docs/current/runtime-config-locks.html#GUC-DEADLOCK-TIMEOUT).
    pub const fn deadlock_timeout(mut self, timeout: Option<Duration>) -> Self {
        self.deadlock_timeout = Some(timeout);
        self
    }

    /// For how long a connection is kept that [autonomous](Session::autonomous) statements do not use; 5 min at first. With no
    /// time at all none is kept.
    pub const fn autonomous_idle(mut self, idle: Duration) -> Self {
        self.autonomous_idle = Some(idle);
        self
    }

    /// The session, without connections but for the local one.
    pub fn build(mut self) -> Session {
        let local = self.local.take();
        let deadlock_timeout = self
            .deadlock_timeout
            .unwrap_or_else(|| (self.compat == Compat::Mended).then_some(TIMEOUT));
        let mut session = Session {
            roster: Roster::default(),
            local_member: None,
            canceller: Canceller::default(),
            local_cancel: None,
            deadlock_timeout,
            local: None,
            unnamed: None,
            named: BTreeMap::new(),
            once: None,
            kept: Kept::new(self.autonomous_idle),
            compat: self.compat,
            privilege: self.privilege,
            policy: self.policy,
            environment: self.environment.unwrap_or_else(|| Arc::new(ProcessEnvironment)),
            notices: self.notices,
            deadline: self.deadline,
            reconnect: self.reconnect,
        };
        session.set_local(local);
        session
    }
}

impl std::fmt::Debug for SessionBuilder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SessionBuilder")
            .field("local", &self.local)
            .field("compat", &self.compat)
            .field("privilege", &self.privilege)
            .field("policy", &self.policy)
            .finish_non_exhaustive()
    }
}
