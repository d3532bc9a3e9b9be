//! Sequences, run by our session.

use std::pin::pin;
use std::sync::{Arc, Mutex};

use dblink_engine::connection::Connection;
use dblink_engine::conninfo::{Account, AccountError, Conninfo, Environment};
use dblink_engine::session::{Compat, Error, Fail, Name, Notice, Rows, Session, Target};

use crate::call::{Call, FailOnError, Function, Key, Step, Text};
use crate::outcome::{Outcome, Report};
use crate::place::Place;
use crate::sequence::Sequence;

/// No variables, and no files: what the server has is not what the tests have.
struct Nothing;

impl Environment for Nothing {
    fn variable(&self, _: &str) -> Option<Vec<u8>> {
        None
    }

    fn account(&self) -> Result<Account, AccountError> {
        Ok(Account {
            name: "nobody".into(),
            home: "/nonexistent".into(),
        })
    }
}

/// What came of each step that has an outcome. None of a call that cannot be made in Rust.
pub(crate) type Outcomes = Vec<Option<Outcome>>;

/// Runs a sequence in a new session.
pub(crate) fn run(place: &mut Place, sequence: &Sequence, compat: Compat) -> Outcomes {
    place.reset(&sequence.setup);
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(run_in_session(place, sequence, compat))
}

async fn run_in_session(place: &mut Place, sequence: &Sequence, compat: Compat) -> Outcomes {
    let local = place.expand(&format!("<server> user={} application_name=local", sequence.user));
    let local = Conninfo::parse(&local).unwrap().resolve(&Nothing).unwrap();
    let notices = Arc::new(Mutex::new(Notices::default()));
    let heard = Arc::clone(&notices);
    let mut session = Session::builder()
        .local(Connection::connect(&local).await.unwrap())
        .compat(compat)
        .environment(Nothing)
        .on_notice(move |notice| heard.lock().unwrap().hear(notice))
        .build();
    let mut outcomes = Vec::new();
    for step in &sequence.steps {
        outcomes.push(match step {
            Step::Call(call) => match make(&mut session, &call.map_texts(|text| place.expand(text))).await {
                Made::Impossible => None,
                made => Some(made.outcome(&notices)),
            },
            Step::Blocked(call, statement) => {
                let call = call.map_texts(|text| place.expand(text));
                let mut made = pin!(make(&mut session, &call));
                // It waits, or does not have to.
                let done = tokio::select! {
                    biased;
                    made = &mut made => Some(made),
                    () = std::future::ready(()) => None,
                };
                place.bystander(statement);
                let made = match done {
                    Some(made) => made,
                    None => made.await,
                };
                Some(made.outcome(&notices))
            }
            Step::Bystander(sql) => Some(place.bystander(sql)),
            Step::Until(condition) => {
                place.until(condition);
                continue;
            }
        });
    }
    outcomes
}

/// What a call gives.
enum Made {
    Rows(Result<Vec<Vec<Option<String>>>, Error>),
    /// There is no such call in Rust.
    Impossible,
}

impl Made {
    /// The only value of the only row.
    fn value(result: Result<impl ToString, Error>) -> Self {
        Self::Rows(result.map(|value| vec![vec![Some(value.to_string())]]))
    }

    fn outcome(self, notices: &Mutex<Notices>) -> Outcome {
        let Self::Rows(result) = self else {
            panic!("what comes of a call that cannot be made");
        };
        let notices = std::mem::take(&mut *notices.lock().unwrap());
        let (rows, error) = match result {
            Ok(rows) => (Some(rows), None),
            Err(error) => (None, Some(of_error(&error))),
        };
        Outcome {
            rows,
            error,
            notices: notices.own,
            remote_notices: notices.remote,
        }
    }
}

/// The notices of a call.
#[derive(Default)]
struct Notices {
    own: Vec<Report>,
    remote: Vec<Report>,
}

impl Notices {
    fn hear(&mut self, notice: &Notice) {
        let list = match notice {
            Notice::Remote { .. } => &mut self.remote,
            _ => &mut self.own,
        };
        list.push(of_notice(notice));
    }
}

/// The text of an argument. There is no NULL in Rust.
macro_rules! given {
    ($text:expr) => {
        match $text {
            Text::Given(text) => text.as_str(),
            Text::Null | Text::Omitted => return Made::Impossible,
        }
    };
}

/// A connection's name.
macro_rules! name {
    ($text:expr) => {
        match $text {
            Text::Given(name) => Name::Named(name),
            Text::Omitted => Name::Unnamed,
            Text::Null => return Made::Impossible,
        }
    };
}

