//! Statements with a transaction of their own.

use std::future::poll_fn;
use std::time::Duration;

use dblink_protocol::backend::TransactionStatus;
use postgres_types::ToSql;
use tokio::time::Instant;

use super::call::{Options, call};
use super::connect::{Found, Trust};
use super::link::{Link, Way};
use super::list::info;
use super::name::truncate;
use super::time::Time;
use super::{ConnectionInfo, Destination, Doing, Error, Name, Session, Target};
use crate::connection::{self, Head};

/// What makes a connection as new, but for what this session itself has set.
///
/// PostgreSQL manual: [DISCARD](https://www.postgresql.org/docs/current/sql-discard.html).
const RESET: &str = "DISCARD ALL";

/// For how long a connection is kept that is not used, at first.
const IDLE: Duration = Duration::from_secs(5 * 60);

/// The connections that are kept for autonomous statements: one for each configuration, since a session runs one call at a
/// time.
#[derive(Debug)]
pub(super) struct Kept {
    links: Vec<(Link, Instant)>,
    idle: Duration,
}

/// A statement that is to have a transaction of its own; see [`Session::autonomous`]. It is run when this is awaited.
#[derive(Debug)]
#[must_use = "a statement is run when this is awaited"]
pub struct Autonomous<'s, 'a> {
    session: &'s mut Session,
    target: Target<'a>,
    sql: &'a str,
    options: Options<'a>,
}

call!(Autonomous gives String, with params, within);

impl Session {
    /// Runs one statement in a transaction of its own, whatever transaction any connection of the session is in, and gives its
    /// tag, such as `INSERT 0 1`. Rows that it gives are not looked at.
    ///
    /// When it succeeds, the statement is committed, and stays so if the transaction of the caller is rolled back: this is how
    /// an audit trail is written, say. When it fails, nothing of it is. But a procedure that commits by itself has done so;
    /// and when the connection breaks (`08006`), nobody knows.
    ///
    /// It has a connection of its own, also where the target is the name of an open one: that one says where to connect to, and
    /// as whom. Afterwards the connection is kept, one for each configuration. For the next statement it is reset by `DISCARD ALL`;
    /// if that fails, a new one takes its place. No statement is sent twice. One that is not used for
    /// [some time](super::SessionBuilder::autonomous_idle) is closed by the next autonomous call.
    ///
    /// What the caller's own transaction holds locked is locked for this, too.
    ///
    /// ```
    /// # use dblink_engine::session::Session;
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let server = dblink_tests::Cluster::shared().conninfo();
    /// # let mut session = Session::new();
    /// session.connect("sales", &server).await?;
    /// session.exec("sales", "create table trail (entry text)").await?;
    /// session.exec("sales", "begin").await?;
    /// session.autonomous("sales", "insert into trail values ($1)").params(&[&"somebody tried"]).await?;
    /// session.exec("sales", "rollback").await?;
    /// let rows = session.query("sales", "select entry from trail").await?.collect().await?;
    /// assert_eq!(rows.len(), 1);
    /// assert_eq!(session.autonomous_connections().len(), 1);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// Cancel-safe: the statement was run and committed, or it was not, or it is rolled back. The connection is closed, and not
    /// used again.
    ///
    /// # Errors
    ///
    /// [`Error::NotAvailable`] (SQLSTATE `08003`); what [`connect`](Self::connect) fails with; [`Error::Remote`] with the
    /// server's SQLSTATE, such as `42601` for several statements, or `08006`; [`Error::Empty`] (`08006`);
    /// [`Error::Deadline`] (`57014`).
    pub fn autonomous<'s, 'a>(
        &'s mut self,
        target: impl Into<Target<'a>>,
        sql: &'a str,
    ) -> Autonomous<'s, 'a> {
        Autonomous {
            session: self,
            target: target.into(),
            sql,
            options: Options::default(),
        }
    }

    /// The connections that are kept for [autonomous](Self::autonomous) statements. Those that were not used for too long are
    /// closed first.
    pub fn autonomous_connections(&mut self) -> Vec<ConnectionInfo> {
        self.kept.drop_idle();
        self.kept.links.iter().map(|(link, _)| info(link)).collect()
    }

