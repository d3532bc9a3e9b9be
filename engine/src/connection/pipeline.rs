//! Pipelines: many statements in one round trip.

use std::fmt;
use std::marker::PhantomData;
use std::ops::Range;
use std::sync::Arc;
use std::time::Duration;

use dblink_protocol::backend::Diagnostic;
use dblink_protocol::conversation::{CommandError, Reply};
use dblink_protocol::wire::{EncodeError, EncodeFault};
use postgres_types::ToSql;

use super::flight::Asked;
use super::parameter::Encoded;
use super::statement::Prepared;
use super::{Columns, Connection, Error, RowSet, Statement};

impl Connection {
    /// Begins a pipeline: statements that are sent together, and whose results come together.
    ///
    /// ```
    /// # use dblink_engine::{connection::Connection, conninfo::{Conninfo, ProcessEnvironment}};
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let server = Conninfo::parse(dblink_tests::Cluster::shared().conninfo())?.resolve(&ProcessEnvironment)?;
    /// # let mut connection = Connection::connect(&server).await?;
    /// # connection.execute("create temp table t (id int)", &[]).await?;
    /// let mut pipeline = connection.pipeline();
    /// let inserted = pipeline.execute("insert into t values ($1), ($2)", &[&7, &8])?;
    /// let all = pipeline.query("select id from t order by id", &[])?;
    /// let mut results = pipeline.run().await?;
    /// assert_eq!(results.take(inserted)?, 2);
    /// for row in &results.take(all)? {
    ///     println!("{}", row.get::<i32>("id")?);
    /// }
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// PostgreSQL manual: [Pipelining](https://www.postgresql.org/docs/current/protocol-flow.html#PROTOCOL-FLOW-PIPELINING).
    pub const fn pipeline(&mut self) -> Pipeline<'_> {
        Pipeline {
            limit: self.clock.next.take(),
            connection: self,
            commands: Vec::new(),
            segments: Vec::new(),
        }
    }
}

/// Statements that will be sent together. Nothing is sent before it [runs](Self::run).
///
/// # Segments
///
/// A segment is what stands between two [syncs](Self::sync), and is all or nothing: outside a transaction block it is a
/// transaction of its own. When a command fails, those behind it in its segment are not done, those before it are undone,
/// and all of them fail with [`Error::Aborted`]. The next segment is done all the same.
///
/// `COPY FROM STDIN` has no place in a pipeline: the server takes what stands behind it for its data, and the connection is
/// closed.
#[derive(Debug)]
#[must_use = "it does nothing before it runs"]
pub struct Pipeline<'c> {
    connection: &'c mut Connection,
    /// Of the call that runs it.
    limit: Option<Duration>,
    commands: Vec<Command>,
    /// Where each segment but the last ends.
    segments: Vec<usize>,
}

struct Command {
    which: Which,
    parameters: Encoded,
}

enum Which {
    Text(Box<str>),
    Prepared(Arc<Prepared>),
}

impl fmt::Debug for Command {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Command")
    }
}

/// Stands for the result of a command of a pipeline.
#[derive(Debug)]
#[must_use = "it is what the result is taken by"]
pub struct Queued<T> {
    number: usize,
    result: PhantomData<fn() -> T>,
}

/// What the result of a command of a pipeline is given as.
pub trait PipelineResult {
    /// Made from the rows, and what the server said that was done.
    fn from_rows(rows: RowSet) -> Self;
}

impl PipelineResult for RowSet {
    fn from_rows(rows: Self) -> Self {
        rows
    }
}

/// How many rows the statement concerned.
impl PipelineResult for u64 {
    fn from_rows(rows: RowSet) -> Self {
        rows.rows_affected().unwrap_or(0)
    }
}

