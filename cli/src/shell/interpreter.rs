//! Runs statements: on the local server, and dblink's calls on the connections of a session.

use dblink_engine::connection::{CancelHandle, Connection, SimpleResult};
use dblink_engine::session::{ConnectionInfo, Session};

use super::answer::{Answer, Column, Failed, Front, Table};
use crate::failure::Report;

/// A session of the shell's.
pub(crate) struct Interpreter {
    session: Session,
}

impl Interpreter {
    /// A session with this local connection. Notices go to `notice`, also those of the connections that are made later.
    pub(crate) fn new(
        local: Option<Connection>,
        notice: impl Fn(&Report) + Clone + Send + Sync + 'static,
    ) -> Self {
        let mut builder = Session::builder();
        if let Some(mut local) = local {
            let told = notice.clone();
            local.on_notice(move |diagnostic| told(&Report::of(diagnostic, None)));
            builder = builder.local(local);
        }
        let session = builder
            .on_notice(move |told| {
                notice(&Report {
                    severity: told.severity().name().map(str::to_owned),
                    sqlstate: Some(told.sqlstate()),
                    message: told.message(),
                    detail: told.detail(),
                    hint: told.hint(),
                    context: told.context(),
                    ..Report::default()
                });
            })
            .build();
        Self { session }
    }

    /// Runs a statement, which has no semicolon at its end, and tells `front` what it gives.
    pub(crate) async fn run(&mut self, sql: &str, front: &mut dyn Front) -> Result<(), Failed> {
        match self.session.local() {
            Some(local) => run_unchanged(local, sql, front).await,
            None => Err(Failed::Error(Report {
                severity: Some("ERROR".to_owned()),
                message: "there is no local server, and this is no single call of dblink's".to_owned(),
                ..Report::default()
            })),
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
    pub(crate) fn cancel_handles(&mut self) -> Vec<CancelHandle> {
        let names: Vec<_> = self.connections().into_iter().map(|info| info.name).collect();
        let mut handles = Vec::new();
        handles.extend(self.session.local().and_then(|local| local.cancel_handle()));
        for name in &names {
            // One with results that are to be taken is not lent; it waits for nothing.
            if let Ok(connection) = self.session.connection(name) {
                handles.extend(connection.cancel_handle());
            }
        }
        handles
    }
}

/// Runs a statement on the local server as it stands.
async fn run_unchanged(local: &mut Connection, sql: &str, front: &mut dyn Front) -> Result<(), Failed> {
    let failed = |error: &dblink_engine::connection::Error| match crate::failure::Failure::connection(
        error,
        Some(sql),
    ) {
        crate::failure::Failure::Server(report) => Failed::Error(report),
        crate::failure::Failure::NoConnection(text) => Failed::Lost(text),
        failure => Failed::Front(failure),
    };
    let mut results = local.simple_query(sql).await.map_err(|error| failed(&error))?;
    let mut table = None::<Table>;
    while let Some(result) = results.next().await.map_err(|error| failed(&error))? {
        match result {
            SimpleResult::Columns(columns) => {
                let columns = columns.iter().map(|column| Column {
                    name: column.name().to_owned(),
                    type_oid: column.type_().oid(),
                });
                table = Some(Table {
                    columns: columns.collect(),
                    rows: Vec::new(),
                });
            }
            SimpleResult::Rows(batch) => {
                if let Some(table) = &mut table {
                    for row in batch.iter() {
                        let values = (0..row.columns().len()).map(|column| {
                            Ok(row
                                .raw(column)?
                                .map(|value| String::from_utf8_lossy(value).into_owned()))
                        });
                        table
                            .rows
                            .push(values.collect::<Result<_, _>>().map_err(|error| failed(&error))?);
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