    /// Where an autonomous statement goes.
    async fn found_for(&mut self, target: Target<'_>, time: Time) -> Result<Found, Error> {
        let name = match target {
            Target::Unnamed => Name::Unnamed,
            Target::Named(name) => Name::Named(name),
            Target::Text(text) if self.named.contains_key(truncate(text)) => Name::Named(text),
            Target::Text(text) => return self.found_at(Destination::Text(text), time).await,
            Target::To(to) => return self.found_at(to, time).await,
        };
        Ok(self.link(name)?.state.found.clone())
    }

    async fn found_at(&mut self, to: Destination<'_>, time: Time) -> Result<Found, Error> {
        let sought = self.seek(to, Trust::AsPrivileged, time).await?;
        self.find(sought)
    }

    /// The connection that is kept for this configuration, as good as new; or a new one.
    async fn own_link(&mut self, found: Found, time: Time) -> Result<Link, Error> {
        // From here it is this call's. Whoever drops the future closes it.
        let Some(mut link) = self.kept.take(&found) else {
            return self.establish(found, None, time).await;
        };
        match link.command(RESET, time).await {
            Ok(Head::Completed(_)) => {
                // What was set after connecting is as it was before.
                let settled = self.terms().settle_values(&mut link, time).await;
                if settled.is_ok() {
                    return Ok(link);
                }
            }
            Err(connection::Error::Deadline { .. }) => return Err(time.passed()),
            _ => {}
        }
        drop(link);
        self.establish(found, None, time).await
    }
}

impl Kept {
    pub(super) const fn new(idle: Option<Duration>) -> Self {
        Self {
            links: Vec::new(),
            idle: match idle {
                Some(idle) => idle,
                None => IDLE,
            },
        }
    }

    fn drop_idle(&mut self) {
        let idle = self.idle;
        self.links.retain_mut(|(link, used)| {
            used.elapsed() <= idle || {
                link.connection.hang_up();
                false
            }
        });
    }

    /// The connection of this configuration, which is then not kept any more.
    fn take(&mut self, found: &Found) -> Option<Link> {
        let at = self
            .links
            .iter()
            .position(|(link, _)| link.state.found == *found)?;
        Some(self.links.swap_remove(at).0)
    }

    /// Keeps a connection on which nothing is under way.
    fn keep(&mut self, link: Link) {
        if !self.idle.is_zero() && !link.connection.is_closed() {
            self.links.push((link, Instant::now()));
        }
    }
}

impl Autonomous<'_, '_> {
    async fn run(self) -> Result<String, Error> {
        let session = self.session;
        let time = self.options.start(session);
        session.kept.drop_idle();
        let found = session.found_for(self.target, time).await?;
        let mut link = session.own_link(found, time).await?;
        let result = link
            .alone(self.sql, self.options.parameters.unwrap_or_default(), time)
            .await;
        // A BEGIN has begun what nobody can go on with: it is rolled back by being closed.
        if link.connection.transaction_status() == TransactionStatus::Idle {
            session.kept.keep(link);
        }
        match result? {
            Some(tag) => Ok(tag),
            None => Err(Error::Empty {
                doing: Doing::Command,
                name: None,
            }),
        }
    }
}

impl Link {
    /// Runs one statement to its end; gives its tag, if it has one.
    ///
    /// The extended protocol takes one statement alone, and ends its transaction with it. Whether it was committed is known when
    /// nothing more comes.
    async fn alone(
        &mut self,
        sql: &str,
        parameters: &[&(dyn ToSql + Sync)],
        time: Time,
    ) -> Result<Option<String>, Error> {
        let mut tag = None;
        let mut failure = None;
        let sent = self
            .send(Way::Extended { text: false }, sql, parameters, time)
            .await;
        let ended = match sent {
            Err(cause) => Err(cause),
            Ok(()) => loop {
                match poll_fn(|cx| self.connection.poll_head(cx)).await {
                    Ok(Head::Completed(completed)) => tag = Some(completed.as_wire_str().to_string()),
                    Ok(Head::Failed(cause)) => failure = Some(cause),
                    Ok(Head::Copy) => break Err(connection::Error::UnexpectedCopy),
                    Ok(Head::Rows(_) | Head::Empty) => {}
                    Ok(Head::End) => break failure.map_or(Ok(()), Err),
                    Err(cause) => break Err(cause),
                }
            },
        };
        match ended {
            Ok(()) => Ok(tag),
            Err(cause) => Err(self.remote(cause, Doing::Command, time)),
        }
    }
}
