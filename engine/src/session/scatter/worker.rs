//! What is done on one target of a scattered call.

use std::future::{pending, poll_fn};
use std::time::Duration;

use postgres_types::ToSql;
use tokio::time::{Instant, timeout};

use super::super::call::Options;
use super::super::connect::{Found, Terms};
use super::super::link::{Link, Way};
use super::super::name::truncate;
use super::super::query::way;
use super::super::time::Time;
use super::super::{Doing, Error};
use super::desk::Desk;
use crate::connection::{self, Head, Rows};

/// How long a server may take to end what was cancelled. Then the call goes on without it.
const GRACE: Duration = Duration::from_secs(1);

/// One target of a scattered call.
pub(super) struct Worker<'a> {
    pub(super) source: Source<'a>,
    pub(super) job: Job<'a>,
}

/// What is to be done on it.
pub(super) struct Job<'a> {
    pub(super) number: usize,
    pub(super) sql: &'a str,
    pub(super) parameters: Option<&'a [&'a (dyn ToSql + Sync)]>,
    pub(super) text: bool,
    pub(super) terms: Terms,
    pub(super) reconnect: bool,
    pub(super) desk: Desk,
}

/// What a target is.
pub(super) enum Source<'a> {
    /// A connection of the session's.
    Open(&'a mut Link),
    /// One that is made for this call.
    Own(Found),
    /// None at all.
    Nowhere(Error),
}

/// What became of a target.
pub(super) struct Done {
    pub(super) number: usize,
    pub(super) connected: bool,
    pub(super) elapsed: Duration,
    pub(super) result: Result<String, Error>,
}

impl Worker<'_> {
    /// Runs the statement to its end, or until it is to stop.
    pub(super) async fn run(self) -> Done {
        let began = Instant::now();
        let Self { source, job } = self;
        let mut connected = matches!(source, Source::Open(_));
        let result = match source {
            Source::Open(link) => job.on(link).await,
            Source::Own(found) => job.on_own(found, &mut connected).await,
            Source::Nowhere(error) => Err(error),
        };
        Done {
            number: job.number,
            connected,
            elapsed: began.elapsed(),
            result,
        }
    }
}

impl Job<'_> {
    async fn on_own(&self, found: Found, connected: &mut bool) -> Result<String, Error> {
        // The call's own clock says when it is to stop, and why.
        let connecting = self.terms.establish(found, None, Time::start(None));
        let mut link = match self.desk.unless_stopped(self.number, connecting).await {
            Ok(link) => link?,
            Err(stop) => return Err(stop.error()),
        };
        *connected = true;
        let result = self.on(&mut link).await;
        link.connection.hang_up();
        result
    }

    async fn on(&self, link: &mut Link) -> Result<String, Error> {
        let mut sent = false;
        let working = self.work(link, &mut sent);
        match self.desk.unless_stopped(self.number, working).await {
            Ok(result) => result,
            Err(stop) => {
                if sent {
                    // Without time it is cancelled. If it does not end, it is cancelled still, before the next command.
                    link.connection.limit_next(Some(Duration::ZERO));
                    drop(timeout(GRACE, link.connection.settled()).await);
                }
                Err(stop.error())
            }
        }
    }

    async fn work(&self, link: &mut Link, sent: &mut bool) -> Result<String, Error> {
        let time = Time::start(None);
        if self.reconnect && link.is_lost() {
            let name = link.state.name.clone();
            let key = name.as_deref().map(truncate);
            *link = self.terms.establish(link.state.found.clone(), key, time).await?;
        }
        link.vacate(&Doing::Query, time).await?;
        let options = Options {
            parameters: self.parameters,
            text: self.text,
            ..Options::default()
        };
        let way = way(&link.connection, self.sql, &options);
        *sent = true;
        let parameters = self.parameters.unwrap_or_default();
        let result = match link.send(way, self.sql, parameters, time).await {
            Ok(()) => self.read(link, way).await,
            Err(cause) => Err(cause),
        };
        match result {
            Ok(Some(tag)) => Ok(tag),
            Ok(None) => Err(Error::Empty {
                doing: Doing::Query,
                name: link.state.name.clone(),
            }),
            Err(cause) => Err(link.remote(cause, Doing::Query, time)),
        }
    }

    /// Reads all results; gives the last one's tag, if there is one.
    async fn read(&self, link: &mut Link, way: Way) -> Result<Option<String>, connection::Error> {
        let mut tag = None;
        loop {
            let head = poll_fn(|cx| link.connection.poll_head(cx)).await?;
            link.state.observe(&head);
            match head {
                Head::Rows(columns) => {
                    let mut rows = match way {
                        Way::Extended { .. } => link.connection.whole(columns),
                        Way::Simple => link.connection.part(columns),
                    };
                    if way != Way::Simple {
                        rows.look_up_types().await?;
                    }
                    let given = self.give(&mut rows, &mut link.state.rows).await;
                    tag = rows
                        .completed()
                        .map(|completed| completed.as_wire_str().to_string());
                    if way != Way::Simple {
                        link.state.ended(&link.connection);
                        return given.map(|()| tag);
                    }
                    if let Err(cause) = given {
                        return Err(link.last_head().await.err().unwrap_or(cause));
                    }
                }
                Head::Completed(completed) => tag = Some(completed.as_wire_str().to_string()),
                Head::Empty => {}
                Head::Failed(cause) => return Err(link.last_head().await.err().unwrap_or(cause)),
                Head::Copy => return Err(connection::Error::UnexpectedCopy),
                Head::End => {
                    link.state.ended(&link.connection);
                    return Ok(tag);
                }
            }
        }
    }

    /// Gives the rows of a result to the caller, as there is room for them.
    async fn give(&self, rows: &mut Rows<'_>, count: &mut u64) -> Result<(), connection::Error> {
        let Some(columns) = rows.columns().cloned() else {
            return Ok(());
        };
        if !self.desk.begin(self.number, &columns) {
            // It was told to stop, which ends this.
            pending::<()>().await;
        }
        loop {
            match rows.more().await {
                Ok(true) => {}
                Ok(false) => return Ok(()),
                // That the connection has ended says more than how the statement has.
                Err(cause) => return Err(rows.closed().map_or(cause, connection::Error::Closed)),
            }
            while let Some(row) = rows.take_row() {
                let row = row.to_owned_row(&columns);
                *count = count.saturating_add(1);
                self.desk.put(self.number, row).await;
            }
        }
    }
}
