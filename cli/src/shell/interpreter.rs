//! Runs statements: on the local server, and dblink's calls on the connections of a session.

use std::sync::Arc;
use std::time::Duration;

use dblink_engine::connection::{Connection, Error, Row, SimpleResult};
use dblink_engine::session::{Canceller, Compat, ConnectionInfo, Session};

use super::answer::{Answer, Failed, Front, Table};
use super::{copy, splice};
use crate::failure::{Failure, Report};
use crate::output::Column;

/// How long the local server has for what is done after a statement was given up.
const LAST: Duration = Duration::from_secs(5);

/// What a notice is told to.
type Told = Arc<dyn Fn(&Report) + Send + Sync>;

/// A session of the shell's.
pub(crate) struct Interpreter {
    session: Session,
    compat: Compat,
    notice: Told,
}

impl Interpreter {
    /// A session with this local connection. Notices go to `notice`, also those of the connections that are made later.
    pub(crate) fn new(
        local: Option<Connection>,
        compat: Compat,
        notice: impl Fn(&Report) + Send + Sync + 'static,
    ) -> Self {
        let notice: Told = Arc::new(notice);
        let mut interpreter = Self {
            session: session(compat, &notice),
            compat,
            notice,
        };
        if let Some(local) = local {
            interpreter.set_local(local);
        }
        interpreter
    }

    /// Runs a statement, with the semicolon that ends it or without, and tells `front` what it gives.
    pub(crate) async fn run(&mut self, sql: &str, front: &mut dyn Front) -> Result<(), Failed> {
        // Boxed: most statements have no call, and need not carry what making one takes.
        if Box::pin(splice::run(&mut self.session, sql, front)).await? {
            return Ok(());
        }
        match self.session.local() {
            Some(local) => run_text(local, sql, front, &|error| told(error, Some(sql))).await,
            None => Err(splice::needs_local(
                "the statement is no call of a function of dblink's",
            )),
        }
    }

    /// Nobody waits any more for the statement that ran, which was dropped: it has failed.
    pub(crate) async fn give_up(&mut self) {
        if let Some(local) = self.session.local() {
            splice::fail_transaction(local.within(LAST)).await;
        }
    }

    /// Begins a session with another local connection. What was open in the one before ends with it; nothing is waited for.
    pub(crate) async fn begin(&mut self, local: Connection) {
        if let Some(old) = self.session.set_local(None) {
            self.session = session(self.compat, &self.notice);
            // One that is gone needs no goodbye.
            let _ = old.close().await;
        }
        self.set_local(local);
    }

    fn set_local(&mut self, mut local: Connection) {
        let told = self.notice.clone();
        local.on_notice(move |diagnostic| told(&Report::of(diagnostic, None)));
        self.session.set_local(Some(local));
    }

    /// Says goodbye to all servers.
    pub(crate) async fn close(mut self) {
        let names: Vec<_> = self.connections().into_iter().map(|info| info.name).collect();
        for name in &names {
            // Whatever it says to that, the connection is closed.
            let _ = self.session.disconnect(name).await;
        }
        if let Some(local) = self.session.set_local(None) {
            let _ = local.close().await;
        }
    }

    /// The local connection.
    pub(crate) const fn local(&mut self) -> Option<&mut Connection> {
        self.session.local()
    }

    /// The connections that are open, for `\conns`.
    pub(crate) fn connections(&self) -> Vec<ConnectionInfo> {
        self.session.connections()
    }

    /// What cancels all that may be running.
    pub(crate) fn canceller(&self) -> Canceller {
        self.session.canceller()
    }
}

/// A session whose connections tell their notices to this.
fn session(compat: Compat, notice: &Told) -> Session {
    let told = Arc::clone(notice);
    Session::builder()
        .compat(compat)
        .on_notice(move |noted| {
            told(&Report {
                severity: noted.severity().name().map(str::to_owned),
                sqlstate: Some(noted.sqlstate()),
                message: noted.message(),
                detail: noted.detail(),
                hint: noted.hint(),
                context: noted.context(),
                ..Report::default()
            });
        })
        .build()
}

/// Runs a text on the local server as it stands.
pub(super) async fn run_text(
    local: &mut Connection,
    sql: &str,
    front: &mut dyn Front,
    failed: &dyn Fn(&Error) -> Failed,
) -> Result<(), Failed> {
    match copy::direction(sql) {
        Some(copy::Direction::In) => return copy::run_in(local, sql, front, failed).await,
        Some(copy::Direction::Out) => return copy::run_out(local, sql, front, failed).await,
        None => {}
    }
    let mut results = local.simple_query(sql).await.map_err(|error| failed(&error))?;
    let mut table = None::<Table>;
    while let Some(result) = results.next().await.map_err(|error| failed(&error))? {
        match &result {
            SimpleResult::Columns(columns) => {
                table = Some(Table {
                    columns: Column::all(columns),
                    rows: Vec::new(),
                });
            }
            SimpleResult::Rows(rows) => {
                if let Some(table) = &mut table {
                    for row in rows.iter() {
                        table.rows.push(texts(&row));
                    }
                }
            }
            SimpleResult::Completed(completed) => {
                let tag = completed.as_wire_str().to_string();
                let answer = match table.take() {
                    Some(table) => Answer::Rows { table, tag },
                    None => Answer::Done(tag),
                };
                front.answer(answer).map_err(Failed::Front)?;
            }
            _ => {}
        }
    }
    Ok(())
}

/// The values of a row in text format.
pub(super) fn texts(row: &Row<'_>) -> Vec<Option<String>> {
    let text = |value: &[u8]| String::from_utf8_lossy(value).into_owned();
    row.values().map(|value| value.map(text)).collect()
}

/// Why a statement failed on the local server. With the statement, the place that the error is at is shown.
pub(super) fn told(error: &Error, statement: Option<&str>) -> Failed {
    match Failure::connection(error, statement) {
        Failure::Server(report) => Failed::Error(report),
        Failure::NoConnection(text) => Failed::Lost(text),
        failure => Failed::Front(failure),
    }
}
