//! Prepared statements, and the cache of them.

use std::collections::HashMap;
use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use dblink_protocol::conversation::{self, Reply};
use dblink_protocol::frontend::{Parse, Target};
use postgres_types::{ToSql, Type};

use super::flight::{Asked, close_all};
use super::parameter::{BINARY, Encoded};
use super::{Columns, Connection, Error};

/// How many statements are kept prepared, at first.
const CAPACITY: usize = 256;

/// A prepared statement of a connection. Clones are the same statement.
///
/// It outlives what the server knows of it: where the server has lost it (`26000`), or what it refers to has changed
/// (`0A000`), it is prepared again: at once outside a transaction block; in one, which has failed by then, by its next use.
///
/// When the last clone is gone, and the cache has dropped it, too, the server is told to forget it, together with the next
/// statement that is prepared.
#[derive(Clone)]
pub struct Statement {
    shared: Arc<Shared>,
}

struct Shared {
    query: Box<str>,
    current: Mutex<Arc<Prepared>>,
    /// The server has lost it, and it was not prepared again since.
    lost: AtomicBool,
}

/// What the server has prepared.
pub(super) struct Prepared {
    name: String,
    parameters: Vec<Type>,
    columns: Option<Arc<Columns>>,
    /// Where it says that it is not needed any more.
    unneeded: Unneeded,
}

/// The names of statements that the server can forget.
type Unneeded = Arc<Mutex<Vec<String>>>;

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // Nothing that holds it can panic half-way.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Statement {
    /// Its text.
    pub fn query(&self) -> &str {
        &self.shared.query
    }

    /// The types of its parameters, `$1` first.
    pub fn parameters(&self) -> Vec<Type> {
        self.prepared().parameters.clone()
    }

    /// The columns that it gives; none if it gives no rows.
    pub fn columns(&self) -> Option<Arc<Columns>> {
        self.prepared().columns.clone()
    }

    pub(super) fn prepared(&self) -> Arc<Prepared> {
        Arc::clone(&lock(&self.shared.current))
    }

    /// All clones have this from now on.
    pub(super) fn replace(&self, prepared: Prepared) {
        *lock(&self.shared.current) = Arc::new(prepared);
        self.shared.lost.store(false, Ordering::Relaxed);
    }

    pub(super) fn is_lost(&self) -> bool {
        self.shared.lost.load(Ordering::Relaxed)
    }

    /// The next use has to prepare it again.
    pub(super) fn set_lost(&self) {
        self.shared.lost.store(true, Ordering::Relaxed);
    }
}

impl fmt::Debug for Statement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Statement")
            .field("name", &self.prepared().name)
            .field("query", &self.query())
            .finish_non_exhaustive()
    }
}

impl Prepared {
    pub(super) fn asked(&self) -> Asked<'_> {
        Asked::Prepared {
            name: &self.name,
            columns: self.columns.as_ref().map(|columns| columns.described()),
        }
    }

    pub(super) fn name(&self) -> &str {
        &self.name
    }

    pub(super) fn parameters(&self) -> &[Type] {
        &self.parameters
    }

    pub(super) const fn columns(&self) -> Option<&Arc<Columns>> {
        self.columns.as_ref()
    }

    pub(super) fn set_columns(&mut self, columns: Option<Arc<Columns>>) {
        self.columns = columns;
    }
}

impl Drop for Prepared {
    fn drop(&mut self) {
        lock(&self.unneeded).push(std::mem::take(&mut self.name));
    }
}

/// The statements of a connection that are prepared.
pub(super) struct Statements {
    /// With when each was last used.
    cached: HashMap<Box<str>, (Statement, u64)>,
    capacity: usize,
    uses: u64,
    /// What all names begin with, and those of no other connection, so that no two meet behind a pooler.
    prefix: String,
    /// How many were ever prepared. No name is used twice: nobody knows what became of one that was given up.
    count: u64,
    unneeded: Unneeded,
}

impl Default for Statements {
    fn default() -> Self {
        Self {
            cached: HashMap::new(),
            capacity: CAPACITY,
            uses: 0,
            prefix: crate::net::random::name(),
            count: 0,
            unneeded: Unneeded::default(),
        }
    }
}

impl Statements {
    fn get(&mut self, query: &str) -> Option<Statement> {
        let (statement, used) = self.cached.get_mut(query)?;
        self.uses += 1;
        *used = self.uses;
        Some(statement.clone())
    }

    fn insert(&mut self, statement: &Statement) {
        self.uses += 1;
        self.cached
            .insert(statement.query().into(), (statement.clone(), self.uses));
        self.shrink();
    }

    /// Drops all.
    pub(super) fn clear(&mut self) {
        self.cached.clear();
    }

    /// Drops those that were not used for the longest time, as long as there are too many.
    fn shrink(&mut self) {
        while self.cached.len() > self.capacity {
            let oldest = self.cached.iter().min_by_key(|(_, (_, used))| *used);
            let Some(query) = oldest.map(|(query, _)| query.clone()) else {
                return;
            };
            self.cached.remove(&query);
        }
    }

    /// The names that the server can forget, which nobody else will tell it.
    pub(super) fn unneeded(&self) -> Vec<String> {
        std::mem::take(&mut *lock(&self.unneeded))
    }

    /// One to be prepared, under a name that is new.
    fn prepared(&mut self, parameters: Vec<Type>) -> Prepared {
        self.count += 1;
        Prepared {
            name: format!("{}_{}", self.prefix, self.count),
            parameters,
            columns: None,
            unneeded: Arc::clone(&self.unneeded),
        }
    }