async fn make(session: &mut Session, call: &Call) -> Made {
    let fail = match call.fail {
        FailOnError::Omitted | FailOnError::Given(true) => Fail::Raise,
        FailOnError::Given(false) => Fail::Notice,
        FailOnError::Null => return Made::Impossible,
    };
    let ok = |done: bool| if done { "OK" } else { "ERROR" };
    match &call.function {
        Function::Connect { name, connstr } => {
            let connected = session.connect(name!(name), given!(connstr)).await;
            Made::value(connected.map(|()| "OK"))
        }
        Function::ConnectU { name, connstr } => {
            let connected = session.connect_u(name!(name), given!(connstr)).await;
            Made::value(connected.map(|()| "OK"))
        }
        Function::Disconnect { name } => Made::value(session.disconnect(name!(name)).await.map(|()| "OK")),
        Function::Query { target, sql } => {
            let target = match target {
                Text::Given(text) => Target::Text(text),
                Text::Omitted => Target::Unnamed,
                Text::Null => return Made::Impossible,
            };
            let mut query = session.query(target, given!(sql)).fail(fail).text();
            if let Some(columns) = &call.columns {
                query = query.columns(columns);
            }
            Made::Rows(all(query.await).await)
        }
        Function::Exec { target, sql } => {
            let target = match target {
                Text::Given(text) => Target::Text(text),
                Text::Omitted => Target::Unnamed,
                Text::Null => return Made::Impossible,
            };
            Made::value(session.exec(target, given!(sql)).fail(fail).await)
        }
        Function::Open { name, cursor, sql } => {
            let opened = session
                .open(name!(name), given!(cursor), given!(sql))
                .fail(fail)
                .await;
            Made::value(opened.map(ok))
        }
        Function::Fetch { howmany: None, .. } => Made::Impossible,
        Function::Fetch {
            name,
            cursor,
            howmany: Some(howmany),
        } => {
            let mut fetch = session
                .fetch(name!(name), given!(cursor), *howmany)
                .fail(fail)
                .text();
            if let Some(columns) = &call.columns {
                fetch = fetch.columns(columns);
            }
            Made::Rows(all(fetch.await).await)
        }
        Function::Close { name, cursor } => {
            let closed = session.close(name!(name), given!(cursor)).fail(fail).await;
            Made::value(closed.map(ok))
        }
        Function::GetConnections => {
            let names = session.get_connections().into_iter().map(|name| vec![Some(name)]);
            Made::Rows(Ok(names.collect()))
        }
        Function::ErrorMessage { name } => Made::value(session.error_message(name!(name))),
        Function::SendQuery { name, sql } => {
            let sent = session.send_query(name!(name), given!(sql)).text().await;
            Made::value(sent.map(u8::from))
        }
        Function::IsBusy { name } => Made::value(session.is_busy(name!(name)).await.map(u8::from)),
        Function::GetResult { name } => {
            let mut result = session.get_result(name!(name)).fail(fail);
            if let Some(columns) = &call.columns {
                result = result.columns(columns);
            }
            Made::Rows(match result.await {
                Ok(Some(rows)) => all(Ok(rows)).await,
                Ok(None) => Ok(Vec::new()),
                Err(error) => Err(error),
            })
        }
        Function::CancelQuery { name } => Made::value(session.cancel_query(name!(name)).await.map(|()| "OK")),
        Function::GetNotify { name } => {
            let notifications = session.get_notify(name!(name)).await;
            Made::Rows(notifications.map(|list| {
                let rows = list.into_iter().map(|notification| {
                    let process = notification.process_id.to_string();
                    let texts = [
                        notification.channel.to_string(),
                        process,
                        notification.payload.to_string(),
                    ];
                    texts.map(Some).to_vec()
                });
                rows.collect()
            }))
        }
        Function::GetPkey { relation } => {
            let columns = session.get_pkey(given!(relation)).await;
            Made::Rows(columns.map(|columns| {
                let rows = columns
                    .into_iter()
                    .map(|column| vec![Some(column.position.to_string()), Some(column.name)]);
                rows.collect()
            }))
        }
        Function::BuildSqlInsert {
            relation,
            key:
                Key {
                    numbers: Some(numbers),
                    count: Some(count),
                },
            source: Some(source),
            target: Some(target),
        } => {
            let (source, target) = (texts(source), texts(target));
            let built =
                session.build_sql_insert(given!(relation), &numbers[..], *count, &source[..], &target[..]);
            Made::value(built.await)
        }
        Function::BuildSqlDelete {
            relation,
            key:
                Key {
                    numbers: Some(numbers),
                    count: Some(count),
                },
            target: Some(target),
        } => {
            let target = texts(target);
            let built = session.build_sql_delete(given!(relation), &numbers[..], *count, &target[..]);
            Made::value(built.await)
        }
        Function::BuildSqlUpdate {
            relation,
            key:
                Key {
                    numbers: Some(numbers),
                    count: Some(count),
                },
            source: Some(source),
            target: Some(target),
        } => {
            let (source, target) = (texts(source), texts(target));
            let built =
                session.build_sql_update(given!(relation), &numbers[..], *count, &source[..], &target[..]);
            Made::value(built.await)
        }
        // With NULL.
        Function::BuildSqlInsert { .. }
        | Function::BuildSqlDelete { .. }
        | Function::BuildSqlUpdate { .. } => Made::Impossible,
    }
}

fn texts(values: &[Option<String>]) -> Vec<Option<&str>> {
    values.iter().map(Option::as_deref).collect()
}

/// All rows, as text. An error half-way takes the place of those before it: a server's function gives all or none.
async fn all(rows: Result<Rows<'_>, Error>) -> Result<Vec<Vec<Option<String>>>, Error> {
    let mut rows = rows?;
    let mut all = Vec::new();
    while let Some(row) = rows.next().await? {
        let columns = 0..row.columns().len();
        let value = |column| row.text(column).unwrap().map(str::to_owned);
        all.push(columns.map(value).collect());
    }
    Ok(all)
}

fn of_error(error: &Error) -> Report {
    Report {
        severity: "ERROR".to_owned(),
        sqlstate: error.sqlstate().to_string(),
        message: error.message().to_string(),
        detail: error.detail(),
        hint: error.hint(),
        context: lines(error.context()),
    }
}

fn of_notice(notice: &Notice) -> Report {
    Report {
        severity: notice.severity().name().unwrap().to_owned(),
        sqlstate: notice.sqlstate().to_string(),
        message: notice.message().to_string(),
        detail: notice.detail(),
        hint: notice.hint(),
        context: lines(notice.context()),
    }
}

fn lines(text: Option<String>) -> Vec<String> {
    text.iter()
        .flat_map(|text| text.split('\n'))
        .map(str::to_owned)
        .collect()
}
