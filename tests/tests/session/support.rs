//! What the tests share.

use std::sync::{Arc, Mutex};

use dblink_engine::connection::Connection;
use dblink_engine::conninfo::{Conninfo, ProcessEnvironment};
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

/// A session whose local connection is to the shared server, too.
pub(crate) async fn local() -> Session {
    let config = Conninfo::parse(conninfo())
        .unwrap()
        .resolve(&ProcessEnvironment)
        .unwrap();
    let local = Connection::connect(&config).await.unwrap();
    Session::builder().local(local).build()
}