impl Pipeline<'_> {
    /// Adds a statement that gives rows; see [`Connection::query`].
    ///
    /// # Errors
    ///
    /// [`Error::Parameter`] (SQLSTATE `22023`), also for a value of a type that is not built in: prepare the statement;
    /// [`Error::Command`] (`22023`) for a statement that cannot be sent.
    pub fn query(
        &mut self,
        statement: &str,
        parameters: &[&(dyn ToSql + Sync)],
    ) -> Result<Queued<RowSet>, Error> {
        self.text(statement, parameters)
    }

    /// Adds a statement; see [`Connection::execute`].
    ///
    /// # Errors
    ///
    /// As [`query`](Self::query).
    pub fn execute(
        &mut self,
        statement: &str,
        parameters: &[&(dyn ToSql + Sync)],
    ) -> Result<Queued<u64>, Error> {
        self.text(statement, parameters)
    }

    /// Adds a prepared statement that gives rows; see [`Connection::query_prepared`]. It is not prepared again if the server
    /// has lost it: its segment fails.
    ///
    /// # Errors
    ///
    /// [`Error::ParameterCount`] (SQLSTATE `08P01`), [`Error::Parameter`] (`22023`).
    pub fn query_prepared(
        &mut self,
        statement: &Statement,
        parameters: &[&(dyn ToSql + Sync)],
    ) -> Result<Queued<RowSet>, Error> {
        self.prepared(statement, parameters)
    }

    /// Adds a prepared statement; see [`Connection::execute_prepared`] and [`query_prepared`](Self::query_prepared).
    ///
    /// # Errors
    ///
    /// As [`query_prepared`](Self::query_prepared).
    pub fn execute_prepared(
        &mut self,
        statement: &Statement,
        parameters: &[&(dyn ToSql + Sync)],
    ) -> Result<Queued<u64>, Error> {
        self.prepared(statement, parameters)
    }

    /// Ends a segment. The end of the pipeline ends the last.
    pub fn sync(&mut self) {
        self.segments.push(self.commands.len());
    }

    fn text<T: PipelineResult>(
        &mut self,
        statement: &str,
        parameters: &[&(dyn ToSql + Sync)],
    ) -> Result<Queued<T>, Error> {
        // A pipeline that fails to be sent half-way would be half done: what cannot be sent is refused here.
        if let Some(offset) = statement.bytes().position(|byte| byte == 0) {
            let fault = EncodeFault::ZeroByte {
                field: "query",
                offset,
            };
            return Err(CommandError::Encode(EncodeError {
                message: "Parse",
                fault,
            })
            .into());
        }
        self.add(Which::Text(statement.into()), Encoded::known(parameters)?)
    }

    fn prepared<T: PipelineResult>(
        &mut self,
        statement: &Statement,
        parameters: &[&(dyn ToSql + Sync)],
    ) -> Result<Queued<T>, Error> {
        let prepared = statement.prepared();
        let parameters = Encoded::default().typed(parameters, prepared.parameters())?;
        self.add(Which::Prepared(prepared), parameters)
    }

    fn add<T: PipelineResult>(&mut self, which: Which, parameters: Encoded) -> Result<Queued<T>, Error> {
        parameters.check_size(which.bytes())?;
        self.commands.push(Command { which, parameters });
        Ok(Queued {
            number: self.commands.len() - 1,
            result: PhantomData,
        })
    }

    /// Sends everything, and waits for all results.
    ///
    /// Cancel-safe: see [`Connection`]. By then all segments were given to the connection, or none.
    ///
    /// # Errors
    ///
    /// [`Error::Closed`] (SQLSTATE `08006`, or the server's own), which leaves open how much was done; [`Error::Deadline`]
    /// (`57014`) if it passes before anything was sent, since an earlier call had left something to be cleared away. That a
    /// command fails is told by its result.
    pub async fn run(mut self) -> Result<PipelineResults, Error> {
        let connection = &mut *self.connection;
        connection.clock.next = self.limit;
        connection.begin().await?;
        connection.trace_query(self.commands.first().map_or("", |command| command.which.text()));
        if self.segments.last().is_none_or(|end| *end < self.commands.len()) {
            self.segments.push(self.commands.len());
        }
        let mut start = 0;
        for end in &self.segments {
            let commands = self.commands.get(start..*end).unwrap_or_default();
            start = *end;
            connection.fly(|conversation| {
                let mut commands = commands.iter();
                commands.try_for_each(|command| command.which.asked().give(conversation, &command.parameters))
            })?;
        }
        let mut results = Vec::with_capacity(self.commands.len());
        for end in &self.segments {
            connection
                .receive_segment(&self.commands, *end, &mut results)
                .await?;
        }
        // Nothing is under way any more, and the results are there: types that cannot be looked up now stay unknown.
        drop(connection.complete(&mut results).await);
        Ok(PipelineResults { results })
    }
}

impl Which {
    fn asked(&self) -> Asked<'_> {
        match self {
            Self::Text(statement) => Asked::Text(statement),
            Self::Prepared(prepared) => prepared.asked(),
        }
    }

    /// What is told of it: its text, or its name.
    fn text(&self) -> &str {
        match self {
            Self::Text(statement) => statement,
            Self::Prepared(prepared) => prepared.name(),
        }
    }

    fn bytes(&self) -> usize {
        match self {
            Self::Text(statement) => statement.len(),
            Self::Prepared(_) => 0,
        }
    }
}

