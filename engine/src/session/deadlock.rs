//! Calls that wait for a lock which another connection of the same session holds.
//!
//! No server can see that: for each it looks as if one client were waiting for another. But the session is inside the call, and
//! no other connection can go on before that is over.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use super::Error;
use super::link::Link;
use crate::connection::{self, Asking, Connection, Watcher};
use crate::conninfo::Config;

/// How long a call waits before it is looked at, at first.
pub(super) const TIMEOUT: Duration = Duration::from_secs(1);

/// How long looking may take.
const LOOKING: Duration = Duration::from_secs(10);

/// Who, of some processes, keeps another from going on, be it through others, and itself waits for its client; none if that
/// other is not whom it is taken for.
///
/// A process that still works may let go by itself: it is left alone.
///
/// PostgreSQL manual: [`pg_blocking_pids`](https://www.postgresql.org/docs/current/functions-info.html#FUNCTIONS-INFO-SESSION),
/// [pg_stat_activity](https://www.postgresql.org/docs/current/monitoring-stats.html#MONITORING-PG-STAT-ACTIVITY-VIEW).
const HOLDER: &str = "\
    WITH RECURSIVE chain(pid) AS ( \
        SELECT b FROM pg_catalog.unnest(pg_catalog.pg_blocking_pids($1)) b \
        UNION \
        SELECT b FROM chain c, LATERAL pg_catalog.unnest(pg_catalog.pg_blocking_pids(c.pid)) b) \
    SELECT c.pid FROM chain c \
    LEFT JOIN pg_catalog.pg_stat_activity a ON a.pid OPERATOR(pg_catalog.=) c.pid \
    WHERE c.pid OPERATOR(pg_catalog.=) ANY ($2) \
        AND (c.pid OPERATOR(pg_catalog.=) ANY ($3) OR a.wait_event_type OPERATOR(pg_catalog.=) 'Client') \
        AND EXISTS (SELECT FROM pg_catalog.pg_stat_activity w WHERE w.pid OPERATOR(pg_catalog.=) $1 \
            AND w.datname OPERATOR(pg_catalog.=) $4::pg_catalog.text::pg_catalog.name \
            AND w.usename OPERATOR(pg_catalog.=) $5::pg_catalog.text::pg_catalog.name) \
    LIMIT 1";

/// The connections of a session, as the others see them.
#[derive(Debug, Clone, Default)]
pub(super) struct Roster(Arc<Mutex<Vec<Weak<Member>>>>);

/// A connection of the session.
#[derive(Debug)]
pub(super) struct Member {
    process: i32,
    /// The address of its server. Two that are reached at different addresses are never taken for the same.
    server: String,
    name: Option<String>,
    /// It has told all that it was asked for, and waits for the session.
    rests: AtomicBool,
}

/// Which connection keeps a call from ever ending, if that was found out.
#[derive(Debug, Clone, Default)]
pub(super) struct Verdict(Arc<Mutex<Option<Option<String>>>>);

/// Looks after the calls of one connection.
#[derive(Debug)]
struct LockWatcher {
    roster: Roster,
    member: Arc<Member>,
    config: Arc<Config>,
    verdict: Verdict,
}

impl Roster {
    fn members(&self) -> MutexGuard<'_, Vec<Weak<Member>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes in a connection, for as long as somebody holds what this gives. None if nobody knows where it is.
    pub(super) fn join(&self, connection: &Connection, name: Option<&str>) -> Option<Arc<Member>> {
        let member = Arc::new(Member {
            process: connection.process_id()?,
            server: connection.server_address()?,
            name: name.map(str::to_owned),
            rests: AtomicBool::new(false),
        });
        let mut members = self.members();
        members.retain(|member| member.strong_count() > 0);
        members.push(Arc::downgrade(&member));
        Some(member)
    }

    /// The others on the same server.
    fn others(&self, member: &Member) -> Vec<Arc<Member>> {
        let mut others: Vec<_> = self.members().iter().filter_map(Weak::upgrade).collect();
        others.retain(|other| other.server == member.server && other.process != member.process);
        others
    }
}

impl Member {
    /// Whether it waits for the session, as far as that can be known here.
    pub(super) fn set_rests(&self, rests: bool) {
        self.rests.store(rests, Ordering::Relaxed);
    }
}

impl Verdict {
    fn cell(&self) -> MutexGuard<'_, Option<Option<String>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// That a call was cancelled for it, if it was.
    pub(super) fn error(&self, waits: Option<&String>) -> Option<Error> {
        let holds = self.cell().take()?;
        Some(Error::SelfDeadlock {
            waits: waits.cloned(),
            holds,
        })
    }
}

impl Link {
    /// Has its calls looked after.
    pub(super) fn look_after(&mut self, roster: &Roster, after: Duration) {
        let Some(member) = roster.join(&self.connection, self.state.name.as_deref()) else {
            return;
        };
        let watcher = LockWatcher {
            roster: roster.clone(),
            member: Arc::clone(&member),
            config: Arc::clone(&self.state.found.config),
            verdict: self.state.verdict.clone(),
        };
        self.state.member = Some(member);
        self.connection.set_watcher(Box::new(watcher), after);
    }
}

impl Watcher for LockWatcher {
    fn ask(&self) -> Asking {
        let others = self.roster.others(&self.member);
        let (member, config, verdict) = (
            Arc::clone(&self.member),
            Arc::clone(&self.config),
            self.verdict.clone(),
        );
        Box::pin(async move {
            if others.is_empty() {
                return false;
            }
            // Where it cannot be found out, the call goes on.
            let found = holder(&member, &config, &others).await.ok().flatten();
            let holds = found.and_then(|process| others.iter().find(|other| other.process == process));
            let Some(holds) = holds else {
                return false;
            };
            *verdict.cell() = Some(holds.name.clone());
            true
        })
    }

    fn forget(&self) {
        *self.verdict.cell() = None;
    }
}

/// Asks the server, on a connection of its own, which of the `others` it is.
async fn holder(
    member: &Member,
    config: &Config,
    others: &[Arc<Member>],
) -> Result<Option<i32>, connection::Error> {
    let Ok(mut connection) = Connection::connect_within(config, LOOKING).await else {
        return Ok(None);
    };
    // The numbers of processes mean nothing to another server, of which the list of hosts may have several.
    if connection.server_address().as_ref() != Some(&member.server) {
        return Ok(None);
    }
    let all: Vec<i32> = others.iter().map(|other| other.process).collect();
    let resting: Vec<i32> = others
        .iter()
        .filter(|other| other.rests.load(Ordering::Relaxed))
        .map(|other| other.process)
        .collect();
    let row = connection
        .within(LOOKING)
        .query_opt(
            HOLDER,
            &[&member.process, &all, &resting, &config.dbname, &config.user],
        )
        .await?;
    connection.hang_up();
    row.map(|row| row.get(0)).transpose()
}