    /// The same statement, to be prepared once more.
    pub(super) fn anew(&mut self, statement: &Statement) -> Prepared {
        self.prepared(statement.parameters())
    }
}

impl Connection {
    /// Prepares a statement, so that the server parses it once for many uses. One with the same text that was prepared
    /// before is given without asking the server.
    ///
    /// The types of its parameters and columns that are not built in are looked up.
    ///
    /// ```
    /// # use dblink_engine::{connection::Connection, conninfo::{Conninfo, ProcessEnvironment}};
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let server = Conninfo::parse(dblink_tests::Cluster::shared().conninfo())?.resolve(&ProcessEnvironment)?;
    /// # let mut connection = Connection::connect(&server).await?;
    /// # connection.execute("create temp table t (id int, name text)", &[]).await?;
    /// let statement = connection.prepare("insert into t values ($1, $2)").await?;
    /// for (id, name) in [(1, "one"), (2, "two")] {
    ///     connection.execute_prepared(&statement, &[&id, &name]).await?;
    /// }
    /// # assert_eq!(connection.query_one("select count(*) from t", &[]).await?.get::<i64>(0)?, 2);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// Cancel-safe: see [`Connection`].
    ///
    /// PostgreSQL manual: [Extended Query](https://www.postgresql.org/docs/current/protocol-flow.html#PROTOCOL-FLOW-EXT-QUERY).
    ///
    /// # Errors
    ///
    /// [`Error::Server`] with the server's SQLSTATE; [`Error::Command`] (`22023`) if the text has a zero byte;
    /// [`Error::Deadline`] (`57014`); [`Error::Closed`].
    pub async fn prepare(&mut self, query: &str) -> Result<Statement, Error> {
        if let Some(statement) = self.statements.get(query) {
            // It took no time, and the next call is another.
            self.clock.stop();
            return Ok(statement);
        }
        self.begin().await?;
        self.trace_query(query);
        let statement = Statement {
            shared: Arc::new(Shared {
                query: query.into(),
                current: Mutex::new(Arc::new(self.prepare_now(query).await?)),
                lost: AtomicBool::new(false),
            }),
        };
        self.statements.insert(&statement);
        Ok(statement)
    }

    /// Keeps at most so many statements prepared that nobody holds; 256 at first. Those not used for the longest time go
    /// first.
    pub fn set_statement_cache_capacity(&mut self, capacity: usize) {
        self.statements.capacity = capacity;
        self.statements.shrink();
    }

    async fn prepare_now(&mut self, query: &str) -> Result<Prepared, Error> {
        let mut prepared = self.statements.prepared(Vec::new());
        let unneeded = self.statements.unneeded();
        let (oids, described) = self.describe(prepared.name(), query, &unneeded).await?;
        let described = described.map(|columns| {
            let columns = Arc::unwrap_or_clone(columns);
            Arc::new(columns.with_formats(BINARY))
        });
        let columns = described.iter().flat_map(|columns| columns.iter());
        self.types.want(columns.map(|column| column.type_oid));
        self.types.want(oids.iter().copied());
        self.look_up_types().await?;
        prepared.parameters = oids.iter().map(|oid| self.types.get(*oid)).collect();
        prepared.columns = described.map(|described| Arc::new(Columns::new(described, &self.types)));
        Ok(prepared)
    }

    /// Has a statement described, and keeps nothing of it: the columns that it gives, if it gives rows. In a transaction its
    /// tables stay as they are from then on.
    pub(crate) async fn columns_of(&mut self, query: &str) -> Result<Option<Columns>, Error> {
        self.begin().await?;
        self.trace_query(query);
        let (_, described) = self.describe("", query, &[]).await?;
        let columns = described.iter().flat_map(|columns| columns.iter());
        self.types.want(columns.map(|column| column.type_oid));
        self.look_up_types().await?;
        Ok(described.map(|described| Columns::new(described, &self.types)))
    }

    /// The values of a statement's parameters. Where one's type cannot be told from its Rust type, the server is asked.
    pub(super) async fn encode(
        &mut self,
        query: &str,
        parameters: &[&(dyn ToSql + Sync)],
    ) -> Result<Encoded, Error> {
        match std::mem::take(&mut self.room).guessed(parameters)? {
            Some(encoded) => Ok(encoded),
            None => Encoded::default().typed(parameters, &self.parameter_types(query).await?),
        }
    }

    async fn parameter_types(&mut self, query: &str) -> Result<Vec<Type>, Error> {
        let (oids, _) = self.describe("", query, &[]).await?;
        self.types.want(oids.iter().copied());
        self.look_up_types().await?;
        Ok(oids.iter().map(|oid| self.types.get(*oid)).collect())
    }

    /// Prepares a statement under a name, and has it described: the types of its parameters, and its columns, if it gives
    /// rows. The server forgets those that are not needed any more.
    pub(super) async fn describe(
        &mut self,
        name: &str,
        query: &str,
        unneeded: &[String],
    ) -> Result<(Vec<u32>, Option<Arc<conversation::Columns>>), Error> {
        self.fly(|conversation| {
            close_all(conversation, unneeded)?;
            conversation.parse(&Parse {
                statement: name.into(),
                query: query.into(),
                parameter_types: Vec::new().into(),
            })?;
            conversation.describe(Target::Statement(name.into()))?;
            Ok(())
        })?;
        let mut parameters = Vec::new();
        let mut columns = None;
        loop {
            match self.reply().await? {
                Reply::ParameterDescription(types) => parameters = types,
                Reply::RowDescription(described) => columns = Some(described),
                Reply::Error(error) => return Err(self.fail(error).await),
                Reply::ReadyForQuery(_) => return Ok((parameters, columns)),
                _ => {}
            }
        }
    }
}