impl Connection {
    /// Adds the results of a segment: of the commands that have none yet, up to but without number `end`.
    async fn receive_segment(
        &mut self,
        commands: &[Command],
        end: usize,
        results: &mut Vec<Result<RowSet, Error>>,
    ) -> Result<(), Error> {
        let start = results.len();
        let mut failed = None;
        let mut rows = RowSet::default();
        let mut copy = false;
        loop {
            match self.reply_unless_failed(&mut failed).await? {
                Reply::RowDescription(columns) => {
                    rows.columns = Some(Arc::new(Columns::new(columns, &self.types)));
                }
                Reply::Rows(batch) => {
                    if rows.batches.is_empty() {
                        // Most results come at once.
                        rows.batches.reserve_exact(1);
                    }
                    rows.batches.push(batch);
                }
                Reply::CopyInResponse(_) => {
                    copy = true;
                    // The deadline may have failed it by now.
                    if self.channel.conversation.copy_in().is_some() {
                        let reason = "a pipeline has no data for it";
                        self.channel.conversation.copy_fail(reason)?;
                    }
                }
                Reply::CopyBothResponse(_) => {
                    copy = true;
                    self.channel.conversation.copy_done()?;
                }
                Reply::CopyOutResponse(_) => copy = true,
                reply @ (Reply::CommandComplete(_) | Reply::EmptyQueryResponse) => {
                    if let Some(Which::Prepared(prepared)) =
                        commands.get(results.len()).map(|command| &command.which)
                    {
                        rows.columns = prepared.columns().map(Arc::clone);
                    }
                    if let Reply::CommandComplete(completed) = reply {
                        rows.completed = Some(completed);
                    }
                    let late = self.clock.lost().filter(|_| rows.columns.is_some());
                    results.push(match late {
                        _ if std::mem::take(&mut copy) => Err(Error::UnexpectedCopy),
                        Some(limit) => Err(Error::Deadline { limit }),
                        None => Ok(std::mem::take(&mut rows)),
                    });
                    rows = RowSet::default();
                }
                Reply::Error(error) => failed = Some(error),
                Reply::ReadyForQuery(_) => break,
                _ => {}
            }
        }
        if let Some(diagnostic) = failed {
            self.undo(diagnostic, start..end, results);
        }
        Ok(())
    }

    /// Tells each command of a segment that it failed, or that another did.
    fn undo(&self, diagnostic: Diagnostic, segment: Range<usize>, results: &mut Vec<Result<RowSet, Error>>) {
        // If all went well, it was committing them that failed, which the last of them is told.
        let failed = results.len().min(segment.end.saturating_sub(1));
        let mut error = Some(self.refused(diagnostic));
        results.truncate(segment.start);
        for number in segment {
            let own = error.take_if(|_| number == failed);
            results.push(Err(own.unwrap_or(Error::Aborted { failed: failed + 1 })));
        }
    }
}

impl Connection {
    /// Looks up the types of results that were met while no question could be asked.
    async fn complete(&mut self, results: &mut [Result<RowSet, Error>]) -> Result<(), Error> {
        let mut incomplete = Vec::new();
        for rows in results.iter_mut().flatten() {
            if let Some(columns) = &mut rows.columns
                && self.types.want_columns(columns)
            {
                incomplete.push(columns);
            }
        }
        if incomplete.is_empty() {
            return Ok(());
        }
        self.look_up_types_of_result().await?;
        for columns in incomplete {
            *columns = Arc::new(Columns::new(Arc::clone(columns.described()), &self.types));
        }
        Ok(())
    }
}

/// The results of a pipeline's commands.
#[derive(Debug)]
pub struct PipelineResults {
    results: Vec<Result<RowSet, Error>>,
}

impl PipelineResults {
    /// The result of a command, which can be taken once.
    ///
    /// # Errors
    ///
    /// [`Error::Server`] with the server's SQLSTATE if it failed, or, for the last of a segment, if the segment could not be
    /// committed; [`Error::Aborted`] (`40000`) if another of its segment failed; [`Error::Deadline`] (`57014`);
    /// [`Error::UnexpectedCopy`] (`0A000`) for a COPY, which a pipeline has no data for; [`Error::NoResult`] (`55000`) for
    /// what was queued in another pipeline.
    pub fn take<T: PipelineResult>(&mut self, queued: Queued<T>) -> Result<T, Error> {
        // A ticket of another pipeline may have any number.
        let slot = self.results.get_mut(queued.number).ok_or(Error::NoResult)?;
        std::mem::replace(slot, Err(Error::NoResult)).map(T::from_rows)
    }
}
