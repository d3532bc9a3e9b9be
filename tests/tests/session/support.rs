//! What the tests share.

use std::sync::{Arc, Mutex};

use dblink_engine::connection::{Connection, Row, SimpleResult};
use dblink_engine::conninfo::{Conninfo, Keyword, ProcessEnvironment};
use dblink_engine::session::{Session, SessionBuilder};
use dblink_tests::Cluster;

/// A string for the shared server.
pub(crate) fn conninfo() -> String {
    Cluster::shared().conninfo()
}

/// The notices that a session has told, each as its SQLSTATE and message.
#[derive(Clone, Default)]
pub(crate) struct Heard(Arc<Mutex<Vec<String>>>);

impl Heard {
    pub(crate) fn take(&self) -> Vec<String> {
        std::mem::take(&mut self.0.lock().unwrap())
    }
}

/// A session whose notices are heard.
pub(crate) fn hearing(builder: SessionBuilder) -> (Session, Heard) {
    let heard = Heard::default();
    let notices = Arc::clone(&heard.0);
    let session = builder
        .on_notice(move |notice| {
            let line = format!("{} {}", notice.sqlstate(), notice.message());
            notices.lock().unwrap().push(line);
        })
        .build();
    (session, heard)
}

/// A session with a connection of this name.
pub(crate) async fn connected(name: &str) -> Session {
    let mut session = Session::new();
    session.connect(name, &conninfo()).await.unwrap();
    session
}

/// A connection to a database of the shared server.
pub(crate) async fn local_to(database: &str) -> Connection {
    let config = Conninfo::parse(conninfo())
        .unwrap()
        .set(Keyword::Dbname, database)
        .resolve(&ProcessEnvironment)
        .unwrap();
    Connection::connect(&config).await.unwrap()
}

/// A session whose local connection is to the shared server, too.
pub(crate) async fn local() -> Session {
    Session::builder().local(local_to("postgres").await).build()
}

/// The rows of a statement, as the server writes them.
pub(crate) async fn text_rows(connection: &mut Connection, sql: &str) -> Vec<Vec<Option<String>>> {
    let mut rows = Vec::new();
    let mut results = connection.simple_query(sql).await.unwrap();
    while let Some(result) = results.next().await.unwrap() {
        if let SimpleResult::Rows(batch) = result {
            let row = |row: Row<'_>| {
                (0..row.columns().len())
                    .map(|at| row.text(at).unwrap().map(str::to_owned))
                    .collect()
            };
            rows.extend(batch.iter().map(row));
        }
    }
    rows
}
